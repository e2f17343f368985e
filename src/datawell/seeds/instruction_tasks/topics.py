"""A tree of topics with what is known of each, read from plain text.

A file holds lines ``key: value`` and list lines. ``domain: NAME`` opens a branch, ``topic: NAME`` a
leaf under it. What follows a topic is known of it; nothing has to be (then only a language model
can say something about it):

    topic: brewing green tea            topic: the tide               topic: garden animals
    how: brew green tea                 about: the tide               table: animals
    - Heat fresh water.                 what: The sea rises ...       one: animal
    - Pour it over the leaves.          works: The moon pulls ...     columns: class | legs #
    needs: a kettle and a pot           use: Sailors ...              = snail | mollusc | 1
    why: Water that boils ...           example: At the ...           = beetle | insect | 6

``- `` adds a step, ``= `` a row of a table (its first cell is the name; a column that ends in ``#``
holds numbers), ``#`` at the beginning of a line opens a comment. ``weight: 3`` deals a topic three
times as often: for one with more to ask than others. ``least:`` and ``most:`` are words for the
ends of a column of numbers, where they are not "smallest" and "largest".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from datawell.core.errors import UsageError, storage_boundary
from datawell.core.records import digest

SHIPPED = Path(__file__).parent / "topics"


@dataclass(frozen=True, slots=True)
class Topic:
    """A leaf of the tree. ``facts`` is plain JSON data, empty when nothing is known."""

    domain: str
    name: str
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def weight(self) -> int:
        """How often it comes in one round."""
        return int(self.facts.get("weight", 1))

    @property
    def id(self) -> str:
        """The same topic has the same id in every tree."""
        return digest("topic", self.domain, self.name, size=8)


def read_topics(path: Path) -> tuple[Topic, ...]:
    """The leaves of a file, or of all ``.txt`` files of a folder, in order.

    Raises:
        UsageError: there is no such file, a line cannot be read, or there is no topic at all.
    """
    files = sorted(path.glob("*.txt")) if path.is_dir() else [path]
    if not files or not files[0].is_file():
        raise UsageError(
            f"no topics at {path}", hint="give a file of topics, or a folder of .txt files"
        )
    found = [topic for file in files for topic in _leaves(file)]
    if not found:
        raise UsageError(f"{path} holds no topic", hint="a topic begins with a line 'topic: NAME'")
    return tuple(found)


def _leaves(path: Path) -> Iterator[Topic]:
    with storage_boundary("reading topics", path):
        text = path.read_text(encoding="utf-8")
    domain, topic = "", None
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        key, colon, value = (part.strip() for part in line.partition(":"))
        if key in ("domain", "topic") and value:
            if topic is not None:
                yield topic
            domain, topic = (value, None) if key == "domain" else (domain, Topic(domain, value))
        elif topic is None or not _known(topic.facts, line, key, value if colon else ""):
            raise UsageError(
                f"{path.name}:{number}: cannot read {line[:60]!r}",
                hint="key: value, '- step' or '= row' under a line 'topic: NAME'",
            )
    if topic is not None:
        yield topic


def _known(facts: dict[str, Any], line: str, key: str, value: str) -> bool:
    """Add one line to what is known; False when it cannot be read."""
    if line.startswith("- "):
        facts.setdefault("steps", []).append(line[2:].strip())
        return True
    if line.startswith("= "):
        return _row(facts, [cell.strip() for cell in line[2:].split("|")])
    if key == "columns":
        facts["columns"] = [column.strip() for column in value.split("|")]
    elif key == "weight" and not re.fullmatch("[1-9][0-9]?", value):
        return False
    elif value and " " not in key and key not in ("steps", "rows"):
        facts[key] = value
    else:
        return False
    return True


def _row(facts: dict[str, Any], cells: list[str]) -> bool:
    columns = facts.get("columns", [])
    if len(cells) != len(columns) + 1 or not all(cells):
        return False
    values = []
    for column, cell in zip(columns, cells[1:], strict=True):
        if column.endswith("#"):
            try:
                float(cell)
            except ValueError:
                return False
        values.append(cell)
    facts.setdefault("rows", []).append([cells[0], *values])
    return True
