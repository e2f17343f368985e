"""A sample of texts with bounded memory: those with the smallest hashes, up to a number of words.

The sample depends on the texts' keys alone, not on their order or on how many there are around
them, and taken in hash order it is a shuffle: any beginning of it is a fair smaller sample.
"""

from __future__ import annotations

import hashlib
import heapq
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import polars as pl

from datawell.core.errors import UsageError, storage_boundary
from datawell.export.measures import Corpus, tokens

_BATCH = 10_000
_BREAK = "<|endoftext|>"


class TextSample:
    """Keeps the texts of smallest hash until they hold ``words`` words."""

    def __init__(self, words: int) -> None:
        self._limit = words
        self._words = 0
        self._heap: list[tuple[int, str, int]] = []  # minus the hash: the largest comes out first
        self.seen = 0

    def add(self, key: str, text: str) -> None:
        """Offer one text under its key."""
        self.seen += 1
        rank = -int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), "big")
        if self._words >= self._limit and rank <= self._heap[0][0]:
            return
        size = len(tokens(text))
        heapq.heappush(self._heap, (rank, text, size))
        self._words += size
        while self._words - self._heap[0][2] >= self._limit:
            self._words -= heapq.heappop(self._heap)[2]

    def corpus(self) -> Corpus:
        """The sample in hash order."""
        return Corpus.of([text for _, text, _ in sorted(self._heap, key=lambda e: (-e[0], e[1]))])


def sample_file(path: Path, words: int) -> TextSample:
    """A sample of an anchor file's texts; a text is its own key, so copies count once or never.

    Raises:
        UsageError: the file is missing, of an unknown kind, or has no texts.
    """
    sample = TextSample(words)
    for number, text in enumerate(read_texts(path)):
        sample.add(f"{text}\x1f{number}", text)
    if not sample.seen:
        raise UsageError(f"anchor: {path} holds no text", hint="give a file with texts in it")
    return sample


def read_texts(path: Path) -> Iterator[str]:
    """The texts of a file: ``.jsonl`` and ``.parquet`` by their field ``text``; ``.txt`` cut at
    lines ``<|endoftext|>`` where it has them, else at blank lines.

    Raises:
        UsageError: the file is missing, of an unknown kind, or has no field ``text``.
    """
    readers = {".jsonl": _jsonl, ".txt": _plain, ".parquet": _parquet}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise UsageError(
            f"anchor: {path} is of an unknown kind", hint=f"give one of {', '.join(readers)}"
        )
    with storage_boundary("anchor", path):
        try:
            yield from (text for text in reader(path) if text.strip())
        except UnicodeDecodeError as error:
            raise UsageError(f"anchor: {path}: not UTF-8 text: {error}") from error


def _jsonl(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError as error:
                raise UsageError(f"anchor: {path}:{number}: not JSON: {error}") from error
            if not isinstance(row, dict) or not isinstance(row.get("text"), str):
                raise UsageError(
                    f"anchor: {path}:{number}: no field 'text'",
                    hint='each line is an object like {"text": "…"}',
                )
            yield row["text"]


def _plain(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8") as lines:
        marked = any(line.strip() == _BREAK for line in lines)
    with path.open(encoding="utf-8") as lines:
        yield from _cut(lines, _BREAK if marked else "")


def _cut(lines: Iterable[str], at: str) -> Iterator[str]:
    held: list[str] = []
    for line in lines:
        if line.strip() == at:
            yield "".join(held).strip()
            held = []
        else:
            held.append(line)
    yield "".join(held).strip()


def _parquet(path: Path) -> Iterator[str]:
    try:
        frame = pl.scan_parquet(path)
        if frame.collect_schema().get("text") != pl.String:
            raise UsageError(
                f"anchor: {path}: no text column 'text'", hint="rename the column that holds it"
            )
        for start in range(0, frame.select(pl.len()).collect().item(), _BATCH):
            yield from frame.select("text").slice(start, _BATCH).collect()["text"].drop_nulls()
    except pl.exceptions.ComputeError as error:
        raise UsageError(f"anchor: {path}: not a Parquet file: {error}") from error
