"""A grade by rule: what the built-in teacher says when it plays the judge.

It counts and does not read: whether the text comes to an end, how much of it repeats, whether it is
long enough to say something. It is named a rule-based grade wherever it is shown; use it to see the
machinery work, never as an opinion on the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_ENDED = re.compile(r"[.!?…][\"”’')\]]*\s*$")
_GRAM = 3
_ENOUGH_WORDS = 20


@dataclass(frozen=True, slots=True)
class PlainGrade:
    """``share`` from 0 (worst) to 1, and the words that say how it was made."""

    share: float
    why: str

    def on(self, low: float, high: float) -> float:
        """The grade on a scale, to one digit."""
        return round(low + (high - low) * self.share, 1)


def plain_grade(text: str) -> PlainGrade:
    """The grade of a text: the mean of three shares (it ends, it does not repeat, it has words)."""
    words = [match.group().lower() for match in _WORD.finditer(text)]
    grams = [tuple(words[at : at + _GRAM]) for at in range(len(words) - _GRAM + 1)]
    fresh = len(set(grams)) / len(grams) if grams else 1.0
    ended = bool(_ENDED.search(text))
    share = (ended + fresh + min(1.0, len(words) / _ENOUGH_WORDS)) / 3
    close = "ends with a stop" if ended else "does not end with a stop"
    return PlainGrade(
        share,
        f"rule-based grade, counted and not read: {len(words)} words, {close},"
        f" {1 - fresh:.0%} of word triples repeat",
    )
