"""Files that appear whole or not at all, written with bounded memory and the same bytes each time.

Everything is first written into a staging folder beside its target, synced, and only then renamed
into place; a crash leaves the former files as they were.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TextIO

import polars as pl

from datawell.core.errors import StorageError, UsageError, storage_boundary

FORMAT_VERSION = 1
"""Version of the files this room writes; it stands in Parquet metadata, card and label."""

ROWS_PER_FILE = 50_000
_OURS = re.compile(r"[a-z][a-z0-9_]*(-\d{5,}\.parquet|\.jsonl)|README\.md|label\.json")
_ROWS_PER_BLOCK = 1_000
_ROWS_PER_GROUP = 2_000  # what a reader, and the merge below, must hold at once


@contextmanager
def disk(what: str, path: Path) -> Iterator[None]:
    """Failures of the disk as :class:`StorageError`, those that polars reports too."""
    with storage_boundary(what, path):
        try:
            yield
        except pl.exceptions.ComputeError as error:
            raise StorageError(
                f"{what}: {path}: {error}",
                hint="free some space or choose another folder; the same command then continues",
            ) from error


class ParquetSink:
    """Rows into ``<stem>-00000.parquet``, ``<stem>-00001.parquet``, … of bounded length.

    Rows go to disk in small blocks; a full file's blocks are then merged by streaming. So memory
    holds one block, however many rows and however many sinks there are.
    """

    def __init__(
        self,
        folder: Path,
        stem: str,
        schema: Mapping[str, Any],
        *,
        rows_per_file: int | None = ROWS_PER_FILE,
    ) -> None:
        self._folder = folder
        self._stem = stem
        self._schema = dict(schema)
        self._limit = rows_per_file
        self._blocks = folder / f".{stem}.blocks"
        self._buffer: list[Mapping[str, Any]] = []
        self._block_paths: list[Path] = []
        self._in_file = 0
        self._files = 0

    def add(self, row: Mapping[str, Any]) -> None:
        """Take one row; its keys are the schema's."""
        self._buffer.append(row)
        self._in_file += 1
        full = self._in_file == self._limit
        if full or len(self._buffer) == _ROWS_PER_BLOCK:
            self._flush()
        if full:
            self._merge()

    def close(self, *, always: bool = False) -> None:
        """Write what is left. ``always`` writes a file even when no row ever came."""
        if self._buffer or (always and not self._files and not self._block_paths):
            self._flush()
        if self._block_paths:
            self._merge()
        shutil.rmtree(self._blocks, ignore_errors=True)

    def abandon(self) -> None:
        """Nothing is open between rows, so there is nothing to let go of."""

    def _flush(self) -> None:
        self._blocks.mkdir(parents=True, exist_ok=True)
        path = self._blocks / f"{len(self._block_paths):05}.parquet"
        pl.DataFrame(self._buffer, schema=self._schema).write_parquet(path)
        self._block_paths.append(path)
        self._buffer = []

    def _merge(self) -> None:
        name = self._stem if self._limit is None else f"{self._stem}-{self._files:05}"
        pl.scan_parquet(self._block_paths).sink_parquet(
            self._folder / f"{name}.parquet",
            row_group_size=_ROWS_PER_GROUP,
            metadata={"datawell.format_version": str(FORMAT_VERSION)},
        )
        for path in self._block_paths:
            path.unlink()
        self._block_paths = []
        self._in_file = 0
        self._files += 1


class JsonlSink:
    """Rows into one file, a JSON object a line, keys in the exporter's order."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: TextIO | None = None

    def add(self, row: Mapping[str, Any]) -> None:
        """Append one row; the file is made with its first row."""
        if self._file is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("w", encoding="utf-8", newline="\n")
        self._file.write(json.dumps(row, ensure_ascii=False) + "\n")

    def close(self) -> None:
        """Finish the file, if there is one."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def abandon(self) -> None:
        """Let go of an unfinished file; nothing happens after :meth:`close`."""
        with suppress(OSError):  # what is still buffered may find the disk full again
            self.close()
        self._file = None


@contextmanager
def staging(target: Path) -> Iterator[Path]:
    """A fresh folder beside ``target`` to write into; gone afterwards, whatever happened."""
    folder = target.with_name(f".{target.name}.staging")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def publish(staged: Path, target: Path) -> None:
    """Put a staged file or folder in the place of ``target``, synced to disk."""
    paths = [*sorted(staged.rglob("*")), staged] if staged.is_dir() else [staged]
    for path in paths:
        _sync(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    if staged.is_dir() and target.exists():
        # A folder cannot be renamed over a full one: the old one steps aside into the staging area.
        target.rename(staged.with_name(f"{staged.name}.old"))
    os.replace(staged, target)
    _sync(target.parent)


def refuse_foreign(folder: Path) -> None:
    """Make sure that replacing ``folder`` loses nothing that is not a former export.

    Raises:
        UsageError: it is a file, or holds one that no export wrote.
    """
    if folder.is_file():
        raise UsageError(f"export: {folder} is a file", hint="name a folder")
    for path in sorted(folder.rglob("*")) if folder.exists() else ():
        if path.is_file() and not _OURS.fullmatch(path.name):
            raise UsageError(
                f"export: {folder} holds {path.relative_to(folder)}, which is no export's file",
                hint="choose a new or empty folder",
            )


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
