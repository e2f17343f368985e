"""What flows: a seed becomes a plan, a plan becomes a record, a record gets verdicts.

All types are frozen values. ``Plan`` is plain JSON data, so that it can be stored, shown beside
its text, and read by a check that shares no code with the task that made it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypedDict

Json = Any
Plan = dict[str, Any]


class Message(TypedDict):
    """One chat message as it goes over the wire."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Seed:
    """Where a row begins. ``id`` is also the split key: rows of one seed stay on one side."""

    id: str
    source: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Turn:
    """One utterance: who spoke (a role's name, never a text prefix), what, and by which move."""

    role: str
    text: str
    move: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """The exact messages one role was shown. A call at turn t saw ``messages[:n]`` of them."""

    role: str
    messages: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Lineage:
    """The way of a row from its seed: enough to make it again."""

    recipe: str
    task: str
    row: int
    seed_id: str
    source: str
    teachers: Mapping[str, str] = field(default_factory=dict)
    calls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """One row of data, with the plan it was voiced from.

    ``text`` is what checks read and a student learns; ``prompt`` is what a reader is asked when the
    row is an instruction; ``turns`` and ``views`` are filled when the row is a conversation.
    """

    id: str
    text: str
    plan: Plan
    lineage: Lineage
    prompt: str = ""
    turns: tuple[Turn, ...] = ()
    views: tuple[View, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """Evidence: characters ``start`` to ``end`` of the record's text, and what they show."""

    start: int
    end: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one check says of one record; ``reason`` is a short stable code when it drops it.

    ``figures`` are named numbers beside the score (a judge's grades); row checks have them, what a
    corpus check decides has not.
    """

    check: str
    keep: bool
    reason: str = ""
    score: float | None = None
    evidence: tuple[Span, ...] = ()
    note: str = ""
    figures: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """The end of one row id: kept, or dropped with a stage and a reason.

    ``record`` is missing only when the row fell before a record could be made (``stage`` seeds,
    plan or voice); ``detail`` then says what was seen.
    """

    row: int
    seed_id: str
    source: str
    record: Record | None
    verdicts: tuple[Verdict, ...] = ()
    stage: str = ""
    reason: str = ""
    detail: str = ""

    @property
    def kept(self) -> bool:
        """True when nothing dropped the row."""
        return not self.reason


# One encoder for the life of the process: json.dumps with options builds a new one each time.
_canonical = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def canonical_json(value: Json) -> str:
    """JSON with sorted keys and no spaces: equal values give equal bytes."""
    return _canonical(value)


def digest(*parts: Json, size: int = 16) -> str:
    """A hex BLAKE2b hash of JSON values, ``size`` bytes long."""
    return digest_of(canonical_json(parts), size)


def digest_of(text: str, size: int = 16) -> str:
    """A hex BLAKE2b hash of text, ``size`` bytes long."""
    return hashlib.blake2b(text.encode(), digest_size=size).hexdigest()


def record_id(fingerprint: str, task: str, seed_id: str, row: int) -> str:
    """The id of a record: the same for the same recipe, task, seed and row, wherever it is made."""
    return digest(fingerprint, task, seed_id, row, size=12)


def transcript(turns: tuple[Turn, ...]) -> str:
    """A conversation as text: one block a turn, ``Role: words``. For reading and learning only;
    who spoke is always taken from :class:`Turn`, never parsed back."""
    return "\n\n".join(f"{turn.role.capitalize()}: {turn.text}" for turn in turns)


def turn_offsets(turns: tuple[Turn, ...]) -> list[int]:
    """Where each turn's own words begin in :func:`transcript`, in characters."""
    offsets, at = [], 0
    for turn in turns:
        at += len(turn.role) + 2
        offsets.append(at)
        at += len(turn.text) + 2
    return offsets
