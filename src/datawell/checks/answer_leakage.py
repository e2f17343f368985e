"""Does the tutor give the answer away before the learner has found it?

Numbers are compared by value: "seventy-two", "$72.00" and "72" are one. A number alone is weak
evidence (in MathDial, number matches agree with the tutors' own word at recall .40), so a number
that the problem itself holds counts only where it is put forward as the result, and giving the
whole last step counts as giving the answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Literal

from datawell.checks.equations import find_links
from datawell.checks.expressions import READINGS, Parser, tokenize
from datawell.checks.tutoring_plan import (
    answer,
    evaluate,
    gold,
    means,
    operands,
    question_values,
)
from datawell.core.numbers import NumberSpan, find_numbers, format_number
from datawell.core.params import Params
from datawell.core.records import Plan, Record, Span, Verdict, turn_offsets

_RESULT = re.compile(
    r"(?:\b(?:answer|result|solution|total)\b[^.?!\d]{0,24}|\b(?:you|we|i|that|it|which|should)\s+"
    r"(?:get|gets|give|gives|got|make|makes|be|equals?|leaves?)\s+(?:is\s+)?|=\s*|\bequals?\s+"
    r"|\b(?:so|therefore|thus|hence)[ ,]+(?:it'?s\s+|it is\s+|that'?s\s+)?|\bit'?s\s+|\bis it\s+)"
    r"(?:exactly |just |only |a total of )?\W{0,2}$",
    re.IGNORECASE,
)
_NEGATED = re.compile(r"\b(?:not|n't|isn't|than|never)\s+(?:\w+\s+)?\W{0,2}$", re.IGNORECASE)
_LABEL = re.compile(r"\b(?:step|part|number|problem|question|line|grade|day|week)\s*#?$", re.I)
_COUNTED = re.compile(
    r"\s*(?:more\s+)?(?:steps?|parts?|things?|ways?|questions?|numbers?|hints?|lines?|cases?)\b",
    re.IGNORECASE,
)


class AnswerLeakage:
    """Drops a tutoring dialogue whose tutor says the final answer, or the whole last step, first.

    Reasons: ``answer_leak``, ``last_step_leak``. A record without turns or without a planned answer
    is kept, and the note says so.
    """

    class Params(Params):
        """How strict."""

        learner: str = "learner"
        """The role that has to find the answer."""
        last_step: Literal["expression", "operands", "off"] = "expression"
        """What gives the last step away: its whole expression in one turn, all its numbers in one
        turn, or nothing."""

    name = "answer_leakage"
    version = "1"

    def __init__(self, params: AnswerLeakage.Params) -> None:
        self.params = params

    def examine(self, record: Record) -> Verdict:
        """The verdict on one record, with the tutor's words as evidence."""
        value = answer(record.plan)
        if not record.turns or value is None:
            return Verdict(self.name, True, note="no dialogue with a planned answer")
        known = _known(record.plan)
        steps = gold(record.plan)
        last = steps[-1].get("left") if steps else None
        step_is_open, answer_is_open = self.params.last_step != "off" and last is not None, True
        for turn, at in zip(record.turns, turn_offsets(record.turns), strict=True):
            if turn.role == self.params.learner:
                answer_is_open &= not states_answer(turn.text, value, known)
                step_is_open &= not _gives_step(turn.text, last, "expression")
                step_is_open &= answer_is_open
                continue
            found = statement(turn.text, value, known) if answer_is_open else None
            if found is not None:
                note = f"the answer {format_number(value)}, before the learner has it"
                span = Span(at + found.start, at + found.end, note)
                return Verdict(self.name, False, "answer_leak", evidence=(span,))
            if step_is_open and _gives_step(turn.text, last, self.params.last_step):
                span = Span(at, at + len(turn.text), f"the whole last step, {last}")
                return Verdict(self.name, False, "last_step_leak", evidence=(span,))
        return Verdict(self.name, True)


def _known(plan: Plan) -> set[Fraction]:
    """Numbers anyone may say: those of the question, and constants such as 7 days a week."""
    steps = gold(plan)
    results = {evaluate(step.get("value")) for step in steps}
    used = {value for step in steps for value in operands(step.get("left"))}
    return question_values(plan) | (used - results)


def _asserted(text: str, span: NumberSpan) -> bool:
    before = text[max(0, span.start - 48) : span.start]
    return bool(_RESULT.search(before)) and not _NEGATED.search(before)


def statement(text: str, value: Fraction, known: set[Fraction]) -> NumberSpan | None:
    """Where ``text`` gives ``value`` away, or None."""
    results = [link for link in find_links(text) if value in (link.left, link.right)]
    for span in find_numbers(text):
        if not means(span, value, text):
            continue
        if any(link.start <= span.start and span.end <= link.end for link in results):
            return span
        if _asserted(text, span):
            return span
        small = span.kind == "words" and span.value.denominator == 1 and span.value <= 10
        counted = _COUNTED.match(text, span.end) or _LABEL.search(text[: span.start])
        if not (value in known or small or counted):
            return span
    return None


def states_answer(text: str, value: Fraction, known: set[Fraction]) -> bool:
    """True when the learner has said ``value`` in this turn, be it only in passing.

    The doubt goes to the learner here: what it has said, the tutor may repeat. A number of the
    question must be put forward as a result.
    """
    spans = [span for span in find_numbers(text) if means(span, value, text)]
    if value not in known:
        return bool(spans)
    tail = text.rstrip(" .!?")
    return statement(text, value, known) is not None or any(_ends(tail, span) for span in spans)


def _ends(tail: str, span: NumberSpan) -> bool:
    """True for a number that closes the turn, its unit included: "I have 12 clips left"."""
    return len(tail[span.end :].split()) <= 2 and span.end <= len(tail)


def _expressions(text: str) -> Iterator[tuple[Fraction, ...]]:
    """The numbers of each calculation written in ``text``."""
    tokens = tokenize(text)
    at = 0
    while at < len(tokens):
        if tokens[at].kind in ("number", "open"):
            parser = Parser(tokens, at, len(tokens), READINGS[0])
            if parser.expression() is not None and parser.operators:
                yield tuple(sorted(t.value for t in tokens[at : parser.at] if t.kind == "number"))
                at = parser.at
                continue
        at += 1


def _gives_step(text: str, last: object, mode: str) -> bool:
    wanted = operands(last)
    if len(wanted) < 2 or mode == "off":
        return False
    if mode == "operands":
        said = {v for span in find_numbers(text) for v in (span.value, span.quantity)}
        return set(wanted) <= said
    return any(found == wanted for found in _expressions(text))
