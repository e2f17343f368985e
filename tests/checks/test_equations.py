from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datawell.checks.equations import find_links
from datawell.checks.expressions import READINGS, Parser, tokenize
from datawell.checks.tutoring_plan import evaluate


def verdicts(text: str) -> list[bool | None]:
    return [link.holds for link in find_links(text)]


@pytest.mark.parametrize(
    "text",
    [
        "48/2 = 24",
        "48 clips / 2 = 24 clips",
        "She sold 48/2 = 24 clips in May.",
        "$12 x 3 hours = $36",
        "5*$4=$20",
        "She makes 3 × 8 = 24 a day",
        "96 ÷ 12 = 8",
        "420 pitches – 105 total hits = 315 misses",
        "7 family units * 3 people in each family unit = 21 people",
        "1 son + 1 daughter + 1 aunt/uncle = 3 people",
        "20 drops / 5000 drops/liter = .004 L/feeding",
        "1/2 * $6/day = $3/day",
        "$1000 * (110/100) = $1100",
        "2(3+4) = 14",
        "20% of 50 = 10",
        "20% of the 50 students = 10 students",
        "0.2 * 50 = 10",
        "20/100 = 20%",
        "5/20 * 100 = 25%",
        "100% - 20% = 80%",
        "$100 + 10% = $110",
        "10 / 3 = 3.33",
        "200 / 3 = 66.66",
        "2/3 = 0.667",
        "1.005 * 3 = 3.02",
        "3 times 4 is 12",
        "48 divided by 2 equals 24",
        "24 * 2 = 48 = 40 + 8",
        "1 1/2 * 4 = 6",
        "1/2 / 1/4 = 2",
        "5,000*4=20,000",
        "20 000 / 2 = 10 000",
        "5 (boys) + 3 (girls) = 8",
        "2 dozen + 6 = 30",
        "-3 + 5 = 2",
        r"\( 48 \div 2 = 24 \)",
        "so 6 * 7 = **42**",
    ],
)
def test_true_equations_hold(text: str) -> None:
    assert verdicts(text)
    assert all(verdicts(text))


@pytest.mark.parametrize(
    "text",
    [
        "48/2 = 25",
        "48 clips / 2 = 23 clips",
        "$12 x 3 hours = $38",
        "5*$4=$21",
        "32 - (16 + 5) = 21 tables left",
        "420 pitches – 105 total hits = 314 misses",
        "7 family units * 3 people in each family unit = 31 people",
        "20% of 50 = 12",
        "7/2 = 4",
        "10 / 3 = 3.43",
        "3 times 4 is 13",
        "48 + 24 makes 62",
        "1/2 + 1/3 = 2/5",
        "60 + 12 = 73 minutes per day",
        "15 leaves / 3 hours = 7 leaves per hour",
        "100 - 40 = 160 percent",
        r"\( 48 \div 2 = 25 \)",
    ],
)
def test_false_equations_are_called_false(text: str) -> None:
    assert False in verdicts(text)


@pytest.mark.parametrize(
    "text",
    [
        "2x + 60 = 100",
        "x + 3 = 10",
        "3A + 7 = 19",
        "5 + x = 8",
        "the price + 3 * 5 = 20",
        "twice 5 + 3 = 13",
        "half of 10 + 3 = 9",
        "8/3 = 24/Y",
        "2^3 + 1 = 9",
        "1 hour = 12 * 6 minutes",
        "3/4 of the class = 15 students",
        "2 hours + 30 minutes = 150 minutes",
        "5 feet * 12 inches = 5 feet",
        "Week 1 + Week 2 = 35 + 35",
        "9:00 - 6:00 = 3 hours",
        "17 / 5 = 3 remainder 2",
        "50 stickers / 3 friends = 16 stickers, with 2 remaining",
        "5 / 0 = 0",
        "10% of the $400 + $1580 = $1980",
        "4(17) = 5x",
        "7 >= 3 + 3",
        "In 2010 there were 5 apples.",
        "= = = 5",
        "",
    ],
)
def test_what_cannot_be_judged_is_not_called_false(text: str) -> None:
    assert False not in verdicts(text)


def test_links_carry_exact_values_and_places() -> None:
    text = "So she sold 48 + 24 = 62 clips."
    (link,) = find_links(text)
    assert (link.left, link.right) == (Fraction(72), Fraction(62))
    assert text[link.start : link.end].startswith("48 + 24 = 62")
    assert (link.left_text, link.right_text.split()[0]) == ("48 + 24", "62")


def test_each_link_of_a_chain_is_judged() -> None:
    assert verdicts("2 * 3 = 6 = 7 - 1") == [True, True]
    assert verdicts("2 * 3 = 7 = 7 - 1")[0] is False


@pytest.mark.parametrize("text", ["2+3*4", "(2+3)*4", "2*-3", "1/3+1/6", "((7))"])
def test_evaluate_agrees_with_python_on_our_own_text(text: str) -> None:
    names: dict[str, Fraction] = {}
    spelled = "".join(f"F({c})" if c.isdigit() else c for c in text)
    assert evaluate(text) == eval(spelled, {"F": Fraction}, names)


@pytest.mark.parametrize("text", ["", "2+", "x", "__import__('os')", "2**9", "9" * 40, "1/0"])
def test_evaluate_refuses_what_is_no_expression(text: str) -> None:
    assert evaluate(text) is None


def test_depth_and_length_are_bounded() -> None:
    assert evaluate("(" * 40 + "1" + ")" * 40) is None
    assert evaluate("+".join("1" * 500)) is None


numbers = st.integers(1, 10**6)


@given(numbers, numbers, st.sampled_from("+-*/"))
def test_every_generated_equation_is_judged_rightly(a: int, b: int, op: str) -> None:
    value = {"+": Fraction(a + b), "-": Fraction(a - b), "*": Fraction(a * b), "/": Fraction(a, b)}
    right = value[op]
    shown = f"{right.numerator}/{right.denominator}" if right.denominator > 1 else str(right)
    assert verdicts(f"{a} {op} {b} = {shown}") == [True]
    wrong = right + 1
    shown = f"{wrong.numerator}/{wrong.denominator}" if wrong.denominator > 1 else str(wrong)
    assert False in verdicts(f"{a} {op} {b} = {shown}")


@given(st.text(max_size=120))
def test_any_text_can_be_read(text: str) -> None:
    for link in find_links(text):
        assert 0 <= link.start < link.end <= len(text)


@given(st.text(alphabet="0123456789+-*/=()%.,$ xab\n:of", max_size=80))
def test_any_calculation_like_text_can_be_read(text: str) -> None:
    tokens = tokenize(text)
    assert all(a.end <= b.start for a, b in pairwise(tokens))
    for at in range(len(tokens)):
        Parser(tokens, at, len(tokens), READINGS[0]).expression()
    for link in find_links(text):
        assert 0 <= link.start < link.end <= len(text)
