"""Anthropic's wire: what goes out, what comes back, whole and streamed."""

from __future__ import annotations

import asyncio
import json
import traceback
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datawell.core.errors import AuthenticationRefused, BadReply, DatawellError, PluginError
from datawell.core.plugins import Component, build
from datawell.core.records import Message
from datawell.teachers.anthropic_messages import VERSION, AnthropicMessages, split_system
from datawell.teachers.base import Price, Reply, Request
from datawell.teachers.messages_reply import read_message
from datawell.teachers.messages_stream import whole_message
from tests.teachers.messages_server import StreamServer, message_events, message_of
from tests.teachers.test_openai_chat import Hurry

CANARY = "sk-ant-canary-1234567890"
SCHEMA = {"title": "A story", "type": "object", "properties": {"text": {"type": "string"}}}
MESSAGES: tuple[Message, ...] = (
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": 'a "drum"'},
)


def teacher(base_url: str, **more: Any) -> AnthropicMessages:
    given = {"model": "tiny", "base_url": base_url, "total_timeout": 5}
    params = AnthropicMessages.Params(**(given | more))
    return AnthropicMessages(params, clock=Hurry(), random=Random(1))


def meet(*script: str, schema: Any = None, **more: Any) -> tuple[Any, StreamServer]:
    async def work() -> tuple[Any, StreamServer]:
        async with StreamServer(script) as server:
            asked = teacher(server.base_url, **more)
            try:
                answer = await asked.send(Request(MESSAGES, "0", asked.settings, schema=schema))
                return asked.parse(answer), server
            except DatawellError as error:
                return error, server
            finally:
                await asked.close()

    return asyncio.run(work())


@pytest.mark.parametrize("stream", [False, True])
def test_an_answer_comes_whole_with_its_counts(stream: bool) -> None:
    reply, server = meet(stream=stream)
    assert "the word drum" in reply.text
    assert reply.text.endswith("\u2028 \U0001f600")
    assert (reply.finish_reason, reply.input_tokens, reply.output_tokens) == ("stop", 40, 7)
    assert reply.cached_tokens == 30
    headers, body = server.seen[0]
    assert headers["anthropic-version"] == VERSION
    assert body["system"] == "Be brief."
    assert body["messages"] == [{"role": "user", "content": 'a "drum"'}]
    assert body["max_tokens"] == 1024


@pytest.mark.parametrize("stream", [False, True])
def test_a_schema_is_held_to_by_a_tool(stream: bool) -> None:
    reply, server = meet(schema=SCHEMA, stream=stream)
    assert json.loads(reply.text)["n"] == 3
    assert reply.finish_reason == "stop"
    body = server.seen[0][1]
    assert body["tools"][0]["input_schema"] == SCHEMA
    assert body["tool_choice"] == {"type": "tool", "name": "A_story"}


def test_a_schema_mode_of_the_endpoint_s_own() -> None:
    _, server = meet(schema=SCHEMA, schema_mode="json_schema")
    form = {"type": "json_schema", "schema": SCHEMA}
    assert server.seen[0][1]["output_config"] == {"format": form}
    for mode, schema in (("none", SCHEMA), ("tool", {"type": "array"})):
        _, server = meet(schema=schema, schema_mode=mode)
        assert not {"tools", "output_config"} & server.seen[0][1].keys()


def test_what_is_the_same_in_many_calls_stands_first() -> None:
    asked = teacher("http://h/v1", extra={"top_k": 5})
    body = asked.body(Request(MESSAGES, "1", asked.settings, schema=SCHEMA))
    names = list(json.loads(body))
    assert names[:5] == ["model", "tools", "tool_choice", "system", "messages"]
    assert json.loads(body)["top_k"] == 5
    other = asked.body(Request((*MESSAGES, MESSAGES[1]), "2", asked.settings, schema=SCHEMA))
    head = body[: body.index(b'"messages"')]
    assert other.startswith(head)


@pytest.mark.parametrize("stream", [False, True])
def test_overload_is_waited_out(stream: bool) -> None:
    reply, server = meet("529", "529", stream=stream)
    assert isinstance(reply, Reply)
    assert len(server.seen) == 3


@pytest.mark.parametrize("kind", ["overloaded-event", "error-event", "cut", "no-end"])
def test_a_stream_that_fails_is_asked_for_again(kind: str) -> None:
    reply, server = meet(kind, stream=True)
    assert isinstance(reply, Reply)
    assert len(server.seen) == 2


