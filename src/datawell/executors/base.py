"""Where shards run. An executor only gives shards to workers; ids, keys and bytes are not its."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

from datawell.core.params import Params


S = TypeVar("S")
R = TypeVar("R")


class Executor(Protocol):
    """Constructed as ``Executor(params)``. ``distributed`` is true when work leaves this process,
    so that it must be picklable and teachers must be recomputable."""

    Params: type[Params]
    distributed: bool

    def map(
        self, work: Callable[[S], R], shards: Sequence[S]
    ) -> Iterator[tuple[S, R]]:
        """Run ``work`` on each shard, yielding results as they finish, in any order."""
        ...
