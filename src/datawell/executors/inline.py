"""Shards one after the other in this process: the default, and the only one for remote teachers
(whose rows are in flight together all the same)."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import TypeVar

from datawell.core.params import Params

S = TypeVar("S")
R = TypeVar("R")


class InlineParams(Params):
    """Inline has no parameters."""


class Inline:
    """Runs shards in this process, in order."""

    Params = InlineParams
    distributed = False

    def __init__(self, params: InlineParams | None = None) -> None:
        self.params = params or InlineParams()

    def map(self, work: Callable[[S], R], shards: Sequence[S]) -> Generator[R, None, None]:
        """Run ``work`` on each shard in turn."""
        yield from map(work, shards)
