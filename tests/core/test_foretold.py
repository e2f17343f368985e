"""Ranges hold the truth as often as they say, and a run is held against its own."""

from __future__ import annotations

import math
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datawell.core.foretold import NOTHING, Range, outcomes, share_total, total
from datawell.core.randomness import stream
from datawell.core.rundir import Summary

values = st.lists(st.floats(0, 1e6), min_size=2, max_size=30)


@given(values)
def test_all_known_is_exact(amounts: list[float]) -> None:
    known = math.fsum(amounts)
    assert total(amounts, len(amounts)) == Range(known, known, known)


@given(values, st.integers(1, 10_000))
def test_a_total_is_within_its_range_and_never_under_what_is_known(
    amounts: list[float], more: int
) -> None:
    found = total(amounts, len(amounts) + more)
    assert found.likely is not None
    assert found.low <= found.likely * (1 + 1e-9) + 1e-9
    assert found.likely <= found.high * (1 + 1e-9)
    assert found.low >= math.fsum(amounts) * (1 - 1e-9)


@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 10_000))
def test_shares_stay_shares(right: int, wrong: int, more: int) -> None:
    n = right + wrong or 1
    found = share_total(min(right, n), n, n + more)
    assert found.likely is not None
    assert right - 1e-6 <= found.low <= found.likely + 1e-6
    assert found.likely <= found.high + 1e-6 <= n + more + 1e-3


def held(draw: Random, n: int, rows: int, one: Any) -> bool:
    amounts = [one(draw) for _ in range(rows)]
    found = total(amounts[:n], rows)
    return found.low <= math.fsum(amounts) <= found.high


@pytest.mark.parametrize("n", [10, 20, 50])
@pytest.mark.parametrize("rows", [60, 500])
def test_how_often_a_pilots_range_holds_the_run(n: int, rows: int) -> None:
    """Costs as rows really have them: skewed, and now and then three calls in place of one."""

    def skewed(draw: Random) -> float:
        return draw.lognormvariate(0, 0.5)

    def repaired(draw: Random) -> float:
        return draw.lognormvariate(0, 0.3) * (3 if draw.random() < 0.05 else 1)

    def rare(draw: Random) -> float:
        return 2.0 if draw.random() < 0.02 else 1.0

    draw = stream(0, "pilot", n, rows)
    for kind in (skewed, repaired, rare):
        assert sum(held(draw, n, rows, kind) for _ in range(200)) >= 0.9 * 200, kind.__name__


def test_how_often_the_range_of_kept_rows_holds() -> None:
    draw = stream(0, "kept")
    right = 0
    for _ in range(400):
        kept = [draw.random() < 0.9 for _ in range(300)]
        found = share_total(sum(kept[:20]), 20, 300)
        right += found.low <= sum(kept) <= found.high
    assert right >= 0.93 * 400


def test_what_a_pilot_never_saw_may_still_come() -> None:
    found = total([1.0] * 20, 1020)
    assert (found.low, found.likely) == (1020, 1020)
    assert found.high == pytest.approx(1020 + 150)
    assert total([1.0] * 20, 1020, mishap=40).high == pytest.approx(1020 + 150 * 40)


def test_ranges_add_up() -> None:
    assert Range(1, 2, 3) + Range(1, None, 1) == Range(2, None, 4)
    assert Range(1, 2, 3) + NOTHING == Range(1, 2, 3)
    assert Range(1, None, 3).times(2) == Range(2, None, 6)
    assert Range(1, 2, 9).at_least(3) == Range(3, 3, 9)
    assert Range(1, None, 2).at_least(3) == Range(3, None, 3)


SUMMARY = Summary(
    recipe="r",
    fingerprint="f",
    seed=0,
    teachers={},
    planned=10,
    rows=10,
    kept=8,
    dropped={},
    calls=10,
    uncertain_calls=0,
    input_tokens=100,
    output_tokens=130,
    spent_usd=0.5,
    uncertain_usd=0.0,
    cpu_seconds=1.0,
    complete=True,
    seconds=4.0,
    estimate={
        "rows": 10,
        "kept": {"low": 5, "likely": None, "high": 10},
        "calls": {"low": 10, "likely": 10, "high": 10},
        "input_tokens": {"low": 90, "likely": 95, "high": 99},
        "output_tokens": {"low": 50, "likely": 100, "high": 200},
        "usd": "unknown",
        "seconds": {"low": 1.0, "likely": 2.0, "high": 8.0},
        "cpu_seconds": {"low": 1.0, "likely": 2.0, "high": 8.0},
    },
)


def test_a_run_is_held_against_its_estimate() -> None:
    found = {outcome.quantity: outcome for outcome in outcomes(SUMMARY)}
    assert list(found) == ["kept", "calls", "input_tokens", "output_tokens", "seconds"]
    assert [o.inside for o in found.values()] == [True, True, False, True, True]
    assert found["kept"].error is None
    assert found["output_tokens"].error == pytest.approx(0.3)
    assert found["seconds"].describe()["error"] == 1.0


def test_an_unknown_cost_is_held_against_nothing() -> None:
    told = {**(SUMMARY.estimate or {}), "usd": {"low": 1, "likely": 1, "high": 1}}
    quantities = [o.quantity for o in outcomes(replace(SUMMARY, spent_usd=None, estimate=told))]
    assert "usd" not in quantities


@pytest.mark.parametrize("change", [{"estimate": None}, {"complete": False}, {"planned": 20}])
def test_only_the_run_that_was_foretold_is_held_to_it(change: dict[str, Any]) -> None:
    assert outcomes(replace(SUMMARY, **change)) == []
