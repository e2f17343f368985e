"""Constraints on an answer that a program can verify: what kinds there are and how they are asked.

In the manner of IFEval (Zhou et al. 2023, arXiv:2311.07911). The kinds are data
(``constraints.yaml``: definition, arguments, wordings). A task draws and asks them, a check
verifies them (``checks/verifiers``); what they share is these definitions and no code that reads a
text.

In a plan a constraint is ``{"kind": ..., "args": {...}, "said": ...}``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

RELATIONS = ("at least", "at most", "exactly")
_TABLE = Path(__file__).with_name("constraints.yaml")


def _text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip()) and len(value) <= 20_000


def _count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 100_000


def _texts(value: Any) -> bool:
    return isinstance(value, list) and 1 <= len(value) <= 50 and all(map(_text, value))


# What an argument of each name must be, and how that is said.
ARGUMENTS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "count": (_count, "a whole number from 1"),
    "nth": (_count, "a whole number from 1"),
    "relation": (lambda value: value in RELATIONS, f"one of {', '.join(RELATIONS)}"),
    "letter": (lambda v: isinstance(v, str) and len(v) == 1 and v.isalpha(), "one letter"),
    "tag": (lambda v: isinstance(v, str) and v.isalpha(), "a word of letters"),
    **dict.fromkeys(("words", "options", "marks", "keys"), (_texts, "a list of texts")),
    **dict.fromkeys(
        ("word", "language", "script", "marker", "splitter", "request", "phrase", "label"),
        (_text, "a text that is not blank"),
    ),
}


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of constraint, as ``constraints.yaml`` defines it."""

    name: str
    means: str
    args: tuple[str, ...]
    touches: frozenset[str]
    say: tuple[str, ...]
    ifeval: str = ""


@dataclass(frozen=True, slots=True)
class Constraint:
    """A kind with its arguments. ``said`` is how it was asked."""

    kind: str
    args: Mapping[str, Any] = field(default_factory=dict)
    said: str = ""

    def data(self) -> dict[str, Any]:
        """The constraint as a plan holds it."""
        return {"kind": self.kind, "args": dict(self.args), "said": self.said}


@cache
def kinds() -> dict[str, Kind]:
    """Every kind by name, in the order of the file."""
    table = yaml.safe_load(_TABLE.read_text(encoding="utf-8"))
    return {
        name: Kind(
            name,
            entry["means"],
            tuple(entry["args"]),
            frozenset(entry["touches"]),
            tuple(entry["say"]),
            entry.get("ifeval", ""),
        )
        for name, entry in table.items()
    }


def fault(kind: object, args: object) -> str:
    """What is wrong with a constraint of a plan; empty when nothing is."""
    known = kinds().get(kind) if isinstance(kind, str) else None
    if known is None:
        return f"no kind of constraint is called {kind!r}"
    if not isinstance(args, Mapping) or set(args) != set(known.args):
        return f"{known.name} takes {', '.join(known.args) or 'no argument'}"
    for name in known.args:
        fits, wanted = ARGUMENTS[name]
        if not fits(args[name]):
            return f"{known.name}: {name} must be {wanted}"
    return ""


def clash(one: str, other: str) -> bool:
    """Whether two kinds do not go together: they fix the same property of a text."""
    table = kinds()
    return bool(table[one].touches & table[other].touches)


def worded(kind: str, args: Mapping[str, Any], pick: float) -> str:
    """One way to ask for a constraint, chosen by a number in [0, 1)."""
    ways = kinds()[kind].say
    told = {name: _told(name, value) for name, value in args.items()}
    return ways[int(pick * len(ways))].format(**told)


def _told(name: str, value: Any) -> str:
    if name in ("words", "keys", "options"):
        return _listed(f'"{item}"' for item in value)
    if name == "marks":
        return " ".join(value)
    return f'"{value}"' if name in ("word", "letter") else str(value)


def _listed(items: Iterable[str]) -> str:
    *most, last = items
    return f"{', '.join(most)} and {last}" if most else last
