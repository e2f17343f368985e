from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datawell.core.numbers import find_numbers, format_number, parse_number

UNIT_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
    " sixteen seventeen eighteen nineteen"
)
UNITS = UNIT_WORDS.split()
TEN_WORDS = "- - twenty thirty forty fifty sixty seventy eighty ninety"
TENS = TEN_WORDS.split()


def spell(value: int) -> str:
    """A plain speller, written apart from the reader under test."""
    if value < 20:
        return UNITS[value]
    if value < 100:
        return TENS[value // 10] + (f"-{UNITS[value % 10]}" if value % 10 else "")
    for size, name in (
        (10**9, "billion"),
        (10**6, "million"),
        (1000, "thousand"),
        (100, "hundred"),
    ):
        if value >= size:
            rest = value % size
            joint = " and " if size == 100 else " "
            return f"{spell(value // size)} {name}" + (joint + spell(rest) if rest else "")
    raise AssertionError(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("72", 72),
        ("1,200", 1200),
        ("1,234,567.50", Fraction("1234567.5")),
        (".5", Fraction(1, 2)),
        ("3.25", Fraction(13, 4)),
        ("3/4", Fraction(3, 4)),
        ("1 1/2", Fraction(3, 2)),
        ("2 and 3/4", Fraction(11, 4)),
        ("2 and a half", Fraction(5, 2)),
        ("-5", -5),
        ("−5", -5),
        ("negative five", -5),
        ("-$5.50", Fraction(-11, 2)),
        ("$-5", -5),
        ("$1,000", 1000),
        ("$ 12", 12),
        ("12€", 12),
        ("25%", 25),
        ("25 percent", 25),
        ("twenty-four", 24),
        ("Twenty Four", 24),
        ("a hundred", 100),
        ("two hundred and five", 205),
        ("three thousand two hundred", 3200),
        ("2.5 million", 2_500_000),
        ("5 hundred", 500),
        ("half", Fraction(1, 2)),
        ("a half", Fraction(1, 2)),
        ("one-third", Fraction(1, 3)),
        ("three quarters", Fraction(3, 4)),
        ("three-fourths", Fraction(3, 4)),
        ("one and a half", Fraction(3, 2)),
        ("two and three quarters", Fraction(11, 4)),
        ("a dozen", 12),
        ("two dozen", 24),
        ("half a dozen", 6),
        ("zero", 0),
    ],
)
def test_one_number_is_read_exactly(text: str, value: Fraction | int) -> None:
    assert parse_number(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "clips",
        "72 clips",
        "3 4",
        "1/0",
        "3rd",
        "the second",
        "H2O",
        "1/2/2020",
        "a fifth grader",
    ],
)
def test_what_is_not_one_number_is_none(text: str) -> None:
    assert parse_number(text) is None


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("10-5", [10, 5]),
        ("10 -5", [10, 5]),
        ("it is -5 outside", [-5]),
        ("x = -5.", [-5]),
        ("3, 4, and 5", [3, 4, 5]),
        ("1,2,3", [1, 2, 3]),
        ("She sold 48. Then 24.", [48, 24]),
        ("twenty twenty", [20, 20]),
        ("two, three", [2, 3]),
        ("5 apples and a half", [5, Fraction(1, 2)]),
        ("the 3rd of 5", [5]),
        ("a fifth of 20", [Fraction(1, 5), 20]),
        ("48 / 2 = 24", [48, 2, 24]),
        ("8am to 11am", [8, 11]),
        ("ten minus five", [10, 5]),
        ("an apple and a pear", []),
        ("someone in tents often ate", []),
        ("two and three", [2, 3]),
        ("3 1/2 and 1/4", [Fraction(7, 2), Fraction(1, 4)]),
    ],
)
def test_numbers_in_running_text(text: str, values: list[Fraction | int]) -> None:
    assert [span.value for span in find_numbers(text)] == values


def test_marks_are_kept_beside_the_value() -> None:
    (span,) = find_numbers("a 12.50% rate")
    assert (span.percent, span.decimals, span.quantity) == (True, 2, Fraction(1, 8))
    (span,) = find_numbers("pay -$3.20 now")
    assert (span.currency, span.kind, span.start, span.end) == ("$", "decimal", 4, 10)


@given(st.fractions(max_denominator=10**6), st.booleans())
def test_format_then_parse_is_identity(value: Fraction, commas: bool) -> None:
    assert parse_number(format_number(value, commas=commas)) == value


@given(st.integers(0, 10**12 - 1))
def test_spelled_numbers_are_read_back(value: int) -> None:
    assert parse_number(spell(value)) == value


@given(st.text(max_size=80))
def test_spans_are_ordered_and_inside_any_text(text: str) -> None:
    last = 0
    for span in find_numbers(text):
        assert last <= span.start < span.end <= len(text)
        last = span.end


@given(st.text(alphabet="0123456789/.,- $%ahundredfift", max_size=60))
def test_spans_are_ordered_on_number_like_text(text: str) -> None:
    last = 0
    for span in find_numbers(text):
        assert last <= span.start < span.end <= len(text)
        last = span.end


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=6))
def test_every_number_of_a_list_is_found(values: list[int]) -> None:
    text = "; ".join(f"{value:,} clips" for value in values)
    assert [span.value for span in find_numbers(text)] == values
