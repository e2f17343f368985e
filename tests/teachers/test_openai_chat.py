import asyncio
import json
import logging
import time
import traceback
from collections.abc import Coroutine
from random import Random
from typing import Any, TypeVar

import pytest

from datawell.core.errors import (
    AuthenticationRefused,
    BadReply,
    DatawellError,
    PluginError,
    ProviderError,
    ProviderTimeout,
    ProviderUnreachable,
    RequestRejected,
    UsageError,
)
from datawell.teachers.base import Answer, Reply, Request
from datawell.teachers.openai_chat import OpenAIChat
from tests.teachers.server import KINDS, Server, closed_port, text_of

T = TypeVar("T")
CANARY = "sk-canary-1234567890abcdef"


class Hurry:
    """The machine's clock with waits of a hundredth: retries of real sockets in no time."""

    def monotonic(self) -> float:
        return time.monotonic()

    def time(self) -> float:
        return time.time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / 100)


def request(text: str = 'a "drum"', sample: str = "0", **settings: Any) -> Request:
    return Request(({"role": "user", "content": text},), sample, settings)


def teacher(base_url: str, **more: Any) -> OpenAIChat:
    given = {"model": "tiny", "base_url": base_url, "total_timeout": 5, "first_byte_timeout": 2}
    return OpenAIChat(OpenAIChat.Params(**(given | more)), clock=Hurry(), random=Random(1))


async def ask(server: Server, **more: Any) -> tuple[Answer, Reply]:
    chat = teacher(server.base_url, **more)
    try:
        answer = await chat.send(request())
        return answer, chat.parse(answer)
    finally:
        await chat.close()


def meet(*script: str, drip: float = 0.02, **more: Any) -> tuple[Reply, Server]:
    async def work() -> tuple[Reply, Server]:
        async with Server(script, drip=drip) as server:
            return (await ask(server, **more))[1], server

    return asyncio.run(work())


def fall(*script: str, drip: float = 0.02, **more: Any) -> tuple[DatawellError, Server]:
    async def work() -> tuple[DatawellError, Server]:
        async with Server(script, drip=drip) as server:
            with pytest.raises(DatawellError) as caught:
                await ask(server, **more)
            return caught.value, server

    return asyncio.run(work())


def test_an_answer_comes_whole_with_its_counts() -> None:
    reply, server = meet()
    assert reply.text == text_of(server.bodies[0])
    assert '"drum"' not in reply.text
    assert "the word drum" in reply.text
    assert (reply.finish_reason, reply.input_tokens, reply.output_tokens) == ("stop", 40, 90)


PASSING = ["408", "409", "429", "429:1", "429@1", "500", "502", "503", "503:1", "cut"]


@pytest.mark.parametrize("kind", PASSING)
def test_what_passes_is_tried_again(kind: str) -> None:
    reply, server = meet(kind)
    assert reply.text
    assert server.requests.total() == 2
    assert server.answered.total() == 1


def test_silence_before_the_first_byte_is_tried_again() -> None:
    for kind in ("hang", "loris-head"):
        reply, server = meet(kind, first_byte_timeout=0.15)
        assert reply.text
        assert server.requests.total() == 2


def test_a_slow_answer_ends_at_the_deadline() -> None:
    began = time.monotonic()
    error, server = fall("loris", drip=0.05, total_timeout=0.5)
    assert isinstance(error, ProviderTimeout)
    assert "total deadline" in error.message
    assert server.requests.total() == 1
    assert time.monotonic() - began < 0.5 + 1.0


def test_a_slow_answer_that_keeps_coming_is_waited_for() -> None:
    reply, server = meet("loris", drip=0.0005, first_byte_timeout=0.3)
    assert reply.text
    assert server.requests.total() == 1


def test_an_answer_that_falls_silent_is_tried_again() -> None:
    reply, server = meet("loris", drip=60.0, first_byte_timeout=0.15)
    assert reply.text
    assert server.requests.total() == 2


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("truncated", "not JSON"),
        ("html", "not JSON"),
        ("schema", "no list of choices"),
        ("error-200", "upstream failed"),
        ("empty", "empty"),
        ("null", "null"),
        ("bomb", "unpacks to more than 16 MiB"),
        ("large", "larger than 16 MiB"),
        ("brotli", "not asked for"),
        ("bad-gzip", "cut short"),
    ],
)
def test_what_cannot_be_understood_is_a_bad_reply(kind: str, says: str) -> None:
    error, server = fall(kind)
    assert isinstance(error, BadReply)
    assert says in error.message
    assert server.requests.total() == 1


def test_what_was_paid_for_comes_back_even_when_it_is_no_answer() -> None:
    async def work() -> Answer:
        async with Server(["truncated"]) as server:
            chat = teacher(server.base_url)
            answer = await chat.send(request())
            await chat.close()
            return answer

    assert asyncio.run(work()).body.startswith('{"object": "chat.completion"')


@pytest.mark.parametrize("kind", ["400", "413", "422", "refusal"])
def test_one_refused_request_is_one_row_s_fault(kind: str) -> None:
    error, server = fall(kind)
    assert isinstance(error, RequestRejected)
    assert server.requests.total() == 1


@pytest.mark.parametrize("kind", ["401", "403"])
def test_a_refused_key_is_not_tried_again(kind: str) -> None:
    error, server = fall(kind)
    assert isinstance(error, AuthenticationRefused)
    assert error.exit_code == 4
    assert server.requests.total() == 1


@pytest.mark.parametrize(
    ("kind", "hint"), [("404", "base_url"), ("402", "credit"), ("quota", "credit")]
)
def test_what_no_retry_can_mend_stops_with_a_hint(kind: str, hint: str) -> None:
    error, server = fall(kind)
    assert type(error) is ProviderError
    assert hint in error.hint
    assert server.requests.total() == 1


