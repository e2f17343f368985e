"""Text that goes round in circles."""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Iterator
from difflib import SequenceMatcher

from pydantic import Field as Bounded

from datawell.core.params import Params
from datawell.core.records import Record, Span, Turn, Verdict, turn_offsets

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_SENTENCE = re.compile(r"(?:[^.!?\n]|\.(?=\d))+[.!?]*[\"”’')]*")
_GRAM = 4
_FEW_WORDS = 24
_OWN_TURNS = 3
_COMPARED_WORDS = 300


class Repetition:
    """Drops a record that repeats itself.

    Reasons, in the order they are looked for: ``repeated_turn`` (a turn nearly the same as one of
    the speaker's last three), ``repeated_sentence``, ``repeated_ngrams`` (share of 4-grams that
    occurred before), ``compressible`` (bytes over zlib bytes).
    Score: the share of 4-grams that occurred before.
    """

    class Params(Params):
        """How much repetition is still style."""

        same_turn: float = Bounded(0.95, gt=0, le=1)
        """Share of words, in order, from which two turns are the same."""
        min_turn_words: int = Bounded(6, ge=1)
        """Turns shorter than this may be alike ("Yes, well done.")."""
        max_same_sentence: int = Bounded(3, ge=1)
        """How often one sentence of four words or more may stand in the text."""
        max_repeated_ngrams: float = Bounded(0.3, ge=0, le=1)
        """Largest share of 4-grams that occurred before; a conversation is allowed half more."""
        max_compression: float = Bounded(4.0, gt=1)
        """Largest compression ratio, for texts of 500 bytes and more."""

    name = "repetition"
    version = "1"

    def __init__(self, params: Repetition.Params) -> None:
        self.params = params

    def examine(self, record: Record) -> Verdict:
        """The verdict on one record, with the repeated words as evidence."""
        words = [match.group().lower() for match in _WORD.finditer(record.text)]
        share = repeated_share(words)
        limit = self.params.max_repeated_ngrams * (1.5 if record.turns else 1.0)
        for reason, span in self._repeats(record):
            return Verdict(self.name, False, reason, share, (span,))
        if len(words) >= _FEW_WORDS and share > limit:
            note = f"{share:.0%} of 4-grams occurred before"
            return Verdict(self.name, False, "repeated_ngrams", share, note=note)
        data = record.text.encode()
        if len(data) >= 500:
            ratio = len(data) / len(zlib.compress(data, 6))
            if ratio > self.params.max_compression:
                note = f"compresses {ratio:.1f} times"
                return Verdict(self.name, False, "compressible", share, note=note)
        return Verdict(self.name, True, score=share)

    def _repeats(self, record: Record) -> Iterator[tuple[str, Span]]:
        own: dict[str, list[list[str]]] = {}
        for turn, at in zip(record.turns, turn_offsets(record.turns), strict=True):
            words = _WORD.findall(turn.text.lower())
            if len(words) >= self.params.min_turn_words:
                earlier = own.setdefault(turn.role, [])
                if any(self._same(words, other) for other in earlier[-_OWN_TURNS:]):
                    yield "repeated_turn", Span(at, at + len(turn.text), "said before")
            own.setdefault(turn.role, []).append(words)
        count: Counter[str] = Counter()
        pieces = _blocks(record.turns) or [(0, record.text)]
        for at, text in pieces:
            for match in _SENTENCE.finditer(text):
                words = _WORD.findall(match.group().lower())
                key = " ".join(words)
                count[key] += len(words) >= _GRAM
                if count[key] > self.params.max_same_sentence:
                    note = f"sentence said {count[key]} times"
                    yield "repeated_sentence", Span(at + match.start(), at + match.end(), note)

    def _same(self, words: list[str], other: list[str]) -> bool:
        if words == other:
            return True
        if min(len(words), len(other)) < self.params.same_turn * max(len(words), len(other)) * 0.9:
            return False
        # Other numbers make it another turn: "What is 5 * 4?" after "What is 5 * 6?".
        if [w for w in words if w[0].isdigit()] != [w for w in other if w[0].isdigit()]:
            return False
        words, other = words[:_COMPARED_WORDS], other[:_COMPARED_WORDS]
        return SequenceMatcher(None, words, other, autojunk=False).ratio() >= self.params.same_turn


def _blocks(turns: tuple[Turn, ...]) -> list[tuple[int, str]]:
    return list(zip(turn_offsets(turns), (turn.text for turn in turns), strict=True))


def repeated_share(words: list[str]) -> float:
    """Share of word 4-grams that occurred before in the same text."""
    grams = [tuple(words[at : at + _GRAM]) for at in range(len(words) - _GRAM + 1)]
    return 1 - len(set(grams)) / len(grams) if grams else 0.0
