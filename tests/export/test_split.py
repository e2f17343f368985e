from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datawell.core.errors import UsageError
from datawell.export.split import Split

SHARES = {"train": 0.8, "validation": 0.1, "test": 0.1}


@given(st.text(max_size=20))
def test_a_seed_always_stands_on_the_same_side(seed: str) -> None:
    assert Split(SHARES).side(seed) == Split(dict(SHARES)).side(seed)


@given(st.integers(0, 10**9))
def test_shares_are_near_what_was_asked(base: int) -> None:
    split = Split(SHARES)
    sides = [split.side(f"{base}-{i}") for i in range(4000)]
    for name, share in SHARES.items():
        assert abs(sides.count(name) / 4000 - share) < 0.04


@given(st.text(max_size=20))
def test_a_side_of_share_zero_stays_empty(seed: str) -> None:
    assert Split({"train": 1.0, "validation": 0.0, "test": 0.0}).side(seed) == "train"


def test_train_gets_what_the_others_leave() -> None:
    assert Split({"validation": 0.1, "test": 0.1}).names == ("train", "validation", "test")
    for i in range(200):
        assert Split({"validation": 0.1, "test": 0.1}).side(f"{i}") == Split(SHARES).side(f"{i}")


@pytest.mark.parametrize(
    "shares",
    [
        {"train": 0.5},
        {"train": 1.2, "test": -0.2},
        {"train": 0.9, "test": 0.2},
        {"../train": 1.0},
        {"Train": 1.0, "train": 0.0},
        {"": 1.0},
        {"validation": 1.5},
        {"train": float("nan")},
    ],
)
def test_what_is_no_split_is_refused(shares: dict[str, float]) -> None:
    with pytest.raises(UsageError):
        Split(shares)
