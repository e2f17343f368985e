"""Disjoint sets over positions, as one int32 array; the smallest member is the root."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Positions = NDArray[np.int64]


class UnionFind:
    """``size`` sets of one. All operations take arrays; no step loops over members in Python."""

    def __init__(self, size: int) -> None:
        self.parent = np.arange(size, dtype=np.int32)

    def roots(self, positions: Positions) -> Positions:
        """The smallest member of each position's set."""
        found = self.parent[positions]
        while True:
            above = self.parent[found]
            if np.array_equal(above, found):
                self.parent[positions] = found
                return found.astype(np.int64)
            found = above

    def unite(self, left: Positions, right: Positions) -> None:
        """Join the sets of ``left[i]`` and ``right[i]`` for every i."""
        while len(left):
            a, b = self.roots(left), self.roots(right)
            apart = a != b
            left, right, a, b = left[apart], right[apart], a[apart], b[apart]
            np.minimum.at(self.parent, np.maximum(a, b), np.minimum(a, b).astype(np.int32))

    def flatten(self) -> NDArray[np.int32]:
        """The root of every position."""
        while True:
            above = self.parent[self.parent]
            if np.array_equal(above, self.parent):
                return self.parent
            self.parent = above
