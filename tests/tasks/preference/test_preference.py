"""Pairs are told apart by exact results or by a judge in both orders; no contrast, no pair."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from tests.tasks.scenes import Stage, record_of

from datawell.checks.preference_pair import PreferencePair
from datawell.core.errors import PlanFault, UsageError, VoiceFault
from datawell.core.numbers import parse_number
from datawell.core.randomness import stream
from datawell.core.records import Message, Plan, Seed
from datawell.seeds.problems import ProblemSeeds
from datawell.tasks.base import Draft
from datawell.tasks.preference import Preference
from datawell.tasks.preference.attempts import attempts
from datawell.tasks.preference.choosing import stated

PROBLEMS = ProblemSeeds(ProblemSeeds.Params(), 3)


def task(**params: Any) -> Preference:
    return Preference(Preference.Params.model_validate(params))


def question(text: str = "What is 2 + 2?", **data: Any) -> Seed:
    return Seed("q", "test", {"question": text, **data})


def voiced(plan: Plan, stage: Stage | None = None, **params: Any) -> Draft:
    return asyncio.run(task(**params).voice(plan, stage or Stage()))


def solved(solution: str, answer: str) -> dict[str, str]:
    return {"solution": solution, "answer": answer}


@pytest.mark.parametrize("row", range(60))
@pytest.mark.parametrize("decide", ["verify", "judge"])
def test_the_built_in_pair_is_exact(row: int, decide: str) -> None:
    plan = task(decide=decide).plan(PROBLEMS.seed(row), stream(0, "plan", row))
    json.dumps(plan)
    draft = voiced(plan, Stage(row), decide=decide)
    chosen, rejected = draft.plan["chosen"], draft.plan["rejected"]
    assert draft.text == chosen["text"]
    assert draft.prompt == plan["question"]
    assert chosen["answer"] == plan["answer"]
    assert rejected["answer"] != plan["answer"]
    assert rejected["misconception"] in {a["misconception"] for a in plan["attempts"]}
    assert "attempts" not in draft.plan
    verdict = PreferencePair(PreferencePair.Params()).examine(record_of(draft))
    assert verdict.keep, (draft, verdict)


@pytest.mark.parametrize("count", [2, 3, 8])
def test_attempts_are_right_and_wrong(count: int) -> None:
    for index in range(40):
        data = PROBLEMS.seed(index).data
        made = attempts(data, count, Random(index))
        assert len(made) == count
        right = [a["answer"] == data["answer"] for a in made]
        assert any(right)
        assert not all(right)
        assert right == [not a["misconception"] for a in made]


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"gold": [], "answer": "4"},
        {"gold": [{"left": "2+2", "value": "5", "text": "", "tail": ""}], "answer": "5"},
    ],
)
def test_no_attempts_without_exact_steps(data: dict[str, Any]) -> None:
    assert attempts(data, 4, Random(1)) == []


def test_a_models_answers_are_verified() -> None:
    stage = Stage(
        writer=[solved("It is 5.", "5"), solved("2 + 2 = 4", "4 apples"), "no", "no", "no"]
    )
    plan = task(samples=3).plan(question(answer="4"), Random(1))
    draft = voiced(plan, stage, samples=3)
    assert draft.text == "2 + 2 = 4\n\nAnswer: 4 apples"
    assert draft.plan["rejected"] == {
        "text": "It is 5.\n\nAnswer: 5",
        "why": "wrong",
        "score": 0.0,
        "answer": "5",
    }
    assert draft.plan["answers"] == 2
    assert "What is 2 + 2?" in stage.asked[0][1][1]["content"]


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ([solved("a", "4"), solved("b", "4")], "2 of 2 answers are right"),
        ([solved("a", "5"), solved("b", "3 or 5")], "0 of 2 answers are right"),
        ([solved("a", "4"), solved("b", "3 or 5")], "1 of 2 answers are right"),
        ([solved("a", "4"), solved("a", "4")], "all answers are one"),
        ([solved("a", "4"), "no", "no", "no"], "all answers are one"),
        (["no"] * 6, "bad_structure"),
    ],
)
def test_without_contrast_there_is_no_pair(answers: list[Any], words: str) -> None:
    plan = task(samples=2).plan(question(answer="4"), Random(1))
    with pytest.raises(VoiceFault, match=words):
        voiced(plan, Stage(writer=answers), samples=2)


def sheet(first: float, second: float) -> Callable[[Sequence[Message]], dict[str, Any]]:
    """A judge who grades so, and repeats the word of the fence as it is told to."""

    def grade(messages: Sequence[Message]) -> dict[str, Any]:
        fence = re.search(r"<<<(\w+)", messages[0]["content"])
        assert fence is not None
        grades = {"first": first, "second": second}
        return {"mark": fence[1], "assessment": f"{first} against {second}", **grades}

    return grade


def test_a_judge_decides_where_nothing_is_exact() -> None:
    plan = task(samples=3, decide="judge").plan(question("Say hello."), Random(1))
    stage = Stage(
        writer=[{"response": text} for text in ("Hi.", "Hello there!", "Go away.")],
        judge=[sheet(3, 8), sheet(8, 3), sheet(9, 1), sheet(2, 7)],
    )
    draft = voiced(plan, stage, samples=3, decide="judge")
    assert draft.text == "Hello there!"
    assert draft.plan["rejected"]["text"] == "Go away."
    assert draft.plan["chosen"]["score"] == 8
    assert draft.plan["rejected"]["score"] == 1.5
    assert [role for role, _ in stage.asked] == ["writer"] * 3 + ["judge"] * 4
    assert PreferencePair(PreferencePair.Params()).examine(record_of(draft)).keep


def test_a_judge_who_goes_by_place_decides_nothing() -> None:
    plan = task(samples=2, decide="judge").plan(question("Say hello."), Random(1))
    stage = Stage(writer=[{"response": "Hi."}, {"response": "Ho."}], judge=[sheet(9, 1)] * 2)
    with pytest.raises(VoiceFault, match="none clearly better"):
        voiced(plan, stage, samples=2, decide="judge")


def test_what_the_built_in_teacher_cannot_answer() -> None:
    plan = task(decide="judge").plan(question("Say hello."), Random(1))
    with pytest.raises(UsageError, match="arithmetic problems only"):
        voiced(plan, decide="judge")
    plan = task().plan(question(answer="4"), Random(1))
    with pytest.raises(VoiceFault, match="no_wrong_answer"):
        voiced(plan)


@pytest.mark.parametrize(
    ("seed", "reason"),
    [
        (Seed("x", "x", {"text": "A passage."}), "no_question"),
        (question(" "), "no_question"),
        (question(), "no_exact_answer"),
        (question(answer="four or five"), "no_exact_answer"),
    ],
)
def test_seeds_that_give_no_plan(seed: Seed, reason: str) -> None:
    with pytest.raises(PlanFault, match=reason):
        task().plan(seed, Random(1))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("72", 72),
        ("$72", 72),
        ("72 clips", 72),
        ("1/2 mile", Fraction(1, 2)),
        ("25%", 25),
        ("none", None),
        ("3 or 4", None),
    ],
)
def test_stated(text: str, value: Fraction | None) -> None:
    assert stated(text) == value


def test_the_same_row_is_the_same_pair() -> None:
    plan = task().plan(PROBLEMS.seed(5), stream(0, "plan", 5))
    assert voiced(plan, Stage(5)) == voiced(plan, Stage(5))
    assert parse_number(plan["answer"]) is not None
