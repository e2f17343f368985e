"""Judge checks, asked through a door that says what a judge might."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from datawell.checks.base import JudgeCheck, M
from datawell.checks.fence import Fence
from datawell.checks.grading import Graded, GradeSheet, grade_sheet
from datawell.checks.judge_rubric import JudgeRubric
from datawell.checks.pairwise import Comparison, compare
from datawell.checks.plain_grade import plain_grade
from datawell.checks.story_grades import (
    GRADES,
    StoryGrades,
    StorySheet,
    cut_mid_sentence,
    rule_age,
    shuffled_ending,
)
from datawell.core.errors import VoiceFault
from datawell.core.records import Lineage, Message, Record, Verdict

STORY = (
    "Once upon a time a girl named Mia had a red drum. One day she lost it on the hill and was sad."
    ' "Where is my drum?" she said. A kind fox saw the drum and ran to her. Mia was glad. They'
    " played until the sun went down."
)


class Door:
    """Answers with what it is given, in turn, and keeps what was asked; without answers the
    built-in teacher's voice speaks."""

    def __init__(self, *answers: dict[str, Any], mark: str | None = None) -> None:
        self.answers = list(answers)
        self.asked: list[list[Message]] = []
        self.mark = mark

    async def __call__(
        self, messages: Sequence[Message], voice: Callable[[Random], Any], schema: type[M]
    ) -> M:
        self.asked.append(list(messages))
        own = json.loads(json.dumps(voice(Random(0))))
        answer = self.answers.pop(0) if self.answers else own
        return schema.model_validate({"mark": self.mark or own["mark"], **answer})

    @property
    def prompt(self) -> str:
        return self.asked[-1][-1]["content"]


def record(text: str, prompt: str = "") -> Record:
    return Record("r1", text, {}, Lineage("f", "t", 0, "s", "x"), prompt=prompt)


def judged(check: JudgeCheck, text: str, door: Door, prompt: str = "") -> Verdict:
    return asyncio.run(check.judge(record(text, prompt), door))


def rubric(**params: Any) -> JudgeRubric:
    return JudgeRubric(JudgeRubric.Params.model_validate(params))


def sheet(*grades: float, why: str = "fine") -> dict[str, Any]:
    return {"assessment": why, **dict(zip(("correct", "complete", "clear"), grades, strict=True))}


# -- the rubric ------------------------------------------------------------------------------


def test_the_score_is_the_mean_and_the_disagreement_is_kept() -> None:
    door = Door(sheet(5, 4, 3), sheet(1, 4, 4), sheet(3, 4, 5))
    verdict = judged(rubric(samples=3), "A text.", door)
    assert verdict.keep
    assert verdict.score == pytest.approx(11 / 3, abs=1e-6)
    assert dict(verdict.figures) == {"correct": 3, "complete": 4, "clear": 4, "spread": 4}
    assert len(door.asked) == 3
    assert door.asked[0] == door.asked[1]  # samples differ by their number alone


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({}, ""),
        ({"keep_from": 4.5}, "low_grade"),
        ({"least": {"correct": 4}}, "low_correct"),
        ({"samples": 2, "max_spread": 1}, "judges_disagree"),
        ({"samples": 2, "max_spread": 2}, ""),
    ],
)
def test_what_drops_a_row(params: dict[str, Any], reason: str) -> None:
    verdict = judged(rubric(**params), "A text.", Door(sheet(3, 5, 5), sheet(5, 5, 5)))
    assert (verdict.keep, verdict.reason) == (not reason, reason)


