"""The plugin's own test: it meets the bad text, and leaves the good one alone."""

from __future__ import annotations

import pytest
from no_shouting import NoShouting

from datawell.core.records import Lineage, Record

LINEAGE = Lineage(recipe="r", task="stories", row=0, seed_id="s", source="words")


def record(text: str) -> Record:
    """A record of nothing but text."""
    return Record(id="1", text=text, plan={}, lineage=LINEAGE)


@pytest.mark.parametrize("text", ["The dog ran home.", "I sat by the TV.", "I am OK."])
def test_quiet_texts_are_kept(text: str) -> None:
    """Capitals that are no shouting."""
    assert NoShouting(NoShouting.Params()).examine(record(text)).keep


def test_shouting_is_dropped_and_shown() -> None:
    """The reason is a code, the evidence is the words."""
    text = "The dog said NO and ran AWAY."
    verdict = NoShouting(NoShouting.Params()).examine(record(text))
    assert (verdict.keep, verdict.reason, verdict.score) == (False, "shouting", 2.0)
    assert [text[span.start : span.end] for span in verdict.evidence] == ["NO", "AWAY"]


def test_a_little_can_be_allowed() -> None:
    """The parameter counts."""
    check = NoShouting(NoShouting.Params(at_most=1))
    assert check.examine(record("The dog said NO.")).keep
    assert not check.examine(record("The dog said NO and ran AWAY.")).keep
