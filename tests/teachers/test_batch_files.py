"""Batch files over the wire: forms, lost answers, odd outcomes; and what they cost."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datawell.core.errors import DatawellError, PluginError, ProviderFault
from datawell.core.plugins import Component, build
from datawell.teachers.base import Price, Request
from datawell.teachers.batches import BatchItem
from datawell.teachers.openai_chat import OpenAIChat
from tests.generation.batch_server import BatchServer, serving

T = TypeVar("T")
CANARY = "sk-canary-1234567890abcdef"


def teacher(base_url: str = "http://h/v1", **more: Any) -> OpenAIChat:
    given = {"model": "tiny", "base_url": base_url, "batch": True, "total_timeout": 5}
    return OpenAIChat(OpenAIChat.Params(**(given | more)))


def do(server: BatchServer, work: Callable[[OpenAIChat], Coroutine[Any, Any, T]], **more: Any) -> T:
    async def run() -> T:
        chat = teacher(server.base_url, **more)
        try:
            return await work(chat)
        finally:
            await chat.close()

    return asyncio.run(run())


def lines(path: Path, chat: OpenAIChat, names: str = "ab") -> Path:
    requests = [Request(({"role": "user", "content": f"é {n}"},), n) for n in names]
    path.write_bytes(b"".join(chat.batches.line(r.sample, r) for r in requests))
    return path


def test_a_file_arrives_as_it_is(tmp_path: Path) -> None:
    path = lines(tmp_path / "requests.jsonl", teacher())
    with serving() as server:
        name = do(server, lambda chat: chat.batches.upload(path))
        assert server.files[name] == path.read_bytes()
        large = tmp_path / "large.jsonl"
        large.write_bytes(b'{"x": "' + b"y" * 3_000_000 + b'"}\n')
        name = do(server, lambda chat: chat.batches.upload(large))
        assert server.files[name] == large.read_bytes()
        do(server, lambda chat: chat.batches.download(name, tmp_path / "back.jsonl"))
    assert (tmp_path / "back.jsonl").read_bytes() == large.read_bytes()


@pytest.mark.parametrize("fate", ["ok", "429", "lost", "lost-500"])
def test_a_submission_is_made_once(tmp_path: Path, fate: str) -> None:
    path = lines(tmp_path / "requests.jsonl", teacher())

    async def submit(chat: OpenAIChat) -> str:
        file = await chat.batches.upload(path)
        first = await chat.batches.submit(file, "m-1", perhaps=False)
        again = await chat.batches.submit(file, "m-1", perhaps=True)
        assert first == again
        other = await chat.batches.submit(await chat.batches.upload(path), "m-2", perhaps=True)
        assert other != first
        return first

    with serving(fate) as server:
        server.batches |= {f"old-{n}": {"id": f"old-{n}", "input_file_id": "x"} for n in range(5)}
        do(server, submit)
        assert len(server.batches) == 5 + 2


def test_where_batches_cannot_be_listed_a_lost_answer_is_told(tmp_path: Path) -> None:
    path = lines(tmp_path / "requests.jsonl", teacher())

    async def submit(chat: OpenAIChat) -> str:
        return await chat.batches.submit(await chat.batches.upload(path), "m", perhaps=False)

    with serving("lost") as server:
        server.lists = False
        assert do(server, submit) == ""
        assert server.submissions == 1


def test_a_full_disk_is_no_lost_connection(tmp_path: Path) -> None:
    with serving() as server:
        server.files["f"] = b"{}"
        with pytest.raises(DatawellError) as caught:
            do(server, lambda chat: chat.batches.download("f", tmp_path / "none" / "x.jsonl"))
    assert "none" in caught.value.message


def test_a_key_is_hidden_from_outcomes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINY_KEY", CANARY)
    path = tmp_path / "out.jsonl"
    body = {"error": {"message": f"bad key {CANARY}"}}
    path.write_text(json.dumps({"custom_id": "a", "response": {"status_code": 401, "body": body}}))
    (item,) = teacher(key_env="TINY_KEY").batches.items(path)
    assert item == BatchItem("a", error="401 bad key [key]", refused=True)


@pytest.mark.parametrize(
    ("line", "item"),
    [
        ('{"custom_id": "a", "response": {"status_code": 200, "body": {"x": 1}}}', '{"x": 1}'),
        ('{"custom_id": "a", "response": {"status_code": 429, "body": {}}}', ("429 {}", False)),
        ('{"custom_id": "a", "response": {"status_code": 400, "body": "no"}}', ("400 no", True)),
        ('{"custom_id": "a", "response": {"status_code": 200, "body": "x"}}', ("200 x", False)),
        ('{"custom_id": "a", "response": null, "error": {"code": "late"}}', ("late", False)),
        ('{"custom_id": "a"}', ("None", False)),
        ('{"custom_id": "a", "response": {}}', None),
        ('{"custom_id": 5, "response": null}', None),
        ('{"response": null}', None),
        ('"a"', None),
        ("{", None),
        ("[" * 50_000, None),
    ],
)
def test_lines_of_outcomes(tmp_path: Path, line: str, item: Any) -> None:
    (tmp_path / "x").write_text(line + "\n\n")
    wanted = BatchItem("a", body=item) if isinstance(item, str) else None
    if isinstance(item, tuple):
        wanted = BatchItem("a", error=item[0], refused=item[1])
    assert list(teacher().batches.items(tmp_path / "x")) == [wanted]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary() | st.text().map(str.encode))
def test_no_outcome_crashes_the_reader(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x").write_bytes(data)
    for item in teacher().batches.items(tmp_path / "x"):
        assert item is None or isinstance(item, BatchItem)


@pytest.mark.parametrize("body", ["[]", "{", '{"id": 5}', "{}"])
def test_what_is_no_batch_is_a_fault(monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    chat = teacher()

    async def answer(*rest: Any, **more: Any) -> str:
        return body

    monkeypatch.setattr("datawell.teachers.wire.Wire.request", answer)
    with pytest.raises(ProviderFault):
        asyncio.run(chat.batches.submit("f", "m", perhaps=False))


def test_the_factor_makes_the_price() -> None:
    def price(**params: Any) -> Price | None:
        made: OpenAIChat = build("teachers", Component("openai", params))
        return made.price

    assert price(model="gpt-4.1-mini", batch=True) == Price(0.2, 0.8)
    assert price(model="gpt-4.1-mini") == Price(0.4, 1.6)
    own = {"input": 1.0, "output": 2.0, "cached_input": 0.5}
    assert price(model="gpt-4.1-mini", batch=True, price=own) == Price(1.0, 2.0, 0.5)
    assert price(model="unheard-of", batch=True) is None


def test_an_unknown_factor_is_an_unknown_price(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = tmp_path / "more.yaml"
    facts.write_text(
        "house:\n  base_url: http://h/v1\n  models:\n"
        "    m: {price: {input: 1, output: 2, cached_input: 0.1, as_of: 2026-01-01}}\n"
    )
    monkeypatch.setenv("DATAWELL_ENDPOINTS", str(facts))
    params = {"endpoint": "house", "model": "m"}
    assert build("teachers", Component("openai", params)).price == Price(1.0, 2.0, 0.1)
    assert build("teachers", Component("openai", params | {"batch": True})).price is None
    facts.write_text(facts.read_text() + "  batch_factor: 0.25\n")
    made = build("teachers", Component("openai", params | {"batch": True}))
    assert made.price == Price(0.25, 0.5, 0.025)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("batch_size", 0),
        ("batch_size", 50_001),
        ("batch_files", 0),
        ("batch_poll_seconds", 0),
        ("logprobs", 21),
        ("extra", {"n": 3}),
        ("extra", {"temperature": 1, "seed": 5, "messages": []}),
    ],
)
def test_every_wrong_parameter_is_refused(field: str, value: Any) -> None:
    with pytest.raises(PluginError):
        build("teachers", Component("openai", {"model": "m", field: value}))


def test_cached_input_costs_what_it_costs() -> None:
    assert Price(2.0, 8.0, 0.5).nano(100, 10, 60) == 40 * 2000 + 60 * 500 + 10 * 8000
    assert Price(2.0, 8.0).nano(100, 10, 60) == 100 * 2000 + 10 * 8000
    assert Price(2.0, 8.0, 0.5).nano(100, 10, 600) == 100 * 500 + 10 * 8000
