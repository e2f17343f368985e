# ruff: noqa: E501 - one wording a line is easier to read and to compare than a wrapped one
"""Misconceptions about which operation to choose, in what order, and when to stop."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from datawell.seeds.arithmetic_problems.expressions import (
    Expression,
    Operation,
    compute,
    evaluate,
    numbers,
    parse,
    render,
    tokens,
)
from datawell.tasks.tutoring.misconceptions.base import (
    Misconception,
    StepContext,
    Wrong,
    instead,
    literal,
    mentions,
    nodes,
    slip,
    whole,
)

_MULTIPLICATIVE = (
    "times", "twice", "double", "triple", "each", "every", "per", "ratio", "rate", "apiece",
)  # fmt: skip
_RELATIONAL = (
    "times as",
    "twice as",
    "twice the",
    "half as",
    "double the",
    "triple the",
    "times the",
)
_ADDING = ("more", "total", "altogether", "together", "sum", "all", "increase", "added", "extra")
_TAKING = ("less", "fewer", "left", "away", "lost", "spent", "remaining", "gave", "difference")
_SHARING = ("share", "shared", "split", "divide", "divided", "equally", "half", "each")


def _additive(step: StepContext) -> Iterator[Wrong]:
    if mentions(step.question, _MULTIPLICATIVE) or "ratio" in step.family:
        for node in nodes(step, "*"):
            if whole(node.left, node.right) and min(node.left, node.right) >= 2:
                sides = node.operation
                yield from instead(step, node, Operation("+", sides.left, sides.right))


def _reversal(step: StepContext) -> Iterator[Wrong]:
    if any(phrase in step.question for phrase in _RELATIONAL):
        for node in nodes(step, "*/"):
            factor = next((v for v in (node.right, node.left) if 2 <= v <= 10), None)
            if factor is None or not whole(node.left, node.right):
                continue
            if node.operation.operator == "/" and node.right == factor:
                sides = node.operation
                yield from instead(step, node, Operation("*", sides.left, sides.right))
            elif node.operation.operator == "*":
                amount = node.left if node.right == factor else node.right
                yield from instead(step, node, Operation("/", literal(amount), literal(factor)))


def _larger_by_smaller(step: StepContext) -> Iterator[Wrong]:
    for node in nodes(step, "/"):
        if 0 < node.left < node.right:
            sides = node.operation
            yield from instead(step, node, Operation("/", sides.right, sides.left))


def _keyword(step: StepContext) -> Iterator[Wrong]:
    adding = mentions(step.question, _ADDING)
    taking = mentions(step.question, _TAKING)
    sharing = mentions(step.question, _SHARING)
    for node in nodes(step, "+-*/"):
        sides = node.operation
        if sides.operator == "-" and adding:
            yield from instead(step, node, Operation("+", sides.left, sides.right), adding)
        elif sides.operator == "+" and taking and node.left > node.right > 0:
            yield from instead(step, node, Operation("-", sides.left, sides.right), taking)
        elif sides.operator == "*" and sharing and node.left > node.right > 1:
            yield from instead(step, node, Operation("/", sides.left, sides.right), sharing)
        elif sides.operator == "*" and adding and min(node.left, node.right) > 1:
            yield from instead(step, node, Operation("+", sides.left, sides.right), adding)
        elif sides.operator == "/" and taking and node.left > node.right > 1:
            yield from instead(step, node, Operation("-", sides.left, sides.right), taking)


def _left_to_right(step: StepContext) -> Iterator[Wrong]:
    """Works through a calculation without brackets from left to right."""
    written = tokens(render(step.expression))
    if len(written) < 5 or len(written) % 2 == 0 or any(t in "()%" for t in written):
        return
    total: Fraction | None = Fraction(written[0])
    for sign, number in zip(written[1::2], written[2::2], strict=True):
        total = None if total is None else compute(sign, total, Fraction(number))
    if total is not None:
        yield Wrong(step.expression, total)


def _brackets_ignored(step: StepContext) -> Iterator[Wrong]:
    written = render(step.expression)
    if "(" in written and "%" not in written:
        bare = parse(written.replace("(", "").replace(")", ""))
        value = None if bare is None else evaluate(bare)
        if value is not None:
            yield Wrong(step.expression, value)


def _sum_terms(expression: Expression) -> list[Expression]:
    """The terms of ``a + b + …``."""
    if isinstance(expression, Operation) and expression.operator == "+":
        return [*_sum_terms(expression.left), *_sum_terms(expression.right)]
    return [expression]


def _sum_not_divided(step: StepContext) -> Iterator[Wrong]:
    if mentions(step.question, ("average", "mean", "averaged", "averages")):
        for node in nodes(step, "/"):
            yield from instead(step, node, node.operation.left)


def _mean_as_midpoint(step: StepContext) -> Iterator[Wrong]:
    if mentions(step.question, ("average", "mean", "averaged", "averages")):
        for node in nodes(step, "/"):
            terms = [evaluate(term) for term in _sum_terms(node.operation.left)]
            values = [term for term in terms if term is not None]
            if len(values) == len(terms) == node.right >= 3:
                ends = Operation("+", literal(min(values)), literal(max(values)))
                yield from instead(step, node, Operation("/", ends, literal(2)))


def _mean_of_means(step: StepContext) -> Iterator[Wrong]:
    """(a·m + b·n)/(m + n) becomes (a + b)/2."""
    for node in nodes(step, "/"):
        products, counts = _sum_terms(node.operation.left), _sum_terms(node.operation.right)
        if len(products) != len(counts) or len(counts) < 2:
            continue
        values: list[Fraction] = []
        for product, count in zip(products, counts, strict=True):
            pair, times = numbers(product), evaluate(count)
            if isinstance(product, Operation) and product.operator == "*" and times in pair:
                pair.remove(times)
                values += pair
        if len(values) == len(counts):
            total: Expression = literal(values[0])
            for value in values[1:]:
                total = Operation("+", total, literal(value))
            yield from instead(step, node, Operation("/", total, literal(len(values))))


def _is_equation(step: StepContext) -> bool:
    return "equation" in step.family


def _same_sign(step: StepContext) -> Iterator[Wrong]:
    if _is_equation(step):
        for node in nodes(step, "+-"):
            other = "+" if node.operation.operator == "-" else "-"
            sides = node.operation
            yield from instead(step, node, Operation(other, sides.left, sides.right))


def _coefficient_subtracted(step: StepContext) -> Iterator[Wrong]:
    if _is_equation(step):
        for node in nodes(step, "/"):
            sides = node.operation
            yield from instead(step, node, Operation("-", sides.left, sides.right))


def _stops_early(step: StepContext) -> Iterator[Wrong]:
    if step.last and step.before is not None and step.before != step.value:
        yield Wrong(step.expression, step.before, omitted=True)


def _part_left_out(step: StepContext) -> Iterator[Wrong]:
    """Drops the last term of a sum or difference of three or more."""
    expression = step.expression
    if isinstance(expression, Operation) and expression.operator in "+-":
        inner = expression.left
        if isinstance(inner, Operation) and inner.operator in "+-":
            value = evaluate(inner)
            if value is not None:
                yield Wrong(inner, value)


def _table_neighbour(step: StepContext) -> Iterator[Wrong]:
    for node in nodes(step, "*"):
        if whole(node.left, node.right) and all(2 <= v <= 12 for v in (node.left, node.right)):
            yield from slip(step, node, node.left * (node.right - 1))
            yield from slip(step, node, node.left * (node.right + 1))
    for node in nodes(step, "/"):
        quotient = node.left / node.right if node.right else Fraction(0)
        if whole(quotient, node.right) and 2 <= node.right <= 12 and 2 <= quotient <= 12:
            yield from slip(step, node, quotient + 1)
            yield from slip(step, node, quotient - 1)


def _counts_the_start(step: StepContext) -> Iterator[Wrong]:
    for node in nodes(step, "+-"):
        if whole(node.left, node.right) and 2 <= node.right <= 12 and node.left > node.right:
            plus = node.operation.operator == "+"
            right = node.left + node.right if plus else node.left - node.right
            yield from slip(step, node, right - 1 if plus else right + 1)


def _remainder_ignored(step: StepContext) -> Iterator[Wrong]:
    for node in nodes(step, "/"):
        if not node.path and whole(node.left, node.right) and node.left > node.right > 1:
            yield from slip(step, node, node.left // node.right)


CHOICES = (
    Misconception(
        id="additive-reasoning",
        name="adds where the situation is multiplicative",
        source="Inhelder & Piaget 1958; Hart 1981; Tourniaire & Pulos 1985",
        procedure=_additive,
        belief=(
            "I put the two numbers together by adding them.",
            "I thought it goes up by that much, so I added.",
        ),
        focus=(
            "Does the amount go up by a fixed number, or does it go up again for each of them?",
            "Could you draw it? Is it the same group again and again, or just some more at the end?",
        ),
        telling=(
            "When the same amount comes again and again, we need a multiplication, not an addition.",
            "The number tells how many equal groups there are, so adding it does not fit.",
        ),
        insight=(
            "So it's equal groups, not just adding.",
            "Hm, adding counts it only a single time.",
        ),
        weight=0.9,
    ),
    Misconception(
        id="reversal",
        name="turns a comparison the wrong way round",
        source="Clement 1982; Lewis & Mayer 1987",
        procedure=_reversal,
        belief=(
            "I read who has more and used the number on that side.",
            "I took the comparison just in the order in which it is written.",
        ),
        focus=(
            "Read the comparison again: which of the quantities is the bigger?",
            "Say the sentence in your own words. Who has more, and who has less?",
        ),
        telling=(
            "The comparison goes the other way round: check which quantity must come out bigger.",
            "Before you calculate, decide which quantity is larger, and see whether your result agrees.",
        ),
        insight=(
            "I think I turned the comparison around.",
            "Oh, it was the other quantity that is bigger.",
        ),
        weight=1.4,
    ),
    Misconception(
        id="larger-by-smaller",
        name="always divides the larger number by the smaller",
        source="Fischbein et al. 1985; Bell, Fischbein & Greer 1984",
        procedure=_larger_by_smaller,
        belief=(
            "You always divide the bigger number by the smaller number.",
            "The small number can't be divided by the big number, so I turned them around.",
        ),
        focus=(
            "Which quantity is being shared here, and among how many?",
            "Can a small amount be shared among many? How big would each part be?",
        ),
        telling=(
            "A smaller number can be divided by a larger number; the result is just less than a whole.",
            "The order in a division follows the situation, not the size of the numbers.",
        ),
        insight=("So the small number may come first.", "Oh, I turned the division around."),
        weight=2.5,
    ),
    Misconception(
        id="keyword-operation",
        name="chooses the operation by a single word of the question",
        source="Hegarty, Mayer & Monk 1995; Lewis & Mayer 1987",
        procedure=_keyword,
        belief=(
            'I saw the word "{word}" in the question, so I knew what to do with the numbers.',
            'It says "{word}", and that told me how to calculate.',
        ),
        focus=(
            'What does "{word}" belong to in the story? Does it really tell you what to do in this step?',
            "Forget the signal words for a moment. What happens to the amounts in this step?",
        ),
        telling=(
            "A single word does not decide the calculation; what matters is what happens in the story.",
            "Picture the situation first and choose the operation after that.",
        ),
        insight=(
            "So that word was about something else.",
            "I only looked at the word and not at the story.",
        ),
        weight=0.5,
    ),
    Misconception(
        id="left-to-right",
        name="calculates strictly from left to right",
        source="Linchevski & Livneh 1999; Kieran 1979",
        procedure=_left_to_right,
        belief=(
            "I just went through it from left to right.",
            "I did the calculation in the order in which it is written.",
        ),
        focus=(
            "Which operations have to be done first in a line like that?",
            "There is more than a single kind of sign in that line. Do they all have the same rank?",
        ),
        telling=(
            "Multiplying and dividing come before adding and subtracting, wherever they stand.",
            "First work out the products and quotients, then put the rest together.",
        ),
        insight=("So I can't simply go from left to right.", "Oh, the multiplying comes first."),
        weight=3.0,
    ),
    Misconception(
        id="brackets-ignored",
        name="works as if the brackets were not there",
        source="Kieran 1979",
        procedure=_brackets_ignored,
        belief=(
            "I thought the brackets don't change anything.",
            "I read over the brackets and used the usual order.",
        ),
        focus=(
            "What do the brackets in that line tell you?",
            "Which part of the line belongs together?",
        ),
        telling=(
            "What stands in brackets belongs together and is worked out before the rest.",
            "The brackets show which part has to be finished first.",
        ),
        insight=("So I have to do the brackets first.", "Oh, I overlooked what the brackets do."),
        weight=3.0,
    ),
    Misconception(
        id="sum-not-divided",
        name="gives the sum for the mean",
        source="Cai 1998",
        procedure=_sum_not_divided,
        belief=(
            "For the average I put everything together.",
            "I thought the average is what they have in all.",
        ),
        focus=(
            "Can an average be bigger than every single value?",
            "What do we do after putting everything together to find an average?",
        ),
        telling=(
            "The average is what each gets when the total is shared out evenly.",
            "After adding, the total has to be divided evenly among all of them.",
        ),
        insight=("The average can't be that big.", "So I still have to share the total out."),
        weight=2.5,
    ),
    Misconception(
        id="mean-as-midpoint",
        name="takes the middle of the smallest and the largest value for the mean",
        source="Mokros & Russell 1995",
        procedure=_mean_as_midpoint,
        belief=(
            "The average is in the middle, so I took the middle of the smallest and the biggest.",
            "I looked for the point between the lowest and the highest.",
        ),
        focus=(
            "Which of the values did you use? What about the others?",
            "If a value in between changed, would the average stay the same?",
        ),
        telling=(
            "Every value counts for the average, so all of them are added before dividing.",
            "The average shares the total evenly; the middle between the ends leaves values out.",
        ),
        insight=("I left the other values out.", "So all the values have to be in it."),
        weight=3.0,
    ),
    Misconception(
        id="mean-of-means",
        name="averages the averages without their weights",
        source="Pollatsek, Lima & Well 1981",
        procedure=_mean_of_means,
        belief=(
            "I took the plain average of the values.",
            "I added the values and divided by how many values there are.",
        ),
        focus=(
            "Did each value occur equally often?",
            "Which value should count for more, and why?",
        ),
        telling=(
            "A value that occurs more often has to count more often.",
            "Find the total of everything first and share it over all of them.",
        ),
        insight=("So some of the values count more.", "Oh, they didn't occur equally often."),
        weight=3.0,
    ),
    Misconception(
        id="transposed-same-sign",
        name="moves a term across the equals sign without changing its sign",
        source="Payne & Squibb 1990; Kieran 1992",
        procedure=_same_sign,
        belief=(
            "I moved the number over to the other side.",
            "I brought the plain number across and kept its sign.",
        ),
        focus=(
            "How do you undo what was done to the letter? What is the opposite step?",
            "If you do that on this side, what happens on the other side of the equation?",
        ),
        telling=(
            "To undo an operation we do its opposite on both sides.",
            "A term does not just hop across; we take it away, or add it, on both sides.",
        ),
        insight=("So I need the opposite operation.", "Oh, I kept the sign when I moved it."),
        weight=2.0,
    ),
    Misconception(
        id="coefficient-subtracted",
        name="subtracts the coefficient instead of dividing by it",
        source="Sleeman 1984; Payne & Squibb 1990",
        procedure=_coefficient_subtracted,
        belief=(
            "I took the number in front of the letter away.",
            "To get the letter alone I subtracted the number next to it.",
        ),
        focus=(
            "What does a number right in front of a letter mean?",
            "How are the number and the letter joined? What undoes that?",
        ),
        telling=(
            "A number in front of a letter multiplies it, so we undo it by dividing.",
            "The opposite of multiplying is dividing, not taking away.",
        ),
        insight=(
            "The number multiplies the letter, so I have to divide.",
            "Oh, taking away doesn't undo it.",
        ),
        weight=2.0,
    ),
    Misconception(
        id="remainder-ignored",
        name="drops what is left over in a division",
        source="Silver, Shapiro & Deutsch 1993",
        procedure=_remainder_ignored,
        belief=(
            "It didn't come out even, so I left the rest out.",
            "There was something left over, and I thought it doesn't matter.",
        ),
        focus=(
            "What happened to the part that was left over in the division?",
            "Multiply back: do you reach the number you started from?",
        ),
        telling=(
            "What is left over is still there and can be divided further.",
            "A remainder is part of the result, so keep dividing into parts of a whole.",
        ),
        insight=("So the rest has to be divided too.", "Oh, I threw away what was left over."),
        weight=2.5,
    ),
    Misconception(
        id="stops-early",
        name="gives an intermediate result as the answer",
        source="Newman 1977; Verschaffel, Greer & De Corte 2000",
        procedure=_stops_early,
        belief=(
            "That was the last thing I worked out, so I thought I was done.",
            "I had used the numbers, so I stopped there.",
        ),
        focus=(
            "Read the question again. Does your number answer what is asked?",
            "What does your result stand for, and what does the question want to know?",
        ),
        telling=(
            "Your calculations are fine so far, but a step is still missing to reach what is asked.",
            "What you found is needed on the way; now use it to find what the question asks for.",
        ),
        insight=("So that's not yet what the question asks.", "Hm, there must be a step missing."),
        weight=0.3,
    ),
    Misconception(
        id="part-left-out",
        name="uses only a part of the data",
        source="Newman 1977",
        procedure=_part_left_out,
        belief=(
            "I used the numbers I found.",
            "I thought that was everything.",
        ),
        focus=(
            "Go through the story again. Is every amount in your calculation?",
            "Which amount of the story is missing in that step?",
        ),
        telling=(
            "An amount from the story is missing in that step, so look for it and put it in.",
            "Tick off every amount of the story that you have used. There is something left.",
        ),
        insight=("I think I forgot an amount.", "Oh, there was something else in the story."),
        weight=0.8,
    ),
    Misconception(
        id="table-neighbour",
        name="recalls the neighbouring fact of the times table",
        source="Campbell & Graham 1985",
        procedure=_table_neighbour,
        belief=(
            "I know that from the times table.",
            "I remembered it from the table.",
        ),
        focus=(
            "Check that fact of the times table. Can you count it up?",
            "Go up the times table step by step. Do you land on the same number?",
        ),
        telling=(
            "You slipped to the neighbour in the times table, so count up in steps once more.",
            "You are right next to it in the times table. Check by counting up in equal steps.",
        ),
        insight=(
            "Maybe I mixed up the times table.",
            "I think I was in the wrong row of the table.",
        ),
        weight=0.7,
    ),
    Misconception(
        id="counts-the-start",
        name="counts the starting number as the first step",
        source="Fuson 1988; Ginsburg 1977",
        procedure=_counts_the_start,
        belief=(
            "I counted it on my fingers, starting with the number I had.",
            "I counted along, and the first number I said was the one I started from.",
        ),
        focus=(
            "When you count on, which number do you say first?",
            "Show me on the number line: where do you stand before the first jump?",
        ),
        telling=(
            "The number you start from is not counted; the first step lands on the next number.",
            "Count the jumps and not the marks on the number line.",
        ),
        insight=("I counted the start as a step.", "So I was off by a little."),
        weight=0.6,
    ),
)
