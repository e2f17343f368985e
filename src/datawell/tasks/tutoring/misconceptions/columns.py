# ruff: noqa: E501 - one wording a line is easier to read and to compare than a wrapped one
"""Buggy column addition, multiplication and division.

Sources: Cox 1975, "Systematic errors in the four vertical algorithms in normal and handicapped
populations", Journal for Research in Mathematics Education 6; Ashlock 2010, "Error Patterns in
Computation" (10th ed.).
"""

from __future__ import annotations

from collections.abc import Iterator

from datawell.tasks.tutoring.misconceptions.base import (
    Misconception,
    StepContext,
    Wrong,
    columns,
    from_columns,
    nodes,
    slip,
    whole,
)

_COX = "Cox 1975"
_ASHLOCK = "Ashlock 2010"


def _carry_dropped(step: StepContext) -> Iterator[Wrong]:
    for node in nodes(step, "+"):
        set_out = columns(node.left, node.right)
        if set_out is not None and min(node.left, node.right) > 0:
            (top, bottom), places = set_out
            sums = [t + b for t, b in zip(top, bottom, strict=True)]
            # A carry out of the leading column is simply written down, so it is not lost.
            digits = [s % 10 for s in sums[:-1]] + [sums[-1]]
            yield from slip(step, node, from_columns(digits, places))


def _carry_written_down(step: StepContext) -> Iterator[Wrong]:
    for node in nodes(step, "+"):
        if whole(node.left, node.right) and max(node.left, node.right) >= 10:
            set_out = columns(node.left, node.right)
            assert set_out is not None
            top, bottom = set_out[0]
            sums = [t + b for t, b in zip(top, bottom, strict=True)]
            if len(sums) <= 3:
                yield from slip(step, node, int("".join(str(s) for s in reversed(sums))))


def _product_carry_dropped(step: StepContext) -> Iterator[Wrong]:
    for node in nodes(step, "*"):
        small, large = sorted((node.left, node.right))
        if whole(small, large) and 2 <= small <= 9 and large >= 10:
            products = [int(d) * int(small) for d in reversed(str(large))]
            digits = [p % 10 for p in products[:-1]] + [products[-1]]
            yield from slip(step, node, from_columns(digits, 0))


def _columns_multiplied(step: StepContext) -> Iterator[Wrong]:
    for node in nodes(step, "*"):
        if whole(node.left, node.right) and all(10 <= v <= 99 for v in (node.left, node.right)):
            (t1, u1), (t2, u2) = divmod(int(node.left), 10), divmod(int(node.right), 10)
            if (u1 or u2) and (u1 * t2 or u2 * t1):
                yield from slip(step, node, t1 * t2 * 100 + u1 * u2)


