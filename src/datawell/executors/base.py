"""Where shards run. An executor only gives shards to workers; ids, keys and bytes are not its."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import Protocol, TypeVar

from datawell.core import params

S = TypeVar("S")
R = TypeVar("R")


class Executor(Protocol):
    """Constructed as ``Executor(params)``.

    ``distributed`` is true when work leaves this process: then it must be picklable, and teachers
    must be recomputable, because only this process may write the ledger.
    """

    distributed: bool

    @property
    def Params(self) -> type[params.Params]:
        """The parameters a recipe may give."""
        ...

    def map(self, work: Callable[[S], R], shards: Sequence[S]) -> Generator[R, None, None]:
        """Run ``work`` on each shard, yielding results as they finish, in any order.

        Closing the iterator early (an error, an interruption) ends the workers.

        Raises:
            StorageError: a worker died; its shard is made again by the same command.
            Exception: whatever ``work`` raised; no further shard is begun.
        """
        ...