@pytest.mark.parametrize(
    "params",
    [
        {"criteria": {}},
        {"criteria": {"Is it true?": "yes"}},
        {"criteria": {"assessment": "taken"}},
        {"criteria": {"mark": "taken"}},
        {"criteria": {"spread": "taken"}},
        {"criteria": {"true": "  "}},
        {"keep_from": 6},
        {"keep_from": 0.5},
        {"least": {"correct": 7}},
        {"least": {"fun": 2}},
        {"samples": 0},
        {"samples": 26},
        {"top": 1},
        {"max_spread": -1},
    ],
)
def test_a_rubric_that_cannot_be_used_is_refused(params: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        rubric(**params)


def test_the_row_is_shown_behind_a_fence_and_the_rubric_outside() -> None:
    check, door = rubric(about="Recipes.", criteria={"tasty": "One wants to eat it."}), Door()
    judged(check, "Boil it.\nServe.", door, prompt="How do I cook {rice}?")
    fence = Fence("r1", "How do I cook {rice}?", "Boil it.\nServe.")
    assert fence.around("Boil it.\nServe.") in door.prompt
    assert fence.around("How do I cook {rice}?") in door.prompt
    assert fence.rule in door.asked[0][0]["content"]
    assert "Recipes." in door.prompt
    assert "- tasty: One wants to eat it." in door.prompt


@pytest.mark.parametrize(
    "answer",
    [
        sheet(6, 3, 3),
        sheet(0, 3, 3),
        sheet(-1e9, 3, 3),
        sheet(float("nan"), 3, 3),
        sheet(float("inf"), 3, 3),
        {**sheet(3, 3, 3), "correct": "5"},
        {**sheet(3, 3, 3), "correct": True},
        {**sheet(3, 3, 3), "correct": None},
        {**sheet(3, 3, 3), "correct": [5]},
        {**sheet(3, 3, 3), "keep": True},
        {**sheet(3, 3, 3), "keep_from": 0},
        {**sheet(3, 3, 3), "assessment": 5},
        {"assessment": "no grades"},
    ],
)
def test_an_answer_off_the_schema_is_no_answer(answer: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        judged(rubric(), "A text.", Door(answer))


def test_an_answer_about_another_text_is_no_answer() -> None:
    other = Fence("r2", "", "A text.").word
    with pytest.raises(VoiceFault, match="wrong_mark"):
        judged(rubric(), "A text.", Door(sheet(5, 5, 5), mark=other))


@given(st.lists(st.lists(st.floats(1, 5), min_size=2, max_size=2), min_size=1, max_size=6))
def test_scores_stay_on_the_scale(columns: list[list[float]]) -> None:
    schema = grade_sheet(("a", "b"), 1, 5)
    found = [schema(mark="m", assessment="", a=a, b=b) for a, b in columns]  # type: ignore[call-arg]
    graded = Graded.of(found, ("a", "b"))
    assert 1 - 1e-6 <= graded.score <= 5 + 1e-6
    assert (graded.spread is None) == (len(found) == 1)
    assert graded.spread is None or 0 <= graded.spread <= 4


# -- stories ---------------------------------------------------------------------------------


def test_the_protocol_of_tinystories() -> None:
    door = Door()
    verdict = judged(StoryGrades(StoryGrades.Params()), STORY, door)
    beginning, completion = cut_mid_sentence(STORY, 0.4) or ("", "")
    fence = Fence("r1", beginning, completion)
    told = f"{fence.around(beginning)}\n***\n{fence.around(completion)}"
    assert told in door.prompt
    assert list(StorySheet.model_fields) == ["mark", "assessment", *GRADES, "age_group"]
    assert [name for name, _ in verdict.figures] == [*GRADES, "age"]
    assert 0 <= (verdict.score or -1) <= 10
    assert "rule-based grade" in verdict.note


def test_grades_and_the_commonest_age_group() -> None:
    answers: list[dict[str, Any]] = [
        {"assessment": "a", **dict.fromkeys(GRADES, 8), "age_group": group} for group in "BDD"
    ]
    answers[0]["plot"] = 2
    check = StoryGrades(StoryGrades.Params(samples=3, least={"plot": 7}))
    verdict = judged(check, STORY, Door(*answers))
    assert (verdict.keep, verdict.reason) == (False, "low_plot")
    assert dict(verdict.figures)["age"] == 3
    assert dict(verdict.figures)["spread"] == 6
    assert verdict.note.startswith("age group D")


def test_a_story_too_short_is_told_so_and_costs_nothing() -> None:
    door = Door()
    verdict = judged(StoryGrades(StoryGrades.Params()), "The end. So it is.", door)
    assert (verdict.keep, verdict.reason) == (False, "too_short")
    assert door.asked == []


def test_a_separator_in_the_story_is_part_of_the_story() -> None:
    text = STORY.replace("One day", "*** And then")
    door = Door()
    judged(StoryGrades(StoryGrades.Params()), text, door)
    outside = door.prompt
    fence = Fence("r1", *(cut_mid_sentence(text, 0.4) or ()))
    for part in cut_mid_sentence(text, 0.4) or ():
        outside = outside.replace(fence.around(part), "")
    assert outside.count("\n***\n") == 1


@pytest.mark.parametrize("bad", [{"least": {"fun": 5}}, {"least": {"plot": 11}}, {"beginning": 1}])
def test_grades_that_do_not_exist_are_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        StoryGrades.Params.model_validate(bad)


@given(st.text(max_size=300), st.floats(0.05, 0.95))
def test_a_cut_loses_nothing_and_is_never_at_the_end_of_a_sentence(text: str, share: float) -> None:
    cut = cut_mid_sentence(text, share)
    if cut is not None:
        assert "".join(" ".join(cut).split()) == "".join(text.split())
        assert not cut[0].rstrip("\"”’')]").endswith((".", "!", "?", "…"))


def test_anchors_are_real_endings_and_the_same_ones_shuffled() -> None:
    check = StoryGrades(StoryGrades.Params(anchor_texts=2))
    texts = ["too short", STORY, STORY.replace("Mia", "Ana"), STORY.replace("Mia", "Tom")]
    offered = check.anchors(texts, Random(0))
    assert [group for group, _ in offered] == ["real endings", "shuffled endings"] * 2
    (_, real), (_, shuffled) = offered[:2]
    assert real.text == STORY != shuffled.text
    assert sorted(real.text.split()) == sorted(shuffled.text.split())
    one, two = cut_mid_sentence(real.text, 0.4), cut_mid_sentence(shuffled.text, 0.4)
    assert one is not None
    assert two is not None
    assert one[0] == two[0]
    assert (
        shuffled_ending("One two three four five six seven eight nine ten.", 0.4, Random(0)) is None
    )


def test_the_age_by_rule_grows_with_the_sentences() -> None:
    ages = [rule_age(("word " * n).strip() + ".") for n in (3, 7, 10, 13, 16, 30)]
    assert ages == ["A", "B", "C", "D", "E", "F"]


# -- pairs -----------------------------------------------------------------------------------


def pair(first: float, second: float) -> dict[str, Any]:
    return {"assessment": "seen", "first": first, "second": second}


def compared(*answers: dict[str, Any], **params: Any) -> tuple[Comparison, Door]:
    door = Door(*answers)
    return asyncio.run(compare(door, "Why?", ("Because.", "So."), **params)), door


def test_an_answer_wins_only_in_both_orders() -> None:
    found, door = compared(pair(8, 4), pair(3, 9))
    assert (found.better, found.score_a, found.score_b) == ("a", 8.5, 3.5)
    assert (found.flipped, found.disagreement) == (0, 0)
    one, two = (asked[-1]["content"] for asked in door.asked)
    assert one.index("Because.") < one.index("So.")
    assert two.index("So.") < two.index("Because.")


def test_a_judge_that_favours_a_place_finds_nobody_better() -> None:
    found, _ = compared(pair(9, 2), pair(9, 2))
    assert (found.better, found.flipped) == ("tie", 1)
    assert found.score_a == found.score_b == 5.5


def test_rounds_are_counted_and_their_disagreement_told() -> None:
    found, door = compared(
        *(pair(2, 8), pair(8, 2)), *(pair(9, 2), pair(9, 2)), *(pair(1, 7), pair(6, 3)), samples=3
    )
    assert (found.better, found.rounds, len(door.asked)) == ("b", 3, 6)
    assert found.disagreement == pytest.approx(1 / 3)


def test_a_task_may_say_what_the_builtin_teacher_thinks() -> None:
    assert compared(grades=(3.0, 7.0))[0].better == "b"
    assert compared(grades=(7.0, 3.0))[0].better == "a"
    plain, _ = compared()
    assert "rule-based grade" in plain.why


# -- the grade by rule -----------------------------------------------------------------------


def test_the_grade_by_rule_counts() -> None:
    good = plain_grade(STORY)
    assert good.share > plain_grade("go " * 40).share
    assert good.share > plain_grade(STORY[:-1] + " and").share
    assert plain_grade("").share == pytest.approx(1 / 3)
    assert (good.on(1, 5) <= 5, plain_grade("").on(0, 10)) == (True, 3.3)


def test_sheets_refuse_fields_nobody_asked_for() -> None:
    with pytest.raises(ValidationError):
        GradeSheet.model_validate({"mark": "m", "assessment": "fine", "keep": True})
