"""Passages of documents by number, each readable alone."""

from __future__ import annotations

from array import array
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from datawell.core import params
from datawell.core.errors import SeedFault
from datawell.core.records import Seed, digest
from datawell.seeds.documents.files import Document, Keys, hasher, open_files, refuse
from datawell.seeds.documents.passages import Cut, passages, title

VERSION = "1"
"""Changes whenever the same documents would give other passages."""

SAMPLE = Path(__file__).parent / "sample"
_WHOLE = -1  # the place of a document that has no passage


class DocumentSeeds:
    """Passages of the user's documents, or of the shipped sample.

    ``Seed.data``: text (the passage, verbatim), document (its name), title, start and end (the
    passage's characters in the document's text). A document that cannot be read, or has no
    passage, is one seed that raises its fault: nothing is left out in silence.
    """

    class Params(params.Params):
        """Which documents, and how they are cut."""

        path: str | None = None
        """A .txt, .md, .jsonl or .parquet file, or a folder of them; left out, a small sample
        written for this package."""
        text_field: str = Field("text", min_length=1)
        """The key or column of a row's text (JSONL, Parquet)."""
        title_field: str = Field("title", min_length=1)
        """The key or column of a row's title, where there is one."""
        min_words: int = Field(25, ge=1)
        """The fewest words of a passage."""
        max_words: int = Field(150, ge=10)
        """The most words of a passage; it is cut between paragraphs, else between sentences."""
        split_by: Literal["document", "passage"] = "document"
        """What stays on one side of a split: all passages of a document, or each by itself."""

        @model_validator(mode="after")
        def _room(self) -> DocumentSeeds.Params:
            if self.min_words * 2 > self.max_words:
                raise ValueError("max_words must be at least twice min_words")
            return self

    def __init__(self, params: Params, root_seed: int) -> None:
        """List the passages: one pass over all files.

        Raises:
            UsageError: there is nothing to read at ``path``.
        """
        self._params = params
        keys = Keys(params.text_field, params.title_field)
        found = open_files(SAMPLE if params.path is None else Path(params.path), keys)
        self._files = [file for _, file in found]
        self._markdown = [path.suffix == ".md" for path, _ in found]
        # Four numbers a passage: file, place of the document in it, start, end.
        self._index: array[int] = array("q")
        hashed = hasher()
        cut = Cut(params.min_words, params.max_words)
        for number, file in enumerate(self._files):
            for document in file.documents(hashed):
                hashed.update(document.name.encode())
                places = passages(document.text, cut, self._markdown[number])
                for start, end in places or [(_WHOLE, _WHOLE)]:
                    self._index.extend((number, document.at, start, end))
        self._hash = hashed.hexdigest()
        # Rows are asked for in order, so the last documents are the next ones too.
        self._document = lru_cache(maxsize=4)(self._read)

    @property
    def size(self) -> int | None:
        """The number of passages, and of documents without one."""
        return len(self._index) // 4

    def seed(self, index: int) -> Seed:
        """Passage number ``index``.

        Raises:
            SeedFault: ``too_short`` (no passage of ``min_words``), ``not_utf8``, ``not_json``,
                ``field_missing``, ``not_unicode``.
        """
        number, at, start, end = self._index[4 * index : 4 * index + 4]
        document, key = self._document(number, at)
        refuse(document)
        if start == _WHOLE:
            words = len(document.text.split())
            raise SeedFault("too_short", detail=f"{document.name}: no passage in {words} words")
        text = document.text[start:end]
        return Seed(
            id=key if self._params.split_by == "document" else digest("passage", text, size=10),
            source=document.name,
            data={
                "text": text,
                "document": document.name,
                "title": document.title,
                "start": start,
                "end": end,
            },
        )

    def _read(self, number: int, at: int) -> tuple[Document, str]:
        """A document with its title, and the id it gives its passages."""
        found = self._files[number].read(at)
        named = found.title or title(found.text, self._markdown[number])
        whole = Document(found.at, found.name, found.text, named, found.fault)
        return whole, digest("document", found.text, size=10)

    def digest(self) -> str:
        """A hash of the version of this code, the files' bytes, and how they are cut."""
        return digest("documents", VERSION, self._hash, self._params.model_dump(exclude={"path"}))
