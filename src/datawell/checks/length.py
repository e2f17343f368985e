"""Neither too short nor too long."""

from __future__ import annotations

from pydantic import Field as Bounded

from datawell.core.params import Params
from datawell.core.records import Record, Verdict


class Length:
    """Drops a record by its number of words (split at white space) or turns.

    Reasons: ``too_short``, ``too_long``, ``too_few_turns``, ``too_many_turns``.
    Score: the number of words.
    """

    class Params(Params):
        """Both ends are allowed; turns are counted in conversations only."""

        min_words: int = Bounded(10, ge=0)
        """Fewest words."""
        max_words: int = Bounded(2000, ge=1)
        """Most words."""
        min_turns: int = Bounded(2, ge=0)
        """Fewest turns of a conversation."""
        max_turns: int = Bounded(60, ge=1)
        """Most turns of a conversation."""

    name = "length"
    version = "1"

    def __init__(self, params: Length.Params) -> None:
        self.params = params

    def examine(self, record: Record) -> Verdict:
        """The verdict on one record."""
        words, turns = len(record.text.split()), len(record.turns)
        limits = self.params
        reason, note = "", ""
        if words < limits.min_words:
            reason, note = "too_short", f"{words} words, at least {limits.min_words} wanted"
        elif words > limits.max_words:
            reason, note = "too_long", f"{words} words, at most {limits.max_words} wanted"
        elif turns and turns < limits.min_turns:
            reason, note = "too_few_turns", f"{turns} turns, at least {limits.min_turns} wanted"
        elif turns > limits.max_turns:
            reason, note = "too_many_turns", f"{turns} turns, at most {limits.max_turns} wanted"
        return Verdict(self.name, not reason, reason, float(words), note=note)
