"""Text with its evidence marked: overlapping spans become a flat run of segments."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Mark:
    """Characters ``start`` to ``end`` of a text; ``kind`` picks the look, ``note`` says why,
    ``badge`` is shown where the mark begins."""

    start: int
    end: int
    kind: str
    note: str = ""
    badge: str = ""


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of text under the same marks: ``kinds`` and notes are those of all of them."""

    text: str
    kinds: tuple[str, ...] = ()
    note: str = ""
    badge: str = ""


def segments(text: str, marks: Iterable[Mark]) -> list[Segment]:
    """Cut a text at the ends of its marks. Joined again, the segments are the text.

    Marks that lie outside the text, or the wrong way round, are cut to what is inside.
    """
    held = [
        replace(m, start=max(0, m.start), end=min(len(text), m.end))
        for m in marks
        if max(0, m.start) < min(len(text), m.end)
    ]
    cuts = sorted({0, len(text), *(m.start for m in held), *(m.end for m in held)})
    pieces = []
    for start, end in pairwise(cuts):
        over = [m for m in held if m.start <= start and end <= m.end]
        kinds = tuple(dict.fromkeys(m.kind for m in over))
        notes = "; ".join(dict.fromkeys(m.note for m in over if m.note))
        badge = " ".join(m.badge for m in over if m.badge and m.start == start)
        pieces.append(Segment(text[start:end], kinds, notes, badge))
    return pieces


def within(marks: Iterable[Mark], start: int, end: int) -> list[Mark]:
    """The marks that touch ``start`` to ``end``, counted from ``start``."""
    return [
        replace(m, start=m.start - start, end=m.end - start)
        for m in marks
        if m.start < end and m.end > start
    ]


def excerpt(text: str, marks: Sequence[Mark], limit: int) -> tuple[str, list[Mark], bool, bool]:
    """At most about ``limit`` characters around the first mark: text, marks, cut before, after."""
    if len(text) <= limit:
        return text, list(marks), False, False
    first = max(0, min((m.start for m in marks), default=0))
    start = max(0, min(first - limit // 3, len(text) - limit))
    end = min(len(text), start + limit)
    # Whole words, where that leaves the first mark in sight.
    if start:
        start = text.find(" ", start, first) + 1 or start
    if end < len(text) and (space := text.rfind(" ", max(start, first) + 1, end)) > 0:
        end = space
    return text[start:end], within(marks, start, end), start > 0, end < len(text)
