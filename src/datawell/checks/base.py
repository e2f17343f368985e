"""Keep or drop, with a reason.

A *row check* sees one record. A *corpus check* compares records: it signs each record where the
row is made (any process), and decides once over all signatures; text is never read again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from datawell.core import params
from datawell.core.records import Record, Verdict


class RowCheck(Protocol):
    """Constructed as ``Check(params)``; ``name`` is the name recipes use."""

    name: str
    version: str

    @property
    def Params(self) -> type[params.Params]:
        """The parameters a recipe may give."""
        ...

    def examine(self, record: Record) -> Verdict:
        """The verdict on one record."""
        ...


class Signatures(Protocol):
    """All signatures of a run, on disk, read in pieces: memory stays bounded."""

    def __len__(self) -> int:
        """How many records were signed."""
        ...

    def rows(self) -> NDArray[np.int64]:
        """Row ids, ascending, shape (n,)."""
        ...

    def column(self, name: str, start: int = 0, stop: int | None = None) -> NDArray[Any]:
        """One field of the signature dtype for all records: shape (n,) or (n, stop - start)
        when the field is a vector and only part of it is wanted."""
        ...

    def take(self, name: str, positions: NDArray[np.int64]) -> NDArray[Any]:
        """One field for some records (positions into ``rows()``)."""
        ...


class CorpusCheck(Protocol):
    """Constructed as ``Check(params)``. ``dtype`` is a numpy structured type with named fields."""

    name: str
    version: str
    dtype: np.dtype[Any]

    @property
    def Params(self) -> type[params.Params]:
        """The parameters a recipe may give."""
        ...

    def sign(self, records: Sequence[Record]) -> NDArray[Any]:
        """Signatures, shape (len(records),), of ``dtype``. Pure: the same in every process."""
        ...

    def decide(self, signatures: Signatures) -> Iterator[tuple[int, Verdict]]:
        """(row id, verdict) for each record that is not simply kept, in ascending row order.

        A verdict may keep and still note something (a template family under its cap).
        """
        ...
