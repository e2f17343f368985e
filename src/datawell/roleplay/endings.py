"""When a conversation is over: a contract that can be checked, never a model's whim.

The task gives a goal (a predicate over the turns). Once it holds, the closing role may speak one
more turn, and that is all: thanks cannot go on, and thanks cannot end anything, because only the
goal does. A conversation that does not reach its goal within the turn cap is no record.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from datawell.core.errors import VoiceFault
from datawell.core.records import Turn

Goal = Callable[[Sequence[Turn]], bool]

_THANKS = frozenset(("thank", "thanks", "welcome", "bye", "goodbye", "cheers", "pleasure"))
_COURTESIES = _THANKS | {
    "a", "again", "all", "always", "and", "any", "anytime", "are", "best", "care", "course", "day",
    "done", "for", "glad", "good", "great", "happy", "have", "help", "helping", "i", "i'm", "is",
    "it", "it's", "later", "lot", "luck", "much", "my", "nice", "no", "of", "ok", "okay", "one",
    "problem", "same", "see", "so", "soon", "sure", "take", "the", "time", "to", "too", "very",
    "was", "we", "well", "wishes", "wonderful", "you", "you're", "your",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ending:
    """The contract: reach ``goal`` within ``max_turns``, then at most one turn by ``closer``."""

    goal: Goal
    closer: str
    max_turns: int

    def reached_at(self, turns: Sequence[Turn]) -> int | None:
        """The index of the turn that reached the goal; None while it is not reached."""
        for end in range(1, len(turns) + 1):
            if self.goal(turns[:end]):
                return end - 1
        return None

    def complete(self, turns: Sequence[Turn]) -> bool:
        """True when nothing may follow.

        Raises:
            VoiceFault: the cap is reached without the goal (``no_ending``), or both roles only
                exchange courtesies before it (``thanks_loop``).
        """
        reached = self.reached_at(turns)
        if reached is not None:
            return turns[reached].role == self.closer or len(turns) > reached + 1
        if len(turns) >= self.max_turns:
            raise VoiceFault("no_ending", detail=f"the goal was not reached in {len(turns)} turns")
        if len(turns) >= 2 and all(courtesy(turn.text) for turn in turns[-2:]):
            raise VoiceFault("thanks_loop", detail=turns[-1].text[:80])
        return False


def courtesy(text: str) -> bool:
    """True when a turn says nothing but thanks, welcome or goodbye."""
    plain = text.lower().replace("’", "'")
    words = "".join(c if c.isalnum() or c == "'" else " " for c in plain).split()
    return bool(words) and set(words) <= _COURTESIES and bool(_THANKS & set(words))
