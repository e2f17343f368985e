"""What an exporter is: a view of kept records, written as one row shape by split."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol, runtime_checkable

from datawell.core import params
from datawell.core.records import Record

DATASET_FORMAT = "parquet"
"""The format that is the dataset itself: written to ``dataset/``, all others to ``export/``."""


class Exporter(Protocol):
    """Constructed as ``Exporter(params)``. ``name`` is the name recipes and ``--format`` use.

    Rows are written as JSON lines; an exporter that is also :class:`Columnar` gets Parquet.
    """

    name: str

    @property
    def Params(self) -> type[params.Params]:
        """The parameters a recipe may give."""
        ...

    def rows(self, record: Record) -> Iterator[Mapping[str, Any]]:
        """The training rows one record gives (none, one or several)."""
        ...


@runtime_checkable
class Columnar(Protocol):
    """An exporter whose rows have fixed, typed columns: they are written as Parquet."""

    schema: Mapping[str, Any]
    """Column name to polars data type, in file order."""
