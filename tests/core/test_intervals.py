"""Intervals against published values, slow definitions, and how often they hold the truth."""

from __future__ import annotations

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datawell.core.intervals import Moments, student_t, wilson
from datawell.core.randomness import stream


@pytest.mark.parametrize(
    ("freedom", "published"),
    [(1, 12.706), (2, 4.303), (3, 3.182), (4, 2.776), (9, 2.262), (19, 2.093), (1000, 1.962)],
)
def test_student_t(freedom: int, published: float) -> None:
    assert student_t(freedom) == pytest.approx(published, rel=2e-3)


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30))
def test_moments_are_those_of_the_whole_list(values: list[float]) -> None:
    moments = Moments.of(values)
    assert moments.mean == pytest.approx(statistics.fmean(values), abs=1e-6)
    assert moments.deviation == pytest.approx(statistics.stdev(values), rel=1e-6, abs=1e-4)
    interval = moments.interval()
    assert interval is not None
    assert interval[0] <= moments.mean <= interval[1]


def test_one_value_has_no_interval() -> None:
    assert Moments.of([3.0]).interval() is None
    assert Moments().mean == 0


def test_the_interval_holds_the_mean_as_often_as_it_says() -> None:
    draw = stream(0, "coverage")
    held = 0
    for _ in range(2000):
        interval = Moments.of(draw.gauss(5, 2) for _ in range(8)).interval()
        assert interval is not None
        held += interval[0] <= 5 <= interval[1]
    assert 0.935 <= held / 2000 <= 0.965


@given(st.integers(0, 60), st.integers(1, 60))
def test_wilson_holds_the_share(successes: int, extra: int) -> None:
    n = successes + extra
    low, high = wilson(successes, n)
    assert 0 <= low <= successes / n <= high <= 1


def test_wilson_matches_a_published_value() -> None:
    # Newcombe 1998, table I: 15 of 148, Wilson score without continuity correction.
    assert wilson(15, 148) == pytest.approx((0.0624, 0.1605), abs=1e-4)
    assert wilson(0, 0) == (0.0, 1.0)
