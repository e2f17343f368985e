"""Where sentences and paragraphs begin and end, as exact characters of the text."""

from __future__ import annotations

import re
from collections.abc import Iterator

_PARAGRAPH = re.compile(r"\S(?:[^\n]|\n(?![ \t\r]*\n))*")
# What may end a sentence, with the quotes and brackets that close with it.
_STOP = re.compile(r"[.!?…]+[\"”’')\]]*(?=\s|$)")
_OPENING = "\"“‘'(["
_ABBREVIATIONS_WORDS = (
    "mr mrs ms dr st prof rev sr jr gen col capt lt sgt hon vs e.g i.e etc cf ca approx fig no nos"
    " vol pp ed eds al inc ltd co corp dept est jan feb mar apr jun jul aug sep sept oct nov dec"
    " mt ft a.m p.m u.s u.k"
)
_ABBREVIATIONS = frozenset(_ABBREVIATIONS_WORDS.split())
# These end a sentence as often as not; what follows in upper case begins a new one.
_EITHER = frozenset(("etc", "a.m", "p.m", "inc", "ltd", "co", "u.s", "u.k"))
_LAST_WORD = re.compile(r"[^\W\d_]+(?:\.[^\W\d_]+)*$")


def paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each block of lines between blank lines, without white space around."""
    for match in _PARAGRAPH.finditer(text):
        yield match.start(), match.start() + len(match.group().rstrip())


def sentences(text: str, start: int = 0, end: int | None = None) -> Iterator[tuple[int, int]]:
    """Start and end of each sentence between two places of the text, without white space around.

    Sentences never reach over a blank line. A stop ends one when white space and no lower-case
    letter follow, unless it belongs to an abbreviation or an initial (``Dr. Ito``, ``J. Smith``).
    """
    piece = text[start:end]
    for begin, close in paragraphs(piece):
        at = begin
        for stop in _STOP.finditer(piece, begin, close):
            if _ends(piece, stop, close):
                yield start + at, start + stop.end()
                at = stop.end()
                while at < close and piece[at].isspace():
                    at += 1
        if at < close:
            yield start + at, start + close


def _ends(text: str, stop: re.Match[str], close: int) -> bool:
    at = stop.end()
    while at < close and (text[at].isspace() or text[at] in _OPENING):
        at += 1
    if at < close and text[at].islower():
        return False
    if not stop.group().startswith(".") or stop.group().startswith(".."):
        return True
    found = _LAST_WORD.search(text, max(0, stop.start() - 24), stop.start())
    if found is None or at >= close:
        return True
    word = found.group()
    if len(word) == 1 and word.isupper() and word != "I":
        return False
    lower = word.lower()
    if lower == "no":  # "No. 7" is a number, "He said no." ends
        return not text[at].isdigit()
    return lower not in _ABBREVIATIONS or lower in _EITHER
