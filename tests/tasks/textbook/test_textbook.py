"""Chapters follow their outline, their exercises are exact, and models are held to both."""

from __future__ import annotations

import asyncio
import json
from random import Random
from typing import Any

import pytest
from pydantic import ValidationError
from tests.tasks.scenes import Stage, record_of

from datawell.checks.arithmetic import Arithmetic
from datawell.checks.exercises import Exercises
from datawell.checks.outline import OutlineFollowed
from datawell.core.errors import PlanFault, VoiceFault
from datawell.core.numbers import find_numbers
from datawell.core.randomness import stream
from datawell.core.records import Plan, Seed
from datawell.seeds.arithmetic_problems.generator import FAMILIES
from datawell.seeds.problems import ProblemSeeds
from datawell.tasks.base import Draft
from datawell.tasks.textbook import Textbook
from datawell.tasks.textbook.planning import AUDIENCES, concept_of, concepts

PROBLEMS = ProblemSeeds(ProblemSeeds.Params(), 3)


def task(**params: Any) -> Textbook:
    return Textbook(Textbook.Params.model_validate(params))


def planned(row: int, **params: Any) -> Plan:
    return task(**params).plan(PROBLEMS.seed(row), stream(0, "plan", row))


def voiced(plan: Plan, stage: Stage | None = None) -> Draft:
    return asyncio.run(task().voice(plan, stage or Stage()))


@pytest.mark.parametrize("row", range(60))
def test_the_built_in_chapter_holds_to_its_plan(row: int) -> None:
    plan = planned(row)
    json.dumps(plan)
    draft = voiced(plan, Stage(row))
    assert draft.plan == plan
    for check in (
        OutlineFollowed(OutlineFollowed.Params()),
        Exercises(Exercises.Params()),
        Arithmetic(Arithmetic.Params()),
    ):
        verdict = check.examine(record_of(draft))
        assert verdict.keep, (draft.text, verdict)
        assert verdict.score == 1
    assert plan["outline"]["title"] in draft.prompt


def test_every_family_has_a_concept_and_every_concept_all_audiences() -> None:
    families = {maker(Random(0)).family for maker in FAMILIES}
    assert {f for c in concepts().values() for f in c["families"]} == families
    assert concept_of("of somebody else") == "word problems"
    for concept in concepts().values():
        assert set(concept["idea"]) == set(concept["use"]) == set(AUDIENCES)
        assert all(texts for part in ("idea", "use") for texts in concept[part].values())


def test_concepts_hold_no_digits_so_every_number_is_calculated() -> None:
    texts = json.dumps(concepts())
    assert [n for n in find_numbers(texts) if n.kind != "words"] == []


def test_exercises_are_of_the_concept_and_all_different() -> None:
    plan = planned(3, exercises=8)
    asked = [task["question"] for task in plan["exercises"]]
    assert len(set(asked)) == 8
    assert plan["example"]["question"] not in asked


def test_mistakes_lead_to_another_answer() -> None:
    found = [plan for plan in map(planned, range(60)) if plan["mistake"]]
    assert len(found) > 20
    for plan in found:
        assert plan["mistake"]["wrong_answer"] != plan["example"]["answer"]
        assert "You" not in plan["mistake"]["rule"]


def test_problems_of_a_file_make_a_chapter_on_word_problems() -> None:
    gold = [{"left": "48/2", "value": "24", "text": "48/2 = 24", "tail": "clips"}]
    data = {"question": "Half of 48 clips?", "gold": gold, "answer": "24", "unit": "clips"}
    plan = task(audiences=["adult"]).plan(Seed("x", "file", data), Random(1))
    assert plan["concept"] == "word problems"
    assert "48 clips" in voiced(plan).text


@pytest.mark.parametrize("data", [{"text": "A passage."}, {"question": "Why?"}])
def test_seeds_without_a_problem(data: dict[str, Any]) -> None:
    with pytest.raises(PlanFault, match="no_problem"):
        task().plan(Seed("x", "x", data), Random(1))


def test_at_least_one_audience() -> None:
    with pytest.raises(ValidationError):
        task(audiences=[])


def model(plan: Plan, **changes: Any) -> Stage:
    """A model that does as it is told, but for the changes."""
    roles = [section["role"] for section in plan["outline"]["sections"]]
    headings = [f"Part {i}" for i in range(len(roles))]
    outline = changes.get("outline", {"title": "A chapter", "headings": headings})
    text = {"text": changes.get("text", "These are some words of a section.")}
    solutions = [
        {"solution": "Calculate it.", "answer": f"{one['answer']} {one['unit']}"}
        for one in plan["exercises"]
    ]
    given = changes.get("solutions", solutions)
    return Stage(writer=[outline, *[text] * (len(roles) - 2), {"solutions": given}])


def test_a_model_writes_headings_sections_and_solutions() -> None:
    plan = planned(0)
    stage = model(plan)
    draft = voiced(plan, stage)
    assert draft.text.startswith("# A chapter\n\n## Part 0\n\nThese are")
    assert len(stage.asked) == len(plan["outline"]["sections"])
    assert draft.plan["outline"]["title"] == "A chapter"
    assert [s["role"] for s in draft.plan["outline"]["sections"]] == [
        s["role"] for s in plan["outline"]["sections"]
    ]
    assert OutlineFollowed(OutlineFollowed.Params()).examine(record_of(draft)).keep
    assert Exercises(Exercises.Params()).examine(record_of(draft)).keep
    example = next(
        m
        for _, m in stage.asked
        if "works through" in m[1]["content"] and "Answer:" in m[1]["content"]
    )
    assert plan["example"]["question"] in example[1]["content"]


def test_a_model_that_heads_its_sections_itself_is_caught() -> None:
    plan = planned(0)
    draft = voiced(plan, model(plan, text="## My own heading\n\nAnd some more words."))
    verdict = OutlineFollowed(OutlineFollowed.Params()).examine(record_of(draft))
    assert verdict.reason == "section_added"


def test_a_model_that_solves_wrongly_is_caught() -> None:
    plan = planned(0)
    wrong = [{"solution": "So it is.", "answer": "123456"}] * len(plan["exercises"])
    draft = voiced(plan, model(plan, solutions=wrong))
    assert Exercises(Exercises.Params()).examine(record_of(draft)).reason == "answer_wrong"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"outline": {"title": "A chapter", "headings": ["One"]}}, "outline_refused"),
        ({"outline": {"title": "A chapter", "headings": ["One"] * 7}}, "outline_refused"),
        ({"solutions": []}, "solutions_missing"),
    ],
)
def test_too_little_of_a_chapter_falls(changes: dict[str, Any], reason: str) -> None:
    plan = planned(0)
    with pytest.raises(VoiceFault, match=reason):
        voiced(plan, model(plan, **changes))


def test_a_heading_over_two_lines_is_repaired() -> None:
    plan = planned(0)
    bad = {"title": "A chapter", "headings": ["One\n## Two"]}
    stage = Stage(writer=[bad, bad, bad])
    with pytest.raises(VoiceFault, match="bad_structure"):
        voiced(plan, stage)
