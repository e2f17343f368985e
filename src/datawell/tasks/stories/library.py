"""The content of the built-in voice, read once from the text files under ``data/``.

A data file holds families (``family NAME``; ``family -`` is common to all). In a family,
``key: value`` lines describe it and ``== kind args`` opens a block of beats. In a block,
``let slot: a|b`` draws a slot, ``@action field=value ...`` opens a beat (one event), and the lines
``- sentence`` and ``~ clause`` under it are the ways to say it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from datawell.core.errors import UsageError
from datawell.core.lexicon import Lexicon
from datawell.tasks.stories.grammar import Node, Template, compile_template

DATA = Path(__file__).parent / "data"


@dataclass(slots=True)
class Beat:
    """One event and the ways to say it."""

    key: str
    action: str
    fields: tuple[tuple[str, str], ...]
    templates: list[Template] = field(default_factory=list)
    plain: list[Template] = field(default_factory=list)


@dataclass(slots=True)
class Block:
    """Beats that belong together, and slots drawn for them."""

    kind: str
    args: tuple[str, ...]
    lets: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    beats: list[Beat] = field(default_factory=list)


@dataclass(slots=True)
class Family:
    """A kind of problem: what it needs, how it runs, and how it can end."""

    name: str
    notes: dict[str, list[str]] = field(default_factory=dict)
    blocks: dict[str, list[Block]] = field(default_factory=dict)
    objects: tuple[str, ...] = ()
    eligible: frozenset[str] = frozenset()

    def note(self, key: str) -> list[str]:
        """The values of a ``key:`` line, in order; empty when there is none."""
        return self.notes.get(key, [])


@dataclass(slots=True)
class Library:
    """All content, ready to use."""

    families: dict[str, Family]
    common: Family
    topics: dict[str, Family]
    beats: dict[str, Beat]
    fields: dict[str, tuple[str, ...]]
    frames: dict[str, dict[str, tuple[str, ...]]]


class _Reader:
    """Reads one data file into families."""

    def __init__(self, path: Path, beats: dict[str, Beat]) -> None:
        self.path, self.beats = path, beats
        self.families: list[Family] = []
        self.block: Block | None = None

    def fail(self, number: int, why: str) -> UsageError:
        return UsageError(f"{self.path.name}:{number}: {why}")

    def read(self) -> list[Family]:
        for number, raw in enumerate(self.path.read_text(encoding="utf-8").splitlines(), 1):
            line = raw.strip()
            if not line or line.startswith("#"):
                continue
            if line.startswith("family "):
                self.families.append(Family(line.split()[1]))
                self.block = None
            elif line.startswith("== "):
                self._open(line[3:].split())
            elif line[0] in "@-~" or line.startswith("let "):
                self._inside(number, line)
            else:
                key, colon, value = line.partition(": ")
                if not colon or self.block:
                    raise self.fail(number, f"cannot read {line!r}")
                self.families[-1].notes.setdefault(key, []).append(value.strip())
        return self.families

    def _open(self, words: list[str]) -> None:
        kind, *args = words
        self.block = Block(kind, tuple(args))
        self.families[-1].blocks.setdefault(kind, []).append(self.block)

    def _inside(self, number: int, line: str) -> None:
        block = self.block
        if block is None:
            raise self.fail(number, "a beat outside of a block")
        if line.startswith("let "):
            name, _, values = line[4:].partition(": ")
            block.lets.append((name.strip(), tuple(v.strip() for v in values.split("|"))))
        elif line[0] == "@":
            action, *pairs = line[1:].split()
            fields = tuple((k, v) for k, _, v in (pair.partition("=") for pair in pairs))
            family = self.families[-1]
            at = len(family.blocks[block.kind]) - 1
            key = f"{self.path.stem}/{family.name}/{block.kind}.{at}.{len(block.beats)}"
            self.beats[key] = Beat(key, action, fields)
            block.beats.append(self.beats[key])
        elif not block.beats:
            raise self.fail(number, "a template before its event")
        else:
            template = compile_template(line[1:].strip(), clause=line[0] == "~")
            block.beats[-1].templates.append(template)
            if not template.quoted:
                block.beats[-1].plain.append(template)


def _lists(path: Path) -> dict[str, tuple[str, ...]]:
    """``key: a|b|c`` lines; a key may recur."""
    table: dict[str, tuple[str, ...]] = {}
    for raw in path.read_text(encoding="utf-8").splitlines():
        line = raw.split("#")[0].strip()
        if line:
            key, _, values = line.partition(":")
            found = tuple(v.strip() for v in values.split("|") if v.strip())
            table[key.strip()] = table.get(key.strip(), ()) + found
    return table


@cache
def nodes(source: str) -> tuple[Node, ...]:
    """A small template as nodes, compiled once; it may be a choice without its braces."""
    return compile_template("{" + source + "}", clause=True).nodes


def _objects(family: Family, lexicon: Lexicon) -> tuple[str, ...]:
    found = set(" ".join(family.note("only")).split())
    for wanted in family.note("object"):
        found.update(lexicon.tagged("noun", *wanted.split()))
    never = set(" ".join(family.note("never")).split())
    return tuple(sorted(word for word in found - never if "mass" not in lexicon.tags(word, "noun")))


@cache
def library() -> Library:
    """All content, read on first use."""
    lexicon = Lexicon.load("child")
    beats: dict[str, Beat] = {}
    common = Family("-")
    families: dict[str, Family] = {}
    for path in sorted((DATA / "families").glob("*.txt")):
        for family in _Reader(path, beats).read():
            families[family.name] = family
            family.objects = _objects(family, lexicon)
            family.eligible = frozenset(family.objects)
    for path in sorted((DATA / "common").glob("*.txt")):
        for family in _Reader(path, beats).read():
            for kind, blocks in family.blocks.items():
                common.blocks.setdefault(kind, []).extend(blocks)
    topics: dict[str, Family] = {}
    for path in sorted((DATA / "topics").glob("*.txt")):
        for family in _Reader(path, beats).read():
            topics[family.name] = family
    fields = _lists(DATA / "fields.txt")
    frames: dict[str, dict[str, tuple[str, ...]]] = {"verb": {}, "noun": {}, "adjective": {}}
    for path in sorted((DATA / "frames").glob("*.txt")):
        frames[path.stem.split("_")[0]].update(_lists(path))
    return Library(families, common, topics, beats, fields, frames)
