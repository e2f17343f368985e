"""Texts that leave their outline are caught."""

from __future__ import annotations

from typing import Any

import pytest

from datawell.checks.outline import OutlineFollowed
from datawell.core.records import Verdict
from tests.checks.kit import story

TEXT = (
    "# Book\n\n## One\n\nSome words are here.\n\n### Deeper\n\nMore.\n\n"
    "## Two ##\n\nThese words too."
)
OUTLINE = {"title": "Book", "sections": [{"title": "One"}, {"title": "Two"}]}


def examine(text: str = TEXT, outline: Any = OUTLINE, **params: int) -> Verdict:
    check = OutlineFollowed(OutlineFollowed.Params.model_validate(params))
    return check.examine(story(text, {"outline": outline}))


def test_a_text_as_planned_is_kept() -> None:
    verdict = examine()
    assert verdict.keep
    assert verdict.score == 1


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("# Book", "# Another", "title_missing"),
        ("# Book\n", "\n", "title_missing"),
        ("## One", "# One", "title_missing"),
        ("## Two ##", "## Three", "section_missing"),
        ("### Deeper", "## Deeper", "section_added"),
        ("### Deeper", "## One", "section_added"),
        ("Some words are here.\n\n### Deeper\n\nMore.", "", "section_empty"),
        ("These words too.", "Few.", "section_empty"),
    ],
)
def test_a_text_that_leaves_it_is_dropped(old: str, new: str, reason: str) -> None:
    verdict = examine(TEXT.replace(old, new))
    assert verdict.reason == reason


def test_the_order_counts() -> None:
    turned = TEXT.replace("## One", "## X").replace("## Two ##", "## One").replace("## X", "## Two")
    assert examine(turned).reason == "sections_out_of_order"


@pytest.mark.parametrize(
    "outline",
    [
        None,
        {},
        {"sections": []},
        {"sections": [{"title": "One"}]},
        {"title": "B", "sections": ["One"]},
    ],
)
def test_a_plan_without_an_outline(outline: Any) -> None:
    assert examine(outline=outline).reason == "no_outline"


def test_how_many_words_a_section_needs() -> None:
    assert examine(min_words=4).reason == "section_empty"
