"""All that a report is made from, gathered in one pass over the run's rows.

Memory is bounded: counts, a few example rows a reason, and one row to show in full.
"""

from __future__ import annotations

import hashlib
import heapq
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from datawell.core.errors import UsageError, storage_boundary
from datawell.core.records import Record, Row
from datawell.core.rundir import RunFolder, Summary

EXAMPLES = 2
SAMPLES = 6
_SHOWCASE_AMONG = 2_000
_DISTINCT = 10_000
_LONGEST = 2_000
_STUDENT_FILES = ("training", "evaluation", "useful", "samples")


@dataclass
class Rows:
    """What one pass over the rows leaves."""

    texts: int = 0
    words: int = 0
    lengths: Counter[int] = field(default_factory=Counter)
    kinds: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    examples: dict[tuple[str, str], list[Row]] = field(default_factory=lambda: defaultdict(list))
    samples: list[Row] = field(default_factory=list)
    showcase: Row | None = None


@dataclass(frozen=True)
class Facts:
    """What the sections read."""

    run: RunFolder
    summary: Summary
    rows: Rows
    label: Mapping[str, Any] | None
    recipe_text: str
    recipe: Mapping[str, Any]
    student: Mapping[str, Any]


def gather(path: Path) -> Facts:
    """Read a run folder.

    Raises:
        UsageError: there is no run, or one of its JSON files cannot be read.
    """
    run = RunFolder(path)
    summary = run.summary()
    text = _read(run.lock) or ""
    found = {name: read_json(run.student / f"{name}.json") for name in _STUDENT_FILES}
    return Facts(
        run=run,
        summary=summary,
        rows=scan(run.rows()),
        label=read_json(run.dataset / "label.json"),
        recipe_text=text,
        recipe=_recipe(text),
        student={name: value for name, value in found.items() if value is not None},
    )


def scan(rows: Iterator[Row]) -> Rows:
    """Count the rows and keep the few that are shown.

    The choice is by row id and hash alone: examples are the first of their reason, samples those of
    smallest hash, the showcase the first row among the earliest kept ones with most to show.
    """
    seen = Rows()
    best = -1
    samples: list[tuple[int, int, Row]] = []
    for row in rows:
        if not row.kept or row.record is None:
            examples = seen.examples[row.stage, row.reason]
            if len(examples) < EXAMPLES:
                examples.append(row)
            continue
        _count(seen, row.record)
        rank = -int.from_bytes(hashlib.blake2b(row.record.id.encode(), digest_size=6).digest())
        if len(samples) < SAMPLES:
            heapq.heappush(samples, (rank, row.row, row))
        elif rank > samples[0][0]:
            heapq.heapreplace(samples, (rank, row.row, row))
        richness = _richness(row.record) if seen.texts <= _SHOWCASE_AMONG else -1
        if richness > best:
            best, seen.showcase = richness, row
    seen.samples = [row for _, _, row in sorted(samples, key=lambda s: -s[0])]
    return seen


def _count(seen: Rows, record: Record) -> None:
    words = len(record.text.split())
    seen.texts += 1
    seen.words += words
    seen.lengths[min(words, _LONGEST)] += 1
    for kind, name in _labels(record):
        counter = seen.kinds[kind]
        if name in counter or len(counter) < _DISTINCT:
            counter[name] += 1


def _labels(record: Record) -> Iterator[tuple[str, str]]:
    """What a row's plan says it is about, as (kind, name)."""
    plan = record.plan
    for kind in ("topic", "problem", "family"):
        if isinstance(plan.get(kind), str):
            yield kind, plan[kind]
    features = plan.get("features")
    if isinstance(features, dict):
        yield from (("feature", name) for name in features)
    misconception = plan.get("misconception")
    if isinstance(misconception, dict):
        yield "misconception", str(misconception.get("name") or misconception.get("id", ""))
    tutors = (turn for turn in record.turns if turn.role == "tutor")
    yield from (("move", turn.move) for turn in tutors if turn.move)


def _richness(record: Record) -> int:
    features = record.plan.get("features")
    told = len(features) if isinstance(features, dict) else 0
    events = record.plan.get("events")
    spanned = isinstance(events, list) and any("span" in e for e in events if isinstance(e, dict))
    # A row with all six features would be a list, not a story: three are enough to show.
    return min(told, 3) + 2 * spanned + min(len(record.turns), 8) - 2 * bool(record.prompt)


def _recipe(text: str) -> Mapping[str, Any]:
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError:
        return {}
    inner = found.get("recipe", found) if isinstance(found, dict) else {}
    return inner if isinstance(inner, dict) else {}


def read_json(path: Path) -> Any:
    """The content of a JSON file; None when there is none.

    Raises:
        UsageError: it is not JSON.
    """
    text = _read(path)
    if text is None:
        return None
    try:
        return json.loads(text)
    except ValueError as error:
        raise UsageError(f"{path}: not JSON: {error}", hint="make this file anew") from error


def _read(path: Path) -> str | None:
    if not path.exists():
        return None
    with storage_boundary("report", path):
        return path.read_text(encoding="utf-8")
