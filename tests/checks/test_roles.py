from __future__ import annotations

from dataclasses import replace

import pytest

from datawell.checks.roles import RolesKept, sounds_like_tutor
from datawell.core.records import Turn
from tests.checks.kit import PLAN, SPEECH, dialogue, of_turns, quoted, story, swapped, with_turn

check = RolesKept(RolesKept.Params())


def test_everybody_in_their_role_is_kept() -> None:
    verdict = check.examine(dialogue(*SPEECH))
    assert verdict.keep
    assert verdict.score is not None
    assert verdict.score > 0


@pytest.mark.parametrize(
    "words",
    [
        "Learner: I did 48 + 24.",
        "Look.\nStudent: oh!",
        "**Tutor:** Well.",
        "Mina: I got 62.",
        "ms. ito: hi",
    ],
)
def test_a_name_and_colon_inside_a_turn_is_dropped(words: str) -> None:
    record = with_turn(2, words)
    verdict = check.examine(record)
    assert verdict.reason == "role_prefix"
    assert ":" in quoted(record, verdict)


def test_a_ratio_or_a_colon_in_a_sentence_is_no_prefix() -> None:
    assert check.examine(with_turn(2, "Your line: 48 / 2 = 24 is right. What comes then?")).keep


@pytest.mark.parametrize(
    "words",
    [
        "As an AI language model, I cannot add.",
        "I'm just an AI, but try it.",
        "As your tutor, I say so.",
    ],
)
def test_a_model_that_steps_out_of_its_role_is_dropped(words: str) -> None:
    assert check.examine(with_turn(2, words)).reason == "model_voice"


def test_empty_turns_are_dropped() -> None:
    assert check.examine(with_turn(3, " ... ")).reason == "empty_turn"


def test_the_same_speaker_twice_is_dropped() -> None:
    turns = dialogue(*SPEECH).turns
    record = of_turns((*turns[:2], replace(turns[2], role="learner"), *turns[3:]), PLAN)
    assert check.examine(record).reason == "same_speaker_twice"


def test_an_unknown_role_is_dropped() -> None:
    assert check.examine(of_turns((Turn("judge", "Order!"),), PLAN)).reason == "unknown_role"


def test_a_dialogue_with_all_turns_in_the_wrong_mouth_is_dropped() -> None:
    record = dialogue(*SPEECH, first="learner")
    verdict = check.examine(record)
    assert verdict.reason == "roles_swapped"
    assert verdict.score is not None
    assert verdict.score < 0


@pytest.mark.parametrize("at", range(len(SPEECH) - 1))
def test_two_neighbours_with_each_others_words_are_dropped(at: int) -> None:
    assert check.examine(swapped(dialogue(*SPEECH), at)).reason == "roles_swapped"


def test_asking_sounds_like_a_tutor_and_working_like_a_learner() -> None:
    assert sounds_like_tutor("How did you get that? Please try your second line again.") > 1
    assert sounds_like_tutor("Oh, I see. I got 48 + 24 = 72, so my answer is 72.") < -1


def test_text_has_no_roles() -> None:
    assert check.examine(story("Learner: hello")).keep
