from __future__ import annotations

import copy
from typing import Literal

import pytest

from datawell.checks.answer_leakage import AnswerLeakage
from tests.checks.kit import PLAN, SPEECH, dialogue, quoted, story, with_turn


def check(last_step: Literal["expression", "operands", "off"] = "expression") -> AnswerLeakage:
    return AnswerLeakage(AnswerLeakage.Params(last_step=last_step))


def test_a_tutor_that_confirms_the_learners_answer_is_kept() -> None:
    assert check().examine(dialogue(*SPEECH)).keep


@pytest.mark.parametrize(
    "words",
    [
        "The answer is 72.",
        "You should get 72 clips.",
        "So 72 clips.",
        "Could it be seventy-two?",
        "It comes to $72.00, no?",
        "72",
        "Look: 90 - 18 = 72.",
        "Add them: 48 + 24 = 72.",
    ],
)
def test_saying_the_answer_first_is_a_leak(words: str) -> None:
    record = with_turn(2, f"Thanks, Mina. {words} See?")
    verdict = check().examine(record)
    assert (verdict.keep, verdict.reason) == (False, "answer_leak")
    assert "72" in quoted(record, verdict) or "seventy-two" in quoted(record, verdict)


def test_giving_the_whole_last_step_is_a_leak() -> None:
    plan = copy.deepcopy(PLAN)
    plan["misconception"].update(step=0, left="48/2", wrong_value="46", wrong_answer="94")
    speech = list(SPEECH)
    speech[1] = "I did 48 - 2 = 46. So my answer is 94."
    speech[2] = "What is half of 48? And then what is 24 + 48?"
    record = dialogue(*speech, plan=plan)
    assert check().examine(record).reason == "last_step_leak"
    assert check("off").examine(record).keep
    speech[2] = "Think of the 48 clips, and of the 24."
    assert check().examine(dialogue(*speech, plan=plan)).keep
    assert check("operands").examine(dialogue(*speech, plan=plan)).reason == "last_step_leak"


def test_the_last_step_is_free_once_the_learner_has_written_it() -> None:
    assert check().examine(with_turn(2, "How did you add in 48 + 24? Look at the ones.")).keep


def test_a_number_of_the_question_counts_only_as_a_result() -> None:
    plan = {**PLAN, "answer": "48", "gold": [{"left": "24*2", "value": "48"}]}
    speech = list(SPEECH)
    speech[1] = "I think it is 46."
    speech[5] = "Oh, the answer is 48."
    speech[6] = "Yes, 48."
    speech[2] = "She sold 48 clips in April, you read that. What then?"
    assert check().examine(dialogue(*speech, plan=plan)).keep
    for words in ("The answer is 48.", "You get 48.", "So it's 48.", "Take 50 - 2 = 48."):
        speech[2] = words
        assert check().examine(dialogue(*speech, plan=plan)).reason == "answer_leak"


@pytest.mark.parametrize(
    "words",
    [
        "Let us take it in 2 steps.",
        "Look at step 2 again.",
        "You have two numbers there.",
        "There are 2 things to do.",
        "Is there one thing you forgot?",
    ],
)
def test_small_numbers_in_passing_are_no_leak(words: str) -> None:
    plan = {**PLAN, "answer": "2", "question": "How many pens?", "gold": []}
    record = dialogue("Hi! How many?", "I think 3.", words, "Oh, 2.", "Yes, 2.", plan=plan)
    assert check().examine(record).keep


def test_percent_fractions_and_cents_are_compared_by_value() -> None:
    for answer, words in (("1/4", "25%"), ("0.25", "1/4"), ("0.5", "50 cents"), ("2.5", "2 1/2")):
        plan = {**PLAN, "answer": answer, "question": "What share?", "gold": []}
        record = dialogue("Hi!", "I am stuck.", f"It is {words}.", f"Yes, {answer}.", plan=plan)
        assert check().examine(record).reason == "answer_leak", words


def test_without_dialogue_or_answer_there_is_nothing_to_leak() -> None:
    assert check().examine(story("The answer is 72.", PLAN)).keep
    assert check().examine(dialogue(*SPEECH, plan={})).keep
