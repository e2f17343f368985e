"""Does every exercise have its right answer? Planned answers are recalculated exactly."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from datawell.checks.tutoring_plan import evaluate, number
from datawell.core.numbers import find_numbers
from datawell.core.params import Params
from datawell.core.records import Plan, Record, Span, Verdict

_NUMBERED = re.compile(r"^[ \t]*(\d{1,2})[.)][ \t]+", re.MULTILINE)
_MARK = re.compile(r"\banswer\b(?:\s+is\b)?\s*[:=]?", re.IGNORECASE)


class Exercises:
    """Drops a chapter with an exercise that has no answer, or a wrong one.

    Read are the sections whose ``role`` in ``plan["outline"]`` is ``exercises`` and ``answers``,
    with numbered entries. Reasons: ``no_exercises`` (the plan has none), ``plan_wrong`` (the
    planned steps do not come to the planned answer), ``exercise_missing``, ``answer_missing``,
    ``answer_wrong``.
    Score: the share of exercises with the right answer.
    """

    class Params(Params):
        """No parameters."""

    name = "exercises"
    version = "1"

    def __init__(self, params: Exercises.Params) -> None:
        self.params = params

    def examine(self, record: Record) -> Verdict:
        """The verdict on one record."""
        planned = record.plan.get("exercises")
        if not isinstance(planned, list) or not planned:
            return Verdict(self.name, False, "no_exercises", note="the plan has no exercises")
        asked = _entries(record.text, _place(record.plan, record.text, "exercises"))
        given = _entries(record.text, _place(record.plan, record.text, "answers"))
        right, faults = 0, []
        for at, task in enumerate(planned, start=1):
            reason, span = self._examined(task, asked.get(at), given.get(at), record.text)
            right += not reason
            if reason:
                faults.append((reason, span, f"exercise {at}"))
        score = right / len(planned)
        if not faults:
            return Verdict(self.name, True, score=score)
        reason, span, note = faults[0]
        evidence = () if span is None else (Span(*span, note),)
        return Verdict(self.name, False, reason, score, evidence, note)

    def _examined(
        self,
        task: Mapping[str, Any],
        asked: tuple[int, int] | None,
        given: tuple[int, int] | None,
        text: str,
    ) -> tuple[str, tuple[int, int] | None]:
        """Why one exercise falls, and where; an empty reason when it stands."""
        answer = _recalculated(task)
        if answer is None:
            return "plan_wrong", None
        if asked is None or _flat(task["question"]) != _flat(text[slice(*asked)]):
            return "exercise_missing", asked
        if given is None:
            return "answer_missing", None
        stated = _stated(text[slice(*given)])
        if stated is None:
            return "answer_missing", given
        return ("", None) if answer in stated else ("answer_wrong", given)


def _recalculated(task: Mapping[str, Any]) -> Fraction | None:
    """The planned answer, when every planned step holds and the last one comes to it."""
    try:
        steps: Sequence[Mapping[str, Any]] = task["gold"]
        values = [(evaluate(step["left"]), number(step["value"])) for step in steps]
        answer = number(task["answer"])
    except (KeyError, TypeError):
        return None
    holds = all(left is not None and left == value for left, value in values)
    return answer if values and holds and values[-1][1] == answer else None


def _place(plan: Plan, text: str, role: str) -> tuple[int, int] | None:
    """Where the text of the section with this role stands."""
    outline = plan.get("outline")
    sections = outline.get("sections") if isinstance(outline, dict) else None
    for section in sections or []:
        if section.get("role") != role:
            continue
        pattern = rf"^##[ \t]+{re.escape(section['title'])}[ \t]*$"
        heading = re.search(pattern, text, re.MULTILINE)
        if heading is not None:
            following = re.compile(r"^##?[ \t]", re.MULTILINE).search(text, heading.end())
            return heading.end(), following.start() if following else len(text)
    return None


def _entries(text: str, place: tuple[int, int] | None) -> dict[int, tuple[int, int]]:
    """The numbered entries between two places, by number."""
    if place is None:
        return {}
    marks = list(_NUMBERED.finditer(text, *place))
    ends = [mark.start() for mark in marks[1:]] + [place[1]]
    found: dict[int, tuple[int, int]] = {}
    for mark, end in zip(marks, ends, strict=True):
        found.setdefault(int(mark[1]), (mark.end(), end))
    return found


def _stated(text: str) -> tuple[Fraction, Fraction] | None:
    """The number after the last "answer", else the last number, as written and as a share."""
    marks = list(_MARK.finditer(text))
    found = find_numbers(text[marks[-1].end() :])[:1] if marks else find_numbers(text)[-1:]
    return (found[0].value, found[0].quantity) if found else None


def _flat(text: str) -> str:
    return " ".join(text.split())
