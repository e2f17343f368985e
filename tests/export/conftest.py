"""Rows as tasks make them, small, in a real run folder: stories, dialogues, dropped rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest

from datawell.core.ledger import Ledger, ShardRecord
from datawell.core.parts import write_part
from datawell.core.records import (
    Lineage,
    Record,
    Row,
    Span,
    Turn,
    Verdict,
    View,
    record_id,
    transcript,
)
from datawell.core.rundir import RunFolder

PRINT = "f" * 16
SECRET = "GOLD-SOLUTION 48/2=24"
QUESTION = "Tom had 62 apples and gave 24 away. How many are left?"
MakeRun = Callable[[Sequence[Row]], RunFolder]


def lineage(row: int, task: str, seed: str) -> Lineage:
    return Lineage(PRINT, task, row, seed, "words", {"writer": "builtin"}, (f"call-{row}",))


def story(row: int, *, text: str = "", prompt: str = "", seed: str = "") -> Record:
    seed = seed or f"seed-{row}"
    return Record(
        id=record_id(PRINT, "stories", seed, row),
        text=text or f"The dog number {row} ran to the hill. It was glad.",
        plan={"kind": "story", "required": {"noun": "dog", "verb": "run", "adjective": "glad"}},
        lineage=lineage(row, "stories", seed),
        prompt=prompt,
    )


def dialogue(row: int, *turns: tuple[str, str], seed: str = "") -> Record:
    seed = seed or f"problem-{row}"
    spoken = tuple(Turn(role, words, "focus" if role == "tutor" else "") for role, words in turns)
    tutor = View("tutor", ({"role": "system", "content": f"You know: {SECRET}"},))
    return Record(
        id=record_id(PRINT, "tutoring", seed, row),
        text=transcript(spoken),
        plan={
            "kind": "tutoring",
            "question": QUESTION,
            "answer": "38",
            "gold": [{"text": SECRET, "left": "62-24", "value": "38"}],
        },
        lineage=lineage(row, "tutoring", seed),
        turns=spoken,
        views=(tutor,),
    )


def kept(record: Record) -> Row:
    verdict = Verdict("vocabulary", keep=True, score=1.0)
    return Row(record.lineage.row, record.lineage.seed_id, "words", record, (verdict,))


def dropped(record: Record, reason: str = "too_short", stage: str = "check") -> Row:
    verdict = Verdict("length", keep=False, reason=reason, evidence=(Span(0, 3, "here"),))
    return Row(
        record.lineage.row,
        record.lineage.seed_id,
        "words",
        record,
        (verdict,),
        stage=stage,
        reason=reason,
        detail="8 words, at least 20",
    )


@pytest.fixture
def make() -> SimpleNamespace:
    """The builders above."""
    return SimpleNamespace(
        story=story, dialogue=dialogue, kept=kept, dropped=dropped, secret=SECRET, question=QUESTION
    )


@pytest.fixture
def make_run(tmp_path: Path) -> MakeRun:
    """A finished run with these rows, in one shard, made through the real ledger and parts."""

    def build(rows: Sequence[Row]) -> RunFolder:
        run = RunFolder(tmp_path / f"run-{len(list(tmp_path.iterdir()))}")
        run.create()
        falls = Counter((row.stage, row.reason) for row in rows if not row.kept)
        counts = {
            "kept": sum(row.kept for row in rows),
            "dropped": [[stage, reason, n] for (stage, reason), n in sorted(falls.items())],
        }
        digest = write_part(run.part(0), rows)
        with Ledger(run.db) as ledger:
            ledger.set_meta(
                recipe="demo",
                fingerprint=PRINT,
                seed=7,
                rows=len(rows),
                teachers={"writer": "builtin:procedural"},
                corpus_checks=["near_duplicates"],
            )
            ledger.shard_done(ShardRecord(0, 0, len(rows), PRINT, counts, {"part": digest}, 0.1))
            ledger.decided({}, {"dropped": []})
        return run

    return build
