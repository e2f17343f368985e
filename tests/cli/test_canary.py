"""A key that must never be seen: through every fault an endpoint can have, and then every byte."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Cli
from tests.teachers.server import KINDS, Server

KEY = "sk-canary-7f3c1e9a5b8d2046"
SLOW = ("hang", "loris", "loris-head")


@pytest.fixture(scope="module")
def endpoint() -> Iterator[Server]:
    """The misbehaving server in a thread: it echoes the key wherever careless servers do."""
    ready, server, loop = threading.Event(), Server(drip=0.2), asyncio.new_event_loop()
    stop = asyncio.Event()

    async def serve() -> None:
        async with server:
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    ready.wait()
    yield server
    loop.call_soon_threadsafe(stop.set)
    thread.join()
    loop.close()


def hits(folder: Path) -> list[str]:
    """Files with the key in them."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return [path.name for path in files if KEY.encode() in path.read_bytes()]


def settings(server: Server, **more: object) -> str:
    chosen = {
        "model": "tiny",
        "base_url": server.base_url,
        "key_env": "CANARY_KEY",
        "retries": 1,
        "total_timeout": 0.8,
        "first_byte_timeout": 0.4,
        "price": "{input: 1, output: 2}",
        **more,
    }
    inside = ", ".join(f"{name}: {value}" for name, value in chosen.items())
    return f"teachers.writer={{use: openai, with: {{{inside}}}}}"


def test_no_byte_of_it_anywhere(
    cli: Cli,
    endpoint: Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("CANARY_KEY", KEY)
    caplog.set_level(logging.DEBUG)
    words = ("run", "stories", "--rows", "2", "--set", "student=null", "--set", "report=null")
    ends = set()
    for kind in KINDS:
        endpoint.script = [kind] * (2 if kind in SLOW else 30)
        said = cli(*words, "--set", settings(endpoint), "--budget-usd", "1", "--out", kind)
        ends.add(said.code)
        assert KEY not in said.out + said.err, kind
        assert hits(tmp_path) == [], kind
    assert {1, 4} <= ends
    assert endpoint.met.keys() >= set(KINDS)  # each was really met
    assert KEY not in caplog.text


def test_nor_in_what_is_made_of_answers_that_repeat_it(
    cli: Cli, endpoint: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The endpoint writes the key into its stories; they are exported, labelled and reported."""
    monkeypatch.setenv("CANARY_KEY", KEY)
    endpoint.script = ["echo"] * 40
    teacher = settings(endpoint, total_timeout=20, first_byte_timeout=20)
    words = ("run", "stories", "--rows", "12", "--set", "student=null", "--set", "checks=[]")
    assert cli(*words, "--set", teacher, "--out", "r").code == 0
    assert cli("validate", "stories", "--set", teacher, "--json").code == 0
    assert list(tmp_path.glob("r/dataset/*.parquet"))
    assert (tmp_path / "r" / "report.html").exists()
    assert "[key]" in next(iter(_texts(tmp_path / "r")))
    assert hits(tmp_path) == []


def _texts(folder: Path) -> Iterator[str]:
    from datawell.core.rundir import RunFolder

    return (record.text for record in RunFolder(folder).kept())
