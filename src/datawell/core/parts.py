"""Parts: the rows of one shard as a flat Parquet file that anything can read, and back again.

Equal rows give equal bytes. A file is written beside its place, synced, renamed into it, and the
folder synced: after any crash a part is there whole or not at all.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datawell.core.errors import StorageError, storage_boundary
from datawell.core.records import Lineage, Record, Row, Span, Turn, Verdict, View

if TYPE_CHECKING:
    import polars as pl

# One encoder for the life of the process: json.dumps with options builds a new one each time.
_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode

COLUMNS = (
    ("row", int),
    ("id", str),
    ("state", str),  # kept | dropped (by this row's own faults and checks)
    ("stage", str),
    ("reason", str),
    ("detail", str),
    ("text", str),
    ("prompt", str),
    ("turns", str),  # JSON: [{role, text, move}]
    ("plan", str),  # JSON
    ("views", str),  # JSON: [{role, messages}]
    ("lineage", str),  # JSON
    # JSON: [{check, keep, reason, score, evidence: [[start, end, note]], note}], and figures:
    # [[name, number]] where there are some
    ("verdicts", str),
    ("seed_id", str),
    ("source", str),
)
DECISION_COLUMNS = (
    ("row", int),
    ("check", str),
    ("keep", bool),
    ("reason", str),
    ("score", float),
    ("evidence", str),
    ("note", str),
)


def write_part(path: Path, rows: Sequence[Row]) -> str:
    """Write the rows of a shard; the digest of the file's bytes.

    Text that no UTF-8 file can hold (half surrogate pairs) is written with U+FFFD in their place.

    Raises:
        StorageError: the disk refused; nothing is left at ``path`` that was not there before.
    """
    return _write_table(path, COLUMNS, [_row_to_cells(row) for row in rows])


def read_part(path: Path) -> list[Row]:
    """The rows of a part, as they were written.

    Raises:
        StorageError: the file is damaged. UsageError: it is missing.
    """
    return [_cells_to_row(cells) for cells in _read_table(path)]


def write_decisions(path: Path, decisions: Sequence[tuple[int, Verdict]]) -> str:
    """Write one shard's verdicts of a corpus check; the digest of the file's bytes.

    Raises:
        StorageError: the disk refused.
    """
    cells = [
        (row, v.check, v.keep, v.reason, v.score, _encode(_spans(v)), v.note)
        for row, v in decisions
    ]
    return _write_table(path, DECISION_COLUMNS, cells)


def read_decisions(path: Path) -> list[tuple[int, Verdict]]:
    """Row ids and verdicts, as they were written.

    Raises:
        StorageError: the file is damaged. UsageError: it is missing.
    """
    return [
        (row, Verdict(check, keep, reason, score, _read_spans(json.loads(evidence)), note))
        for row, check, keep, reason, score, evidence, note in _read_table(path)
    ]


def write_durably(path: Path, data: bytes | memoryview) -> str:
    """Put ``data`` at ``path`` whole or not at all, on disk when this returns; its digest.

    Raises:
        StorageError: the disk refused.
    """
    # Named by process: a worker that outlives a killed run must not share a file with its heir.
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    with storage_boundary("writing", path):
        try:
            with temporary.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except OSError:
            temporary.unlink(missing_ok=True)
            raise
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def file_digest(path: Path) -> str | None:
    """The digest of a file's bytes; None when there is no such file.

    Raises:
        StorageError: it cannot be read.
    """
    if not path.exists():
        return None
    with storage_boundary("reading", path), path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()


# -- rows and cells -------------------------------------------------------------------------


def _spans(verdict: Verdict) -> list[list[Any]]:
    return [[span.start, span.end, span.note] for span in verdict.evidence]


def _read_spans(spans: Iterable[list[Any]]) -> tuple[Span, ...]:
    return tuple(Span(*span) for span in spans)


def _verdicts(verdicts: Sequence[Verdict]) -> str:
    return _encode(
        [
            {
                "check": v.check,
                "keep": v.keep,
                "reason": v.reason,
                "score": v.score,
                "evidence": _spans(v) if v.evidence else [],
                "note": v.note,
                **({"figures": v.figures} if v.figures else {}),
            }
            for v in verdicts
        ]
    )


def _row_to_cells(row: Row) -> tuple[Any, ...]:
    state = "kept" if row.kept else "dropped"
    verdicts = _verdicts(row.verdicts) if row.verdicts else "[]"
    ends = (row.stage, row.reason, row.detail)
    begins = (row.seed_id, row.source)
    record = row.record
    if record is None:
        return (row.row, None, state, *ends, *[None] * 6, verdicts, *begins)
    turns, views = "[]", "[]"
    if record.turns:
        turns = _encode([{"role": t.role, "text": t.text, "move": t.move} for t in record.turns])
    if record.views:
        views = _encode([{"role": v.role, "messages": v.messages} for v in record.views])
    origin = record.lineage
    lineage = _encode(
        {
            "recipe": origin.recipe,
            "task": origin.task,
            "row": origin.row,
            "seed_id": origin.seed_id,
            "source": origin.source,
            "teachers": dict(origin.teachers),
            "calls": origin.calls,
        }
    )
    told = (record.text, record.prompt, turns, _encode(record.plan), views, lineage, verdicts)
    return (row.row, record.id, state, *ends, *told, *begins)


def _cells_to_row(cells: tuple[Any, ...]) -> Row:
    row, id_, _, stage, reason, detail, text, prompt, turns, plan, views, lineage = cells[:12]
    verdicts, seed_id, source = cells[12:]
    record = None
    if id_ is not None:
        origin = json.loads(lineage)
        origin["calls"] = tuple(origin["calls"])
        record = Record(
            id=id_,
            text=text,
            plan=json.loads(plan),
            lineage=Lineage(**origin),
            prompt=prompt,
            turns=tuple(Turn(**turn) for turn in json.loads(turns)),
            views=tuple(View(v["role"], tuple(v["messages"])) for v in json.loads(views)),
        )
    read = tuple(_verdict(cells) for cells in json.loads(verdicts))
    return Row(row, seed_id, source, record, read, stage, reason, detail)


def _verdict(cells: dict[str, Any]) -> Verdict:
    figures = tuple((name, number) for name, number in cells.pop("figures", ()))
    return Verdict(**{**cells, "evidence": _read_spans(cells["evidence"]), "figures": figures})


# -- tables ---------------------------------------------------------------------------------


def _write_table(
    path: Path, columns: Sequence[tuple[str, type]], rows: Sequence[tuple[Any, ...]]
) -> str:
    held = list(zip(*rows, strict=True)) if rows else [() for _ in columns]
    try:
        frame = _frame(columns, held)
    except UnicodeEncodeError:
        frame = _frame(columns, [[_mended(cell) for cell in column] for column in held])
    # Polars would write to the path itself; only bytes in memory can be synced and renamed.
    buffer = io.BytesIO()
    frame.write_parquet(buffer, compression="zstd", compression_level=1)
    return write_durably(path, buffer.getbuffer())


def _frame(columns: Sequence[tuple[str, type]], cells: Sequence[Sequence[Any]]) -> pl.DataFrame:
    import polars as pl

    types = {int: pl.Int64, str: pl.String, bool: pl.Boolean, float: pl.Float64}
    return pl.DataFrame(
        [
            pl.Series(name, column, dtype=types[kind], strict=True)
            for (name, kind), column in zip(columns, cells, strict=True)
        ]
    )


def _mended(cell: Any) -> Any:
    """The cell with each half surrogate pair replaced by U+FFFD, and whole pairs joined."""
    if isinstance(cell, str):
        return cell.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return cell


def _read_table(path: Path) -> list[tuple[Any, ...]]:
    import polars as pl

    with storage_boundary("reading", path):
        try:
            return pl.read_parquet(path.read_bytes(), memory_map=False).rows()
        except pl.exceptions.PolarsError as error:
            raise StorageError(
                f"{path} is damaged: {error}",
                hint="run the recipe again with this folder; the part is made anew",
            ) from error
