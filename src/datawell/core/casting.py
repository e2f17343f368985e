"""Who plays a role when several teachers do: a mixture by weight, each with those who step in.

A *seat* is a place for one teacher: the role's own name where one plays it, else ``role/1``,
``role/2``, … in the order of the recipe.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Part:
    """A share of a role's rows: its first seat answers, the next ones when it cannot."""

    weight: float
    seats: tuple[str, ...]


Casting = tuple[Part, ...]


def choose(casting: Sequence[Part], random: Random) -> tuple[str, ...]:
    """The seats of one row, in the order in which they are asked."""
    if len(casting) == 1:
        return casting[0].seats
    (part,) = random.choices(casting, [part.weight for part in casting])
    return part.seats


def role_of(seat: str) -> str:
    """The role a seat belongs to."""
    return seat.partition("/")[0]
