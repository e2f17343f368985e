from __future__ import annotations

from datawell.checks.repetition import Repetition, repeated_share
from tests.checks.kit import SPEECH, dialogue, quoted, story

check = Repetition(Repetition.Params())
STORY = (
    "Lily had a red drum. One day the drum was gone. She looked under the bed and behind the door, "
    "but it was not there. Her friend Tom heard a soft sound in the garden. They ran out and saw a "
    "small dog with the drum. The dog wagged its tail. Lily laughed and gave it a ball instead."
)


def test_a_plain_story_is_kept() -> None:
    verdict = check.examine(story(STORY))
    assert (verdict.keep, verdict.score) == (True, 0.0)


def test_a_sentence_said_too_often_is_dropped() -> None:
    record = story(STORY + " They ran out of the house." * 4)
    verdict = check.examine(record)
    assert verdict.reason == "repeated_sentence"
    assert "They ran out of the house" in quoted(record, verdict)


def test_looping_words_are_dropped() -> None:
    record = story("The dog ran and the cat sat and then " * 6)
    assert check.examine(record).reason == "repeated_ngrams"


def test_text_that_compresses_too_well_is_dropped() -> None:
    words = [f"ab{'a' * (i % 7)}b{'b' * (i // 7 % 7)}" for i in range(400)]
    limits = Repetition.Params(max_repeated_ngrams=1.0, max_same_sentence=99, max_compression=3.0)
    assert Repetition(limits).examine(story(" ".join(words))).reason == "compressible"


def test_a_turn_said_again_is_dropped() -> None:
    again = "I think you should look at the ones again, please."
    record = dialogue("Hi.", "I got 62.", again, "Hm.", again + "!", "Oh, 72.", "Yes.")
    verdict = check.examine(record)
    assert verdict.reason == "repeated_turn"
    assert quoted(record, verdict) == again + "!"


def test_a_nearly_equal_turn_is_dropped_but_not_with_other_numbers() -> None:
    first = "Look at your second line and tell me what you did there with the number 24 please"
    near = "Look at your second line and tell me what you did there with the number 24 now"
    other = "Look at your second line and tell me what you did there with the number 48 please"
    loose = Repetition(Repetition.Params(same_turn=0.9))
    assert not loose.examine(dialogue(first, "I added them up.", near, "Oh.")).keep
    assert loose.examine(dialogue(first, "I added them up.", other, "Oh.")).keep


def test_short_turns_may_be_alike_and_others_may_say_the_same() -> None:
    assert check.examine(dialogue(*SPEECH)).keep
    assert check.examine(dialogue("Yes, well done.", "Thanks.", "Yes, well done.", "Thanks.")).keep


def test_an_empty_text_has_no_repetition() -> None:
    assert check.examine(story("")).keep
    assert repeated_share(list("abcde")) == 0.0
