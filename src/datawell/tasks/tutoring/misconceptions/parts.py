# ruff: noqa: E501 - one wording a line is easier to read and to compare than a wrapped one
"""Misconceptions about decimals and fractions.

Sources: Resnick et al. 1989 and Stacey & Steinle 1999 (decimals as whole numbers); Bell, Swan &
Taylor 1981, Hiebert & Wearne 1985, Fischbein et al. 1985, Greer 1987 (products of decimals, choice
of operation); Vinner, Hershkowitz & Bruckheimer 1981, Hasemann 1981, Kerslake 1986, Tirosh 2000
(fractions); Ryan & Williams 2007.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from datawell.core.numbers import format_number
from datawell.seeds.arithmetic_problems.expressions import Number, Operation
from datawell.tasks.tutoring.misconceptions.base import (
    Misconception,
    StepContext,
    Wrong,
    instead,
    literal,
    mentions,
    nodes,
    slip,
)


def _decimal(value: Fraction) -> tuple[str, str] | None:
    """The digits before and after the point; None when the number has no plain decimal writing."""
    text = format_number(value)
    if "/" in text or value < 0:
        return None
    before, _, after = text.partition(".")
    return before, after


def _decimals_as_whole(step: StepContext) -> Iterator[Wrong]:
    for node in nodes(step, "+-"):
        left, right = _decimal(node.left), _decimal(node.right)
        if (
            left is None
            or right is None
            or len(left[1]) == len(right[1])
            or not (left[1] and right[1])
        ):
            continue
        sign = 1 if node.operation.operator == "+" else -1
        before = int(left[0]) + sign * int(right[0])
        after = int(left[1]) + sign * int(right[1])
        if before >= 0 and after >= 0:
            yield from slip(step, node, Fraction(f"{before}.{after}"))


def _point_lined_up(step: StepContext) -> Iterator[Wrong]:
    for node in nodes(step, "*"):
        left, right = _decimal(node.left), _decimal(node.right)
        if left is not None and right is not None and left[1] and right[1]:
            digits = int("".join(left)) * int("".join(right))
            yield from slip(step, node, Fraction(digits, 10 ** max(len(left[1]), len(right[1]))))


def _ten_adds_a_zero(step: StepContext) -> Iterator[Wrong]:
    for node in nodes(step, "*"):
        for value, power in ((node.left, node.right), (node.right, node.left)):
            if power in (10, 100, 1000) and value.denominator != 1 and _decimal(value) is not None:
                yield from slip(step, node, value)


def _fraction(part: object) -> tuple[Fraction, Fraction] | None:
    """Top and bottom of ``a/b`` written with whole numbers."""
    if isinstance(part, Operation) and part.operator == "/":
        top, bottom = part.left, part.right
        if isinstance(top, Number) and isinstance(bottom, Number):
            whole = top.value.denominator == bottom.value.denominator == 1
            if whole and top.value > 0 and bottom.value > 1 and not (top.percent or bottom.percent):
                return top.value, bottom.value
    return None


def _tops_and_bottoms(step: StepContext) -> Iterator[Wrong]:
    for node in nodes(step, "+-"):
        left, right = _fraction(node.operation.left), _fraction(node.operation.right)
        if left is None or right is None:
            continue
        plus = node.operation.operator == "+"
        top = left[0] + right[0] if plus else left[0] - right[0]
        bottom = left[1] + right[1] if plus else abs(left[1] - right[1])
        if top > 0 and bottom > 0:
            yield from slip(step, node, top / bottom)


def _unit_fraction_only(step: StepContext) -> Iterator[Wrong]:
    for node in nodes(step, "*"):
        sides = (node.operation.left, node.operation.right)
        for share, (other, amount) in zip(
            sides, ((sides[1], node.right), (sides[0], node.left)), strict=True
        ):
            found = _fraction(share)
            if found is not None and 1 < found[0] < found[1] and amount >= 1:
                yield from instead(step, node, Operation("/", other, literal(found[1])))


def _not_inverted(step: StepContext) -> Iterator[Wrong]:
    for node in nodes(step, "/"):
        share = _fraction(node.operation.right)
        small = isinstance(node.operation.right, Number) and 0 < node.right < 1
        if (share is not None and node.right < 1) or small:
            changed = Operation("*", node.operation.left, node.operation.right)
            yield from instead(step, node, changed)


def _makes_bigger(step: StepContext) -> Iterator[Wrong]:
    for node in nodes(step, "*"):
        shares = [v for v in (node.left, node.right) if 0 < v < 1]
        written = isinstance(node.operation.left, Number) and isinstance(
            node.operation.right, Number
        )
        if len(shares) == 1 and written:
            small, large = sorted((node.left, node.right))
            if (
                large > 1
                and not mentions(step.question, ("%", "percent"))
                and "%" not in step.question
            ):
                yield from instead(step, node, Operation("/", literal(large), literal(small)))


PARTS = (
    Misconception(
        id="decimals-as-whole-numbers",
        name="treats the digits after the point as a whole number",
        source="Resnick et al. 1989; Stacey & Steinle 1999",
        procedure=_decimals_as_whole,
        belief=(
            "I worked with the part before the point and the part after the point separately.",
            "I lined up the last digits and treated the part behind the point as a whole number.",
        ),
        focus=(
            "Write both numbers with the same number of digits after the point. What changes?",
            "What place does the first digit after the point stand for in each number?",
        ),
        telling=(
            "The points must stand below each other, so that tenths meet tenths.",
            "Fill up the shorter number with zeros at the end, then the places match.",
        ),
        insight=(
            "So the places after the point have to match.",
            "Oh, I mixed up the decimal places.",
        ),
        weight=2.5,
    ),
    Misconception(
        id="point-lined-up-in-product",
        name="keeps the decimal places of the factors in the product",
        source="Bell, Swan & Taylor 1981; Hiebert & Wearne 1985",
        procedure=_point_lined_up,
        belief=(
            "I multiplied the digits and put the point where it was, like in adding.",
            "I brought the point straight down.",
        ),
        focus=(
            "Estimate: should the product be bigger or smaller than what you got?",
            "How many digits stand after the points in both numbers together?",
        ),
        telling=(
            "In a product, the decimal places of both numbers are counted together.",
            "Multiplying by a part makes the parts smaller, so the point moves further to the left.",
        ),
        insight=(
            "The point should be further to the left.",
            "So I have to count the decimal places of both.",
        ),
        weight=2.5,
    ),
    Misconception(
        id="times-ten-adds-a-zero",
        name="multiplies by ten by writing a zero at the end of a decimal",
        source="Ryan & Williams 2007",
        procedure=_ten_adds_a_zero,
        belief=(
            "To multiply by a number like that you just put zeros at the end.",
            "I added the zeros behind the number.",
        ),
        focus=(
            "What does a zero at the end of a decimal change about its value?",
            "If you put a zero behind the last decimal place, is the number really bigger?",
        ),
        telling=(
            "A zero at the end of a decimal does not change it; every digit has to move to the left instead.",
            "Here the digits move past the point. Adding zeros works only for whole numbers.",
        ),
        insight=("So the zeros at the end didn't change anything.", "Oh, the point has to move."),
        weight=2.5,
    ),
    Misconception(
        id="tops-and-bottoms",
        name="adds or subtracts numerators and denominators separately",
        source="Vinner, Hershkowitz & Bruckheimer 1981",
        procedure=_tops_and_bottoms,
        belief=(
            "I did the tops together and the bottoms together.",
            "I worked with the top numbers and then with the bottom numbers.",
        ),
        focus=(
            "Compare your result with the fractions you started from. Does its size make sense?",
            "Are the pieces of both fractions the same size? What do we need before we put them together?",
        ),
        telling=(
            "Fractions can be put together only when their pieces have the same size, so find a common denominator first.",
            "The bottom number names the size of the pieces. It is not counted together with the other.",
        ),
        insight=(
            "So I need the same denominator first.",
            "Oh, the bottoms tell the size of the pieces.",
        ),
        weight=3.0,
        fractions=True,
    ),
    Misconception(
        id="unit-fraction-only",
        name="divides by the denominator and forgets the numerator",
        source="Hasemann 1981; Kerslake 1986",
        procedure=_unit_fraction_only,
        belief=(
            "To take a fraction I divide by the bottom number.",
            "I split it into as many parts as the bottom number says.",
        ),
        focus=(
            "The fraction has a top number too. What does it tell you?",
            "You found a single part. How many parts does the fraction ask for?",
        ),
        telling=(
            "The bottom number says into how many parts to split, and the top number says how many parts to take.",
            "After dividing by the bottom number, the result is multiplied by the top number.",
        ),
        insight=("So I still have to use the top number.", "Oh, I only took a single part."),
        weight=2.5,
    ),
    Misconception(
        id="divisor-not-inverted",
        name="multiplies by a fraction instead of dividing by it",
        source="Tirosh 2000; Fischbein et al. 1985",
        procedure=_not_inverted,
        belief=(
            "Dividing has to make it smaller, so I multiplied with the small number.",
            "I thought dividing by something that small is the same as taking a part of it.",
        ),
        focus=(
            "How often does something small fit into something big: more often or less often?",
            "Are we taking a part of the amount, or asking how often a part fits into it?",
        ),
        telling=(
            "Dividing by a number smaller than a whole makes the result bigger, because small parts fit in more often.",
            "Here we ask how often the small part fits, and that is a division.",
        ),
        insight=("So dividing can make a number bigger.", "Oh, I took a part instead of dividing."),
        weight=2.5,
    ),
    Misconception(
        id="multiplication-makes-bigger",
        name="believes that multiplying always makes bigger",
        source="Bell, Swan & Taylor 1981; Fischbein et al. 1985; Greer 1987",
        procedure=_makes_bigger,
        belief=(
            "It didn't look right to multiply by something so small, so I divided.",
            "I wanted it to be smaller, and dividing makes things smaller.",
        ),
        focus=(
            "Does multiplying always make a number bigger? Think of taking a part of something.",
            "What does multiplying by a number smaller than a whole do to the size?",
        ),
        telling=(
            "Taking a part of an amount is a multiplication, even though the result gets smaller.",
            "Multiplying by less than a whole makes smaller, and dividing by it makes bigger.",
        ),
        insight=(
            "So multiplying can also make a number smaller.",
            "Oh, dividing made it bigger instead.",
        ),
        weight=2.5,
    ),
)
