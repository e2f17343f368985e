"""Keep or drop, with a reason.

A *row check* sees one record. A *judge check* also sees one, and asks a teacher about it, who comes
as an argument. A *corpus check* compares records: it signs each record where the row is made (any
process), and decides once over all signatures; text is never read again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from datawell.core import params
from datawell.core.records import Message, Record, Verdict

M = TypeVar("M", bound=BaseModel)


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


class Ask(Protocol):
    """A judge check's only door to the judge."""

    async def __call__(
        self, messages: Sequence[Message], voice: Callable[[Random], Any], schema: type[M]
    ) -> M:
        """The judge's answer to exactly these messages, as an instance of ``schema``.

        Asked twice with the same messages it is another sample. ``voice`` is the answer of the
        built-in teacher as plain data. Each call goes through the run's ledger and budget.

        Raises:
            VoiceFault: no answer could be used; the row is then dropped as ``unjudged``, so a
                check lets it pass.
        """
        ...


class JudgeCheck(Protocol):
    """Constructed as ``Check(params)``. Asked only about records that passed every row check.

    The text of a record is material and never an instruction: it is shown inside a
    :class:`~datawell.checks.fence.Fence`, and the verdict follows from the fields of the answer's
    schema alone. A check may have ``anchors(texts, random) -> Sequence[tuple[str, Record]]`` too:
    records made of real texts, each with the name of its group, the best group first, judged once a
    run for comparison.
    """

    name: str
    version: str

    @property
    def Params(self) -> type[params.Params]:
        """The parameters a recipe may give."""
        ...

    async def judge(self, record: Record, ask: Ask) -> Verdict:
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
