"""A check in one file: drop a text in which words are SHOUTED."""

from __future__ import annotations

import re

from pydantic import Field

from datawell.core import params
from datawell.core.records import Record, Span, Verdict

_CAPITALS = re.compile(r"\b[A-Z]{2,}\b")


class NoShouting:
    """Drops a record with more than ``at_most`` words in capitals; each is shown as evidence."""

    class Params(params.Params):
        """How much shouting is too much."""

        at_most: int = Field(default=0, ge=0)
        """Shouted words that are still allowed."""
        allowed: tuple[str, ...] = ("OK", "TV")
        """Words that are written in capitals anyway."""

    name = "no_shouting"
    version = "1"

    def __init__(self, params: Params) -> None:
        self.params = params

    def examine(self, record: Record) -> Verdict:
        """Keep a quiet text; ``score`` is the number of shouted words."""
        shouted = tuple(
            Span(found.start(), found.end(), "shouted")
            for found in _CAPITALS.finditer(record.text)
            if found[0] not in self.params.allowed
        )
        keep = len(shouted) <= self.params.at_most
        return Verdict(
            check=self.name,
            keep=keep,
            reason="" if keep else "shouting",
            score=float(len(shouted)),
            evidence=shouted,
        )
