"""Planted faults in grounded answers are caught; paraphrases are not."""

from __future__ import annotations

from typing import Any

import pytest

from datawell.checks.claims import names, numbers
from datawell.checks.grounding import Grounding
from datawell.core.records import Verdict
from tests.checks.kit import story

PASSAGE = (
    "The mill at Gull Point was built in 1847 by Thomas Arkwell, a builder from Norway. It took 220"
    " workers almost 3 years. The owners sold it for 4,300 pounds because they needed money."
)
QUOTE = "It took 220 workers almost 3 years."


def examine(answer: str, quote: str = QUOTE, **change: Any) -> Verdict:
    at = PASSAGE.index(quote)
    plan: dict[str, Any] = {
        "passage": {"text": PASSAGE, "start": 50, "end": 50 + len(PASSAGE)},
        "evidence": {"text": quote, "start": 50 + at, "end": 50 + at + len(quote)},
        "question": "How long did the work take?",
    }
    params = {
        key: change.pop(key) for key in ("max_evidence_words", "min_support") if key in change
    }
    plan |= change
    return Grounding(Grounding.Params.model_validate(params)).examine(story(answer, plan))


@pytest.mark.parametrize(
    ("answer", "quote"),
    [
        ("Almost 3 years.", QUOTE),
        ("It took 220 workers nearly three years.", QUOTE),
        ("Almost three years of work by two hundred and twenty workers.", QUOTE),
        ("Thomas Arkwell from Norway built the mill.", "was built in 1847 by Thomas Arkwell"),
        ("Because the owners needed money.", "because they needed money"),
        ("Yes. The work took one team of 220 workers.", QUOTE),
        ("The owners were selling it for 4300 pounds.", "sold it for 4,300 pounds"),
        ("220", QUOTE),
        ("Arkwell", "by Thomas Arkwell"),
    ],
)
def test_what_the_document_says_is_kept(answer: str, quote: str) -> None:
    verdict = examine(answer, quote)
    assert verdict.keep, verdict
    assert verdict.score is not None


@pytest.mark.parametrize(
    ("answer", "reason", "shown"),
    [
        ("Almost 4 years.", "unsupported_number", "4"),
        ("It took 1847 workers.", "unsupported_number", "1847"),
        ("The mill of Peter Arkwell took 3 years.", "unsupported_name", "Peter"),
        ("It was in Denmark that it took 3 years.", "unsupported_name", "Denmark"),
        ("Denmark", "unsupported_name", "Denmark"),
        ("Elephants danced quietly around purple mountains.", "unsupported_answer", "elephants"),
    ],
)
def test_what_it_does_not_say_is_dropped(answer: str, reason: str, shown: str) -> None:
    verdict = examine(answer)
    assert verdict.reason == reason
    span = verdict.evidence[0]
    assert answer[span.start : span.end].lower() == shown.lower()


@pytest.mark.parametrize("shift", [-1, 1, 50, -1000])
def test_evidence_must_stand_where_it_says(shift: int) -> None:
    at = 50 + PASSAGE.index(QUOTE)
    moved = {"text": QUOTE, "start": at + shift, "end": at + shift + len(QUOTE)}
    assert examine("Almost 3 years.", evidence=moved).reason == "evidence_not_verbatim"


def test_every_changed_character_of_the_evidence_is_seen() -> None:
    at = 50 + PASSAGE.index(QUOTE)
    for i, character in enumerate(QUOTE):
        changed = QUOTE[:i] + ("x" if character != "x" else "y") + QUOTE[i + 1 :]
        evidence = {"text": changed, "start": at, "end": at + len(QUOTE)}
        assert examine("Almost 3 years.", evidence=evidence).reason == "evidence_not_verbatim"


@pytest.mark.parametrize(
    "passage", [None, "text", {"text": "x"}, {"text": "x", "start": "0", "end": 1}]
)
def test_a_plan_without_a_passage(passage: object) -> None:
    assert examine("Almost 3 years.", passage=passage).reason == "no_passage"


@pytest.mark.parametrize("evidence", [None, {"text": " ", "start": 50, "end": 51}, {"text": 5}])
def test_a_plan_without_evidence(evidence: object) -> None:
    assert examine("Almost 3 years.", evidence=evidence).reason == "no_evidence"


def test_a_whole_page_proves_nothing() -> None:
    assert examine("Almost 3 years.", PASSAGE, max_evidence_words=10).reason == "evidence_too_long"


def test_support_can_be_left_open() -> None:
    assert examine("Elephants danced quietly.", min_support=0).keep


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Ruth met Tom in Oslo. Later they left.", ["Tom", "Oslo"]),
        ("Ruth Calloway spoke.", ["Ruth", "Calloway"]),
        ("The Harrowby school", ["Harrowby"]),
        ("I said I'd go.", []),
        ("Mr. Okafor's bees", ["Okafor"]),
        ("Visitors come. Nobody pays: Children either.", []),
        ("- Salt\n- Pepper", []),
    ],
)
def test_names(text: str, found: list[str]) -> None:
    claims = names(text)
    assert [claim.text for claim in claims] == found
    assert all(text[c.start : c.end] == c.text for c in claims)


def test_numbers_leave_the_word_one_out() -> None:
    assert [claim.text for _, claim in numbers("One of the 3 was one half or two.")] == ["3", "two"]