def test_an_event_that_cannot_be_read_is_a_bad_reply() -> None:
    error, server = meet("broken-event", stream=True)
    assert isinstance(error, BadReply)
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("kind", "finish"), [("refusal", "content_filter"), ("max_tokens", "length")]
)
@pytest.mark.parametrize("stream", [False, True])
def test_stop_reasons_have_our_names(kind: str, finish: str, stream: bool) -> None:
    reply, _ = meet(kind, stream=stream)
    assert (reply.finish_reason, reply.text) == (finish, "")
    assert reply.output_tokens == 7


def test_the_key_travels_in_its_own_header_and_is_never_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TINY_KEY", CANARY)
    _, server = meet(key_env="TINY_KEY")
    assert server.seen[0][0]["x-api-key"] == CANARY
    assert "Authorization" not in server.seen[0][0]
    error, _ = meet("401", key_env="TINY_KEY")
    assert isinstance(error, AuthenticationRefused)
    assert CANARY not in "".join(traceback.format_exception(error))


def test_facts_come_from_the_endpoint_s_entry() -> None:
    asked = build("teachers", Component("anthropic", {"model": "claude-haiku-4-5"}))
    assert (asked.model, asked.key_env) == ("anthropic:claude-haiku-4-5", "ANTHROPIC_API_KEY")
    assert asked.price == Price(1.0, 5.0)
    assert asked.native_schema
    assert not teacher("http://h/v1", schema_mode="none").native_schema


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("temperature", 1.5),
        ("extra", {"system": "x"}),
        ("extra", {"cache_control": {"type": "ephemeral"}}),
        ("extra", {"max_tokens": 5}),
        ("schema_mode", "magic"),
    ],
)
def test_every_wrong_parameter_is_refused(field: str, value: Any) -> None:
    with pytest.raises(PluginError):
        build("teachers", Component("anthropic", {"model": "m", field: value}))


def test_system_messages_stand_before_all_turns_and_turns_alternate() -> None:
    said: list[Message] = [
        {"role": "system", "content": "A"},
        {"role": "user", "content": "1"},
        {"role": "system", "content": "B"},
        {"role": "user", "content": "2"},
        {"role": "assistant", "content": "3"},
    ]
    turns = [{"role": "user", "content": "1\n\n2"}, {"role": "assistant", "content": "3"}]
    assert split_system(said) == ("A\n\nB", turns)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("", "an empty body"),
        ("[", "not JSON"),
        ("[]", "no list of content"),
        ('{"error": {"type": "x", "message": "down"}}', "down"),
        ('{"content": "hi"}', "no list of content"),
        ('{"content": []}', "no text"),
        ('{"content": [3, {"type": "text", "text": 4}], "stop_reason": "end_turn"}', "no text"),
        ('{"content": [{"type": "tool_use", "input": "{"}]}', "no text"),
    ],
)
def test_what_is_no_message_says_why(body: str, says: str) -> None:
    with pytest.raises(BadReply, match=says):
        read_message(body)


def test_a_stream_that_is_none_comes_back_as_it_came() -> None:
    whole = json.dumps(message_of({"messages": []}, "ok"))
    assert whole_message(whole) == whole
    assert meet("whole", stream=True)[0].text
    with pytest.raises(BadReply, match="not JSON"):
        read_message(whole_message('data: {"type": "content_block_start", "index": 0}\n\n'))


@given(st.text(), st.booleans())
def test_any_message_survives_the_stream(text: str, tool: bool) -> None:
    body: dict[str, Any] = {"messages": [{"content": text}]}
    message = message_of(body | {"tools": [{"name": "t"}]} if tool else body, "ok")
    lines = [f"event: {name}\ndata: {json.dumps(e)}\n\n" for name, e in message_events(message)]
    assert json.loads(whole_message("".join(lines)))["content"] == message["content"]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["content", "type", "text", "input", "usage", "input_tokens", "stop_reason"]
            ),
            inner | st.sampled_from(["text", "tool_use", "refusal"]),
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(json_values.map(json.dumps) | st.text())
def test_any_body_gives_a_storable_reply_or_one_of_our_errors(body: str) -> None:
    try:
        reply = read_message(body)
    except BadReply:
        return
    assert reply.text.encode("utf-8").decode("utf-8") == reply.text
