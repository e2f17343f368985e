# ruff: noqa: E501 - one wording a line is easier to read and to compare than a wrapped one
"""Misconceptions about which operation to choose and when to stop, and slips of recall.

Sources: Inhelder & Piaget 1958, Hart 1981, Tourniaire & Pulos 1985 (additive reasoning); Clement
1982, Lewis & Mayer 1987, Hegarty, Mayer & Monk 1995 (comparisons, key words); Bell, Fischbein &
Greer 1984, Fischbein et al. 1985 (division); Newman 1977, Verschaffel, Greer & De Corte 2000
(incomplete solutions); Campbell & Graham 1985 (times tables); Fuson 1988, Ginsburg 1977 (counting).
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from datawell.seeds.arithmetic_problems.expressions import (
    Operation,
    evaluate,
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
        if not node.path and 0 < node.left < node.right:
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
