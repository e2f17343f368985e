"""Drops a text that uses a word outside the closed vocabulary."""

from __future__ import annotations

import re

from pydantic import Field

from datawell.core.lexicon import Lexicon
from datawell.core.params import Params as BaseParams
from datawell.core.records import Record, Span, Verdict

_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_SHOWN = 8


class Vocabulary:
    """Every word must be a form of a word in the lexicon, a name, or a character's name."""

    class Params(BaseParams):
        """Which vocabulary, and how strictly."""

        vocabulary: str = "child"
        """A shipped lexicon's name, or a file or folder of word lists."""
        most_unknown: int = Field(0, ge=0)
        """How many unknown words are still allowed."""

    name = "vocabulary"
    version = "1"

    def __init__(self, params: Vocabulary.Params) -> None:
        """Load the lexicon; see :meth:`Lexicon.load` for what can go wrong."""
        self.params = params
        self._lexicon = Lexicon.load(params.vocabulary)

    def examine(self, record: Record) -> Verdict:
        """``score`` is the share of words inside the vocabulary; unknown words are the evidence."""
        people = {
            part.lower()
            for character in record.plan.get("characters", ())
            for part in str(character.get("name", "")).split()
        }
        total, unknown = 0, []
        for match in _TOKEN.finditer(record.text):
            total += 1
            word = match.group(0)
            if not self._lexicon.allowed(word):
                bare = word.replace("’", "'").lower().removesuffix("'s")
                if bare not in people:
                    unknown.append(Span(match.start(), match.end(), word))
        score = 1 - len(unknown) / total if total else 0.0
        if total == 0:
            return Verdict(self.name, False, "no words", score)
        if len(unknown) > self.params.most_unknown:
            listed = ", ".join(dict.fromkeys(span.note for span in unknown[:_SHOWN]))
            return Verdict(
                self.name, False, "unknown words", score, tuple(unknown), f"unknown: {listed}"
            )
        return Verdict(self.name, True, "", score, tuple(unknown))
