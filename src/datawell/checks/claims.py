"""What a text claims that can be held against another text: its names and its numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from datawell.checks.expressions import word_set
from datawell.core.numbers import find_numbers

_WORD = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*")
_BREAK = re.compile(r"[.!?:;\"“”()\[\]•*#>]|[-–—]\s|\n\s*\n")
# Capital words that are no names, wherever they stand.
_PLAIN = word_set("i i'm i'll i'd i've ok mr mrs ms dr prof st")
_FIRST = word_set(
    "the a an this that these those it its he she they we you his her their our my your there here"
    " yes no not because since when while if although though in on at by from to of for with"
    " without after before during until and but or so then thus also however therefore instead"
    " what who which where why how all both each every some any many most few several one two as"
    " according only once today now never always nobody everybody someone"
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A name or a number at characters ``start`` to ``end``."""

    text: str
    start: int
    end: int


def capitals(text: str) -> Iterator[tuple[re.Match[str], bool]]:
    """The capitalised words of ``text``, each with whether it begins a sentence."""
    last = 0
    for word in _WORD.finditer(text):
        between = text[last : word.start()]
        # A full stop after a title or an initial ends no sentence ("Mr. Okafor").
        title = text[:last].rsplit(None, 1)[-1:] if between.strip() == "." else []
        ends = _BREAK.search(between) is not None and not (
            title and (title[0].strip(".").lower() in _PLAIN or len(title[0].strip(".")) == 1)
        )
        if word.group()[0].isupper():
            yield word, last == 0 or ends
        last = word.end()


def names(text: str) -> list[Claim]:
    """Capitalised words that are surely meant as names, one claim a word.

    A single capital word at the start of a sentence may be any word; with another one right after
    it, it is a name, unless it is a little word.
    """
    found: list[Claim] = []
    words = list(capitals(text))
    for at, (word, first) in enumerate(words):
        plain = word.group().lower().replace("’", "'")
        following = words[at + 1][0] if at + 1 < len(words) else None
        joined = following is not None and text[word.end() : following.start()] == " "
        if plain in _PLAIN or (first and (plain in _FIRST or not joined)):
            continue
        stem = re.sub(r"['’]s?$", "", word.group())
        found.append(Claim(stem, word.start(), word.start() + len(stem)))
    return found


def numbers(text: str) -> list[tuple[Fraction, Claim]]:
    """The numbers of ``text``; a written-out "one" is most often no number and is left out."""
    return [
        (span.quantity, Claim(text[span.start : span.end], span.start, span.end))
        for span in find_numbers(text)
        if span.kind != "words" or span.value not in (1, Fraction(1, 2))
    ]
