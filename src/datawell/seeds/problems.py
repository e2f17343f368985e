"""Word problems as seeds: our own, without end, or those of a file.

A file holds one problem a row (``.jsonl``; ``.json`` is a list) with a question and a worked
solution in GSM8K's form (Cobbe et al. 2021): calculator marks ``<<48/2=24>>`` and a last line
``#### 72``. Rows are found by their byte offsets, so that any row can be read without those before
it.
"""

from __future__ import annotations

import hashlib
import json
from array import array
from pathlib import Path

from pydantic import Field

from datawell.core import params
from datawell.core.errors import SeedFault, UsageError, storage_boundary
from datawell.core.randomness import stream
from datawell.core.records import Json, Seed, canonical_json, digest
from datawell.seeds.arithmetic_problems.generator import VERSION, generate
from datawell.seeds.arithmetic_problems.problem import Problem
from datawell.seeds.arithmetic_problems.solutions import read_solution


class Fields(params.Params):
    """Where a row keeps its parts."""

    question: str = "question"
    """The key of the question."""
    answer: str = "answer"
    """The key of the worked solution with its final answer."""


class ProblemSeeds:
    """Problems by number: endless from the generator, or as many as a file has rows.

    ``Seed.data``: question, gold (``[{text, left, value, tail}]``, exact steps in order), answer,
    unit (empty when unknown), family, numbers_key.
    """

    class Params(params.Params):
        """Parameters of the problem source."""

        path: str | None = None
        """A JSONL or JSON file of problems; left out, problems are generated."""
        fields: Fields = Field(default_factory=Fields)
        """The keys of a row's question and answer, where they differ from GSM8K's."""

    def __init__(self, params: Params, root_seed: int) -> None:
        self._params = params
        self._root_seed = root_seed
        self._file = None if params.path is None else _Rows(Path(params.path))

    @property
    def size(self) -> int | None:
        """The number of rows of the file; None for the generator, which has no end."""
        return None if self._file is None else len(self._file)

    def seed(self, index: int) -> Seed:
        """Problem number ``index``.

        Raises:
            SeedFault: the row is no JSON object, lacks a field, or its solution cannot be read.
        """
        if self._file is None:
            problem, source = generate(stream(self._root_seed, "problems", index)), "generated"
        else:
            problem, source = self._read(self._file.row(index)), self._file.name
        return Seed(problem.id, source, problem.data())

    def _read(self, row: Json) -> Problem:
        fields = self._params.fields
        texts = []
        for name in (fields.question, fields.answer):
            text = row.get(name) if isinstance(row, dict) else None
            if not isinstance(text, str) or not text.strip():
                raise SeedFault("field_missing", detail=f"no text under {name!r}")
            texts.append(text)
        return read_solution(*texts)

    def digest(self) -> str:
        """A hash of the version of this code and, for a file, of its bytes and field mapping."""
        if self._file is None:
            return digest("problems", VERSION)
        return digest("problems", VERSION, self._file.hash, self._params.fields.model_dump())


class _Rows:
    """The rows of a file, found by offset; a ``.json`` list is held as parsed."""

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise UsageError(
                f"problem file {path} does not exist",
                hint="check seeds.with.path, or leave it out to use the built-in generator",
            )
        self._path = path
        self.name = path.name
        self._offsets: array[int] = array("q")
        self._list: list[Json] | None = None
        hashed = hashlib.blake2b(digest_size=16)
        with storage_boundary("reading problems", path):
            if path.suffix == ".json":
                content = path.read_bytes()
                hashed.update(content)
                self._list = _json_list(content, path)
            else:
                start = 0
                with path.open("rb") as file:
                    for line in file:
                        hashed.update(line)
                        if line.strip():
                            self._offsets.append(start)
                        start += len(line)
        self.hash = hashed.hexdigest()

    def __len__(self) -> int:
        return len(self._offsets) if self._list is None else len(self._list)

    def row(self, index: int) -> Json:
        """The parsed row; SeedFault when it is not JSON."""
        if self._list is not None:
            return self._list[index]
        with storage_boundary("reading problems", self._path), self._path.open("rb") as file:
            file.seek(self._offsets[index])
            line = file.readline()
        try:
            return json.loads(line)
        except ValueError as error:
            raise SeedFault("not_json", detail=f"row {index + 1}: {error}") from error


def _json_list(content: bytes, path: Path) -> list[Json]:
    try:
        rows = json.loads(content)
    except ValueError as error:
        raise UsageError(
            f"problem file {path} is not JSON: {error}", hint="use .jsonl for one object a line"
        ) from error
    if not isinstance(rows, list):
        raise UsageError(
            f"problem file {path} is not a list: {canonical_json(rows)[:40]}",
            hint="a .json file holds a list of objects; use .jsonl for one object a line",
        )
    return rows
