from __future__ import annotations

import copy
from typing import Literal

import pytest

from datawell.checks.arithmetic import Arithmetic
from tests.checks.kit import PLAN, SPEECH, dialogue, quoted, story, with_turn


def check(errors: Literal["planned", "any", "none"] = "planned") -> Arithmetic:
    return Arithmetic(Arithmetic.Params(learner_errors=errors))


def test_text_with_right_calculations_is_kept() -> None:
    verdict = check().examine(story("She sold 48/2 = 24 clips in May. In all 48 + 24 = 72."))
    assert (verdict.keep, verdict.score) == (True, 1.0)


def test_text_without_calculations_is_kept_without_score() -> None:
    verdict = check().examine(story("Once upon a time there was a brave little drum."))
    assert (verdict.keep, verdict.score) == (True, None)


def test_a_false_equation_in_text_is_dropped_with_its_place() -> None:
    record = story("She sold 48/2 = 24 clips. In all 48 + 24 = 62 clips.")
    verdict = check().examine(record)
    assert (verdict.keep, verdict.reason, verdict.score) == (False, "false_equation", 0.5)
    assert quoted(record, verdict).startswith("48 + 24 = 62")
    assert "72" in verdict.evidence[0].note


def test_the_planned_error_of_the_learner_is_kept() -> None:
    assert check().examine(dialogue(*SPEECH)).keep


def test_another_error_of_the_learner_is_dropped() -> None:
    record = with_turn(1, "First I did 48 / 2 = 24. Then 48 + 24 = 71. So my answer is 71.")
    verdict = check().examine(record)
    assert verdict.reason == "learner_arithmetic"
    assert quoted(record, verdict).startswith("48 + 24 = 71")
    assert check("any").examine(record).keep


def test_planned_errors_can_be_forbidden() -> None:
    assert check("none").examine(dialogue(*SPEECH)).reason == "learner_arithmetic"


def test_the_tutor_is_never_allowed_to_be_wrong() -> None:
    record = with_turn(2, "Thank you. So 48 + 24 = 62, and then?")
    for errors in ("planned", "any", "none"):
        assert check(errors).examine(record).reason == "tutor_arithmetic"


def test_the_tutor_names_the_reason_when_both_are_wrong() -> None:
    speech = list(SPEECH)
    speech[1], speech[2] = "I did 48 + 24 = 99.", "Is 8 + 4 = 13?"
    verdict = check().examine(dialogue(*speech))
    assert verdict.reason == "tutor_arithmetic"
    assert len(verdict.evidence) == 2


def test_a_plan_may_list_further_false_equations() -> None:
    plan = copy.deepcopy(PLAN)
    plan["misconception"]["equations"].append({"left": "48/2", "value": "26", "true": False})
    record = with_turn(1, "I did 48 / 2 = 26. Then 48 + 24 = 62.", plan=plan)
    assert check().examine(record).keep
    assert not check().examine(with_turn(1, "I did 48 / 2 = 26.")).keep


def test_a_planned_error_may_be_said_in_percent() -> None:
    plan = copy.deepcopy(PLAN)
    plan["misconception"].update(left="100-40", wrong_value="160")
    record = with_turn(1, "I did 100 - 40 = 160 percent.", plan=plan)
    assert check().examine(record).keep


@pytest.mark.parametrize(
    "misconception", [None, "none", {}, {"left": None}, {"left": "x", "wrong_value": "y"}]
)
def test_an_unreadable_plan_allows_nothing(misconception: object) -> None:
    record = dialogue(*SPEECH, plan={**PLAN, "misconception": misconception})
    assert check().examine(record).reason == "learner_arithmetic"
