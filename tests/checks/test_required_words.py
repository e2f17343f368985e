"""The required-words check: inflections count, absence is named."""

from typing import Any

import pytest

from datawell.checks.required_words import RequiredWords
from datawell.core.records import Lineage, Record

CHECK = RequiredWords(RequiredWords.Params())


def record(text: str, required: Any) -> Record:
    return Record("1", text, {"required": required}, Lineage("f", "stories", 0, "s", "w"))


def test_any_inflection_counts_and_is_shown() -> None:
    text = "The mice ran home. It was the happiest day."
    verdict = CHECK.examine(record(text, {"noun": "mouse", "verb": "run", "adjective": "happy"}))
    assert verdict.keep
    assert [text[s.start : s.end] for s in verdict.evidence] == ["mice", "ran", "happiest"]


@pytest.mark.parametrize("text", ["The mouse was happy.", "A mouse, happy, sat near the runner."])
def test_a_missing_word_drops_the_story(text: str) -> None:
    verdict = CHECK.examine(record(text, {"noun": "mouse", "verb": "run", "adjective": "happy"}))
    assert (verdict.keep, verdict.reason) == (False, "missing words")
    assert "verb run" in verdict.note
    assert verdict.score == pytest.approx(2 / 3)


def test_a_possessive_counts_and_a_word_of_your_own() -> None:
    assert CHECK.examine(record("the dog’s zorb", {"noun": "dog", "adjective": "zorb"})).keep


@pytest.mark.parametrize("required", [None, {}, "drum"])
def test_a_plan_without_words_is_dropped(required: Any) -> None:
    verdict = CHECK.examine(record("A drum.", required))
    assert (verdict.keep, verdict.reason) == (False, "no plan")
