from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datawell.core.errors import GuardFailed
from datawell.core.plugins import Component, build
from datawell.core.records import Lineage, Record, Turn, transcript
from datawell.export.chat import ChatParams, chat
from datawell.export.validate import validate_row

FORMATS = ["parquet", "trl-sft", "trl-prompt-completion"]
TURNS = st.lists(
    st.tuples(st.sampled_from(["tutor", "learner"]), st.text(min_size=1).filter(str.strip)),
    min_size=1,
    max_size=8,
).filter(lambda turns: any(role == "tutor" for role, _ in turns))


def test_teacher_first_chat_gets_an_opener_with_the_problem(make: SimpleNamespace) -> None:
    record = make.dialogue(0, ("tutor", "What do you know?"), ("learner", "62 and 24."))
    messages = chat(record, ChatParams())
    assert [m["role"] for m in messages] == ["user", "assistant", "user"]
    assert make.question in messages[0]["content"]
    assert messages[1]["content"] == "What do you know?"


def test_learner_first_chat_states_the_problem_once(make: SimpleNamespace) -> None:
    silent = make.dialogue(0, ("learner", "I got 42."), ("tutor", "How?"))
    first = chat(silent, ChatParams())[0]["content"]
    assert first.count(make.question) == 1
    assert first.endswith("I got 42.")
    told = make.dialogue(0, ("learner", f"{make.question} I got 42."), ("tutor", "How?"))
    assert chat(told, ChatParams())[0]["content"] == f"{make.question} I got 42."


def test_system_message_is_constant_and_optional(make: SimpleNamespace) -> None:
    record = make.dialogue(0, ("tutor", "Hello."))
    messages = chat(record, ChatParams(system="Be kind."))
    assert messages[0] == {"role": "system", "content": "Be kind."}
    assert chat(record, ChatParams())[0]["role"] == "user"


def test_stories_answer_their_prompt_or_the_constant_instruction(make: SimpleNamespace) -> None:
    plain = chat(make.story(0), ChatParams(instruction="Tell one."))
    asked = chat(make.story(1, prompt="Words: dog"), ChatParams())
    assert plain[0]["content"] == "Tell one."
    assert asked[0]["content"] == "Words: dog"
    assert asked[1] == {"role": "assistant", "content": make.story(1).text}


def test_a_role_nobody_plays_is_an_error_that_names_row_and_roles(make: SimpleNamespace) -> None:
    record = make.dialogue(0, ("learner", "Hm."), ("teacher", "Yes?"))
    with pytest.raises(GuardFailed, match=f"{record.id}.*'tutor'") as caught:
        chat(record, ChatParams())
    assert "teacher" in caught.value.hint


def test_an_opener_without_its_question_is_an_error(make: SimpleNamespace) -> None:
    record = make.dialogue(0, ("tutor", "Hello."))
    record.plan.pop("question")
    with pytest.raises(GuardFailed, match=record.id):
        chat(record, ChatParams())
    assert chat(record, ChatParams(opener="Hi."))[0]["content"] == "Hi."


@pytest.mark.parametrize("field", ["opener", "system", "instruction", "trained_role"])
def test_blank_parameters_are_refused(field: str) -> None:
    with pytest.raises(ValueError, match="blank"):
        ChatParams.model_validate({field: "  "})


@pytest.mark.parametrize("name", FORMATS)
def test_no_export_leaks_what_a_role_knew_in_private(make: SimpleNamespace, name: str) -> None:
    record = make.dialogue(0, ("tutor", "Look again."), ("learner", "Oh, 38."), ("tutor", "Yes."))
    for row in build("exporters", Component(name)).rows(record):
        shown = {key: value for key, value in row.items() if key != "plan"}
        assert make.secret not in json.dumps(shown)
        assert "system" not in json.dumps(shown)


@given(TURNS)
def test_every_chat_alternates_and_keeps_every_turn(turns: list[tuple[str, str]]) -> None:
    spoken = tuple(Turn(role, text) for role, text in turns)
    origin = Lineage("f", "tutoring", 0, "s", "x")
    record = Record("id", transcript(spoken), {"question": "How many?"}, origin, turns=spoken)
    for name in FORMATS[1:]:
        rows = list(build("exporters", Component(name)).rows(record))
        for row in rows:
            validate_row(row, exporter=name, record_id="id")
        last = rows[-1].get("messages") or [*rows[-1]["prompt"], *rows[-1]["completion"]]
        told = "\n".join(m["content"] for m in last)
        until = max(i for i, (role, _) in enumerate(turns) if role == "tutor") + 1
        owed = turns if name == "trl-sft" else turns[:until]
        at = 0
        for _, text in owed:
            at = told.index(text, at) + len(text)


def test_prompt_completion_has_one_row_a_tutor_message(make: SimpleNamespace) -> None:
    record = make.dialogue(
        0, ("tutor", "A?"), ("learner", "B."), ("tutor", "C?"), ("tutor", "D?"), ("learner", "E.")
    )
    rows = list(build("exporters", Component("trl-prompt-completion")).rows(record))
    assert [row["completion"][0]["content"] for row in rows] == ["A?", "C?\n\nD?"]
    assert [len(row["prompt"]) for row in rows] == [1, 3]
    assert [row["turn"] for row in rows] == [1, 3]
