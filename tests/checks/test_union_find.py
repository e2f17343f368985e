from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from datawell.checks.union_find import UnionFind

pairs = st.lists(st.tuples(st.integers(0, 19), st.integers(0, 19)), max_size=40)


def components(links: list[tuple[int, int]]) -> list[int]:
    """The smallest member of each one's component, by plain search."""
    root = list(range(20))
    for _ in range(20):
        for a, b in links:
            root[a] = root[b] = min(root[a], root[b])
    return root


@given(pairs, st.integers(1, 7))
def test_roots_are_the_smallest_members_however_pairs_arrive(
    links: list[tuple[int, int]], step: int
) -> None:
    sets = UnionFind(20)
    for at in range(0, len(links), step):
        left, right = np.array(links[at : at + step], np.int64).T
        sets.unite(left, right)
    assert sets.roots(np.arange(20)).tolist() == components(links)
    assert sets.flatten().tolist() == components(links)


def test_an_empty_union_find_has_no_roots() -> None:
    assert UnionFind(0).flatten().tolist() == []
