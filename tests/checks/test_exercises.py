"""Exercises without an answer, or with a wrong one, are caught."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from datawell.checks.exercises import Exercises
from datawell.core.records import Verdict
from tests.checks.kit import story

PLAN: dict[str, Any] = {
    "outline": {
        "title": "Book",
        "sections": [
            {"role": "exercises", "title": "Now you"},
            {"role": "answers", "title": "Solutions"},
        ],
    },
    "exercises": [
        {"question": "What is 2 + 3?", "gold": [{"left": "2+3", "value": "5"}], "answer": "5"},
        {
            "question": "What is 1/2 of 7?",
            "gold": [{"left": "7/2", "value": "3.5"}],
            "answer": "3.5",
        },
    ],
}
TEXT = (
    "# Book\n\n## Now you\n\n1. What is 2 + 3?\n2. What is 1/2 of 7?\n\n"
    "## Solutions\n\n1. Add: 2 + 3 = 5. Answer: 5 apples\n2. The answer is 7/2.\n"
)


def examine(text: str = TEXT, plan: dict[str, Any] | None = None) -> Verdict:
    return Exercises(Exercises.Params()).examine(story(text, PLAN if plan is None else plan))


def test_right_answers_are_kept() -> None:
    verdict = examine()
    assert verdict.keep, verdict
    assert verdict.score == 1
    assert examine(TEXT.replace("The answer is 7/2", "So it is 3.5")).keep


@pytest.mark.parametrize(
    ("old", "new", "reason", "score"),
    [
        ("Answer: 5 apples", "Answer: 6 apples", "answer_wrong", 0.5),
        ("7/2", "2/7", "answer_wrong", 0.5),
        ("Answer: 5 apples", "Answer: many", "answer_missing", 0.5),
        ("2. The answer is 7/2.", "", "answer_missing", 0.5),
        ("## Solutions", "## Else", "answer_missing", 0),
        ("What is 2 + 3?", "What is 2 + 4?", "exercise_missing", 0.5),
        ("## Now you", "## Else", "exercise_missing", 0),
    ],
)
def test_a_planted_fault_is_caught(old: str, new: str, reason: str, score: float) -> None:
    verdict = examine(TEXT.replace(old, new))
    assert verdict.reason == reason
    assert verdict.score == score


@pytest.mark.parametrize(
    "change",
    [
        {"answer": "6"},
        {"gold": [{"left": "2+3", "value": "6"}], "answer": "6"},
        {"gold": [{"left": "two apples", "value": "5"}]},
        {"gold": []},
        {"gold": None},
    ],
)
def test_a_plan_that_does_not_hold_is_caught(change: dict[str, Any]) -> None:
    plan = copy.deepcopy(PLAN)
    plan["exercises"][0] |= change
    assert examine(plan=plan).reason == "plan_wrong"


@pytest.mark.parametrize("exercises", [None, [], "many"])
def test_a_plan_without_exercises(exercises: Any) -> None:
    assert examine(plan={**PLAN, "exercises": exercises}).reason == "no_exercises"
