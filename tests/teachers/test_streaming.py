"""Streamed chat completions: the same answer as whole ones, and every way a stream can fail."""

from __future__ import annotations

import asyncio
import contextlib
import json
from random import Random
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datawell.core.errors import BadReply, DatawellError, ProviderFault, ProviderTimeout
from datawell.teachers.base import Reply
from datawell.teachers.chat_stream import whole_chat
from datawell.teachers.limits import Refused
from datawell.teachers.openai_chat import OpenAIChat
from tests.teachers.messages_server import StreamServer, chat_events
from tests.teachers.server import text_of
from tests.teachers.test_openai_chat import Hurry, request


def meet(*script: str, pause: float = 0.02, **more: Any) -> tuple[Reply | DatawellError, int]:
    """What comes of one call, and how many requests it took."""

    async def work() -> tuple[Reply | DatawellError, int]:
        async with StreamServer(script, pause) as server:
            given = {"model": "tiny", "base_url": server.base_url, "total_timeout": 5, "stream": 1}
            chat = OpenAIChat(OpenAIChat.Params(**(given | more)), clock=Hurry(), random=Random(1))
            try:
                return chat.parse(await chat.send(request())), len(server.seen)
            except DatawellError as error:
                return error, len(server.seen)
            finally:
                await chat.close()

    return asyncio.run(work())


def reply(*script: str, **more: Any) -> Reply:
    got, _ = meet(*script, **more)
    assert isinstance(got, Reply), got
    return got


def test_a_streamed_answer_is_the_answer() -> None:
    got = reply()
    said = text_of({"messages": [{"role": "user", "content": 'a "drum"'}]})
    assert got == Reply(f"{said} \u2028 \U0001f600", "stop", 40, 90)


def test_log_probabilities_stay_with_their_tokens() -> None:
    got = reply(logprobs=2)
    assert "".join(token for token, _ in got.logprobs) == got.text
    assert {value for _, value in got.logprobs} == {-0.5}


def test_a_server_that_answers_whole_is_read_too() -> None:
    assert reply("whole").text == "whole"


@pytest.mark.parametrize("kind", ["cut", "no-end", "overloaded-event", "error-event"])
def test_a_stream_that_fails_is_asked_for_again(kind: str) -> None:
    got, requests = meet(kind)
    assert isinstance(got, Reply)
    assert requests == 2


def test_an_event_that_cannot_be_read_is_a_bad_reply_that_was_paid() -> None:
    got, requests = meet("broken-event")
    assert isinstance(got, BadReply)
    assert requests == 1


def test_comments_are_no_first_byte() -> None:
    got, _ = meet("comments", "comments", first_byte_timeout=0.2, retries=1)
    assert isinstance(got, ProviderTimeout)
    assert "no answer began" in got.message


def test_comments_before_an_answer_do_no_harm() -> None:
    assert reply("slow", first_byte_timeout=2.0).text


def test_a_stream_that_fails_for_good_is_a_fault() -> None:
    got, requests = meet(*["no-end"] * 3, retries=2)
    assert isinstance(got, ProviderFault)
    assert requests == 3


def test_the_usage_is_asked_for_where_the_endpoint_knows_how() -> None:
    chat = OpenAIChat(OpenAIChat.Params(model="m", base_url="http://h/v1", stream=True))
    assert json.loads(chat.body(request()))["stream_options"] == {"include_usage": True}
    assert "stream" not in chat.settings  # how an answer comes is no part of its key


def test_an_error_event_means_what_its_status_means() -> None:
    def status(error: Any) -> int:
        with pytest.raises(Refused) as caught:
            whole_chat(f"data: {json.dumps({'error': error})}\n\n")
        return caught.value.status

    assert status({"type": "rate_limit_error"}) == 429
    assert status({"code": "rate_limit_exceeded"}) == 429
    assert status({"code": 503}) == 503
    assert status({"code": True}) == status({"code": 7}) == status("down") == 502


def test_a_cut_stream_is_no_answer() -> None:
    with pytest.raises(aiohttp.ClientPayloadError):
        whole_chat('data: {"choices": [{"delta": {"content": "Once"}}]}\n\n')


@given(st.text(), st.sampled_from(["\n", "\r\n", "\r"]))
def test_any_text_survives_the_stream(text: str, line_end: str) -> None:
    lines = []
    for _, data in chat_events(text, {}):
        shown = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
        lines.append(f"data: {shown}{line_end}{line_end}")
    got = json.loads(whole_chat("".join(lines)))
    assert got["choices"][0]["message"]["content"] == f"{text} \u2028 \U0001f600"


@given(
    st.text().map(lambda t: "data:" + t)
    | st.lists(
        st.sampled_from(
            [
                "data: {}",
                "",
                "data: null",
                "event: x",
                ":",
                'data: {"choices": 3}',
                "data: [DONE]",
                'data: {"choices": [{"delta": {"content": 4}}]}',
            ]
        )
    ).map("\n".join)
)
def test_no_stream_crashes_the_reader(body: str) -> None:
    with contextlib.suppress(aiohttp.ClientPayloadError, Refused):
        assert isinstance(whole_chat(body), str)
