"""What a seed source is: numbered seeds, each readable alone."""

from __future__ import annotations

from typing import Protocol

from datawell.core import params
from datawell.core.records import Seed


class SeedSource(Protocol):
    """Seeds by number. Constructed as ``Source(params, root_seed)``.

    Shards are fixed ranges of row ids, so any seed must be readable without those before it.
    """

    @property
    def Params(self) -> type[params.Params]:
        """The parameters a recipe may give."""
        ...

    @property
    def size(self) -> int | None:
        """How many seeds there are; None when there is no end."""
        ...

    def seed(self, index: int) -> Seed:
        """Seed number ``index`` (0-based; below ``size`` where there is one).

        Raises:
            SeedFault: this seed cannot be read; the row is dropped with that reason.
        """
        ...

    def digest(self) -> str:
        """A hash of everything the seeds depend on (file contents too), for the fingerprint."""
        ...
