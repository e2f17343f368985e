# ruff: noqa: E501 - one wording a line is easier to read and to compare than a wrapped one
"""Misconceptions about the structure of a calculation: its order, means, equations, remainders.

Sources: Kieran 1979 and Linchevski & Livneh 1999 (order, brackets); Cai 1998, Mokros & Russell 1995,
Pollatsek, Lima & Well 1981 (means); Sleeman 1984, Payne & Squibb 1990, Kieran 1992 (equations);
Silver, Shapiro & Deutsch 1993 (remainders).
"""

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
            added = node.operation.left
            if isinstance(added, Operation) and added.operator == "+":
                yield from instead(step, node, added)
            elif step.last and not node.path and node.left == step.before:
                yield Wrong(step.expression, node.left, omitted=True)


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


def _remainder_ignored(step: StepContext) -> Iterator[Wrong]:
    for node in nodes(step, "/"):
        if not node.path and whole(node.left, node.right) and node.left > node.right > 1:
            yield from slip(step, node, node.left // node.right)


STRUCTURE = (
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
)
