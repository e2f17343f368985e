"""The table of verifiers, and the terms in which they read a text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

Arguments = Mapping[str, Any]
Verifier = Callable[[str, Arguments], str]

VERIFIERS: dict[str, Verifier] = {}

_WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*")
# A run of marks is tried once, from its beginning: model text may be nothing but full stops.
_END = re.compile(r"(?<![.!?…])[.!?…]++[\"'”’)\]*_]*+(?=\s|$)")
_LIST_NUMBER = re.compile(r"\s*\d+[.)]\s+")
_BULLET = re.compile(r"\s*[*\-•]\s+(?=\S)")
_ABBREVIATIONS = frozenset(
    {"mr", "mrs", "ms", "dr", "prof", "vs", "etc", "e.g", "i.e", "a.m", "p.m", "p.s", "p.p.s", "cf"}
)


def verifies(kind: str) -> Callable[[Verifier], Verifier]:
    """Put a function into the table as the verifier of a kind."""

    def put(verifier: Verifier) -> Verifier:
        VERIFIERS[kind] = verifier
        return verifier

    return put


def held(ok: bool, why: str) -> str:
    """Nothing when it holds, else why not."""
    return "" if ok else why


def related(found: int, relation: str, count: int, what: str) -> str:
    """Compare a number with what was asked."""
    ok = {"at least": found >= count, "at most": found <= count, "exactly": found == count}
    return held(ok[relation], f"{found} {what}, {relation} {count} wanted")


def words(text: str) -> list[str]:
    """The words of a text."""
    return _WORD.findall(text)


def lines(text: str) -> list[str]:
    """The lines with a word in them."""
    return [line for line in text.splitlines() if _WORD.search(line)]


def paragraphs(text: str) -> list[str]:
    """The pieces between blank lines that have a word in them."""
    return [piece for piece in re.split(r"\n[ \t]*\n", text) if _WORD.search(piece)]


def sentences(text: str) -> list[str]:
    """The sentences of a text; a line's end ends a sentence."""
    found = []
    for line in lines(text):
        body = _LIST_NUMBER.sub("", line, count=1) if _LIST_NUMBER.match(line) else line
        start = 0
        for end in _END.finditer(body):
            last = body[start : end.start()].rsplit(None, 1)[-1:] or [""]
            if last[0].strip("\"'“‘(").lower() in _ABBREVIATIONS and end.group() == ".":
                continue
            found.append(body[start : end.end()])
            start = end.end()
        found.append(body[start:])
    return [sentence.strip() for sentence in found if _WORD.search(sentence)]


def items(text: str) -> list[str]:
    """The words of every list item: lines that begin with a bullet or a number."""
    found = []
    for line in text.splitlines():
        start = _BULLET.match(line) or _LIST_NUMBER.match(line)
        if start and line[start.end() :].strip():
            found.append(line[start.end() :].strip())
    return found


def bullets(text: str) -> list[str]:
    """The lines that begin with a bullet, without it."""
    starts = ((line, _BULLET.match(line)) for line in text.splitlines())
    return [line[start.end() :] for line, start in starts if start]


def numbers_of_list(text: str) -> list[int]:
    """The numbers with which lines begin, in order."""
    found = (re.match(r"\s*(\d{1,6})[.)]\s+\S", line) for line in text.splitlines())
    return [int(number[1]) for number in found if number]


def inside_fence(text: str) -> str | None:
    """The inside of the one fence that is the whole text, or None."""
    opening, _, rest = text.strip().partition("\n")
    inside = rest.removesuffix("```")
    if not opening.startswith("```") or inside == rest or "```" in opening[3:] + inside:
        return None
    return inside.strip("\n")


def occurrences(text: str, word: str) -> int:
    """How often a word (or phrase) occurs as a whole, in any case."""
    straight = text.replace("’", "'").casefold()
    wanted = re.escape(word.replace("’", "'").casefold())
    return len(re.findall(rf"(?<![^\W_]){wanted}(?![^\W_])", straight))
