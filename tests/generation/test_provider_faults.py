"""Every kind of provider fault, alone and mixed, over real sockets: each row is kept or dropped
with a reason, few calls are made again, and the books hold."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest

from datawell.core.errors import AuthenticationRefused, DatawellError, ProviderError
from datawell.core.plugins import Component
from datawell.executors.inline import Inline
from datawell.generation.engine import generate
from datawell.generation.job import Job, Settings
from datawell.pipeline.audit import audit
from datawell.teachers.openai_chat import OpenAIChat
from tests.generation.kit import job
from tests.teachers.server import Server
from tests.teachers.test_openai_chat import Hurry

# Faults that another try mends; none costs a row.
MENDED = (
    *("408", "409", "429", "429:1", "429@1", "500", "502", "503", "503:1", "cut"),
    *("hang", "loris-head"),
)
# Answers that are paid for and of no use; another sample is bought.
USELESS = (
    *("truncated", "html", "schema", "error-200", "empty", "null", "length", "thinking"),
    *("filter", "bomb", "bad-gzip", "brotli", "large"),
)
# Requests that are refused for good, each for itself.
REFUSED = ("400", "413", "422", "refusal")
# Odd answers that are answers.
FINE = ("parts", "gzip", "no-usage", "liar", "surrogate")
REASONS = {
    *("request_rejected", "bad_reply", "truncated", "content_filter"),
    *("provider_timeout", "provider_fault"),
}


@contextmanager
def serving(**options: Any) -> Iterator[Server]:
    """The server, in a thread with a loop of its own."""
    server, up, over = Server(**options), threading.Event(), threading.Event()

    async def serve() -> None:
        async with server:
            up.set()
            await asyncio.to_thread(over.wait)

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    up.wait()
    try:
        yield server
    finally:
        over.set()
        thread.join()


def run(folder: Path, server: Server, rows: int, **params: Any) -> tuple[Job, DatawellError | None]:
    """Make rows; why the run stopped."""
    given = {
        "model": "tiny",
        "base_url": server.base_url,
        "price": {"input": 1, "output": 2},
        "first_byte_timeout": 0.3,
        "total_timeout": 20,
        "concurrency": 16,
    } | params
    budget = Settings(budget_usd=10.0)
    work = job(folder, Component("openai", given), rows=rows, checks=(), settings=budget)
    shop = work.build()
    teacher = OpenAIChat(OpenAIChat.Params(**given), clock=Hurry(), random=Random(1))
    shop.teachers["writer"] = teacher  # type: ignore[index]
    try:
        generate(work, Inline(), workshop=shop)
    except DatawellError as error:
        return work, error
    assert not audit(folder, {teacher.model: teacher}).broken
    return work, None


def reasons(work: Job) -> set[str]:
    rows = list(work.run.rows())
    assert [row.row for row in rows] == list(range(work.rows))
    assert all(row.kept or (row.stage == "voice" and row.reason) for row in rows)
    return {row.reason for row in rows if not row.kept}


@pytest.mark.parametrize("kind", [*MENDED, *USELESS, *REFUSED, *FINE])
def test_one_kind_alone(tmp_path: Path, kind: str) -> None:
    patience = 0.5 if kind in ("hang", "loris-head") else 20  # large answers take their time
    with serving(faults=0.1, kinds=(kind,), drip=0.05) as server:
        work, error = run(tmp_path, server, rows=60, first_byte_timeout=patience)
    assert error is None
    assert server.met[kind] >= 3
    assert reasons(work) <= REASONS
    kept = work.run.summary().kept
    assert kept == 60 - (server.met[kind] if kind in REFUSED else 0)
    # Each fault costs one more call and no other; nobody is asked again who was answered well.
    again = 0 if kind in (*REFUSED, *FINE) else server.met[kind]
    assert server.requests.total() == 60 + again


def test_a_slow_loris_ends_at_the_deadline(tmp_path: Path) -> None:
    with serving(faults=0.1, kinds=("loris",), drip=0.05) as server:
        work, error = run(tmp_path, server, rows=60, total_timeout=1)
    assert error is None
    assert reasons(work) == {"provider_timeout"}
    assert work.run.summary().kept == 60 - server.met["loris"]
    assert server.requests.total() == 60


def test_a_tenth_of_all_kinds_mixed(tmp_path: Path) -> None:
    kinds = sorted({*MENDED, *USELESS, *REFUSED} - {"bomb", "large"})
    with serving(faults=0.1, kinds=kinds, drip=0.05) as server:
        work, error = run(tmp_path, server, rows=600, first_byte_timeout=1)
    assert error is None
    assert len(server.met) >= 20
    assert reasons(work) <= REASONS
    assert work.run.summary().kept >= 600 - 2 * sum(server.met[kind] for kind in REFUSED)
    assert server.requests.total() <= 1.2 * 600


@pytest.mark.parametrize("kind", ["401", "403"])
def test_a_refused_key_stops_at_once(tmp_path: Path, kind: str) -> None:
    with serving(faults=1.0, kinds=(kind,)) as server:
        work, error = run(tmp_path, server, rows=60)
    assert isinstance(error, AuthenticationRefused)
    assert server.requests.total() <= 16  # what was in flight
    assert set(server.requests.values()) == {1}
    assert work.run.summary().spent_usd == 0


@pytest.mark.parametrize("kind", ["402", "404", "quota", "redirect"])
def test_what_no_call_can_pass_stops_at_once(tmp_path: Path, kind: str) -> None:
    with serving(faults=1.0, kinds=(kind,)) as server:
        _, error = run(tmp_path, server, rows=60)
    assert isinstance(error, ProviderError)
    assert server.requests.total() <= 16
    assert set(server.requests.values()) == {1}


def test_an_unknown_model_in_the_middle_is_one_rows_matter(tmp_path: Path) -> None:
    with serving(script=["ok", "ok", "404"]) as server:
        work, error = run(tmp_path, server, rows=20, concurrency=1)
    assert error is None
    assert reasons(work) == {"request_rejected"}
    assert work.run.summary().kept == 19


def test_a_prompt_that_always_hangs_falls_alone(tmp_path: Path) -> None:
    def poisoned(server: Server, kinds: Sequence[str]) -> None:
        usual = server._kind

        def kind(request: Any, body: str) -> str:
            hung = body in marked or (not marked and server.requests.total() == 20)
            if hung:
                marked.add(body)
            return kinds[0] if hung else usual(request, body)

        server._kind = kind  # type: ignore[method-assign]

    marked: set[str] = set()
    with serving(delay=0.01) as server:
        poisoned(server, ["hang"])
        work, error = run(tmp_path, server, rows=200, retries=2)
    assert error is None
    assert reasons(work) == {"provider_timeout"}
    assert work.run.summary().kept == 199
    assert server.requests.total() <= 199 + 2 * 3  # once more at the end, when nobody else is left
