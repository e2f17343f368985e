"""More weight for what the text itself has told."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from datawell.student.emphasis import Emphasis

# Token 1 is every second token of the corpus, 2 to 9 are rare.
IDS = np.array([1, 0] * 4000 + list(range(2, 10)), np.uint16)


def weights(
    inputs: list[int], targets: list[int], used: float = 0.0, strength: float = 4.0
) -> list[float] | None:
    """The weights of one window."""
    found = Emphasis(IDS, 10, strength, "cpu").weights(
        torch.tensor([inputs]), torch.tensor([targets]), used
    )
    return None if found is None else found[0].tolist()


def test_a_rare_token_told_before_counts_more() -> None:
    assert weights([2, 3, 2, 1], [3, 2, 1, 2]) == [1.0, 5.0, 1.0, 5.0]


def test_a_common_token_and_a_new_one_count_once() -> None:
    assert weights([1, 1, 5], [1, 5, 6]) == [1.0, 1.0, 1.0]


def test_what_comes_later_was_not_told() -> None:
    assert weights([2, 3, 4], [4, 4, 4]) == [1.0, 1.0, 5.0]


def test_the_extra_weight_falls_to_nothing() -> None:
    assert weights([2, 3], [3, 2], used=0.5) == [1.0, 3.0]
    assert weights([2, 3], [3, 2], used=1.0) is None
    assert weights([2, 3], [3, 2], strength=0.0) is None


@given(
    st.lists(st.integers(0, 9), min_size=2, max_size=30), st.floats(0, 0.99), st.floats(0.1, 9.0)
)
def test_no_weight_leaves_its_bounds(tokens: list[int], used: float, strength: float) -> None:
    found = weights(tokens[:-1], tokens[1:], used, strength)
    assert found is not None
    assert all(1.0 <= w <= 1.0 + strength * (1 - used) + 1e-5 for w in found)
    for place, token in enumerate(tokens[1:]):
        assert found[place] == 1.0 or token in tokens[: place + 1]
