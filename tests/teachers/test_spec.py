import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from datawell.core.errors import (
    AuthenticationRefused,
    PluginError,
    ProviderTimeout,
    ProviderUnreachable,
    UsageError,
)
from datawell.core.plugins import Component, build
from datawell.teachers import remote
from datawell.teachers.base import Price
from datawell.teachers.spec import TeacherCheck, check_teacher, parse_spec
from tests.teachers.server import Server, closed_port


@pytest.mark.parametrize(
    ("text", "use", "params"),
    [
        ("builtin", "builtin", {}),
        (" builtin ", "builtin", {}),
        ("openai:gpt-4.1", "openai", {"endpoint": "openai", "model": "gpt-4.1"}),
        ("ollama:llama3.2:3b", "openai", {"endpoint": "ollama", "model": "llama3.2:3b"}),
        ("anthropic:claude", "anthropic", {"endpoint": "anthropic", "model": "claude"}),
        ("together:a/b", "openai", {"endpoint": "together", "model": "a/b"}),
        (
            "http://127.0.0.1:8000/v1#tiny",
            "openai",
            {"base_url": "http://127.0.0.1:8000/v1", "model": "tiny"},
        ),
        ("https://h/v1/#a/b#c", "openai", {"base_url": "https://h/v1", "model": "a/b#c"}),
        ("replay:runs/calls.jsonl", "replay", {"path": "runs/calls.jsonl"}),
    ],
)
def test_a_teacher_in_one_word(text: str, use: str, params: dict[str, str]) -> None:
    assert parse_spec(text) == Component(use, params)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no teacher is called ''"),
        ("bultin", "did you mean 'builtin'"),
        ("opnai:gpt", "did you mean 'openai'"),
        ("zzz:claude", r"known: .*openai.*forms: builtin, ENDPOINT:MODEL"),
        ("hf:", "hf:FOLDER"),
        ("openai", "openai:MODEL"),
        ("openai:", "openai:MODEL"),
        ("replay:", "replay:FILE"),
        ("builtin:big", "takes no model"),
        ("http://127.0.0.1:8000/v1", "#MODEL"),
        ("http://127.0.0.1:8000/v1#", "#MODEL"),
        ("http:///v1#m", "must look like"),
    ],
)
def test_a_wrong_word_says_what_there_is(text: str, says: str) -> None:
    with pytest.raises(PluginError, match=says):
        parse_spec(text)


def test_an_address_with_a_password_is_not_repeated() -> None:
    with pytest.raises(PluginError) as caught:
        parse_spec("https://me:hunter2@h/v1#m")
    assert "hunter2" not in str(caught.value)


def test_every_form_can_be_built(tmp_path: Path) -> None:
    (tmp_path / "calls.jsonl").write_text("")
    for text in ("builtin", "openai:m", "http://h/v1#m", f"replay:{tmp_path}/calls.jsonl"):
        assert build("teachers", parse_spec(text)).model


def test_what_is_known_before_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    assert check_teacher(Component("builtin")) == TeacherCheck(
        "builtin:procedural", "", Price(0, 0), "", None
    )
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary-1234567890abcdef")
    found = check_teacher(parse_spec("openai:gpt-4.1-mini"))
    assert (found.price, found.context, found.note) == (Price(0.4, 1.6), 1047576, "")
    assert found.price_as_of.startswith("20")
    assert "canary" not in repr(found)


def test_a_missing_key_is_told_before_anything_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(UsageError, match="OPENAI_API_KEY") as caught:
        check_teacher(parse_spec("openai:gpt-4.1-mini"))
    assert "export OPENAI_API_KEY=" in caught.value.hint


def probe(*script: str, model: str = "tiny", key: str = "") -> TeacherCheck:
    async def work() -> TeacherCheck:
        async with Server(script) as server:
            server.models = ["tiny", "other"]
            component = parse_spec(f"{server.base_url}#{model}")
            # In a thread: the server needs this loop while the check waits for it.
            return await asyncio.to_thread(check_teacher, component, probe=True)

    return asyncio.run(work())


def test_a_probe_says_whether_the_model_is_listed() -> None:
    assert probe().note == "reachable; the model is listed"
    assert probe(model="big").note == "reachable; the model is not among the 2 it lists"
    assert probe("404").note == "reachable; it lists no models"


def test_a_probe_tells_what_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "PROBE_SECONDS", 0.2)
    cases: list[tuple[Callable[[], TeacherCheck], type[Exception]]] = [
        (lambda: probe("401"), AuthenticationRefused),
        (lambda: probe("hang"), ProviderTimeout),
        (
            lambda: check_teacher(parse_spec(f"http://127.0.0.1:{closed_port()}/v1#m"), probe=True),
            ProviderUnreachable,
        ),
    ]
    for check, kind in cases:
        with pytest.raises(kind):
            check()


def test_without_a_probe_nothing_is_sent() -> None:
    assert check_teacher(parse_spec(f"http://127.0.0.1:{closed_port()}/v1#m")).note == ""
