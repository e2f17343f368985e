from __future__ import annotations

import pytest

from datawell.checks.ending import EndingContract, is_closing
from tests.checks.kit import PLAN, SPEECH, dialogue, quoted, story, with_turn


def check(*, step_in_last_turn: bool = False, max_closing_turns: int = 2) -> EndingContract:
    return EndingContract(
        EndingContract.Params(
            step_in_last_turn=step_in_last_turn, max_closing_turns=max_closing_turns
        )
    )


def test_a_dialogue_that_ends_with_the_result_is_kept() -> None:
    assert check().examine(dialogue(*SPEECH)).keep
    assert check().examine(dialogue(*SPEECH, "Thank you! Bye.")).keep


def test_a_dialogue_that_stops_early_is_dropped() -> None:
    assert check().examine(dialogue(*SPEECH[:4])).reason == "no_result"


def test_a_wrong_last_answer_is_dropped() -> None:
    record = with_turn(5, "Now I get 48 + 24 = 72. So the answer is 62.")
    verdict = check().examine(record)
    assert verdict.reason == "no_result"
    assert quoted(record, verdict) == record.turns[5].text


def test_the_result_without_the_corrected_step_is_dropped() -> None:
    assert check().examine(with_turn(5, "Oh. The answer is 72.")).reason == "step_not_corrected"


def test_the_step_may_stand_in_an_earlier_turn_unless_asked_otherwise() -> None:
    speech = [*SPEECH[:5], "Now I get 48 + 24 = 72.", "Yes. And your answer?", "The answer is 72."]
    record = dialogue(*speech, "Well done.")
    assert check().examine(record).keep
    assert check(step_in_last_turn=True).examine(record).reason == "step_not_corrected"


def test_a_farewell_loop_is_dropped_where_it_begins_to_loop() -> None:
    speech = [*SPEECH, "Thank you so much!", "You're welcome!", "Thanks again, bye!", "Goodbye!"]
    record = dialogue(*speech)
    verdict = check().examine(record)
    assert verdict.reason == "farewell_loop"
    assert quoted(record, verdict) == "Thanks again, bye!"


def test_one_closing_pair_is_allowed() -> None:
    assert (
        check().examine(dialogue(*SPEECH[:6], "You're welcome, Mina. Well done.", "Thanks!")).keep
    )


def test_a_question_nobody_answers_is_an_open_end() -> None:
    assert (
        check().examine(with_turn(6, "Yes, 72. And how would you check it?")).reason == "open_end"
    )


def test_what_goes_on_after_the_result_is_dropped() -> None:
    speech = [*SPEECH, "Thanks!", "One more word on carrying the ten."]
    assert check().examine(dialogue(*speech)).reason == "goes_on"
    assert check(max_closing_turns=3).examine(dialogue(*speech)).keep


def test_without_a_plan_only_the_form_of_the_end_is_checked() -> None:
    assert check().examine(dialogue("How are you?", "Fine.", plan={})).keep
    assert check().examine(dialogue("Hi.", "How are you?", plan={})).reason == "open_end"
    assert check().examine(story("The end.", PLAN)).keep


@pytest.mark.parametrize("text", ["Thank you!", "Bye, see you", "You're welcome, take care."])
def test_closings(text: str) -> None:
    assert is_closing(text)


@pytest.mark.parametrize("text", ["Thanks, so it is 72.", "Now add the ones.", ""])
def test_no_closings(text: str) -> None:
    assert not is_closing(text)
