"""Does every calculation in the text hold?

Equations are read by a tokeniser and evaluated in exact fractions (``checks/equations.py``); model
text is never given to ``eval`` or to a symbolic parser. In a conversation the tutor may never be
wrong; the learner may be wrong only as planned.
"""

from __future__ import annotations

from typing import Literal

from datawell.checks.equations import Link, find_links
from datawell.checks.tutoring_plan import is_planned
from datawell.core.numbers import format_number
from datawell.core.params import Params
from datawell.core.records import Record, Span, Verdict, turn_offsets


class Arithmetic:
    """Drops a record in which a calculation is wrong.

    Reasons: ``false_equation`` (text), ``tutor_arithmetic``, ``learner_arithmetic``.
    Score: the share of judged equations that hold; none when there was nothing to judge.
    """

    class Params(Params):
        """Who may be wrong."""

        learner: str = "learner"
        """The role whose planned errors are wanted."""
        learner_errors: Literal["planned", "any", "none"] = "planned"
        """Which false equations of the learner are allowed: those of the plan, any, or none."""

    name = "arithmetic"
    version = "1"

    def __init__(self, params: Arithmetic.Params) -> None:
        self.params = params

    def examine(self, record: Record) -> Verdict:
        """The verdict on one record, each false equation as evidence."""
        if not record.turns:
            found = [("false_equation", 0, link) for link in find_links(record.text)]
        else:
            found = [
                (
                    f"{'learner' if turn.role == self.params.learner else 'tutor'}_arithmetic",
                    at,
                    link,
                )
                for turn, at in zip(record.turns, turn_offsets(record.turns), strict=True)
                for link in find_links(turn.text)
            ]
        judged = [item for item in found if item[2].holds is not None]
        wrong = [item for item in judged if not item[2].holds and not self._allowed(item, record)]
        score = None
        if judged:
            score = sum(link.holds is True for _, _, link in judged) / len(judged)
        if not wrong:
            return Verdict(self.name, True, score=score)
        # A tutor's error weighs most, so it names the reason when both are wrong.
        reason = max(reason for reason, _, _ in wrong)
        evidence = tuple(Span(at + link.start, at + link.end, _note(link)) for _, at, link in wrong)
        return Verdict(self.name, False, reason, score, evidence)

    def _allowed(self, item: tuple[str, int, Link], record: Record) -> bool:
        reason, _, link = item
        if reason != "learner_arithmetic" or self.params.learner_errors == "none":
            return False
        if self.params.learner_errors == "any":
            return True
        return is_planned(link, record.plan)


def _note(link: Link) -> str:
    return f"{link.left_text} is {format_number(link.left)}, not {link.right_text}"
