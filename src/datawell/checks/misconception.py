"""Is the planned misconception really shown, and is it the learner's only error?"""

from __future__ import annotations

import re
from fractions import Fraction

from datawell.checks.equations import find_links
from datawell.checks.tutoring_plan import (
    answer,
    correction,
    evaluate,
    gold,
    is_planned,
    means,
    misconception,
    number,
    operands,
    question_values,
)
from datawell.core.numbers import find_numbers, format_number
from datawell.core.params import Params
from datawell.core.records import Plan, Record, Span, Verdict, turn_offsets

_FINAL = re.compile(
    r"\b(?:answer|result|total)\b(?:[^.?!\d$£€-]{0,20}?\b(?:is|was|be|=)|:)\s*"
    r"(?:definitely |just |about |only )?[$£€]?$",
    re.IGNORECASE,
)


class PlannedMisconception:
    """Drops a dialogue in which the learner does not err as planned, or errs otherwise.

    Reasons: ``misconception_not_shown`` (the planned wrong value is never said, or only after the
    corrected one), ``unplanned_error`` (another false equation), ``unplanned_answer`` (an answer
    that is neither right nor planned). A record without a planned misconception is kept.
    """

    class Params(Params):
        """Who errs."""

        learner: str = "learner"
        """The role that holds the misconception."""

    name = "misconception"
    version = "1"

    def __init__(self, params: PlannedMisconception.Params) -> None:
        self.params = params

    def examine(self, record: Record) -> Verdict:
        """The verdict on one record, with the learner's words as evidence."""
        planned = misconception(record.plan)
        if not record.turns or planned is None:
            return Verdict(self.name, True, note="no dialogue with a planned misconception")
        spoken = [
            (turn.text, at)
            for turn, at in zip(record.turns, turn_offsets(record.turns), strict=True)
            if turn.role == self.params.learner
        ]
        wrong = self._wrong_value(record.plan)
        shown = _first(spoken, wrong, record.plan)
        corrected = _corrects(spoken, record.plan)
        if shown is None or (corrected is not None and corrected < shown.start):
            note = "the planned wrong value is not said"
            if shown is not None:
                note = "the planned wrong value comes only after the right one"
            return Verdict(self.name, False, "misconception_not_shown", note=note)
        reason, span = self._unplanned(spoken, record.plan)
        if reason:
            return Verdict(self.name, False, reason, evidence=(span,))
        return Verdict(self.name, True, evidence=(shown,))

    def _wrong_value(self, plan: Plan) -> Fraction | None:
        planned = misconception(plan) or {}
        # A learner who leaves a step out writes nothing wrong on the way, only at the end.
        key = "wrong_answer" if planned.get("omitted") else "wrong_value"
        return number(planned.get(key))

    def _unplanned(self, spoken: list[tuple[str, int]], plan: Plan) -> tuple[str, Span]:
        values = _allowed_values(plan)
        for text, at in spoken:
            for link in find_links(text):
                start, end = at + link.start, at + link.end
                if link.holds is False:
                    if not is_planned(link, plan):
                        return "unplanned_error", Span(start, end, "not the planned error")
                else:
                    values |= {link.left, link.right}
            for span in find_numbers(text):
                final = _FINAL.search(text[max(0, span.start - 48) : span.start])
                if final and values and not any(means(span, v, text) for v in values):
                    place = Span(at + span.start, at + span.end, "neither right nor planned")
                    return "unplanned_answer", place
        return "", Span(0, 0)


def _allowed_values(plan: Plan) -> set[Fraction]:
    """The results a learner with this plan may name."""
    planned = misconception(plan) or {}
    named: list[object] = [planned.get("wrong_value"), planned.get("wrong_answer")]
    named += [line.get("value") for line in planned.get("equations") or []]
    named += [step.get("value") for step in gold(plan)]
    found = {evaluate(value) for value in named if value is not None} | {answer(plan)}
    return {value for value in found if value is not None}


def _first(spoken: list[tuple[str, int]], wrong: Fraction | None, plan: Plan) -> Span | None:
    """Where the planned wrong value is first said; in an equation if the question has it too."""
    if wrong is None:
        return None
    given = wrong in question_values(plan)
    for text, at in spoken:
        for span in find_numbers(text):
            if not means(span, wrong, text):
                continue
            result = any(
                link.start <= span.start <= link.end and wrong in (link.left, link.right)
                for link in find_links(text)
            )
            result |= text[: span.start].rstrip(" $£€").endswith("=")
            if result or not given or _FINAL.search(text[: span.start]):
                note = f"the planned wrong value {format_number(wrong)}"
                return Span(at + span.start, at + span.end, note)
    return None


def _corrects(spoken: list[tuple[str, int]], plan: Plan) -> int | None:
    """Where the learner first writes the corrected step, unless it looks like another line."""
    planned = misconception(plan) or {}
    lines = [line for line in planned.get("equations") or [] if line.get("true")]
    work = [(operands(line.get("left")), number(line.get("value"))) for line in lines]
    for text, at in spoken:
        link = correction(text, plan)
        if link is not None and (operands(link.left_text), link.right) not in work:
            return at + link.start
    return None
