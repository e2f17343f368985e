import asyncio
import gzip
import zlib
from collections.abc import Mapping

import pytest

from datawell.core.errors import BadReply, UsageError
from datawell.teachers.limits import Refused
from datawell.teachers.openai_chat import OpenAIChat
from datawell.teachers.wire import Secret, Wire, unpack
from tests.teachers.server import Server

CANARY = "sk-canary-1234567890abcdef"


def test_gzip_and_deflate_are_unpacked() -> None:
    assert unpack(gzip.compress(b"hello"), "gzip") == b"hello"
    assert unpack(zlib.compress(b"hello"), "deflate") == b"hello"


@pytest.mark.parametrize(
    ("raw", "kind", "says"),
    [
        (gzip.compress(b"z" * 10_000), "gzip", "more than"),
        (gzip.compress(b"hello")[:-9], "gzip", "cut short"),
        (b"not packed", "gzip", "broken"),
        (b"", "gzip", "cut short"),
        (b"hello", "br", "not asked for"),
        (b"hello", "gzip, gzip", "not asked for"),
    ],
)
def test_bombs_and_broken_streams_are_refused(raw: bytes, kind: str, says: str) -> None:
    with pytest.raises(BadReply, match=says):
        unpack(raw, kind, most=5000)


def test_a_secret_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINY_KEY", f" {CANARY}\n")
    secret = Secret.from_environment("TINY_KEY", "who")
    assert CANARY not in f"{secret!r} {secret} {[secret]}"
    assert secret.header() == f"Bearer {CANARY}"
    assert secret.hide(f"your key {CANARY} is bad") == "your key [key] is bad"


def test_a_dummy_key_does_not_eat_ordinary_words() -> None:
    assert Secret("none").hide("there are none") == "there are none"


@pytest.mark.parametrize("value", ["", "  ", f"{CANARY}\nX-Evil: 1", f"{CANARY}é"])
def test_what_cannot_be_a_key_is_refused_without_showing_it(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TINY_KEY", value)
    with pytest.raises(UsageError, match="TINY_KEY") as caught:
        Secret.from_environment("TINY_KEY", "who")
    assert CANARY not in str(caught.value)


def test_whoever_keeps_the_pace_hears_the_headers_of_each_answer() -> None:
    heard: list[Mapping[str, str]] = []

    async def work() -> None:
        async with Server(["ok", "429:7"]) as server:
            wire = Wire(server.base_url, {}, 5.0, secret=None, heard=heard.append)
            await wire.request("POST", "/chat/completions", b"{}", 5.0)
            with pytest.raises(Refused):
                await wire.request("POST", "/chat/completions", b"{}", 5.0)
            await wire.close()
            chat = OpenAIChat(OpenAIChat.Params(model="tiny", base_url=server.base_url))
            assert chat._open()._heard == chat._caller.heard
            await chat.close()

    asyncio.run(work())
    assert [headers.get("Retry-After") for headers in heard] == [None, "7"]
    assert "content-type" in heard[0]
