"""The features check reads the text alone: it sees each feature, and misses what is absent."""

from typing import Any

import pytest

from datawell.checks.features import Features
from datawell.core.records import Lineage, Record

CHECK = Features(Features.Params())
STORY = (
    "Lily and Tom had a drum. A dark cloud sat over the hill.\n\n"
    '"It is mine!" said Lily. "No, you had it all day," said Tom. They argued about the drum, and '
    "both were angry.\n\nThen the rain came. They thought the bag was empty, but a kitten slept in "
    "it.\n\nLily was sad and cried. She learned that a shared drum is more fun."
)
CLAIMS: dict[str, dict[str, Any]] = {
    "dialogue": {"speakers": ["Lily", "Tom"]},
    "moral": {"lesson": "sharing a drum is fun"},
    "foreshadowing": {"early": ["cloud"], "late": ["rain"]},
    "twist": {"expected": ["empty"], "actual": ["kitten"]},
    "conflict": {"between": ["Lily", "Tom"], "over": "drum", "words": ["argue"]},
    "bad ending": {"words": ["sad", "cry"]},
}


def examine(text: str, features: dict[str, Any]) -> Any:
    return CHECK.examine(
        Record("1", text, {"features": features}, Lineage("f", "stories", 0, "s", "w"))
    )


def test_all_features_are_seen() -> None:
    verdict = examine(STORY, CLAIMS)
    assert verdict.keep, verdict.note
    assert verdict.score == 1.0
    assert {span.note.split(":")[0] for span in verdict.evidence} == set(CLAIMS)
    assert all(0 <= span.start < span.end <= len(STORY) for span in verdict.evidence)


def test_another_writers_quotes_count() -> None:
    text = "Lily saw Tom. “Hello,” said Tom. “Hi,” said Lily."
    assert examine(text, {"dialogue": CLAIMS["dialogue"]}).keep


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("dialogue", "Lily said hello to Tom, and Tom said hello, too."),
        ("dialogue", '"Hello," said Lily. "Hello," she said again.'),
        ("dialogue", '"Hello," said Lily to Tom, and Tom only smiled.'),
        ("moral", "Sharing a drum is fun. " + "Then they walked home in the rain. " * 4),
        ("moral", "They went home. Lily learned nothing at all."),
        ("foreshadowing", "The rain came. Then a cloud sat over the hill, white and round."),
        ("foreshadowing", "A cloud sat over the hill. Then they walked home and slept."),
        ("twist", "A kitten slept in the bag. It was not empty."),
        ("twist", "They thought the bag was empty, and it was."),
        ("conflict", "Lily and Tom had a drum. They played and were happy."),
        ("conflict", "Tom argued with a goose about the drum."),
        ("bad ending", "Lily was sad. " + "Then the sun came out and she laughed. " * 4),
    ],
)
def test_a_feature_that_is_not_there_drops_the_story(name: str, text: str) -> None:
    verdict = examine(text, {name: CLAIMS[name]})
    assert (verdict.keep, verdict.reason) == (False, "feature absent")
    assert name in verdict.note


def test_a_claim_that_cannot_be_confirmed_is_refused() -> None:
    assert not examine(STORY, {"dialogue": {}}).keep
    assert not examine(STORY, {"dialogue": None}).keep
    assert not examine(STORY, {"car chase": {"words": ["drum"]}}).keep


def test_no_claim_no_complaint() -> None:
    verdict = examine("A drum.", {})
    assert (verdict.keep, verdict.score) == (True, 1.0)
