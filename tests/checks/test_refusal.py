"""Answers that decline are dropped; answers that only mention being sorry are not."""

from __future__ import annotations

import pytest

from datawell.checks.refusal import Refusal
from tests.checks.kit import quoted, story

CHECK = Refusal(Refusal.Params())


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I can't help with that.",
        "I am very sorry, I do not know this.",
        "Sorry, but I cannot say.",
        "I cannot assist with this request.",
        "Unfortunately, I can’t access the internet.",
        "As an AI, I have no opinion on tea.",
        "as a large language model I have never seen a kite",
        "**I'm afraid I cannot do that.**",
        '"I am unable to answer."',
    ],
)
def test_it_declines(text: str) -> None:
    verdict = CHECK.examine(story(text))
    assert (verdict.keep, verdict.reason) == (False, "refused")
    assert quoted(story(text), verdict) in text


@pytest.mark.parametrize(
    "text",
    [
        "The baker is sorry that the bread is late.",
        "I can help you with that: first heat the water.",
        "Dear Ada! I am sorry that I missed your call.",
        "Say that you are sorry. I cannot stress this enough.",
        "As an aim in life it is fine.",
        "",
        "I am sorry, that was unclear. " + "Here is how it is done. " * 20,
    ],
)
def test_it_answers(text: str) -> None:
    assert CHECK.examine(story(text)).keep


def test_what_is_short_can_be_said() -> None:
    long = "I cannot help with that. " * 20
    assert CHECK.examine(story(long)).keep
    assert not Refusal(Refusal.Params(max_words=200)).examine(story(long)).keep


def test_long_monotonous_texts_are_read() -> None:
    for piece in ("_", " ", "I am very ", "unfortunately, "):
        assert CHECK.examine(story(piece * 20_000)).keep
