"""Is a text divided as its outline says? Headings in their order, each with something below it."""

from __future__ import annotations

import re

from pydantic import Field as Bounded

from datawell.core.params import Params
from datawell.core.records import Record, Span, Verdict

_HEADING = re.compile(r"^(#{1,2})[ \t]+(.+?)[ \t]*#*[ \t]*$", re.MULTILINE)


class OutlineFollowed:
    """Drops a text in Markdown whose headings are not those of ``plan["outline"]``.

    ``plan["outline"]`` has a ``title`` (heading of level 1) and ``sections`` with a ``title`` each
    (level 2); deeper headings are free. Reasons: ``no_outline`` (the plan has none),
    ``title_missing``, ``section_missing``, ``section_added``, ``sections_out_of_order``,
    ``section_empty``.
    Score: the share of planned sections that are there and not empty.
    """

    class Params(Params):
        """What counts as a section."""

        min_words: int = Bounded(3, ge=1)
        """Fewer words below a heading make an empty section."""

    name = "outline"
    version = "1"

    def __init__(self, params: OutlineFollowed.Params) -> None:
        self.params = params

    def examine(self, record: Record) -> Verdict:
        """The verdict on one record."""
        planned = _planned(record.plan.get("outline"))
        if planned is None:
            return Verdict(self.name, False, "no_outline", note="the plan has no outline")
        title, sections = planned
        headings = list(_HEADING.finditer(record.text))
        found = [(match, _flat(match[2])) for match in headings if match[1] == "##"]
        texts = [_flat(match[2]) for match in headings if match[1] == "#"]
        full = [self._is_full(record.text, match, headings) for match, _ in found]
        names = [name for _, name in found]
        good = sum(name in names and full[names.index(name)] for name in sections)
        reason, note, at = "", "", None
        if texts != [title]:
            reason, note = "title_missing", f"{len(texts)} titles, and not the planned one alone"
        elif missing := [name for name in sections if name not in names]:
            reason, note = "section_missing", missing[0]
        elif len(names) > len(sections):
            at = next(i for i, n in enumerate(names) if n not in sections or n in names[:i])
            reason, note = "section_added", names[at]
        elif names != sections:
            reason, note = "sections_out_of_order", "; ".join(names)
        elif not all(full):
            at = full.index(False)
            reason, note = "section_empty", names[at]
        evidence = () if at is None else (Span(found[at][0].start(), found[at][0].end(), note),)
        return Verdict(self.name, not reason, reason, good / len(sections), evidence, note)

    def _is_full(self, text: str, match: re.Match[str], headings: list[re.Match[str]]) -> bool:
        end = next((other.start() for other in headings if other.start() > match.start()), None)
        return len(text[match.end() : end].split()) >= self.params.min_words


def _planned(outline: object) -> tuple[str, list[str]] | None:
    """The title and the sections' titles; None for a plan without them."""
    if not isinstance(outline, dict) or not outline.get("sections"):
        return None
    try:
        return _flat(outline["title"]), [_flat(part["title"]) for part in outline["sections"]]
    except (KeyError, TypeError, AttributeError):
        return None


def _flat(text: str) -> str:
    return " ".join(text.split()).casefold()
