"""Write the dataset of a run: one pass over its rows feeds every format and the rejected rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import polars as pl

from datawell.core.errors import UsageError
from datawell.core.records import Record, Row, canonical_json
from datawell.core.rundir import RunFolder
from datawell.export.base import DATASET_FORMAT, Columnar, Exporter
from datawell.export.files import JsonlSink, ParquetSink, disk, publish, staging
from datawell.export.split import Split
from datawell.export.validate import validate_row

REJECTED_SCHEMA: Mapping[str, Any] = {
    "row": pl.Int64,
    "id": pl.String,
    "seed_id": pl.String,
    "source": pl.String,
    "stage": pl.String,
    "reason": pl.String,
    "detail": pl.String,
    "text": pl.String,
    "prompt": pl.String,
    "plan": pl.String,
    "verdicts": pl.String,
}


def write_dataset(
    run: RunFolder, formats: Sequence[Exporter], split: Mapping[str, float]
) -> dict[str, int]:
    """Export a run and return the number of kept records by split.

    Writes ``dataset/<split>-NNNNN.parquet`` for the exporter called ``parquet``,
    ``export/<format>/<split>.jsonl`` (or Parquet, when columnar) for any other, and
    ``rejected.parquet`` with every dropped row. A split without rows has no file. Formats that are
    not asked for stay as they are. Memory does not grow with the run; the bytes depend only on the
    run's rows, the formats and the split.

    Raises:
        UsageError: the split is no split, or two formats have one name.
        GuardFailed: an exporter made a row that is not what its shape promises; nothing is written.
        StorageError: the disk is full or not writable; the former files are still there.
    """
    sides = Split(split)
    names = [exporter.name for exporter in formats]
    if len(set(names)) < len(names):
        raise UsageError(f"a format is named twice: {', '.join(names)}", hint="name each once")
    counts = dict.fromkeys(sides.names, 0)
    with disk("export", run.path), staging(run.path) as stage:
        outlets = [_Outlet(exporter, sides, stage / exporter.name) for exporter in formats]
        rejected = ParquetSink(stage, "rejected", REJECTED_SCHEMA, rows_per_file=None)
        for row in run.rows():
            if not row.kept or row.record is None:
                rejected.add(_rejected(row))
                continue
            side = sides.side(row.seed_id)
            counts[side] += 1
            for outlet in outlets:
                outlet.add(side, row.record)
        for outlet in outlets:
            outlet.close()
        rejected.close(always=True)
        for outlet in outlets:
            publish(outlet.folder, _home(run, outlet.exporter.name))
        publish(stage / "rejected.parquet", run.rejected)
    return counts


class _Outlet:
    """One exporter and its files, one (or a series) a split."""

    def __init__(self, exporter: Exporter, sides: Split, folder: Path) -> None:
        self.exporter = exporter
        self.folder = folder
        folder.mkdir()
        self._sinks: dict[str, ParquetSink | JsonlSink] = {
            side: ParquetSink(folder, side, exporter.schema)
            if isinstance(exporter, Columnar)
            else JsonlSink(folder / f"{side}.jsonl")
            for side in sides.names
        }

    def add(self, side: str, record: Record) -> None:
        for row in self.exporter.rows(record):
            validate_row(row, exporter=self.exporter.name, record_id=record.id)
            self._sinks[side].add(row)

    def close(self) -> None:
        for sink in self._sinks.values():
            sink.close()


def _home(run: RunFolder, name: str) -> Path:
    return run.dataset if name == DATASET_FORMAT else run.export / name


def _rejected(row: Row) -> dict[str, Any]:
    record = row.record
    return {
        "row": row.row,
        "id": record.id if record else None,
        "seed_id": row.seed_id,
        "source": row.source,
        "stage": row.stage,
        "reason": row.reason,
        "detail": row.detail,
        "text": record.text if record else None,
        "prompt": (record.prompt or None) if record else None,
        "plan": canonical_json(record.plan) if record else None,
        "verdicts": canonical_json([asdict(verdict) for verdict in row.verdicts]),
    }
