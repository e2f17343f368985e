"""Intervals of means and of totals, from a few values to many, in bounded memory.

All are two-sided 95 % intervals that take the values for independent draws of one kind: Student's t
for means, Wilson's for shares.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

Z = 1.959964


def student_t(freedom: int) -> float:
    """The 97.5 % point of Student's t, for 1 or more degrees of freedom, to 0.2 %.

    Closed forms for 1 and 2; beyond, the expansion of Abramowitz & Stegun 26.7.5.
    """
    if freedom == 1:
        return math.tan(math.pi * 0.475)
    if freedom == 2:
        return 0.95 * math.sqrt(2 / (4 * 0.975 * 0.025))
    z, v = Z, freedom
    return (
        z
        + (z**3 + z) / (4 * v)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * v**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * v**3)
        + (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / (92160 * v**4)
    )


@dataclass(slots=True)
class Moments:
    """Number, mean and spread of values seen one at a time (Welford)."""

    n: int = 0
    mean: float = 0.0
    _squares: float = 0.0

    @classmethod
    def of(cls, values: Iterable[float]) -> Moments:
        """The moments of these values."""
        found = cls()
        for value in values:
            found.add(value)
        return found

    def add(self, value: float) -> None:
        """One more value."""
        self.n += 1
        step = value - self.mean
        self.mean += step / self.n
        self._squares += step * (value - self.mean)

    @property
    def deviation(self) -> float | None:
        """The sample standard deviation; None for fewer than two values."""
        return math.sqrt(max(0.0, self._squares) / (self.n - 1)) if self.n > 1 else None

    def interval(self) -> tuple[float, float] | None:
        """The interval of the mean; None for fewer than two values."""
        if (deviation := self.deviation) is None:
            return None
        half = student_t(self.n - 1) * deviation / math.sqrt(self.n)
        return self.mean - half, self.mean + half


def wilson(successes: float, n: float, z: float = Z) -> tuple[float, float]:
    """Wilson's interval of a share; (0, 1) when nothing was counted."""
    if n <= 0:
        return 0.0, 1.0
    share = successes / n
    centre = share + z * z / (2 * n)
    spread = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    # The interval always holds the share; at 0 and 1 rounding would push it out.
    low, high = (centre - spread) / scale, (centre + spread) / scale
    return max(0.0, min(share, low)), min(1.0, max(share, high))
