from __future__ import annotations

import pytest
from pydantic import ValidationError

from datawell.checks.length import Length
from tests.checks.kit import dialogue, story

check = Length(Length.Params(min_words=3, max_words=6, min_turns=2, max_turns=3))


@pytest.mark.parametrize("words", [3, 6])
def test_both_ends_are_allowed(words: int) -> None:
    verdict = check.examine(story("word " * words))
    assert (verdict.keep, verdict.score) == (True, words)


@pytest.mark.parametrize(("words", "reason"), [(0, "too_short"), (2, "too_short"), (7, "too_long")])
def test_too_few_and_too_many_words_are_dropped(words: int, reason: str) -> None:
    verdict = check.examine(story("word " * words))
    assert (verdict.keep, verdict.reason) == (False, reason)
    assert str(words) in verdict.note


def test_turns_are_counted_in_conversations() -> None:
    assert check.examine(dialogue("one two three")).reason == "too_few_turns"
    assert check.examine(dialogue("a", "b")).keep
    many = Length(Length.Params(min_words=0, max_turns=3))
    assert many.examine(dialogue("a", "b", "c", "d")).reason == "too_many_turns"


def test_a_negative_limit_is_refused() -> None:
    with pytest.raises(ValidationError):
        Length.Params(min_words=-1)
