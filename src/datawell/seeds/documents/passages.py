"""A document cut into passages: whole paragraphs where they fit, else whole sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from datawell.core.sentences import paragraphs, sentences

_HEADING = re.compile(r"#{1,6}[ \t]")
_FENCE = re.compile(r"```|~~~")
_NOT_PROSE = re.compile(r"\||<!--|-{3,}\s*$|!\[|[-=*_ ]+$")
_ENDS_LIKE_PROSE = re.compile(r"[.!?:;…][\"”’')\]]*$")
_TITLE_WORDS = 14


@dataclass(frozen=True, slots=True)
class Cut:
    """How long a passage may be, in words."""

    least: int
    most: int


def passages(text: str, cut: Cut, markdown: bool = False) -> list[tuple[int, int]]:
    """Start and end of each passage, in characters of ``text``; each is one stretch of it.

    Headings, titles, code and tables are in no passage and none reaches over them. What is left
    over at the end of a stretch and is shorter than ``least`` joins the passage before it; where
    there is none it is left out. Only a sentence longer than ``most`` makes a longer passage.
    """
    found: list[tuple[int, int]] = []
    for stretch in _stretches(text, markdown):
        found += _filled(text, stretch, cut)
    return found


def title(text: str, markdown: bool = False) -> str:
    """The first heading, or a short first line that is no sentence; empty without one."""
    first = next(paragraphs(text), None)
    if first is None:
        return ""
    block = text[slice(*first)]
    if _HEADING.match(block):
        return block.splitlines()[0].lstrip("#").strip()
    return block if not markdown and _is_title(block) else ""


def _is_title(block: str) -> bool:
    short = len(block.split()) <= _TITLE_WORDS and "\n" not in block.strip()
    return short and _ENDS_LIKE_PROSE.search(block) is None


def _stretches(text: str, markdown: bool) -> Iterator[list[tuple[int, int]]]:
    """Paragraphs that follow one another with nothing else between them."""
    stretch: list[tuple[int, int]] = []
    fenced = False
    for start, end in paragraphs(text):
        block = text[start:end]
        prose = not _is_title(block)
        if markdown:
            inside = fenced
            fenced ^= len(_FENCE.findall(block)) % 2 == 1
            heading = _HEADING.match(block)
            if heading and "\n" in block and not inside:  # text right below its heading
                if stretch:
                    yield stretch
                stretch = []
                start += block.index("\n") + 1
                block = text[start:end]
                heading = None
                prose = not _is_title(block)
            prose &= not (inside or _FENCE.match(block) or heading or _NOT_PROSE.match(block))
        if prose:
            stretch.append((start, end))
        elif stretch:
            yield stretch
            stretch = []
    if stretch:
        yield stretch


def _filled(text: str, stretch: list[tuple[int, int]], cut: Cut) -> list[tuple[int, int]]:
    """Pieces put together until the next would not fit."""
    found: list[tuple[int, int]] = []
    words = 0
    for start, end in _pieces(text, stretch, cut.most):
        size = len(text[start:end].split())
        if found and words + size <= cut.most:
            found[-1] = (found[-1][0], end)
            words += size
        else:
            found.append((start, end))
            words = size
    if words < cut.least and len(found) > 1:
        last = found.pop()
        found[-1] = (found[-1][0], last[1])
    return [(a, b) for a, b in found if len(text[a:b].split()) >= cut.least]


def _pieces(text: str, stretch: list[tuple[int, int]], most: int) -> Iterator[tuple[int, int]]:
    """Paragraphs, and the sentences of those that are too long."""
    for start, end in stretch:
        if len(text[start:end].split()) <= most:
            yield start, end
        else:
            yield from sentences(text, start, end)
