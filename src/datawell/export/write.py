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
from datawell.export.files import JsonlSink, ParquetSink, disk, publish, refuse_foreign, staging
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
    run: RunFolder,
    formats: Sequence[Exporter],
    split: Mapping[str, float],
    out: Path | None = None,
) -> dict[str, int]:
    """Export a run and return the number of kept records by split.

    Writes ``dataset/<split>-NNNNN.parquet`` for the exporter called ``parquet``,
    ``export/<format>/<split>.jsonl`` (or Parquet, when columnar) for any other, and
    ``rejected.parquet`` with every dropped row. A split without rows has no file. Formats that are
    not asked for stay as they are. Memory does not grow with the run; the bytes depend only on the
    run's rows, the formats and the split.

    Args:
        run: a run with rows.
        formats: exporters, each name once.
        split: shares by name; ``train`` gets the rest when it is left out.
        out: write a dataset folder of its own here instead: Parquet in it, any other format in
            ``<format>/`` below it, no rejected rows. Replaces a former export, nothing else.

    Raises:
        UsageError: the split is no split, two formats have one name, or ``out`` holds other files.
        GuardFailed: an exporter made a row that is not what its shape promises; nothing is written.
        StorageError: the disk is full or not writable; the former files are still there.
    """
    sides = Split(split)
    names = [exporter.name for exporter in formats]
    if len(set(names)) < len(names):
        raise UsageError(f"a format is named twice: {', '.join(names)}", hint="name each once")
    if out is not None:
        refuse_foreign(out)
    with disk("export", run.path), staging(out or run.export) as stage:
        if out is not None:
            counts = _write(run, _Views(formats, sides, stage / "dataset", "."))
            publish(stage / "dataset", out)
            return counts
        views = _Views(formats, sides, stage, DATASET_FORMAT)
        rejected = ParquetSink(stage, "rejected", REJECTED_SCHEMA, rows_per_file=None)
        counts = _write(run, views, rejected)
        rejected.close(always=True)
        for name in names:
            publish(stage / name, run.dataset if name == DATASET_FORMAT else run.export / name)
        publish(stage / "rejected.parquet", run.rejected)
    return counts


def _write(run: RunFolder, views: _Views, rejected: ParquetSink | None = None) -> dict[str, int]:
    """Give every row to where it belongs, in one pass; kept rows by side."""
    counts = dict.fromkeys(views.sides.names, 0)
    try:
        for row in run.rows():
            if row.kept and row.record is not None:
                side = views.sides.side(row.seed_id)
                counts[side] += 1
                views.add(side, row.record)
            elif rejected is not None:
                rejected.add(_rejected(row))
        views.close()
    finally:
        views.abandon()
    return counts


class _Views:
    """The files of all formats: a series of Parquet files or one of JSON lines for each split.

    Each format has its own folder below ``home``; ``dataset`` names that of the dataset itself.
    """

    def __init__(self, formats: Sequence[Exporter], sides: Split, home: Path, dataset: str) -> None:
        self.sides = sides
        self._formats = [(exporter, self._sinks(exporter, home, dataset)) for exporter in formats]

    def _sinks(
        self, exporter: Exporter, home: Path, dataset: str
    ) -> dict[str, ParquetSink | JsonlSink]:
        folder = home / (dataset if exporter.name == DATASET_FORMAT else exporter.name)
        folder.mkdir(parents=True, exist_ok=True)
        if isinstance(exporter, Columnar):
            return {side: ParquetSink(folder, side, exporter.schema) for side in self.sides.names}
        return {side: JsonlSink(folder / f"{side}.jsonl") for side in self.sides.names}

    def add(self, side: str, record: Record) -> None:
        """Write the rows every format makes of a record, each validated."""
        for exporter, sinks in self._formats:
            for row in exporter.rows(record):
                validate_row(row, exporter=exporter.name, record_id=record.id)
                sinks[side].add(row)

    def close(self) -> None:
        """Finish all files."""
        for _, sinks in self._formats:
            for sink in sinks.values():
                sink.close()

    def abandon(self) -> None:
        """Let go of what is unfinished."""
        for _, sinks in self._formats:
            for sink in sinks.values():
                sink.abandon()


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
