"""Rows for TRL's ``SFTTrainer``: ``messages``, the conversational language-modelling type.

Shape (TRL, ``docs/source/dataset_formats.md``): ``{"messages": [{"role", "content"}, ...]}``. The
extra column ``id`` names the record; trainers ignore it. A plain story is answered to a constant
instruction, so that every kept record gives exactly one row of one shape; who wants bare text
trains on the ``text`` column of the Parquet dataset, which TRL reads as language modelling too.
A dialogue that ends with the learner keeps its last user message: no turn is dropped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from datawell.core.records import Record
from datawell.export.chat import ChatParams, chat


class TrlSft:
    """One chat a record."""

    class Params(ChatParams):
        """How a record becomes a chat."""

    name = "trl-sft"

    def __init__(self, params: Params) -> None:
        self.params = params

    def rows(self, record: Record) -> Iterator[Mapping[str, Any]]:
        """One row: ``messages`` and the record's ``id``."""
        yield {"messages": chat(record, self.params), "id": record.id}
