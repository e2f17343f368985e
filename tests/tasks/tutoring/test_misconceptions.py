"""Every misconception gives what a learner with it really gets, wrong wherever it applies."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datawell.seeds.arithmetic_problems.expressions import evaluate, numbers, parse, render
from datawell.tasks.tutoring.misconceptions import MISCONCEPTIONS, StepContext

# id, step, wrong value, and what of the problem it needs: the textbook example of each.
EXAMPLES: list[tuple[str, str, str, dict[str, object]]] = [
    ("smaller-from-larger", "62-47", "25", {}),
    ("smaller-from-larger", "500-268", "368", {}),
    ("borrow-no-decrement", "62-44", "28", {}),
    ("borrow-across-zero", "305-167", "48", {}),
    ("zero-minus-digit-is-digit", "140-21", "121", {}),
    ("zero-minus-digit-is-zero", "140-21", "120", {}),
    ("carry-dropped", "48+24", "62", {}),
    ("carry-written-down", "48+24", "612", {}),
    ("product-carry-dropped", "24*3", "62", {}),
    ("columns-multiplied-separately", "24*13", "212", {}),
    ("no-placeholder-zero", "24*13", "96", {}),
    ("zeros-counted-once", "30*40", "120", {}),
    ("quotient-zero-omitted", "612/6", "12", {}),
    ("decimals-as-whole-numbers", "1.5+2.75", "3.80", {}),
    ("point-lined-up-in-product", "0.3*0.2", "0.6", {}),
    ("times-ten-adds-a-zero", "2.5*10", "2.50", {}),
    ("tops-and-bottoms", "1/2+1/3", "2/5", {}),
    ("unit-fraction-only", "2/3*60", "20", {}),
    ("divisor-not-inverted", "6/(1/2)", "3", {}),
    ("multiplication-makes-bigger", "0.5*40", "80", {}),
    ("percent-as-amount", "20/100*80", "20", {"question": "what is 20% of 80?"}),
    ("divide-by-percent", "0.2*80", "4", {"question": "what is 20% of 80?"}),
    ("percent-point-misplaced", "0.05*80", "40", {"question": "what is 5% of 80?"}),
    ("hundred-minute-hour", "3*60", "300", {"question": "how many minutes?"}),
    ("conversion-direction", "4*100", "0.04", {"question": "how many cm?"}),
    ("additive-reasoning", "3*14", "17", {"question": "three times as many"}),
    ("reversal", "40/4", "160", {"question": "4 times as many as"}),
    ("larger-by-smaller", "3/12", "4", {}),
    ("keyword-operation", "40-15", "55", {"question": "15 more than ben"}),
    ("stops-early", "10+2", "10", {"last": True, "before": Fraction(10)}),
    ("part-left-out", "5+20+15", "25", {}),
    ("table-neighbour", "7*8", "49", {}),
    ("counts-the-start", "15+4", "18", {}),
    ("left-to-right", "2+3*4", "20", {}),
    ("brackets-ignored", "2*(3+4)", "10", {}),
    ("sum-not-divided", "(3+5+7)/3", "15", {"question": "what is the average?"}),
    ("mean-as-midpoint", "(2+3+10)/3", "6", {"question": "what is the mean?"}),
    ("mean-of-means", "(20*3+40*1)/(3+1)", "30", {}),
    ("transposed-same-sign", "31-7", "38", {"family": "linear equation"}),
    ("coefficient-subtracted", "24/3", "21", {"family": "linear equation"}),
    ("remainder-ignored", "31/4", "7", {}),
]


def context(left: str, **more: object) -> StepContext:
    expression = parse(left)
    assert expression is not None
    value = evaluate(expression)
    assert value is not None
    fields: dict[str, object] = {"question": "", **more}
    return StepContext(expression, value, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "left", "wrong", "more"), EXAMPLES, ids=[f"{e[0]} {e[1]}" for e in EXAMPLES]
)
def test_the_textbook_example(name: str, left: str, wrong: str, more: dict[str, object]) -> None:
    values = [w.value for w in MISCONCEPTIONS[name].wrongs(context(left, **more))]
    assert Fraction(wrong) in values


def test_there_are_at_least_twenty_and_each_has_an_example_a_source_and_its_words() -> None:
    assert len(MISCONCEPTIONS) >= 20
    assert {example[0] for example in EXAMPLES} == set(MISCONCEPTIONS)
    for name, misconception in MISCONCEPTIONS.items():
        assert misconception.id == name
        assert any(year in misconception.source for year in ("19", "20"))
        assert misconception.weight > 0
        for pool in (
            misconception.belief,
            misconception.focus,
            misconception.telling,
            misconception.insight,
        ):
            assert len(set(pool)) == len(pool) >= 2
            assert all(text[-1] in ".?" for text in pool)


def test_tutors_words_hold_no_digit() -> None:
    for misconception in MISCONCEPTIONS.values():
        for text in (*misconception.focus, *misconception.telling):
            assert not any(c.isdigit() for c in text)


INTEGER = st.integers(0, 2500).map(str)
DECIMAL = st.integers(1, 9999).map(lambda n: f"{n // 100}.{n % 100:02d}")
SHARE = st.tuples(st.integers(1, 9), st.integers(2, 12)).map(lambda p: f"({p[0]}/{p[1]})")
OPERAND = st.one_of(INTEGER, DECIMAL, SHARE)
STEP = st.one_of(
    st.tuples(OPERAND, st.sampled_from("+-*/"), OPERAND).map("".join),
    st.tuples(OPERAND, st.sampled_from("+-*/"), OPERAND, st.sampled_from("+-*/"), OPERAND).map(
        "".join
    ),
    st.tuples(INTEGER, INTEGER, INTEGER).map(lambda t: f"({'+'.join(t)})/3"),
    st.tuples(INTEGER, INTEGER).map(lambda t: f"{t[0]}*({t[1]}+7)"),
)
QUESTION = st.sampled_from(
    (
        "",
        "anna has 3 times as many as ben, how many more is it?",
        "what is 20% of it, in minutes per hour?",
        "what is 5% of it?",
        "what is the average when they are shared equally and 4 are left?",
    )
)


@settings(max_examples=250)
@given(STEP, QUESTION, st.sampled_from(("", "linear equation", "ratio shares")), st.booleans())
def test_wherever_one_applies_it_is_wrong_and_exact(
    left: str, question: str, family: str, last: bool
) -> None:
    expression = parse(left)
    assert expression is not None
    value = evaluate(expression)
    if value is None:
        return
    step = StepContext(expression, value, question, "", family, value + 1, last)
    for misconception in MISCONCEPTIONS.values():
        wrongs = misconception.wrongs(step)
        assert misconception.applies(step) == bool(wrongs)
        for wrong in wrongs:
            assert wrong.value != value
            if wrong.omitted:
                assert last
                assert wrong.value == step.before or "average" in question
                continue
            # Either a slip in the right calculation, or another calculation done truly.
            assert wrong.left == expression or evaluate(wrong.left) == wrong.value
            back = parse(render(wrong.left))
            assert back is not None
            assert evaluate(back) == evaluate(wrong.left)
            assert numbers(wrong.left)


def test_right_columns_are_left_alone() -> None:
    for left in ("68-25", "999-123"):
        for name in ("smaller-from-larger", "borrow-no-decrement", "borrow-across-zero"):
            assert not MISCONCEPTIONS[name].applies(context(left))
    assert not MISCONCEPTIONS["carry-dropped"].applies(context("41+22"))
    assert not MISCONCEPTIONS["left-to-right"].applies(context("3*4+2"))
    assert not MISCONCEPTIONS["percent-as-amount"].applies(context("0.2*80", question="80 pens"))
