"""Kinds of document files: each lists its documents once, and reads any passage again alone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import polars as pl

from datawell.core.errors import SeedFault, UsageError, storage_boundary

_BLOCK = 256  # rows of a Parquet file that are read at once


@dataclass(frozen=True, slots=True)
class Document:
    """A document as found: ``at`` is where its file finds it again (a byte or a row)."""

    at: int
    name: str
    text: str
    title: str = ""
    fault: str = ""


class DocumentFile(Protocol):
    """A file of documents."""

    def documents(self, hashed: Any) -> Iterator[Document]:
        """Every document in order, feeding the file's bytes to ``hashed``."""
        ...

    def read(self, at: int) -> Document:
        """The document at a place.

        Raises:
            SeedFault: it cannot be read.
        """
        ...


@dataclass(frozen=True, slots=True)
class Keys:
    """Where a row keeps its text and its title."""

    text: str
    title: str


class TextFile:
    """One document: the whole of a ``.txt`` or ``.md`` file, in UTF-8."""

    def __init__(self, path: Path, name: str) -> None:
        self._path, self._name = path, name

    def documents(self, hashed: Any) -> Iterator[Document]:
        """The one document."""
        with storage_boundary("reading documents", self._path):
            content = self._path.read_bytes()
        hashed.update(content)
        yield self._decoded(content)

    def read(self, at: int) -> Document:
        """The one document."""
        with storage_boundary("reading documents", self._path):
            return self._decoded(self._path.read_bytes())

    def _decoded(self, content: bytes) -> Document:
        try:
            return Document(0, self._name, content.decode())
        except UnicodeDecodeError as error:
            return Document(0, self._name, "", fault=f"not_utf8: byte {error.start}")


class JsonLines:
    """One document a line: an object with its text under a key."""

    def __init__(self, path: Path, name: str, keys: Keys) -> None:
        self._path, self._name, self._keys = path, name, keys

    def documents(self, hashed: Any) -> Iterator[Document]:
        """A document for each line that is not blank."""
        at = 0
        with storage_boundary("reading documents", self._path), self._path.open("rb") as file:
            for line in file:
                hashed.update(line)
                if line.strip():
                    yield self._parsed(at, line)
                at += len(line)

    def read(self, at: int) -> Document:
        """The document whose line begins at byte ``at``."""
        with storage_boundary("reading documents", self._path), self._path.open("rb") as file:
            file.seek(at)
            return self._parsed(at, file.readline())

    def _parsed(self, at: int, line: bytes) -> Document:
        name = f"{self._name}@{at}"
        try:
            row = json.loads(line)
        except ValueError as error:
            return Document(at, name, "", fault=f"not_json: {error}")
        return _from_row(at, name, row if isinstance(row, dict) else {}, self._keys)


class ParquetFile:
    """One document a row, with its text in a column."""

    def __init__(self, path: Path, name: str, keys: Keys) -> None:
        self._path, self._name, self._keys = path, name, keys
        self._block: tuple[int, list[dict[str, Any]]] = (-1, [])
        with storage_boundary("reading documents", path):
            try:
                columns = pl.scan_parquet(path).collect_schema().names()
            except pl.exceptions.PolarsError as error:
                raise UsageError(f"{path} is no Parquet file: {error}") from error
        if keys.text not in columns:
            raise UsageError(
                f"{path} has no column {keys.text!r}",
                hint=f"set seeds.with.text_field to one of: {', '.join(columns)}",
            )
        self._columns = [name for name in (keys.text, keys.title) if name in columns]

    def documents(self, hashed: Any) -> Iterator[Document]:
        """A document for each row."""
        with storage_boundary("reading documents", self._path), self._path.open("rb") as file:
            while chunk := file.read(1 << 20):
                hashed.update(chunk)
        at = 0
        while rows := self._rows(at // _BLOCK):
            for row in rows:
                yield _from_row(at, f"{self._name}@{at}", row, self._keys)
                at += 1
            if len(rows) < _BLOCK:
                break

    def read(self, at: int) -> Document:
        """The document of row ``at``."""
        row = self._rows(at // _BLOCK)[at % _BLOCK]
        return _from_row(at, f"{self._name}@{at}", row, self._keys)

    def _rows(self, block: int) -> list[dict[str, Any]]:
        if self._block[0] != block:
            with storage_boundary("reading documents", self._path):
                scan = pl.scan_parquet(self._path).select(self._columns)
                found = scan.slice(block * _BLOCK, _BLOCK).collect().to_dicts()
            self._block = (block, found)
        return self._block[1]


def _from_row(at: int, name: str, row: dict[str, Any], keys: Keys) -> Document:
    text, title = row.get(keys.text), row.get(keys.title)
    if not isinstance(text, str) or not text.strip():
        return Document(at, name, "", fault=f"field_missing: no text under {keys.text!r}")
    try:
        text.encode()
    except UnicodeEncodeError:
        return Document(at, name, "", fault="not_unicode: half a surrogate pair")
    return Document(at, name, text, title if isinstance(title, str) else "")


def refuse(document: Document) -> None:
    """Raise a document's fault, if it has one.

    Raises:
        SeedFault: ``not_utf8``, ``not_json``, ``field_missing`` or ``not_unicode``.
    """
    if document.fault:
        reason, _, detail = document.fault.partition(": ")
        raise SeedFault(reason, detail=f"{document.name}: {detail}")


def open_files(path: Path, keys: Keys) -> list[tuple[Path, DocumentFile]]:
    """The document files at ``path`` (a file, or a folder with all below it), in order of name.

    Raises:
        UsageError: there is nothing, or nothing of a known kind.
    """
    if not path.exists():
        raise UsageError(
            f"documents: {path} does not exist",
            hint="check seeds.with.path, or leave it out to use the shipped sample",
        )
    found = sorted(path.rglob("*")) if path.is_dir() else [path]
    files: list[tuple[Path, DocumentFile]] = []
    for file in found:
        name = file.relative_to(path).as_posix() if path.is_dir() else file.name
        hidden = any(part.startswith(".") for part in Path(name).parts)
        if not file.is_file() or hidden:
            continue
        if file.suffix in (".txt", ".md"):
            files.append((file, TextFile(file, name)))
        elif file.suffix == ".jsonl":
            files.append((file, JsonLines(file, name, keys)))
        elif file.suffix == ".parquet":
            files.append((file, ParquetFile(file, name, keys)))
    if not files:
        raise UsageError(
            f"documents: nothing to read at {path}", hint="known are .txt, .md, .jsonl, .parquet"
        )
    return files


def hasher() -> Any:
    """What the bytes of files are hashed with."""
    return hashlib.blake2b(digest_size=16)
