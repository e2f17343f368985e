"""Drops a story that does not show a feature its plan claims.

An independent reader: it knows the text and the witness words in ``plan["features"]`` and nothing
of how the story was made, so it reads any writer's text alike.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from datawell.core.lexicon import Lexicon
from datawell.core.params import Params as BaseParams
from datawell.core.records import Record, Span, Verdict

_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_QUOTE = re.compile(r'"([^"\n]+)"|“([^”\n]+)”')
_LAST_PART = 0.55
_STRIFE_WINDOW = 400
_PLAIN_WORDS = """a an the is are was be been to of in on at by it its one that this and or for with
not can could do does did than so too very what who there they we he she i you"""
_PLAIN = frozenset(_PLAIN_WORDS.split())


@dataclass(frozen=True, slots=True)
class _Text:
    """A text, its tokens with their places, and the base words each may be a form of."""

    text: str
    tokens: tuple[tuple[str, int, int], ...]
    lemmas: tuple[frozenset[str], ...]

    def places(self, wanted: Iterable[str]) -> list[Span]:
        """Where any of the base words (or names) occurs, in order."""
        targets = {word.lower() for word in wanted}
        return [
            Span(start, end, token)
            for (token, start, end), lemmas in zip(self.tokens, self.lemmas, strict=True)
            if token in targets or lemmas & targets
        ]


def _read(text: str, lexicon: Lexicon) -> _Text:
    tokens = tuple(
        (m.group(0).replace("’", "'").lower().removesuffix("'s"), m.start(), m.end())
        for m in _TOKEN.finditer(text)
    )
    return _Text(text, tokens, tuple(lexicon.lemmas(token) for token, _, _ in tokens))


Witness = Mapping[str, Any]
Found = tuple[Span, ...]


def _dialogue(text: _Text, witness: Witness) -> Found:
    quotes = tuple(Span(m.start(), m.end(), "speech") for m in _QUOTE.finditer(text.text))
    heard = all(text.places([name]) for name in witness["speakers"])
    return quotes if len(quotes) >= 2 and heard else ()


def _moral(text: _Text, witness: Witness) -> Found:
    wanted = [w.lower() for w in _TOKEN.findall(str(witness["lesson"])) if w.lower() not in _PLAIN]
    start = len(text.text) * _LAST_PART
    found = {
        word: late[-1]
        for word in dict.fromkeys(wanted)
        if (late := [span for span in text.places([word]) if span.start >= start])
    }
    enough = wanted and len(found) * 2 >= len(set(wanted))
    return tuple(found.values()) if enough else ()


def _foreshadowing(text: _Text, witness: Witness) -> Found:
    early, late = text.places(witness["early"]), text.places(witness["late"])
    half = len(text.text) / 2
    if early and early[0].start < half:
        after = [span for span in late if span.start > early[0].end]
        return (early[0], after[-1]) if after else ()
    return ()


def _twist(text: _Text, witness: Witness) -> Found:
    expected, actual = text.places(witness["expected"]), text.places(witness["actual"])
    if expected and actual and actual[-1].start > expected[0].start:
        return expected[0], actual[-1]
    return ()


def _conflict(text: _Text, witness: Witness) -> Found:
    names = [text.places([name]) for name in witness["between"]]
    over = text.places([witness["over"]])
    for span in text.places(witness["words"]):
        near = [
            next((s for s in spans if abs(s.start - span.start) < _STRIFE_WINDOW), None)
            for spans in (*names, over)
        ]
        if all(near):
            return span, *[s for s in near if s]
    return ()


def _bad_ending(text: _Text, witness: Witness) -> Found:
    start = len(text.text) * _LAST_PART
    return tuple(span for span in text.places(witness["words"]) if span.start >= start)


_READERS: dict[str, Callable[[_Text, Witness], Found]] = {
    "dialogue": _dialogue,
    "moral": _moral,
    "foreshadowing": _foreshadowing,
    "twist": _twist,
    "conflict": _conflict,
    "bad ending": _bad_ending,
}


class Features:
    """Every feature in ``plan["features"]`` must be seen in the text by its witness words."""

    class Params(BaseParams):
        """Whose inflections count."""

        vocabulary: str = "child"
        """The lexicon whose inflections count as the same word."""

    name = "features"
    version = "1"

    def __init__(self, params: Features.Params) -> None:
        """Load the lexicon; see :meth:`Lexicon.load` for what can go wrong."""
        self.params = params
        self._lexicon = Lexicon.load(params.vocabulary)

    def examine(self, record: Record) -> Verdict:
        """``score`` is the share of claimed features seen; the evidence marks them."""
        claimed = record.plan.get("features", {})
        text = _read(record.text, self._lexicon)
        evidence: list[Span] = []
        absent: list[str] = []
        for name in sorted(claimed):
            reader = _READERS.get(name)
            try:
                found = reader(text, claimed[name]) if reader else ()
            except (KeyError, TypeError):
                found = ()  # A claim without its witnesses cannot be confirmed.
            if found:
                evidence.extend(Span(s.start, s.end, f"{name}: {s.note}") for s in found)
            else:
                absent.append(name)
        score = 1 - len(absent) / len(claimed) if claimed else 1.0
        if absent:
            note = f"not seen: {', '.join(absent)}"
            return Verdict(self.name, False, "feature absent", score, tuple(evidence), note)
        return Verdict(self.name, True, "", score, tuple(evidence))