def test_a_redirect_is_not_followed() -> None:
    error, server = fall("redirect")
    assert "http://127.0.0.1:1/v1" in error.hint
    assert server.requests.total() == 1


@pytest.mark.parametrize(
    ("kind", "finish"),
    [("length", "length"), ("filter", "content_filter"), ("thinking", "length")],
)
def test_a_cut_answer_says_why_it_ended(kind: str, finish: str) -> None:
    reply, _ = meet(kind)
    assert reply.finish_reason == finish
    assert reply.output_tokens == 90


@pytest.mark.parametrize("kind", ["no-usage", "liar"])
def test_counts_that_are_missing_or_lies_are_none(kind: str) -> None:
    reply, _ = meet(kind)
    assert (reply.input_tokens, reply.output_tokens) == (None, None)


@pytest.mark.parametrize("kind", ["gzip", "parts", "surrogate"])
def test_odd_answers_are_read(kind: str) -> None:
    assert meet(kind)[0].text


def test_nobody_listens() -> None:
    chat = teacher(f"http://127.0.0.1:{closed_port()}/v1", retries=2)
    with pytest.raises(ProviderUnreachable, match="3 tries") as caught:
        asyncio.run(finish(chat, chat.send(request())))
    assert "is the server running" in caught.value.hint


async def finish(chat: OpenAIChat, work: Coroutine[Any, Any, T]) -> T:
    try:
        return await work
    finally:
        await chat.close()


def test_never_more_in_flight_than_allowed_and_all_are_answered() -> None:
    async def work() -> Server:
        async with Server(faults=0.2, delay=0.005) as server:
            chat = teacher(server.base_url, concurrency=7, retries=20)
            await asyncio.gather(*[chat.send(request(f"number {n}")) for n in range(120)])
            await chat.close()
            return server

    server = asyncio.run(work())
    assert server.max_in_flight <= 7
    assert server.answered.total() == len(server.answered) == 120


def test_the_same_request_gives_the_same_bytes_and_the_same_text() -> None:
    async def work() -> list[str]:
        async with Server() as server:
            return [(await ask(server))[0].body for _ in range(2)]

    first, second = asyncio.run(work())
    assert first == second


def test_it_can_be_closed_and_used_again_on_another_loop() -> None:
    async def once(chat: OpenAIChat, server: Server) -> Answer:
        async with server:
            return await finish(chat, chat.send(request()))

    server = Server()
    chat = teacher(f"http://127.0.0.1:{closed_port()}/v1")
    server.port = int(chat.base_url.split(":")[2].split("/")[0])
    assert asyncio.run(once(chat, server)) == asyncio.run(once(chat, server))


def test_what_goes_over_the_wire() -> None:
    chat = teacher("http://h/v1", temperature=0.5, top_p=0.9, max_output_tokens=99, seed=4)
    body = json.loads(chat.body(request("hi", "s1", response_format={"type": "json_object"})))
    seed = body.pop("seed")
    assert body == {
        "model": "tiny",
        "messages": [{"role": "user", "content": "hi"}],
        "temperature": 0.5,
        "top_p": 0.9,
        "max_tokens": 99,
        "response_format": {"type": "json_object"},
    }
    other = json.loads(chat.body(request("hi", "s2")))["seed"]
    assert seed != other
    assert json.loads(chat.body(request("hi", "s1", **chat.settings)))["seed"] == seed
    assert chat.settings == {"temperature": 0.5, "top_p": 0.9, "max_tokens": 99, "seed": 4}


@pytest.mark.parametrize("field", ["model", "messages", "stream", "n"])
def test_a_request_cannot_replace_what_the_teacher_fills(field: str) -> None:
    with pytest.raises(PluginError, match=field):
        teacher("http://h/v1").body(Request((), "0", {field: 1}))


def test_a_missing_key_says_how_to_set_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TINY_KEY", raising=False)
    chat = teacher("http://127.0.0.1:1/v1", key_env="TINY_KEY")
    with pytest.raises(UsageError, match="TINY_KEY") as caught:
        asyncio.run(chat.send(request()))
    assert "export TINY_KEY=" in caught.value.hint


def test_the_key_opens_the_door(monkeypatch: pytest.MonkeyPatch) -> None:
    async def work() -> Reply:
        async with Server(key=CANARY) as server:
            with pytest.raises(AuthenticationRefused):
                await ask(server)
            return (await ask(server, key_env="TINY_KEY"))[1]

    monkeypatch.setenv("TINY_KEY", CANARY)
    assert asyncio.run(work()).text


def test_the_key_appears_nowhere(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Through every kind of misbehaviour: errors with tracebacks, answers, replies, repr, logs."""
    monkeypatch.setenv("TINY_KEY", CANARY)
    caplog.set_level(logging.DEBUG)
    seen: list[str] = []

    async def one(server: Server, kind: str) -> None:
        chat = teacher(
            server.base_url,
            key_env="TINY_KEY",
            retries=0,
            total_timeout=0.3,
            first_byte_timeout=0.1,
        )
        server.script = [kind]
        try:
            answer = await chat.send(request())
            seen.append(answer.body[:10_000])
            seen.append(repr(chat.parse(answer)))
        except DatawellError as error:
            seen.append("".join(traceback.format_exception(error)) + repr(error) + error.hint)
        seen.append(f"{chat!r} {chat.params!r} {chat.settings} {vars(chat)}")
        await chat.close()

    async def work() -> None:
        async with Server(drip=0.02) as server:
            for kind in KINDS:
                await one(server, kind)
            assert set(server.met) == set(KINDS)

    asyncio.run(work())
    assert any("[key]" in text for text in seen)  # it was echoed, and hidden
    assert CANARY not in "".join(seen) + caplog.text
