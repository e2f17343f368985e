"""The tutoring task: plans that are true, dialogues that keep to them, endings that are earned."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from tests.tasks.tutoring.kit import (
    Builtin,
    clips_plan,
    generated,
    problem,
    seed_of,
    talk,
    task,
)

from datawell.core import plugins
from datawell.core.errors import PlanFault, VoiceFault
from datawell.core.numbers import find_numbers, parse_number
from datawell.core.randomness import stream
from datawell.core.records import Message, Plan, transcript
from datawell.seeds.arithmetic_problems.equations import equations
from datawell.seeds.arithmetic_problems.expressions import evaluate, numbers, parse
from datawell.tasks.base import Draft
from datawell.tasks.tutoring import Tutoring
from datawell.tasks.tutoring.goal import Goal, states
from datawell.tasks.tutoring.wording import Guard, amount, spaced

MADE = [generated(row) for row in range(120)]


def value_of(text: str) -> Fraction:
    expression = parse(text)
    found = None if expression is None else evaluate(expression)
    assert found is not None, text
    return found


# --- plans ------------------------------------------------------------------------------


@pytest.mark.parametrize("plan", [plan for plan, _ in MADE[:60]])
def test_a_plan_is_json_and_its_steps_and_errors_recompute(plan: Plan) -> None:
    assert json.loads(json.dumps(plan)) == plan
    assert all(value_of(step["left"]) == value_of(step["value"]) for step in plan["gold"])
    assert plan["gold"][-1]["value"] == plan["answer"]
    wrong = plan["misconception"]
    for line in wrong["equations"]:
        assert (value_of(line["left"]) == value_of(line["value"])) is line["true"]
    assert sum(not line["true"] for line in wrong["equations"]) <= 1
    assert wrong["wrong_answer"] != plan["answer"]
    assert wrong["wrong_value"] != plan["gold"][wrong["step"]]["value"]


def test_a_wrong_value_travels_through_the_steps_that_use_it() -> None:
    plan = clips_plan("reversal")
    assert plan["misconception"]["equations"] == [
        {"step": 0, "left": "48*2", "value": "96", "true": True},
        {"step": 1, "left": "48+96", "value": "144", "true": True},
    ]
    assert plan["misconception"]["wrong_answer"] == "144"
    assert plan["answer"] == "72"


def test_a_slip_is_the_only_false_equation() -> None:
    wrong = clips_plan("carry-dropped")["misconception"]
    false = [line for line in wrong["equations"] if not line["true"]]
    assert false == [{"step": 1, "left": "48+24", "value": "62", "true": False}]
    assert (wrong["step"], wrong["wrong_value"], wrong["wrong_answer"]) == (1, "62", "62")


@pytest.mark.parametrize(
    ("answer", "steps", "reason"),
    [
        ("5", [("2+2", "4")], "steps_do_not_reach_answer"),
        ("5", [("2+2", "5")], "gold_step_wrong"),
        ("5", [("2+y", "5")], "gold_step_unreadable"),
        ("5", [], "steps_do_not_reach_answer"),
        ("1", [("1*1", "1")], "no_misconception_applies"),
        ("14", [(f"{i}+1", str(i + 1)) for i in range(1, 14)], "too_many_steps"),
    ],
)
def test_what_cannot_be_planned_is_a_fault_with_its_reason(
    answer: str, steps: list[tuple[str, str]], reason: str
) -> None:
    with pytest.raises(PlanFault) as fault:
        task().plan(seed_of(problem("How many?", answer, *steps)), stream(0))
    assert fault.value.reason == reason


def test_getting_one_of_two_equal_steps_right_would_prove_nothing() -> None:
    twice = problem("Eggs?", "12", ("2*3", "6"), ("3*2", "6"), ("6+6", "12"))
    for row in range(20):
        plan = task().plan(seed_of(twice), stream(row))
        assert plan["misconception"]["step"] == 2


def test_the_task_is_deterministic_and_found_by_its_name() -> None:
    again = [generated(row) for row in range(10)]
    assert again == MADE[:10]
    assert plugins.load("tasks", "tutoring") is Tutoring
    assert Tutoring.roles == ("tutor", "learner")


@pytest.mark.parametrize(
    "params",
    [{"max_turns": 6}, {"max_turns": 100}, {"misconceptions": ["smaller-from-large"]}, {"a": 1}],
)
def test_wrong_parameters_are_refused(params: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        task(**params)


def test_many_misconceptions_profiles_and_lengths_occur() -> None:
    assert len({plan["misconception"]["id"] for plan, _ in MADE}) >= 20
    assert len({plan["learner"]["profile"] for plan, _ in MADE}) >= 3
    assert {len(draft.turns) for _, draft in MADE} >= {7, 9, 11}
    moves = {t.move for _, draft in MADE for t in draft.turns if t.role == "tutor"}
    assert moves == {"focus", "probing", "telling", "generic"}


# --- dialogues --------------------------------------------------------------------------


@pytest.mark.parametrize(("plan", "draft"), MADE[:60])
def test_a_dialogue_keeps_to_its_plan(plan: Plan, draft: Draft) -> None:
    turns, wrong = draft.turns, plan["misconception"]
    assert draft.text == transcript(turns)
    assert draft.prompt == plan["question"]
    assert [t.role for t in turns] == (["tutor", "learner"] * len(turns))[: len(turns)]
    assert turns[-1].role == "tutor"
    assert 6 <= len(turns) <= 14
    assert all("{" not in turn.text and "  " not in turn.text for turn in turns)
    assert len({turn.text for turn in turns}) == len(turns)
    planned = {(line["left"], line["value"]) for line in wrong["equations"] if not line["true"]}
    planned_values = {(value_of(left), value_of(value)) for left, value in planned}
    for turn in turns:
        for equation in equations(turn.text):
            if not equation.holds:
                assert turn.role == "learner"
                assert equation.values in planned_values
    work = {n.value for n in find_numbers(turns[1].text)}
    assert parse_number(wrong["wrong_answer"]) in work
    assert states(turns[-2].text, value_of(plan["answer"]))


@pytest.mark.parametrize(("plan", "draft"), MADE)
def test_the_tutor_gives_neither_the_answer_nor_the_last_step_away(
    plan: Plan, draft: Draft
) -> None:
    answer = value_of(plan["answer"])
    last = set(numbers(parse(plan["gold"][-1]["left"])))  # type: ignore[arg-type]
    for turn in draft.turns[:-2]:
        if turn.role == "tutor":
            said = {n.value for n in find_numbers(turn.text)}
            assert answer not in said
            assert not last <= said


@pytest.mark.parametrize(("plan", "draft"), MADE[:60])
def test_the_learners_view_holds_neither_solution_nor_answer(plan: Plan, draft: Draft) -> None:
    view = next(v for v in draft.views if v.role == "learner")
    told = view.messages[0]["content"]
    wrong = plan["misconception"]
    step = plan["gold"][wrong["step"]]
    right = f"{spaced(step['left'], plan['learner']['signs'])} = {step['value']}"
    assert right not in told.splitlines()
    allowed = {n.value for n in find_numbers(plan["question"])}
    for line in wrong["equations"]:
        allowed |= {value_of(line["value"]), *numbers(parse(line["left"]))}  # type: ignore[arg-type]
    if value_of(plan["answer"]) not in allowed:
        work = told[told.index("## Your work so far") : told.index("## What you believe")]
        assert value_of(plan["answer"]) not in {n.value for n in find_numbers(work)}
    assert "Correct solution" not in told
    tutor = next(v for v in draft.views if v.role == "tutor")
    assert "Correct solution" in tutor.messages[0]["content"]
    for shown in (view, tutor):
        roles = [m["role"] for m in shown.messages]
        assert roles[:2] == ["system", "user"]
        assert all(a != b for a, b in pairwise(roles))


def test_turns_stay_within_the_cap() -> None:
    short = task(max_turns=7)
    assert {len(generated(row, short)[1].turns) for row in range(25)} == {7}


# --- either role can be a model ---------------------------------------------------------

WORK = "I did 48 / 2 = 24 clips and then 48 + 24 = 62 clips, so my answer is 62."


def test_a_models_learner_is_answered_and_its_turns_have_no_move() -> None:
    plan = clips_plan("carry-dropped")
    lines = [WORK, "I just added.", "Oh, the carry! So 24 + 48 = 72. The answer is 72."]
    draft = talk(plan, learner=lines)
    assert [t.text for t in draft.turns if t.role == "learner"] == lines
    assert {t.move for t in draft.turns if t.role == "learner"} == {""}
    assert all(t.move for t in draft.turns if t.role == "tutor")
    assert len(draft.turns) == 7


def test_a_models_tutor_is_followed() -> None:
    plan = clips_plan("carry-dropped")
    lines = ["Show me your work.", *["Look at the units again."] * 4, "Well done, 72."]
    draft = talk(plan, tutor=lines)
    hints = plan["learner"]["hints"]
    assert len(draft.turns) == 2 * hints + 3
    assert states(draft.turns[-2].text, Fraction(72))


def test_a_right_answer_without_the_step_does_not_end_it() -> None:
    plan = clips_plan("carry-dropped")
    lines = [WORK, "The answer is 72.", "48 + 24 = 72, so the answer is 72."]
    draft = talk(plan, learner=lines)
    asked = draft.turns[4]
    assert asked.role == "tutor"
    assert asked.move == "probing"
    assert "72" not in asked.text
    assert len(draft.turns) == 7


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ([WORK, *["The answer is 72."] * 9], "no_ending"),
        ([WORK, *["48 + 24 = 72, but my answer is still 62."] * 9], "no_ending"),
        ([WORK, *["Thank you, I understand now!"] * 9], "no_ending"),
        ([WORK, "  "], "empty_turn"),
    ],
)
def test_whim_and_thanks_never_end_a_dialogue(lines: list[str], reason: str) -> None:
    with pytest.raises(VoiceFault) as fault:
        talk(clips_plan("carry-dropped"), learner=lines)
    assert fault.value.reason == reason


def test_two_models_that_only_thank_each_other_are_stopped() -> None:
    with pytest.raises(VoiceFault) as fault:
        talk(
            clips_plan("carry-dropped"),
            tutor=["Show me.", "You are welcome, goodbye!"],
            learner=["Thank you very much!"],
        )
    assert fault.value.reason == "thanks_loop"


def test_both_voices_speak_through_the_scene() -> None:
    plan = clips_plan("carry-dropped")
    asked: list[str] = []

    class Listening(Builtin):
        async def ask(
            self,
            role: str,
            messages: Sequence[Message],
            voice: Callable[[Random], str],
            *,
            schema: Mapping[str, Any] | None = None,
        ) -> str:
            asked.append(role)
            return await super().ask(role, messages, voice, schema=schema)

    draft = asyncio.run(task().voice(plan, Listening(1)))
    assert asked == [turn.role for turn in draft.turns]


# --- the goal and the guard -------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "reached"),
    [
        ("So 48 + 24 = 72.", True),
        ("24 + 48 = 72 clips. My answer is 72 clips.", True),
        ("It is 48 plus 24 equals 72", True),
        ("The answer is 72.", False),
        ("48 + 24 = 72, but the answer is 62.", False),
        ("48 + 24 = 71. The answer is 72.", False),
        ("72 = 72", False),
        ("Thank you!", False),
        ("", False),
    ],
)
def test_the_goal_is_the_corrected_step_and_the_answer(text: str, reached: bool) -> None:
    plan = clips_plan("carry-dropped")
    draft = talk(plan)
    turns = [*draft.turns[:3], draft.turns[3].__class__("learner", text)]
    assert Goal.of(plan)(turns) is reached


@settings(max_examples=60)
@given(st.text(max_size=80))
def test_no_text_without_both_numbers_reaches_the_goal(text: str) -> None:
    plan = clips_plan("carry-dropped")
    turn = talk(plan).turns[1].__class__("learner", text)
    if "=" not in text and "equal" not in text:
        assert not Goal.of(plan)([turn, turn])


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("What did you do there?", True),
        ("48 / 2 = 24 is right.", False),
        ("How did you get 62?", True),
        ("Is it 72?", False),
        ("Is it seventy-two?", False),
        ("Take 72/2 of it.", False),
        ("Put 24 to the 48.", False),
    ],
)
def test_the_guard_refuses_the_answer_and_all_its_operands(text: str, allowed: bool) -> None:
    assert Guard(clips_plan("carry-dropped")).allows(text) is allowed


def test_calculations_are_written_as_people_do() -> None:
    signs = {"*": "×", "/": "÷"}
    assert spaced("48/2+(3-1)*2", signs) == "48 ÷ 2 + (3 - 1) × 2"
    assert spaced("(-3)+5", signs) == "(-3) + 5"
    assert amount("5", "$") == "$5"
    assert amount("5", "clips") == "5 clips"
    assert amount("5", "") == "5"
