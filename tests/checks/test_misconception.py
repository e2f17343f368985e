from __future__ import annotations

import copy

from datawell.checks.misconception import PlannedMisconception
from tests.checks.kit import PLAN, SPEECH, dialogue, quoted, story, with_turn

check = PlannedMisconception(PlannedMisconception.Params())


def test_the_planned_error_is_found_and_shown() -> None:
    record = dialogue(*SPEECH)
    verdict = check.examine(record)
    assert verdict.keep
    assert quoted(record, verdict) == "62"


def test_a_learner_who_makes_no_error_is_dropped() -> None:
    record = with_turn(1, "First I did 48 / 2 = 24 clips. Then 48 + 24 = 72 clips.")
    assert check.examine(record).reason == "misconception_not_shown"


def test_an_error_after_the_correction_comes_too_late() -> None:
    speech = list(SPEECH)
    speech[1], speech[5] = "I did 48 + 24 = 72.", "Now I get 48 + 24 = 62."
    assert check.examine(dialogue(*speech)).reason == "misconception_not_shown"


def test_an_error_said_only_by_the_tutor_does_not_count() -> None:
    speech = list(SPEECH)
    speech[1], speech[2] = "I don't know how to start.", "Would 62 be right?"
    assert check.examine(dialogue(*speech)).reason == "misconception_not_shown"


def test_another_false_equation_is_dropped() -> None:
    record = with_turn(3, "Oh! Is it 8 + 4 = 11?")
    verdict = check.examine(record)
    assert verdict.reason == "unplanned_error"
    assert quoted(record, verdict).startswith("8 + 4 = 11")


def test_an_answer_that_is_neither_right_nor_planned_is_dropped() -> None:
    record = with_turn(3, "Oh, then the answer is 85.")
    verdict = check.examine(record)
    assert verdict.reason == "unplanned_answer"
    assert quoted(record, verdict) == "85"


def test_values_reached_by_true_equations_may_be_named() -> None:
    assert check.examine(with_turn(3, "Oh, 70 + 12 = 82, so the answer is 82?")).keep


def test_an_omitted_step_shows_in_the_answer() -> None:
    plan = copy.deepcopy(PLAN)
    plan["misconception"].update(omitted=True, wrong_value="24", wrong_answer="24")
    record = with_turn(1, "I did 48 / 2 = 24 clips. So my answer is 24.", plan=plan)
    assert check.examine(record).keep
    assert not check.examine(with_turn(1, "I don't know.", plan=plan)).keep


def test_a_wrong_value_that_the_question_holds_must_be_a_result() -> None:
    plan = copy.deepcopy(PLAN)
    plan["misconception"].update(left="48", wrong_value="48", wrong_answer="48", equations=[])
    assert not check.examine(with_turn(1, "She sold 48 in April.", plan=plan)).keep
    assert check.examine(with_turn(1, "I did 48 = 48. That is all.", plan=plan)).keep


def test_without_dialogue_or_misconception_there_is_nothing_to_hold_it_to() -> None:
    assert check.examine(story("Nobody spoke.", PLAN)).keep
    assert check.examine(dialogue(*SPEECH, plan={})).keep
