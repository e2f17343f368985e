"""Two roles in one conversation: views, turns, and endings that no thank-you can pass."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datawell.core.errors import VoiceFault
from datawell.core.records import Message, Turn
from datawell.roleplay.cast import OPENER, Role, briefing
from datawell.roleplay.endings import Ending, courtesy
from datawell.roleplay.relay import Conversation, Utterance, relay
from datawell.roleplay.views import messages, view

GUIDE = Role("guide", "You know the word: lighthouse.")
SEEKER = Role("seeker", "You do not know the word.")


def turns(*texts: str) -> list[Turn]:
    return [Turn(("guide", "seeker")[i % 2], text) for i, text in enumerate(texts)]


def found(said: Sequence[Turn]) -> bool:
    return bool(said) and said[-1].role == "seeker" and "lighthouse" in said[-1].text


class Script:
    """Whoever plays a role says the next line of its script; None lets the own voice speak."""

    def __init__(self, **lines: Sequence[str | None]) -> None:
        self._lines = {role: list(said) for role, said in lines.items()}
        self.seen: list[tuple[str, tuple[Message, ...]]] = []

    async def ask(
        self, role: str, messages: Sequence[Message], voice: Callable[[Random], str]
    ) -> str:
        self.seen.append((role, tuple(messages)))
        lines = self._lines.get(role, [])
        line = lines.pop(0) if lines else None
        return voice(Random(0)) if line is None else line


def talk(script: Script, max_turns: int = 8) -> Conversation:
    voices = {
        "guide": lambda said: Utterance("hint", lambda _random: "It stands by the sea."),
        "seeker": lambda said: Utterance("guess", lambda _random: f"Is it a ship? ({len(said)})"),
    }
    ending = Ending(found, "guide", max_turns)
    return asyncio.run(relay((GUIDE, SEEKER), voices, script, ending))


@given(st.lists(st.text(min_size=1), max_size=12))
def test_a_view_begins_with_a_user_and_drops_no_turn(texts: list[str]) -> None:
    said = turns(*texts)
    for role in (GUIDE, SEEKER):
        shown = messages(role, said)
        assert shown[0] == {"role": "system", "content": role.system}
        assert len(shown) < 2 or shown[1]["role"] == "user"
        own = [m["content"] for m in shown if m["role"] == "assistant"]
        assert own == [t.text for t in said if t.role == role.name]
        heard = [m["content"] for m in shown[1:] if m["role"] == "user"]
        others = [t.text for t in said if t.role != role.name]
        assert heard in (others, [OPENER, *others])
        assert all(a["role"] != b["role"] for a, b in pairwise(shown[1:]))


def test_the_first_speaker_gets_the_opener_and_only_the_first() -> None:
    said = turns("Hello.", "Hi.")
    assert messages(GUIDE, [])[1]["content"] == OPENER
    assert [m["role"] for m in messages(GUIDE, said)] == ["system", "user", "assistant", "user"]
    assert [m["role"] for m in messages(SEEKER, said)] == ["system", "user", "assistant"]
    assert view(SEEKER, said).role == "seeker"


def test_each_call_saw_a_prefix_of_the_recorded_view() -> None:
    script = Script(seeker=["no idea", "a lighthouse"])
    conversation = talk(script)
    whole = {v.role: v.messages for v in conversation.views}
    assert [role for role, _ in script.seen] == ["guide", "seeker"] * 2 + ["guide"]
    for role, saw in script.seen:
        assert saw == whole[role][: len(saw)]


def test_no_view_holds_the_other_role_s_knowledge() -> None:
    conversation = talk(Script(seeker=["no idea", "a lighthouse"]))
    seen_by_seeker = next(v for v in conversation.views if v.role == "seeker").messages
    assert all(GUIDE.system not in m["content"] for m in seen_by_seeker)


def test_after_the_goal_the_closing_role_speaks_once() -> None:
    conversation = talk(Script(seeker=["a lighthouse", "thanks", "thanks again"]))
    assert [t.role for t in conversation.turns] == ["guide", "seeker", "guide"]


def test_a_move_is_kept_only_for_the_own_voice() -> None:
    conversation = talk(Script(guide=["I think of a word.", None], seeker=[None, "a lighthouse"]))
    assert [t.move for t in conversation.turns] == ["", "guess", "hint", "", "hint"]


@pytest.mark.parametrize("empty", ["", "   ", "\n"])
def test_an_empty_turn_is_a_fault(empty: str) -> None:
    with pytest.raises(VoiceFault) as fault:
        talk(Script(seeker=[empty]))
    assert fault.value.reason == "empty_turn"


def test_without_the_goal_there_is_no_record() -> None:
    with pytest.raises(VoiceFault) as fault:
        talk(Script(), max_turns=6)
    assert fault.value.reason == "no_ending"


def test_thanks_cannot_end_a_conversation() -> None:
    script = Script(guide=["Hello.", "You're welcome!"], seeker=["Thank you so much!"])
    with pytest.raises(VoiceFault) as fault:
        talk(script)
    assert fault.value.reason == "thanks_loop"


@pytest.mark.parametrize(
    ("text", "is_courtesy"),
    [
        ("Thank you so much!", True),
        ("You’re welcome, bye!", True),
        ("You are welcome. Goodbye!", True),
        ("Thanks, it is 12.", False),
        ("Thank you. Is it a ship?", False),
        ("Okay.", False),
        ("", False),
    ],
)
def test_courtesies_are_told_from_content(text: str, is_courtesy: bool) -> None:
    assert courtesy(text) is is_courtesy


@given(st.integers(2, 10), st.integers(0, 12))
def test_the_ending_is_decided_by_the_goal_and_the_cap_alone(cap: int, at: int) -> None:
    ending = Ending(found, "guide", cap)
    said = turns(*("a lighthouse" if i == at and i % 2 else "a ship" for i in range(cap)))
    reached = at if at % 2 and at < cap else None
    assert ending.reached_at(said) == reached
    if reached is None:
        with pytest.raises(VoiceFault, match="no_ending"):
            ending.complete(said)
    else:
        assert not ending.complete(said[: reached + 1])
        assert ending.complete([*said[: reached + 1], Turn("guide", "Yes.")])


def test_a_goal_reached_by_the_closing_role_ends_at_once() -> None:
    ending = Ending(lambda said: "done" in said[-1].text, "guide", 9)
    assert ending.complete(turns("a", "b", "done"))


def test_a_briefing_has_its_sections_and_rules() -> None:
    text = briefing("You are a guide.", ("Word", "lighthouse"), rules=("Be brief.",))
    assert text == "You are a guide.\n\n## Word\nlighthouse\n\n## Rules\n- Be brief."
