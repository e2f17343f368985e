"""What an exporter is: a view of kept records, written as one row shape by split."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from datawell.core.params import Params
from datawell.core.records import Record


class Exporter(Protocol):
    """Constructed as ``Exporter(params)``. ``name`` is the name recipes and ``--format`` use."""

    Params: type[Params]
    name: str

    def rows(self, record: Record) -> Iterator[Mapping[str, Any]]:
        """The training rows one record gives (none, one or several)."""
        ...