def _no_placeholder(step: StepContext) -> Iterator[Wrong]:
    for node in nodes(step, "*"):
        if whole(node.left, node.right) and min(node.left, node.right) >= 10:
            large, small = int(node.left), int(node.right)
            if 11 <= small <= 99 and small % 10 and large % 10:
                yield from slip(step, node, large * (small % 10) + large * (small // 10))


def _zeros_counted_once(step: StepContext) -> Iterator[Wrong]:
    for node in nodes(step, "*"):
        if whole(node.left, node.right) and node.left > 0 and node.right > 0:
            zeros = [len(str(v)) - len(str(v).rstrip("0")) for v in (node.left, node.right)]
            if min(zeros) >= 1:
                yield from slip(step, node, node.left * node.right / 10 ** min(zeros))


def _quotient_zero_omitted(step: StepContext) -> Iterator[Wrong]:
    for node in nodes(step, "/"):
        if node.right and whole(node.left, node.right, node.left / node.right):
            quotient = str(node.left / node.right)
            if "0" in quotient[1:] and len(quotient) > 1 and node.right > 1:
                at = quotient.index("0", 1)
                yield from slip(step, node, int(quotient[:at] + quotient[at + 1 :]))


ADDITION = (
    Misconception(
        id="carry-dropped",
        name="forgets the carry when adding",
        source=f"{_COX}; {_ASHLOCK}",
        procedure=_carry_dropped,
        belief=(
            "I added each column and wrote down its last digit.",
            "I added the columns separately, and where it got too big I wrote the last digit only.",
        ),
        focus=(
            "Look at the columns whose sum is too big for a single digit. What happens with the rest of it?",
            "Where did the carried part of that column go?",
        ),
        telling=(
            "When a column's sum has more than a single digit, the extra part is carried to the next column on the left.",
            "Nothing may get lost: what does not fit in a column is added to the column on its left.",
        ),
        insight=(
            "Oh, I dropped the carry.",
            "So what doesn't fit has to go to the next column.",
        ),
        weight=0.8,
    ),
    Misconception(
        id="carry-written-down",
        name="writes each column's whole sum side by side",
        source=f"{_COX}; {_ASHLOCK}",
        procedure=_carry_written_down,
        belief=(
            "I added each column and wrote the sums next to each other.",
            "I worked out every column and put all the digits down.",
        ),
        focus=(
            "Compare your result with the numbers you added. Can a sum get that much bigger than both?",
            "How many digits may each column have in the result?",
        ),
        telling=(
            "Each column of the result has room for a single digit; the rest is carried to the left.",
            "When a column gets too big, only its last digit is written and the rest moves to the next column.",
        ),
        insight=(
            "That number is much too big, I should have carried.",
            "Oh, a column can only hold a single digit.",
        ),
        weight=0.5,
    ),
)

MULTIPLICATION = (
    Misconception(
        id="product-carry-dropped",
        name="forgets to add the carry when multiplying",
        source=f"{_COX}; {_ASHLOCK}",
        procedure=_product_carry_dropped,
        belief=(
            "I multiplied each digit and wrote down the last digit of every product.",
            "I multiplied digit by digit, and I don't think anything was left over.",
        ),
        focus=(
            "When you multiplied the units, was there something to carry?",
            "After multiplying each digit, what do we do with the carried part?",
        ),
        telling=(
            "The part that is carried has to be added after the next digit is multiplied.",
            "Every product that is too big for its column leaves a carry, and the carry is added to the next product.",
        ),
        insight=(
            "I forgot to add the carry to the next digit.",
            "Oh, there was a carry and I lost it.",
        ),
        weight=1.2,
    ),
    Misconception(
        id="columns-multiplied-separately",
        name="multiplies units by units and tens by tens only",
        source=_ASHLOCK,
        procedure=_columns_multiplied,
        belief=(
            "I multiplied the units with the units and the tens with the tens, like in adding.",
            "I went column by column, just as when we add.",
        ),
        focus=(
            "Which parts of the numbers did you multiply with each other, and which pairs are missing?",
            "In a multiplication, does every part of the first number meet every part of the other number?",
        ),
        telling=(
            "In a product, each digit of the first number is multiplied by each digit of the other number.",
            "The units of each number also have to be multiplied by the tens of the other number.",
        ),
        insight=(
            "So some pairs of digits are missing in my product.",
            "Oh, multiplying doesn't go column by column like adding.",
        ),
        weight=1.5,
    ),
    Misconception(
        id="no-placeholder-zero",
        name="does not shift the second partial product",
        source=f"{_COX}; {_ASHLOCK}",
        procedure=_no_placeholder,
        belief=(
            "I multiplied by each digit and then added what I got.",
            "I did a row for each digit and added the rows.",
        ),
        focus=(
            "The second row comes from the tens digit. What place value should that row start in?",
            "Does the tens digit stand for just that many, or for that many tens?",
        ),
        telling=(
            "The row for the tens digit has to be moved to the left, because that digit counts tens.",
            "Put a placeholder in the units place before you write the row for the tens digit.",
        ),
        insight=(
            "The row for the tens should have been shifted.",
            "Oh, I treated the tens digit as units.",
        ),
        weight=1.5,
    ),
    Misconception(
        id="zeros-counted-once",
        name="counts the final zeros of only one factor",
        source=_ASHLOCK,
        procedure=_zeros_counted_once,
        belief=(
            "I left the zeros off, multiplied, and put the zeros back at the end.",
            "I multiplied the front digits and added the zeros again.",
        ),
        focus=(
            "Count the zeros at the end of both numbers. How many should come back?",
            "You left zeros off before you multiplied. Did all of them come back?",
        ),
        telling=(
            "The zeros at the end of both factors belong to the product, so all of them come back.",
            "Each zero you leave off makes a number ten times smaller, so every zero must be put back.",
        ),
        insight=(
            "I only put back the zeros of a single number.",
            "Oh, I lost some zeros.",
        ),
        weight=1.2,
    ),
)

DIVISION = (
    Misconception(
        id="quotient-zero-omitted",
        name="leaves out a zero in the quotient",
        source=f"{_COX}; {_ASHLOCK}",
        procedure=_quotient_zero_omitted,
        belief=(
            "It didn't go into that digit, so I went on to the next digit.",
            "I divided digit by digit and there was a place where nothing came out.",
        ),
        focus=(
            "When a part is too small to divide, what do we write in that place?",
            "Estimate first: about how big should the result be?",
        ),
        telling=(
            "A place where nothing comes out still needs a zero, or all digits before it slip to the right.",
            "Each digit of the number we divide has its own place in the result, even when that place is a zero.",
        ),
        insight=(
            "I think I left out a zero.",
            "So my result is too small because a place is missing.",
        ),
        weight=1.2,
    ),
)

COLUMNS = (*ADDITION, *MULTIPLICATION, *DIVISION)
