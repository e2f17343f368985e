"""Does the dialogue end as a tutoring dialogue should?

The contract: the learner's last turn with content states the right result, the corrected step has
been shown by the learner as an equation that holds, and after that comes at most one closing pair.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

from pydantic import Field as Bounded

from datawell.checks.tutoring_plan import answer, corrected_step, correction, means
from datawell.core.numbers import find_numbers
from datawell.core.params import Params
from datawell.core.records import Record, Span, Turn, Verdict, turn_offsets

_FAREWELL = re.compile(
    r"\b(?:thanks?(?: you)?|bye|goodbye|see you|you'?re welcome|welcome|my pleasure|no problem"
    r"|have a (?:nice|great|good) \w+|take care|good luck|anytime|cheers)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]+")


class EndingContract:
    """Drops a dialogue that stops early, late, or with the wrong last word.

    Reasons: ``no_result`` (the learner's last turn with content does not state the answer),
    ``step_not_corrected``, ``farewell_loop`` (farewells beyond one closing pair), ``open_end`` (the
    last turn asks a question), ``goes_on`` (the dialogue continues after the result).
    """

    class Params(Params):
        """What the end must show."""

        learner: str = "learner"
        """The role that states the result."""
        step_in_last_turn: bool = False
        """Whether the corrected step must stand in the same turn as the result."""
        max_closing_turns: int = Bounded(2, ge=0, le=4)
        """Most turns after the result: one closing pair."""

    name = "ending"
    version = "1"

    def __init__(self, params: EndingContract.Params) -> None:
        self.params = params

    def examine(self, record: Record) -> Verdict:
        """The verdict on one record."""
        turns = record.turns
        if not turns:
            return Verdict(self.name, True, note="no dialogue")
        offsets = turn_offsets(turns)
        loop = self._farewells(turns)
        if loop is not None:
            return self._drop("farewell_loop", turns, offsets, loop)
        value = answer(record.plan)
        if value is not None:
            last = self._last_content(turns)
            if last is None or not _states(turns[last].text, value):
                at = len(turns) - 1 if last is None else last
                return self._drop("no_result", turns, offsets, at)
            first = last if self.params.step_in_last_turn else 0
            spoken = [t.text for t in turns[first : last + 1] if t.role == self.params.learner]
            planned = corrected_step(record.plan) is not None
            if planned and not any(correction(text, record.plan) for text in spoken):
                return self._drop("step_not_corrected", turns, offsets, last)
            if len(turns) - 1 - last > self.params.max_closing_turns:
                return self._drop("goes_on", turns, offsets, last + 1)
        if turns[-1].text.rstrip(" \"'”)").endswith("?"):
            return self._drop("open_end", turns, offsets, len(turns) - 1)
        return Verdict(self.name, True)

    def _drop(self, reason: str, turns: Sequence[Turn], offsets: Sequence[int], at: int) -> Verdict:
        span = Span(offsets[at], offsets[at] + len(turns[at].text))
        return Verdict(self.name, False, reason, evidence=(span,))

    def _farewells(self, turns: Sequence[Turn]) -> int | None:
        """The turn where farewells go beyond one closing pair."""
        closing = [i for i, turn in enumerate(turns) if is_closing(turn.text)]
        run = 0
        for i in range(len(turns) - 1, -1, -1):
            if i not in closing:
                break
            run += 1
        return len(turns) - run + 2 if run > 2 else None

    def _last_content(self, turns: Sequence[Turn]) -> int | None:
        """The learner's last turn that is more than thanks, or one that holds a number."""
        for i in range(len(turns) - 1, -1, -1):
            if turns[i].role == self.params.learner and not is_closing(turns[i].text):
                return i
        return None


def is_closing(text: str) -> bool:
    """True for a turn that only says thanks or goodbye: a farewell, no calculation, few words."""
    words = _WORD.findall(text)
    return len(words) <= 25 and bool(_FAREWELL.search(text)) and not find_numbers(text)


def _states(text: str, value: Fraction) -> bool:
    """True when the number after "answer", or else one of the last two, is right."""
    spans = find_numbers(text)
    named = text.lower().rfind("answer")
    after = [span for span in spans if span.start > named] if named >= 0 else []
    candidates = after[:1] or spans[-2:]
    return any(means(span, value, text) for span in candidates)
