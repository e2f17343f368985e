"""A third-party package of small real components, found by the same door as the built-ins."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from datawell.core import plugins

MODULE = """
from typing import ClassVar

from datawell.core.params import Params as Base
from datawell.core.records import digest


class ListSeeds:
    class Params(Base):
        items: list[str] = ["a", "b"]

    def __init__(self, params, root_seed):
        self.items = params.items

    def digest(self):
        return digest(self.items)


class Echo:
    roles = ("writer", "judge")
    version = "1"

    class Params(Base):
        style: str = "plain"


class Scribe:
    class Params(Base):
        operational: ClassVar[frozenset[str]] = frozenset({"concurrency"})
        model: str = "m"
        temperature: float = 1.0
        concurrency: int = 4


class Least:
    version = "1"

    class Range(Base):
        low: int
        high: int = 9

    class Params(Base):
        words: int = 5
        ranges: list["Least.Range"] = []


class Lines:
    class Params(Base):
        indent: bool = False


class Small:
    class Params(Base):
        minutes: float
"""

POINTS = """
[datawell.seeds]
list_seeds = small_parts:ListSeeds
[datawell.tasks]
echo = small_parts:Echo
[datawell.teachers]
scribe = small_parts:Scribe
[datawell.checks]
least = small_parts:Least
[datawell.exporters]
lines = small_parts:Lines
[datawell.students]
small = small_parts:Small
"""


@pytest.fixture(scope="module", autouse=True)
def small_parts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The package's folder, on the path while a module of tests runs."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "small_parts.py").write_text(MODULE, encoding="utf-8")
    info = folder / "small_parts-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: small-parts\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(POINTS, encoding="utf-8")
    sys.path.insert(0, str(folder))
    plugins._table.cache_clear()
    yield folder
    sys.path.remove(str(folder))
    sys.modules.pop("small_parts", None)
    plugins._table.cache_clear()


@pytest.fixture
def recipe_file(tmp_path: Path) -> Path:
    """A small valid recipe; its lines are counted on by the tests."""
    path = tmp_path / "small.yaml"
    path.write_text(
        "name: small\n"
        "rows: 10\n"
        "seeds: {use: list_seeds}\n"
        "task: echo\n"
        "teachers:\n"
        "  writer: {use: scribe, with: {model: big}}\n"
        "checks:\n"
        "  - use: least\n"
        "    with:\n"
        "      words: 3\n"
        "export:\n"
        "  formats: [lines]\n",
        encoding="utf-8",
    )
    return path
