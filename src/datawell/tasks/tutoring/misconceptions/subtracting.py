# ruff: noqa: E501 - one wording a line is easier to read and to compare than a wrapped one
"""Buggy column subtraction: digits turned around, borrowing without paying, trouble with zeros.

Sources: Brown & Burton 1978, "Diagnostic models for procedural bugs in basic mathematical skills",
Cognitive Science 2; VanLehn 1990, "Mind Bugs".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from datawell.tasks.tutoring.misconceptions.base import (
    Misconception,
    StepContext,
    Wrong,
    columns,
    from_columns,
    nodes,
    slip,
)

_BROWN = "Brown & Burton 1978"

Columns = Callable[[list[int], list[int]], list[int] | None]


def _subtracting(rule: Columns) -> Callable[[StepContext], Iterator[Wrong]]:
    """A procedure that subtracts columns by ``rule`` (digits units first; None: does not apply)."""

    def procedure(step: StepContext) -> Iterator[Wrong]:
        for node in nodes(step, "-"):
            set_out = columns(node.left, node.right)
            if set_out is None or node.left <= node.right or node.left < 10:
                continue
            (top, bottom), places = set_out
            digits = rule(list(top), bottom)
            if digits is not None:
                yield from slip(step, node, from_columns(digits, places))

    return procedure


def _smaller_from_larger(top: list[int], bottom: list[int]) -> list[int] | None:
    return [abs(t - b) for t, b in zip(top, bottom, strict=True)]


def _borrow_no_decrement(top: list[int], bottom: list[int]) -> list[int] | None:
    return [t - b if t >= b else t + 10 - b for t, b in zip(top, bottom, strict=True)]


def _borrow_across_zero(top: list[int], bottom: list[int]) -> list[int] | None:
    digits, skipped = [], False
    for i, below in enumerate(bottom):
        if top[i] < below:
            lender = i + 1
            while lender < len(top) and top[lender] == 0:
                lender, skipped = lender + 1, True
            if lender == len(top):
                return None
            top[lender] -= 1
            top[i] += 10
        digits.append(top[i] - below)
    return digits if skipped else None


def _zero_minus(write: Callable[[int], int]) -> Columns:
    """Subtraction that is right but for columns with 0 on top, where ``write(bottom)`` is put."""

    def rule(top: list[int], bottom: list[int]) -> list[int] | None:
        digits, borrowed = [], 0
        for above, below in zip(top, bottom, strict=True):
            if above == 0 and below > 0 and not borrowed:
                digits.append(write(below))
                continue
            digit = above - borrowed - below
            borrowed = 1 if digit < 0 else 0
            digits.append(digit + 10 * borrowed)
        return None if borrowed else digits

    return rule


SUBTRACTION = (
    Misconception(
        id="smaller-from-larger",
        name="takes the smaller digit from the larger in every column",
        source=_BROWN,
        procedure=_subtracting(_smaller_from_larger),
        belief=(
            "In each column I take the smaller digit away from the bigger digit.",
            "When the digit on top was smaller I just turned the column around.",
        ),
        focus=(
            "Look at a column where the top digit is smaller than the digit below it. Which number are we taking away from?",
            "If the top digit is too small, may we swap it with the digit underneath? What would that mean for the amounts?",
        ),
        telling=(
            "We always take the bottom number away from the top number; when a top digit is too small we have to borrow from the next column.",
            "Columns cannot be turned around. A digit that is too small gets help from the column on its left.",
        ),
        insight=(
            "Hm, so I can't just swap the digits, I have to borrow.",
            "Oh, I turned the column upside down there.",
        ),
    ),
    Misconception(
        id="borrow-no-decrement",
        name="borrows without taking anything from the next column",
        source=f"{_BROWN}; VanLehn 1990",
        procedure=_subtracting(_borrow_no_decrement),
        belief=(
            "I borrowed when the top digit was too small, and then I went on with the next column as it was.",
            "I added the borrowed amount to the small digit and left the other digits alone.",
        ),
        focus=(
            "When you borrow, where does the borrowed amount come from, and what is left there?",
            "Look at the column next to the column where you borrowed. Is its top digit still the same?",
        ),
        telling=(
            "What is borrowed has to be paid for: the column on the left gets smaller when you borrow from it.",
            "Borrowing moves an amount, it does not make a new amount, so the digit you borrow from must go down.",
        ),
        insight=(
            "Oh, I forgot to make the next digit smaller after borrowing.",
            "So the digit I borrowed from should have gone down.",
        ),
    ),
    Misconception(
        id="borrow-across-zero",
        name="skips a zero when borrowing and leaves it a zero",
        source=_BROWN,
        procedure=_subtracting(_borrow_across_zero),
        belief=(
            "There was a zero next to it, so I skipped it and borrowed from the digit after that.",
            "You can't borrow from a zero, so I jumped over it.",
        ),
        focus=(
            "You borrowed across a zero. What happens to that zero on the way?",
            "What does the zero turn into when the borrowed amount passes through its column?",
        ),
        telling=(
            "When we borrow across a zero, the zero first gets a full column from its left and then gives a part of it away; it does not stay a zero.",
            "A zero in the middle changes too when you borrow through it.",
        ),
        insight=(
            "So the zero doesn't stay a zero when I borrow over it.",
            "Oh, the zero should have changed as well.",
        ),
        weight=2.0,
    ),
    Misconception(
        id="zero-minus-digit-is-digit",
        name="writes the bottom digit where the top digit is zero",
        source=_BROWN,
        procedure=_subtracting(_zero_minus(lambda below: below)),
        belief=(
            "There was nothing on top in that column, so I wrote the bottom digit.",
            "Zero take away a digit is just the digit.",
        ),
        focus=(
            "Look at the column with the zero on top. If you have nothing, can you take something away and keep it?",
            "What do we have to do before we can take something away from a zero?",
        ),
        telling=(
            "From zero we cannot take anything away until we borrow from the column on the left.",
            "A zero on top is a digit that is too small, so it needs to borrow.",
        ),
        insight=(
            "So I need to borrow for the zero, I can't just copy the digit.",
            "Right, the zero has nothing to give, so it has to borrow.",
        ),
        weight=1.5,
    ),
    Misconception(
        id="zero-minus-digit-is-zero",
        name="writes zero where the top digit is zero",
        source=_BROWN,
        procedure=_subtracting(_zero_minus(lambda _below: 0)),
        belief=(
            "There is nothing on top in that column, so nothing can be left.",
            "You can't take anything away from zero, so I wrote zero.",
        ),
        focus=(
            "Look at the column with the zero on top. Where could it get some help?",
            "You wrote a zero below a zero. Did the digit in between get taken away at all?",
        ),
        telling=(
            "The digit below still has to be taken away, so the zero on top must borrow from its left.",
            "If we write zero there, we never take the bottom digit away. The zero has to borrow.",
        ),
        insight=(
            "Oh, then I never took that digit away.",
            "So the zero needs to borrow before I subtract.",
        ),
        weight=1.5,
    ),
)
