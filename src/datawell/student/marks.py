"""What a reader should notice in a student's story, as spans: unknown words, names out of nowhere,
runs copied from training."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datawell.student.overlap import COPY

_TOKEN = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_BEFORE = re.compile(
    r"(?:\b(?:named|called|name was|name is|friends?|brother|sister|cousin|and|mr|mrs|ms|miss|"
    r"king|queen|prince|princess|aunt|uncle|grandma|grandpa|neighbou?r)|^|\n)[ ,:]*$",
    re.IGNORECASE,
)
_AFTER = re.compile(r"^(?: the [a-z]+|, (?:a|an|the|his|her|their) [a-z]+| (?:was|is) (?:a|an) )")
_INTRODUCTION = 0.34
"""Share of a story at whose beginning any name may come in."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Characters ``start`` to ``end`` of a text; ``kind`` is unknown_word, wrong_name or copied."""

    start: int
    end: int
    kind: str

    def facts(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)


def word_spans(text: str) -> list[tuple[int, int]]:
    """Where the words of :func:`datawell.core.lexicon.words` stand."""
    return [match.span() for match in _TOKEN.finditer(text.replace("’", "'"))]


def unknown_words(text: str, known: Callable[[str], bool], begin: int = 0) -> list[Mark]:
    """Words after ``begin`` that ``known`` denies."""
    spans = [s for s in word_spans(text) if s[0] >= begin]
    return [
        Mark(a, b, "unknown_word")
        for a, b in spans
        if not known(text[a:b].replace("’", "'").lower())
    ]


def wrong_names(text: str, names: Collection[str], begin: int = 0) -> list[Mark]:
    """Names after ``begin`` that nobody has introduced: first seen late, and without words such as
    ``named``, ``friend`` or ``X the fox`` beside them. Each mention of such a name is marked."""
    introduced: set[str] = set()
    found = []
    for start, end in word_spans(text):
        word = text[start:end].replace("’s", "").replace("'s", "")
        if word not in names or word in introduced:
            continue
        early = start < _INTRODUCTION * len(text)
        if early or _BEFORE.search(text[:start]) or _AFTER.search(text[start + len(word) :]):
            introduced.add(word)
        elif start >= begin:
            found.append(Mark(start, end, "wrong_name"))
    return found


def copied_runs(text: str, matches: NDArray[np.int64], begin: int = 0) -> list[Mark]:
    """The parts after ``begin`` that runs of eight or more training words cover."""
    spans = word_spans(text)
    covered = np.zeros(len(spans) + 1, bool)
    for at in np.flatnonzero(matches >= COPY):
        covered[at - COPY + 1 : at + 1] = True
    found: list[Mark] = []
    first: int | None = None
    for i, on in enumerate(covered):
        on = bool(on) and spans[i][0] >= begin
        if on and first is None:
            first = i
        elif not on and first is not None:
            found.append(Mark(spans[first][0], spans[i - 1][1], "copied"))
            first = None
    return found
