"""Small real records for the tests of checks, and signatures held in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from datawell.checks.base import Signatures
from datawell.core.records import Lineage, Plan, Record, Turn, Verdict, transcript

LINEAGE = Lineage("recipe", "task", 0, "seed", "test")

PLAN: Plan = {
    "kind": "tutoring",
    "question": "Natalia sold 48 clips in April and half as many in May. How many in all?",
    "answer": "72",
    "unit": "clips",
    "gold": [
        {"text": "In May she sold 48/2 = 24 clips.", "left": "48/2", "value": "24"},
        {"text": "In all she sold 48+24 = 72 clips.", "left": "48+24", "value": "72"},
    ],
    "misconception": {
        "id": "carry-dropped",
        "step": 1,
        "left": "48+24",
        "wrong_value": "62",
        "wrong_answer": "62",
        "omitted": False,
        "equations": [
            {"step": 0, "left": "48/2", "value": "24", "true": True},
            {"step": 1, "left": "48+24", "value": "62", "true": False},
        ],
    },
    "learner": {"name": "Mina", "profile": "careless"},
    "tutor": {"name": "Ms. Ito"},
}

SPEECH = (
    "Hi Mina! Can you show me how you worked on this problem?",
    "Sure! First I did 48 / 2 = 24 clips. Then 48 + 24 = 62 clips. So my answer is 62.",
    "Thank you for showing your work. What happens to the ten when you add 8 and 4?",
    "Oh, I forgot to carry it. Give me a moment.",
    "Good that you say so. Please try that line again. What do you get now?",
    "Now I get 48 + 24 = 72 clips. The answer is 72 clips.",
    "Exactly, 72 clips. Well done, Mina.",
)


def story(text: str, plan: Plan | None = None, name: str = "0") -> Record:
    """A record of plain text."""
    return Record(name, text, plan or {}, LINEAGE)


def dialogue(*speech: str, plan: Plan | None = None, first: str = "tutor") -> Record:
    """A record of turns, roles alternating."""
    roles = ("tutor", "learner") if first == "tutor" else ("learner", "tutor")
    turns = tuple(Turn(roles[i % 2], text) for i, text in enumerate(speech))
    return of_turns(turns, PLAN if plan is None else plan)


def of_turns(turns: Sequence[Turn], plan: Plan) -> Record:
    """A record of these turns."""
    return Record("0", transcript(tuple(turns)), plan, LINEAGE, turns=tuple(turns))


def with_turn(at: int, text: str, plan: Plan | None = None) -> Record:
    """The good dialogue with other words in one turn."""
    speech = list(SPEECH)
    speech[at] = text
    return dialogue(*speech, plan=plan)


def swapped(record: Record, at: int) -> Record:
    """Two neighbouring turns with each other's words."""
    turns = list(record.turns)
    turns[at] = replace(turns[at], text=record.turns[at + 1].text)
    turns[at + 1] = replace(turns[at + 1], text=record.turns[at].text)
    return of_turns(turns, record.plan)


def quoted(record: Record, verdict: Verdict) -> str:
    """The words the first piece of evidence points at."""
    span = verdict.evidence[0]
    return record.text[span.start : span.end]


class Signing(Protocol):
    """What the tests use of a corpus check."""

    def sign(self, records: Sequence[Record]) -> NDArray[Any]: ...

    def decide(self, signatures: Signatures) -> Iterator[tuple[int, Verdict]]: ...


class InMemory:
    """Signatures in one array."""

    def __init__(self, signatures: NDArray[Any], rows: NDArray[np.int64] | None = None) -> None:
        self.signatures = signatures
        self.ids = np.arange(len(signatures), dtype=np.int64) if rows is None else rows

    def __len__(self) -> int:
        return len(self.signatures)

    def rows(self) -> NDArray[np.int64]:
        return self.ids

    def column(self, name: str, start: int = 0, stop: int | None = None) -> NDArray[Any]:
        field = self.signatures[name]
        return field if field.ndim == 1 else field[:, start:stop]

    def take(self, name: str, positions: NDArray[np.int64]) -> NDArray[Any]:
        taken: NDArray[Any] = self.signatures[name][positions]
        return taken


def decide(check: Signing, texts: Sequence[str], plan: Plan | None = None) -> dict[int, Verdict]:
    """The check's verdicts on plain texts, by position."""
    records = [story(text, plan, str(i)) for i, text in enumerate(texts)]
    return dict(check.decide(InMemory(check.sign(records))))


def dropped(check: Signing, texts: Sequence[str], plan: Plan | None = None) -> list[int]:
    """The positions of the texts a corpus check drops."""
    return [at for at, verdict in decide(check, texts, plan).items() if not verdict.keep]
