"""What a section is, and what several of them share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from datawell.core.records import Row
from datawell.report.marks import Mark

NOT_MEASURED = "not measured"


@dataclass(frozen=True)
class Section:
    """A part of the page. ``template`` lies in ``templates/`` and sees ``data`` as ``s``."""

    id: str
    title: str
    template: str
    data: Mapping[str, Any] = field(default_factory=dict)


def is_builtin(model: str) -> bool:
    """True for the built-in teacher, which is a grammar and always called so."""
    return model.split(":")[0] == "builtin"


_KINDS = {"required_words": "word", "features": "feature", "misconception": "error"}


def verdict_marks(row: Row) -> list[Mark]:
    """The evidence of a row's verdicts. What a failed check points at is a fault, save for checks
    that point at what they did find."""
    return [
        Mark(
            span.start,
            span.end,
            _KINDS.get(verdict.check, "evidence" if verdict.keep else "fault"),
            f"{verdict.check}: {span.note}" if span.note else verdict.check,
        )
        for verdict in row.verdicts
        for span in verdict.evidence
    ]
