"""Small finished runs with all that a report can show."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from datawell.core.ledger import Ledger, ShardRecord
from datawell.core.parts import write_part
from datawell.core.plugins import Component, build
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
from datawell.export.label import build_label
from datawell.export.write import write_dataset

PRINT = "e" * 16
STORY = (
    "One day, {who} lost her red drum on the hill. She was sad. A kind fox saw the drum and ran "
    "to {who} with it. {who} was glad, and the fox could play the drum too. This was day {n}."
)


def origin(row: int, task: str, seed: str, *roles: str) -> Lineage:
    return Lineage(PRINT, task, row, seed, "words", dict.fromkeys(roles, "builtin:procedural"))


def story(row: int, **changes: Any) -> Record:
    text = changes.pop("text", STORY.format(who="Mia" if row % 2 else "Ana", n=row))
    lost = text.find("lost")
    plan = {
        "kind": "story",
        "required": {"noun": "drum", "verb": "run", "adjective": "kind"},
        "features": {"moral": {"lesson": ["help"]}},
        "characters": [{"name": "Mia", "kind": "girl", "want": "her drum"}],
        "events": [
            {"id": 1, "action": "lose", "actor": "Mia", "span": [lost, lost + 17], "because": []}
        ],
        "topic": ["drums", "hills", "foxes"][row % 3],
        "problem": "lost",
        **changes.pop("plan", {}),
    }
    seed = f"seed-{row}"
    id_ = record_id(PRINT, "stories", seed, row)
    return Record(id_, text, plan, origin(row, "stories", seed, "writer"), **changes)


def dialogue(row: int, *words: str) -> Record:
    told = words or (
        "Please show me your work.",
        "62 - 24 = 42. I took the small digit from the big one.",
        "Which digit stands on top in the ones?",
        "The 2. So I borrow: 62 - 24 = 38. The answer is 38.",
        "Right.",
    )
    turns = tuple(
        Turn("tutor" if i % 2 == 0 else "learner", text, "focus" if i % 2 == 0 else "work")
        for i, text in enumerate(told)
    )
    text = transcript(turns)
    plan = {
        "kind": "tutoring",
        "question": "Tom had 62 apples and gave 24 away. How many are left?",
        "answer": "38",
        "gold": [{"text": "62-24 = 38 apples", "left": "62-24", "value": "38"}],
        "misconception": {
            "id": "smaller-from-larger",
            "name": "takes the smaller digit from the larger",
            "source": "Brown & Burton 1978",
            "step": 0,
            "left": "62-24",
            "wrong_value": "42",
            "wrong_answer": "42",
        },
        "family": ["take away", "rates"][row % 2],
    }
    views = (View("tutor", ({"role": "system", "content": "Only you know: 38."},)),)
    seed = f"problem-{row}"
    return Record(
        record_id(PRINT, "tutoring", seed, row),
        text,
        plan,
        origin(row, "tutoring", seed, "learner", "tutor"),
        turns=turns,
        views=views,
    )


def kept(record: Record) -> Row:
    verdicts = (Verdict("length", keep=True, score=40.0), Verdict("vocabulary", keep=True))
    return Row(record.lineage.row, record.lineage.seed_id, "words", record, verdicts)


def dropped(record: Record, reason: str = "unknown_word", detail: str = "'drum'") -> Row:
    at = max(record.text.find("drum"), 0)
    verdict = Verdict(
        "vocabulary", keep=False, reason=reason, evidence=(Span(at, at + 4, "not a word of ours"),)
    )
    return Row(
        record.lineage.row,
        record.lineage.seed_id,
        "words",
        record,
        (verdict,),
        stage="checks",
        reason=reason,
        detail=detail,
    )


@pytest.fixture
def make() -> SimpleNamespace:
    """The builders above."""
    return SimpleNamespace(story=story, dialogue=dialogue, kept=kept, dropped=dropped)


@pytest.fixture
def make_run(tmp_path: Path) -> Callable[..., RunFolder]:
    """A finished, exported and labelled run with these rows."""

    def build_run(rows: Sequence[Row], *, recipe: str = "name: demo\n", label: bool = True) -> Any:
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
            )
            ledger.shard_done(ShardRecord(0, 0, len(rows), PRINT, counts, {"part": digest}, 0.1))
            ledger.decided({}, {"dropped": []})
        run.lock.write_text(recipe)
        formats = [build("exporters", Component(name)) for name in ("parquet", "trl-sft")]
        write_dataset(run, formats, {"train": 1.0})
        if label:
            build_label(run, anchor=None)
        return run

    return build_run


def point(share: float) -> dict[str, Any]:
    return {
        "seconds": 100 * share,
        "bits_per_byte": 3 - 2 * share,
        "loss": 5 - 3 * share,
        "probes": {
            "agreement": {"score": min(1.0, 0.5 + share), "n": 20},
            "name": {"score": 0.5 + 0.3 * share, "n": 20},
            "object": {"score": None, "n": 0},
        },
    }


def echoes(*lengths: int) -> dict[str, Any]:
    return {
        "exact_copies": 0,
        "eight_grams": 0.25,
        "longest_match": {"median": 7.0, "p90": 9.0, "max": max(lengths), "lengths": lengths},
        "n": len(lengths),
    }


def student_files(text: str = "Mia saw Zed and the grumf.", near: str = "Mia saw a fox.") -> Any:
    """Training and evaluation as the student room writes them."""
    training = {
        "curve": [point(i / 4) for i in range(5)],
        "parameters": 1_048_000,
        "documents": 90,
        "bytes": 80_000,
        "tokens": 780_000,
        "epochs": 3.1,
        "seconds": 100.0,
        "clock": "CPU-seconds",
        "tokens_per_second": 4300.0,
        "share_of_peak": 0.57,
    }
    pair = {"score": 0.95, "low": 0.8, "high": 0.99, "n": 20}
    beside = {"student": 0.02, "held_out": 0.01, "n": 3}
    bits = {"value": 1.2, "low": 1.1, "high": 1.3, "documents": 9}
    evaluation = {
        "bits_per_byte": {"held_out": bits, "real": None},
        "minimal_pairs": {"agreement": pair, "name": {**pair, "score": None, "n": 0}},
        "required_words": None,
        "vocabulary": {"in_lexicon": 0.99, "words": 300},
        "repetition": beside,
        "wrong_names": beside,
        "endings": {"share": 1.0, "n": 3},
        "overlap": {"student": echoes(5, 7, 9), "held_out": echoes(4, 4, 8)},
        "samples": [
            {
                "text": text,
                "begin": 7,
                "ended": False,
                "longest_match": 5,
                "marks": [
                    {"start": 8, "end": 11, "kind": "wrong_name"},
                    {"start": len(text) - 6, "end": len(text) - 1, "kind": "unknown_word"},
                ],
                "nearest": {"number": 3, "share": 0.4, "text": near},
            }
        ],
    }
    return {"training": training, "evaluation": evaluation}


@pytest.fixture
def add_student() -> Callable[..., None]:
    """Put a student's files into a run folder."""

    def add(run: RunFolder, **words: str) -> None:
        run.student.mkdir()
        for name, value in student_files(**words).items():
            (run.student / f"{name}.json").write_text(json.dumps(value))

    return add
