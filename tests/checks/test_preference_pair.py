"""Pairs that would teach the wrong thing are caught."""

from __future__ import annotations

from typing import Any

import pytest

from datawell.checks.preference_pair import PreferencePair
from datawell.core.records import Verdict
from tests.checks.kit import story

RIGHT, WRONG = "2 + 2 = 4.\n\nAnswer: 4", "2 + 2 = 5.\n\nAnswer: 5"


def examine(
    chosen: Any = RIGHT,
    rejected: Any = WRONG,
    text: str | None = None,
    scores: tuple[float, float] = (1, 0),
    answer: Any = "4",
    **params: float,
) -> Verdict:
    plan = {
        "answer": answer,
        "chosen": {"text": chosen, "score": scores[0]},
        "rejected": {"text": rejected, "score": scores[1]},
    }
    check = PreferencePair(PreferencePair.Params.model_validate(params))
    return check.examine(story(str(chosen) if text is None else text, plan))


def test_a_good_pair_is_kept_with_its_margin() -> None:
    verdict = examine()
    assert verdict.keep
    assert verdict.score == 1


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"chosen": None}, "no_pair"),
        ({"rejected": " "}, "no_pair"),
        ({"text": "another"}, "chosen_is_not_the_text"),
        ({"chosen": "It is 4.", "rejected": "it is  4!"}, "same_answers"),
        ({"chosen": WRONG, "rejected": "Answer: 6"}, "chosen_wrong"),
        ({"chosen": "No number."}, "chosen_wrong"),
        ({"rejected": "The answer is 4, I think, or 5."}, "rejected_right"),
        ({"rejected": "So it is 4"}, "rejected_right"),
        ({"scores": (1, 1)}, "no_margin"),
        ({"scores": (0, 1)}, "no_margin"),
        ({"rejected": WRONG + " really" * 40}, "length_gap"),
    ],
)
def test_a_planted_fault_is_caught(change: dict[str, Any], reason: str) -> None:
    assert examine(**change).reason == reason


def test_without_an_exact_answer_scores_decide() -> None:
    assert examine("Hello there.", "Go away.", answer=None).keep
    assert examine("Hello there.", "Go away.", answer=None, scores=(3, 4)).reason == "no_margin"


def test_the_last_result_counts() -> None:
    assert examine("The answer is not 5. The answer is 4.", WRONG).keep
    assert examine("First 5, then 4", "Answer: 5").keep
    assert examine("25% of all. Answer: 25%", "Answer: 5", answer="25").keep


def test_the_ratio_of_lengths() -> None:
    long = WRONG + " really" * 40
    assert examine(rejected=long, max_length_ratio=20).keep


def test_a_record_without_a_pair() -> None:
    check = PreferencePair(PreferencePair.Params())
    assert check.examine(story("A text.", {})).reason == "no_pair"
    assert check.examine(story("A text.", {"chosen": "x", "rejected": {}})).reason == "no_pair"
