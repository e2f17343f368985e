# ruff: noqa: E501 - one wording a line is easier to read and to compare than a wrapped one
"""Misconceptions about percent and about units of measure.

Sources: Parker & Leinhardt 1995, "Percent: a privileged proportion", Review of Educational Research
65; Ryan & Williams 2007; Kamii & Russell 2012, "Elapsed time", JRME 43; Smith, van den
Heuvel-Panhuizen & Teppo 2011, "Learning, teaching, and using measurement", ZDM 43.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from datawell.core.numbers import find_numbers
from datawell.seeds.arithmetic_problems.expressions import Number, Operation
from datawell.tasks.tutoring.misconceptions.base import (
    Misconception,
    Node,
    StepContext,
    Wrong,
    instead,
    literal,
    mentions,
    nodes,
    slip,
)


def _percents(step: StepContext) -> Iterator[tuple[Node, Fraction, Fraction]]:
    """Where a step takes a share in per cent: (operation, per cent, of what)."""
    shown = {n.value for n in find_numbers(step.question) if n.percent}
    for node in nodes(step, "*"):
        for share, amount in ((node.left, node.right), (node.right, node.left)):
            if 0 < share < 1 and amount > 1 and share * 100 in shown:
                yield node, share * 100, amount
                break
    for node in nodes(step, "/"):
        if node.right == 100 and isinstance(node.operation.left, Operation):
            product = node.operation.left
            if product.operator == "*" and isinstance(product.left, Number):
                other = product.right
                if isinstance(other, Number):
                    pair = (product.left.value, other.value)
                    for share, amount in (pair, pair[::-1]):
                        if share in shown:
                            yield node, share, amount
                            break


def _percent_as_amount(step: StepContext) -> Iterator[Wrong]:
    for node, percent, amount in _percents(step):
        if percent < amount:
            yield from slip(step, node, percent)


def _divide_by_percent(step: StepContext) -> Iterator[Wrong]:
    for node, percent, amount in _percents(step):
        if percent not in (1, 10):
            yield from instead(step, node, Operation("/", literal(amount), literal(percent)))


def _percent_point(step: StepContext) -> Iterator[Wrong]:
    for node, percent, amount in _percents(step):
        if percent < 10:
            yield from instead(step, node, Operation("*", literal(percent / 10), literal(amount)))


_UNITS = (
    "minutes", "minute", "hours", "hour", "seconds", "days", "day", "weeks", "week", "months",
    "years", "year", "feet", "foot", "inches", "inch", "yards", "meters", "meter", "metres",
    "kilometers", "kilometres", "km", "cm", "centimeters", "centimetres", "grams", "kilograms",
    "kg", "ounces", "pounds", "liters", "litres", "ml", "milliliters", "dozen", "cents",
    "gallons", "cups", "quarts", "pints", "miles",
)  # fmt: skip
_FACTORS = frozenset(map(Fraction, (7, 12, 16, 24, 30, 36, 52, 60, 100, 365, 1000)))


def _hundred_minutes(step: StepContext) -> Iterator[Wrong]:
    if not mentions(step.question, ("minutes", "minute", "hours", "hour", "seconds")):
        return
    for node in nodes(step, "*/"):
        if node.right == 60:
            changed = Operation(node.operation.operator, node.operation.left, literal(100))
            yield from instead(step, node, changed)
        elif node.left == 60 and node.operation.operator == "*":
            yield from instead(step, node, Operation("*", literal(100), node.operation.right))


def _conversion_direction(step: StepContext) -> Iterator[Wrong]:
    if not mentions(step.question, _UNITS):
        return
    for node in nodes(step, "*/"):
        if node.right in _FACTORS and node.left not in _FACTORS and node.left != node.right:
            other = "/" if node.operation.operator == "*" else "*"
            yield from instead(
                step, node, Operation(other, node.operation.left, node.operation.right)
            )


PERCENT_UNITS = (
    Misconception(
        id="percent-as-amount",
        name="reads a per cent as a plain number",
        source="Parker & Leinhardt 1995",
        procedure=_percent_as_amount,
        belief=(
            "The number in front of the percent sign is the amount.",
            "I thought the percent tells me directly how much it is.",
        ),
        focus=(
            "What does the percent sign mean? A part of what?",
            "If the whole were twice as big, would the same percent still be the same amount?",
        ),
        telling=(
            "A percent is a part of a whole, so its amount depends on how big the whole is.",
            "First write the percent as a part of a hundred, then take that part of the whole.",
        ),
        insight=(
            "So I have to take the percent of the whole.",
            "Oh, a percent isn't an amount by itself.",
        ),
        weight=2.5,
    ),
    Misconception(
        id="divide-by-percent",
        name="divides by the number of per cent",
        source="Parker & Leinhardt 1995; Ryan & Williams 2007",
        procedure=_divide_by_percent,
        belief=(
            "For ten percent you divide by ten, so I divided by the percent here too.",
            "To get a percent of something I divide it by that number.",
        ),
        focus=(
            "Would a bigger percent then give a smaller part? Does that make sense?",
            "Your way works for a few percents by chance. What does percent really mean?",
        ),
        telling=(
            "Percent means out of a hundred, so divide by a hundred and multiply by the percent.",
            "A bigger percent must give a bigger part, so we cannot divide by it.",
        ),
        insight=(
            "With my way a bigger percent would give less, that's odd.",
            "So I need parts of a hundred.",
        ),
        weight=2.5,
    ),
    Misconception(
        id="percent-point-misplaced",
        name="writes a small per cent with the point in the wrong place",
        source="Parker & Leinhardt 1995",
        procedure=_percent_point,
        belief=(
            "I turned the percent into a decimal by putting a point in front.",
            "A percent is a decimal with the point before the number.",
        ),
        focus=(
            "Percent means out of a hundred. How many decimal places do hundredths need?",
            "Compare your decimal with ten percent. Which should be bigger?",
        ),
        telling=(
            "Hundredths take the second place after the point, so a small percent needs a zero after the point.",
            "Divide the percent by a hundred, and watch where the point goes.",
        ),
        insight=(
            "So there is a zero missing after the point.",
            "Oh, I used tenths instead of hundredths.",
        ),
        weight=3.0,
    ),
    Misconception(
        id="hundred-minute-hour",
        name="counts a hundred minutes to the hour",
        source="Kamii & Russell 2012",
        procedure=_hundred_minutes,
        belief=(
            "I used a hundred, like with centimetres and metres.",
            "I thought time works like decimals, with a hundred parts.",
        ),
        focus=(
            "How many minutes does the clock show before a new hour begins?",
            "Is time counted in the same way as metres and centimetres?",
        ),
        telling=(
            "Time is not counted in hundreds; think of a full turn of the minute hand.",
            "Look at a clock: the hand goes round once, and that is not a hundred.",
        ),
        insight=("Right, there aren't a hundred minutes.", "Oh, time doesn't work like decimals."),
        weight=3.0,
    ),
    Misconception(
        id="conversion-direction",
        name="converts a unit in the wrong direction",
        source="Smith, van den Heuvel-Panhuizen & Teppo 2011",
        procedure=_conversion_direction,
        belief=(
            "I knew the number for changing the unit, and I thought that is how you use it.",
            "I changed the unit with the number I remembered.",
        ),
        focus=(
            "When the units get bigger, do we need more of them or fewer?",
            "Should the number get larger or smaller when you change it into that unit?",
        ),
        telling=(
            "Small units need a big count and big units need a small count, so check which way to go.",
            "Think about what a single unit is worth before you decide how to change it.",
        ),
        insight=(
            "I went the wrong way with the units.",
            "So the number should change the other way.",
        ),
        weight=1.2,
    ),
)
