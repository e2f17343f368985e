"""One row in full: its plan beside its text, with the evidence marked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from datawell.core.errors import DatawellError
from datawell.core.lexicon import Lexicon
from datawell.core.numbers import find_numbers, parse_number
from datawell.core.records import Record, Row, turn_offsets
from datawell.report.facts import Facts
from datawell.report.marks import Mark, segments, within
from datawell.report.sections.base import Section, verdict_marks

LEGEND = {
    "word": "required word",
    "feature": "feature",
    "event": "event of the plan",
    "error": "the planned error",
    "correct": "the corrected result",
    "evidence": "seen by a check",
    "fault": "fault",
}
_INTERNAL = {"id", "span", "because", "action", "actor", "beat", "paragraph", "slots", "kind"}


def build(facts: Facts) -> Section | None:
    """There when at least one row was kept."""
    row = facts.rows.showcase
    if row is None or row.record is None:
        return None
    record = row.record
    marks = evidence(row)
    data = {
        "id": record.id,
        "plan": list(plan_lines(record.plan)),
        "json": json.dumps(record.plan, ensure_ascii=False, indent=2),
        "prompt": record.prompt,
        "turns": turns(record, marks),
        "segments": segments(record.text, marks),
        "legend": legend(marks),
    }
    return Section("example", "A plan beside its text", "example.html.j2", data)


def legend(marks: list[Mark]) -> list[tuple[str, str]]:
    """(kind, meaning) of the marks that occur."""
    present = {mark.kind for mark in marks}
    return [(kind, meaning) for kind, meaning in LEGEND.items() if kind in present]


def evidence(row: Row) -> list[Mark]:
    """What can be shown of the plan in the text: verdicts' evidence, events, words, numbers."""
    record = row.record
    if record is None:
        return []
    marks = [*verdict_marks(row), *_events(record)]
    if not any(mark.kind == "word" for mark in marks):
        marks.extend(_required_words(record))
    return [*marks, *_misconception(record, marks)]


def turns(record: Record, marks: list[Mark]) -> list[dict[str, Any]]:
    """A conversation's turns, each with its own part of the marks."""
    told = []
    for turn, start in zip(record.turns, turn_offsets(record.turns), strict=True):
        inside = within(marks, start, start + len(turn.text))
        told.append({"role": turn.role, "move": turn.move, "segments": segments(turn.text, inside)})
    return told


def _events(record: Record) -> Iterator[Mark]:
    events = record.plan.get("events")
    for event in events if isinstance(events, list) else ():
        span = event.get("span") if isinstance(event, dict) else None
        if isinstance(span, list | tuple) and len(span) == 2:
            action = str(event.get("action", ""))
            yield Mark(span[0], span[1], "event", f"event {action}", str(event.get("id", "")))


def _required_words(record: Record) -> Iterator[Mark]:
    required = record.plan.get("required")
    for pos, word in required.items() if isinstance(required, dict) else ():
        forms = "|".join(re.escape(form) for form in sorted(_forms(str(word), pos)))
        for found in re.finditer(rf"\b(?:{forms})\b", record.text, re.IGNORECASE):
            yield Mark(found.start(), found.end(), "word", f"required {pos}: {word}")


def _forms(word: str, pos: str) -> set[str]:
    try:
        return {word, *Lexicon.load("child").forms(word, pos)}
    except DatawellError:
        return {word}


def _misconception(record: Record, known: list[Mark]) -> Iterator[Mark]:
    """Where the learner says the planned wrong value, and the right value of that step after it."""
    planned, gold = record.plan.get("misconception"), record.plan.get("gold")
    if not isinstance(planned, dict) or not isinstance(gold, list):
        return
    wrong = _number(planned.get("wrong_value"))
    step = planned.get("step")
    right = None
    if isinstance(step, int) and 0 <= step < len(gold):
        right = _number(gold[step].get("value"))
    # A check that found the error points at the very place; else every mention counts.
    place_known = any(mark.kind == "error" for mark in known)
    erred = False
    for turn, start in zip(record.turns, turn_offsets(record.turns), strict=True):
        if turn.role != "learner":
            continue
        for found in find_numbers(turn.text):
            place = (start + found.start, start + found.end)
            if found.value == wrong and wrong is not None:
                erred = True
                if not place_known:
                    said = planned.get("name") or planned.get("id")
                    yield Mark(*place, "error", f"planned: {said}")
            elif erred and found.value == right and right is not None:
                yield Mark(*place, "correct", "the corrected step")


def _number(value: object) -> Fraction | None:
    return parse_number(value) if isinstance(value, str) else None


def plan_lines(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A plan as (name, items): known parts first and in words, whatever else there is after."""
    known = (
        ("question", "Problem", _text),
        ("gold", "Solution", _gold),
        ("answer", "Answer", _text),
        ("misconception", "Misconception", _misconceived),
        ("required", "Required words", _pairs),
        ("features", "Features", _features),
        ("characters", "Characters", _characters),
        ("events", "Events", _event_lines),
        ("problem", "Problem", _text),
        ("topic", "Topic", _text),
        ("family", "Family", _text),
        ("ending", "Ending", _text),
    )
    for key, name, tell in known:
        items = [line for line in tell(plan[key]) if line] if plan.get(key) else []
        if items:
            yield {"name": name, "items": items, "numbered": key in {"events", "gold"}}


def _text(value: Any) -> list[str]:
    return [value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)]


def _pairs(value: Any) -> list[str]:
    return [f"{word} ({pos})" for pos, word in value.items()] if isinstance(value, dict) else []


def _features(value: Any) -> list[str]:
    if not isinstance(value, dict):
        return []
    return [f"{name}: {_words(told)}" if told else str(name) for name, told in value.items()]


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{key} {_words(inner)}" for key, inner in value.items())
    if isinstance(value, list):
        return ", ".join(_words(inner) for inner in value)
    return str(value)


def _characters(value: Any) -> list[str]:
    return [
        ", ".join(
            part
            for part in (
                str(who.get("name", "")),
                str(who.get("kind", "")),
                f"wants {_words(who['want'])}" if who.get("want") else "",
            )
            if part
        )
        for who in value
        if isinstance(who, dict)
    ]


def _event_lines(value: Any) -> list[str]:
    return [_event(event) for event in value if isinstance(event, dict)]


def _event(event: dict[str, Any]) -> str:
    """An event in words; what only the wording needs is left to the data below."""
    who = [_words(event[key]) for key in ("actor", "action") if event.get(key)]
    rest = [
        word if key == "object" else f"{key} {word}"
        for key, word in event.items()
        if key not in _INTERNAL and isinstance(word, str) and word
    ]
    told = " ".join(who).replace("_", " ")
    if rest:
        told += f" · {', '.join(rest)}"
    if event.get("because"):
        told += f" (because of {_words(event['because'])})"
    return told


def _gold(value: Any) -> list[str]:
    return [
        f"{step.get('left', '')} = {step.get('value', '')}"
        for step in value
        if isinstance(step, dict)
    ]


def _misconceived(value: Any) -> list[str]:
    if not isinstance(value, dict):
        return []
    lines = [str(value.get("name") or value.get("id", ""))]
    if value.get("left") and value.get("omitted"):
        lines.append(f"{value['left']} is left out")
    elif value.get("left") and value.get("wrong_value"):
        lines.append(f"{value['left']} becomes {value['wrong_value']}")
    if value.get("source"):
        lines.append(str(value["source"]))
    return lines
