"""Reading what a student learns from: one example at a time, never the whole dataset.

A source is a dataset folder (``train-*.parquet``, ``validation-*.parquet``, ``test-*.parquet``
with a column ``text`` and perhaps ``prompt`` and ``plan``), or one or several ``.parquet``,
``.jsonl`` or ``.txt`` files without splits. Without splits, one document in ten is held out, by a
hash of its text, so that copies of one document fall on one side.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import polars as pl

from datawell.core.errors import UsageError, storage_boundary
from datawell.core.records import Plan

Split = Literal["train", "validation", "test"]
SUFFIXES = (".parquet", ".jsonl", ".txt")
MARKER = "<|endoftext|>"
_BATCH = 5_000
_BLOCK = 1_000


@dataclass(frozen=True, slots=True)
class Example:
    """One document: ``prompt`` is what it answers, ``plan`` what it was voiced from."""

    text: str
    prompt: str = ""
    plan: Plan | None = None

    @property
    def whole(self) -> str:
        """What the student reads: the prompt, when there is one, then the text."""
        return f"{self.prompt}\n\n{self.text}" if self.prompt else self.text


@dataclass(frozen=True, slots=True)
class Source:
    """Where examples come from; ``files`` by split, or under ``all`` when there are no splits."""

    path: Path
    files: dict[str, tuple[Path, ...]]

    def examples(self, split: Split) -> Iterator[Example]:
        """The examples of one split, in a fixed order.

        ``validation`` and ``test`` stand in for one another when only one exists.
        """
        if "all" in self.files:
            wanted = split != "train"
            for file in self.files["all"]:
                yield from (e for e in read_file(file) if is_held_out(e.text) == wanted)
            return
        other = {"train": "train", "validation": "test", "test": "validation"}[split]
        for file in self.files.get(split) or self.files[other]:
            yield from read_file(file)

    def key(self) -> list[Any]:
        """Names and hashes of the files: equal keys mean equal data, wherever it lies."""
        found = []
        for split, files in sorted(self.files.items()):
            for file in files:
                with storage_boundary("dataset", file), file.open("rb") as handle:
                    found.append(
                        [split, file.name, hashlib.file_digest(handle, "sha256").hexdigest()]
                    )
        return found


def is_held_out(text: str) -> bool:
    """Whether a document of a source without splits is held out: one in ten."""
    return hashlib.blake2b(text.encode(), digest_size=2).digest()[0] < 26


def open_source(path: Path | str) -> Source:
    """Find the files of a source: a run folder, a dataset folder, or one file.

    Raises:
        UsageError: nothing there that can be read.
    """
    path = Path(path)
    if not path.exists():
        raise UsageError(f"dataset: {path} does not exist", hint="check the path")
    if path.is_file():
        if path.suffix not in SUFFIXES:
            raise UsageError(
                f"dataset: {path}: cannot read {path.suffix or 'a file without suffix'}",
                hint=f"give a folder, or a file that ends in {', '.join(SUFFIXES)}",
            )
        return Source(path, {"all": (path,)})
    folder = path / "dataset" if (path / "dataset").is_dir() else path
    splits = {
        split: tuple(sorted(folder.glob(f"{split}-*.parquet")))
        for split in ("train", "validation", "test")
    }
    if splits["train"] and (splits["validation"] or splits["test"]):
        return Source(path, {k: v for k, v in splits.items() if v})
    loose = tuple(f for f in sorted(folder.iterdir()) if f.suffix in SUFFIXES and f.is_file())
    if not loose:
        raise UsageError(
            f"dataset: {folder} holds no data",
            hint="expected train-*.parquet and validation-*.parquet, or .parquet/.jsonl/.txt files",
        )
    return Source(path, {"all": loose})


def read_file(path: Path) -> Iterator[Example]:
    """The examples of one file, by its suffix; documents without text are left out.

    Raises:
        UsageError: a row that cannot be read, with its place.
    """
    readers = {".parquet": _read_parquet, ".jsonl": _read_jsonl, ".txt": _read_text}
    with storage_boundary("dataset", path):
        try:
            yield from (e for e in readers[path.suffix](path) if e.text.strip())
        except UnicodeError as error:
            raise UsageError(
                f"{path}: not UTF-8 text: {error}", hint="save the file as UTF-8"
            ) from error


def _read_parquet(path: Path) -> Iterator[Example]:
    try:
        frame = pl.scan_parquet(path)
        columns = frame.collect_schema().names()
        rows = frame.select(pl.len()).collect().item()
    except pl.exceptions.PolarsError as error:
        raise UsageError(f"{path}: not a Parquet file: {error}") from error
    if "text" not in columns:
        raise UsageError(
            f"{path}: no column 'text'", hint=f"its columns are {', '.join(columns) or 'none'}"
        )
    wanted = [c for c in ("text", "prompt", "plan") if c in columns]
    for at in range(0, rows, _BATCH):
        for row in frame.select(wanted).slice(at, _BATCH).collect().iter_rows(named=True):
            yield _example(row, f"{path}: row {at}")


def _read_jsonl(path: Path) -> Iterator[Example]:
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError as error:
                raise UsageError(
                    f"{path}:{number}: not JSON: {error}", hint="one JSON object a line"
                ) from error
            if not isinstance(row, dict) or not isinstance(row.get("text"), str):
                raise UsageError(
                    f"{path}:{number}: no string 'text'",
                    hint='each line must be an object such as {"text": "..."}',
                )
            yield _example(row, f"{path}:{number}")


def _read_text(path: Path) -> Iterator[Example]:
    """Documents between ``<|endoftext|>`` lines; without any, blocks of whole paragraphs."""
    with path.open(encoding="utf-8") as lines:
        marked = any(MARKER in line for line in lines)
    block: list[str] = []
    size = 0
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            *done, rest = line.split(MARKER)
            for part in done:
                yield Example("".join([*block, part]).strip())
                block, size = [], 0
            block.append(rest)
            size += len(rest)
            if not marked and not rest.strip() and size >= _BLOCK:
                yield Example("".join(block).strip())
                block, size = [], 0
    yield Example("".join(block).strip())


def _example(row: dict[str, Any], place: str) -> Example:
    plan = row.get("plan")
    if isinstance(plan, str) and plan:
        try:
            plan = json.loads(plan)
        except ValueError as error:
            raise UsageError(f"{place}: the plan is not JSON: {error}") from error
    text, prompt = row["text"] or "", row.get("prompt") or ""
    if not isinstance(text, str) or not isinstance(prompt, str):
        raise UsageError(f"{place}: text and prompt must be strings")
    (text + prompt).encode()  # half a surrogate pair is no text
    return Example(
        text=text,
        prompt=prompt,
        plan=plan if isinstance(plan, dict) and plan else None,
    )
