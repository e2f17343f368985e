"""Planted losses and inventions in rewritten texts are caught; honest rewritings are not."""

from __future__ import annotations

import re
from typing import Any

import pytest

from datawell.checks.meaning_kept import MeaningKept
from datawell.core.records import Verdict
from tests.checks.kit import story

SOURCE = (
    "The mill of Harrowby was built in 1847 by Thomas Arkwell. It has 3 wheels and cost 4,300"
    " pounds. Visitors may not climb the tower because the stairs are too narrow. Nobody has"
    " repaired the roof since Monday."
)
GOOD = (
    "Thomas Arkwell built the mill of Harrowby in 1847. It cost 4300 pounds and has three wheels."
    " Climbing the tower is forbidden for visitors, as its stairs are too narrow. Since Monday"
    " nobody has repaired the roof."
)


def examine(text: str, source: Any = SOURCE, keeps: str = "all", **params: float) -> Verdict:
    check = MeaningKept(MeaningKept.Params.model_validate(params))
    return check.examine(story(text, {"source": {"text": source}, "keeps": keeps}))


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        "- " + SOURCE.replace(". ", ".\n- "),
        re.sub(r"(?:^|(?<=\. ))", "1. ", SOURCE).replace(". 1.", ".\n1."),
        SOURCE.replace("may not", "mustn't"),
        SOURCE.replace("Nobody has repaired", "The roof is there; no one has repaired"),
    ],
)
def test_an_honest_rewriting_is_kept(text: str) -> None:
    verdict = examine(text)
    assert verdict.keep, verdict
    assert verdict.score == 1


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("1847", "1848", "number_added"),
        ("three wheels", "wheels", "number_lost"),
        ("and has three", "and has three or four", "number_added"),
        ("Thomas Arkwell", "Thomas Smith", "name_added"),
        ("Thomas Arkwell built", "Somebody built", "name_lost"),
        ("Since Monday", "Lately", "name_lost"),
        ("is forbidden for", "is popular with", "negation_lost"),
        ("nobody has repaired", "people have repaired", "negation_lost"),
        ("has three wheels", "has three wheels, never wood", "negation_added"),
        ("The mill", "The mill", ""),
    ],
)
def test_a_planted_fault_is_caught(old: str, new: str, reason: str) -> None:
    verdict = examine(GOOD.replace(old, new))
    assert verdict.reason == reason
    if reason.endswith("_added"):
        span = verdict.evidence[0]
        assert span.end > span.start


def test_a_negation_put_into_a_sentence_is_caught() -> None:
    verdict = examine(SOURCE.replace("was built", "was not built"))
    assert verdict.reason == "negation_added"
    assert examine(SOURCE.replace("may not", "may")).reason == "negation_lost"


def test_a_summary_may_leave_out_but_not_turn_round() -> None:
    part = "Thomas Arkwell built the mill in 1847. Visitors may not climb the tower."
    assert examine(part, keeps="some").keep
    assert examine(part, keeps="all").reason == "number_lost"
    turned = part.replace("may not", "may")
    assert examine(turned, keeps="some").reason == "negation_lost"
    added = part.replace("built the", "never built the")
    assert examine(added, keeps="some").reason == "negation_added"
    assert examine(part.replace("1847", "1850"), keeps="some").reason == "number_added"


def test_lengths() -> None:
    assert examine(SOURCE).reason == "not_rewritten"
    assert examine(f"  {SOURCE}\n").reason == "not_rewritten"
    plain = "The dog and the cat lay in the sun for a long while and slept."
    assert examine("The dog and cat slept.", plain).reason == "too_short"
    assert examine("The dog and cat slept.", plain, keeps="some").keep
    assert examine("The dog and cat slept.", plain, min_length=0.1).keep
    assert examine(f"{plain} {plain} {plain}", plain).reason == "too_long"
    assert examine(f"{plain} {plain} {plain}", plain, max_length=4).keep


@pytest.mark.parametrize("source", [None, "", 5])
def test_a_plan_without_a_source(source: Any) -> None:
    assert examine("A text.", source).reason == "no_source"


def test_the_score_is_the_share_that_is_kept() -> None:
    verdict = examine("The mill of Harrowby was built by Thomas Arkwell.")
    assert verdict.score is not None
    assert 0 < verdict.score < 1
