"""The dataset itself: one Parquet row a kept record, readable by anything that reads Parquet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import polars as pl

from datawell.core.records import Record, canonical_json
from datawell.export.chat import ChatParams, chat

_MESSAGE = pl.Struct({"role": pl.String, "content": pl.String})
_TURN = pl.Struct({"role": pl.String, "text": pl.String, "move": pl.String})


class ParquetRows:
    """Every kept record with its text, its plan and its lineage.

    ``messages`` and ``turns`` are null where the row is no conversation: ``messages`` is the chat a
    trainer wants (see :mod:`datawell.export.chat`), ``turns`` the same words by true role and move.
    What roles knew in private stays in the run folder.
    """

    class Params(ChatParams):
        """The chat of a conversation row."""

    name = "parquet"
    schema: ClassVar[Mapping[str, Any]] = {
        "id": pl.String,
        "text": pl.String,
        "prompt": pl.String,
        "messages": pl.List(_MESSAGE),
        "turns": pl.List(_TURN),
        "plan": pl.String,
        "task": pl.String,
        "seed_id": pl.String,
        "source": pl.String,
        "row": pl.Int64,
        "teachers": pl.String,
        "recipe": pl.String,
    }

    def __init__(self, params: Params) -> None:
        self.params = params

    def rows(self, record: Record) -> Iterator[Mapping[str, Any]]:
        """One row; ``plan`` and ``teachers`` are canonical JSON."""
        lineage = record.lineage
        turns = [{"role": t.role, "text": t.text, "move": t.move} for t in record.turns]
        yield {
            "id": record.id,
            "text": record.text,
            "prompt": record.prompt or None,
            "messages": chat(record, self.params) if turns else None,
            "turns": turns or None,
            "plan": canonical_json(record.plan),
            "task": lineage.task,
            "seed_id": lineage.seed_id,
            "source": lineage.source,
            "row": lineage.row,
            "teachers": canonical_json(dict(lineage.teachers)),
            "recipe": lineage.recipe,
        }
