"""One row's way from its seed to the files it stands in."""

from __future__ import annotations

from typing import Any

import polars as pl

from datawell.core.errors import StorageError
from datawell.core.records import Record
from datawell.core.rundir import RunFolder
from datawell.report.facts import Facts
from datawell.report.sections.base import Section, is_builtin

_CALLS = 6


def build(facts: Facts) -> Section | None:
    """There when at least one row was kept."""
    row = facts.rows.showcase
    if row is None or row.record is None:
        return None
    record = row.record
    lineage = record.lineage
    data: dict[str, Any] = {
        "id": record.id,
        "row": row.row,
        "seed": row.seed_id,
        "source": row.source,
        "task": lineage.task,
        "recipe": lineage.recipe,
        "teachers": [
            (role, model, is_builtin(model)) for role, model in sorted(lineage.teachers.items())
        ],
        "calls": list(lineage.calls[:_CALLS]),
        "more_calls": max(0, len(lineage.calls) - _CALLS),
        "views": [(view.role, list(view.messages)) for view in record.views],
        "verdicts": [(v.check, v.keep, v.score, v.note) for v in row.verdicts],
        "files": places(facts.run, record),
    }
    return Section("lineage", "One row, from seed to file", "lineage.html.j2", data)


def places(run: RunFolder, record: Record) -> list[str]:
    """The files of the run that hold the record, looked up in them.

    Raises:
        StorageError: a dataset file is damaged.
    """
    found: list[str] = []
    split = ""
    for path in sorted(run.dataset.glob("*.parquet")):
        try:
            hits = pl.scan_parquet(path).filter(pl.col("id") == record.id).select(pl.len())
            if hits.collect().item():
                found.append(f"dataset/{path.name}")
                split = path.name.rsplit("-", 1)[0]
        except pl.exceptions.PolarsError as error:
            raise StorageError(
                f"report: {path} is damaged: {error}", hint="export the run again"
            ) from error
    if split:
        others = sorted(run.export.glob(f"*/{split}.jsonl"))
        found += [str(path.relative_to(run.path)) for path in others]
    return found
