"""Kill a run at random moments and hold the ledger against the server's own books."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from datawell.core.ledger import LedgerReader
from datawell.core.plugins import Component
from datawell.core.records import Message
from datawell.generation.job import Job, Settings
from datawell.teachers.base import Request
from datawell.teachers.openai_chat import OpenAIChat
from tests.generation.kit import PLUGIN, ROOT, SAME, job
from tests.teachers.server import Server

CHILD = """
import sys
sys.path[:0] = [{plugin!r}, {root!r}]
from pathlib import Path
from tests.generation.killing import work
from tests.generation.kit import made
if __name__ == "__main__":
    made(work(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
"""


def chat(base_url: str) -> dict[str, object]:
    """A priced chat model behind ``base_url``."""
    return {"base_url": base_url, "model": "tiny", "price": {"input": 1.0, "output": 2.0}}


def work(folder: Path, base_url: str, rows: int) -> Job:
    """Dialogue-like rows of two calls each, the second with the first's answer in view."""
    return job(
        folder,
        Component("openai", chat(base_url)),
        task={"calls": 2},
        rows=rows,
        checks=(Component("kit_short", {"word": "Anna"}), SAME, Component("kit_family")),
        settings=Settings(concurrency=16, budget_usd=100.0),
    )


@contextlib.contextmanager
def serving(delay: float) -> Iterator[Server]:
    """The loopback server in a thread of this process, so that it outlives what is killed."""
    ready, server = threading.Event(), Server(delay=delay)
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    async def serve() -> None:
        async with server:
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    ready.wait()
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


def begin(folder: Path, base_url: str, rows: int) -> subprocess.Popen[bytes]:
    """Start the run in a process of its own."""
    script = folder.parent / "child.py"
    script.write_text(CHILD.format(plugin=str(PLUGIN), root=str(ROOT)))
    return subprocess.Popen([sys.executable, str(script), str(folder), base_url, str(rows)])


FORKING = """
import sys
sys.path[:0] = [{plugin!r}, {root!r}]
from tests.generation.points import serve
serve()
"""


class Forks:
    """A process that forks runs, each killed at a named point."""

    def __init__(self) -> None:
        code = FORKING.format(plugin=str(PLUGIN), root=str(ROOT))
        self._process = subprocess.Popen(
            [sys.executable, "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, folder: Path, base_url: str, rows: int, point: str = "", hit: int = 1) -> int:
        """The exit code of a run; minus the signal's number when it was killed."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{folder}\t{base_url}\t{rows}\t{point}\t{hit}\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def __enter__(self) -> Forks:
        return self

    def __exit__(self, *exc: object) -> None:
        self._process.communicate()


def kill_at_random(
    folder: Path,
    server: Server,
    rows: int,
    luck: Random,
    kills: int,
    resumed: list[float] | None = None,
) -> tuple[int, int]:
    """Begin the run anew and kill -9 it ``kills`` times; how often it was really killed, and how
    often it had ended before. Moments are drawn by progress (so many new requests, and a few
    milliseconds) or, one time in four, by time alone, start-up included. ``resumed`` gets the
    seconds from each start of a process to its first new request."""
    killed = 0
    for _ in range(kills):
        started, before = time.monotonic(), len(server.times)
        with begin(folder, server.base_url, rows) as process:
            if luck.random() < 0.25:
                time.sleep(luck.uniform(0, 1.5))
            else:
                goal = server.requests.total() + luck.randint(1, max(2, 2 * rows // kills))
                while server.requests.total() < goal and process.poll() is None:
                    time.sleep(0.001)
                time.sleep(luck.uniform(0, 0.03))
            if process.poll() is None:
                os.kill(process.pid, signal.SIGKILL)
                killed += 1
        if resumed is not None and len(server.times) > before:
            resumed.append(server.times[before] - started)
    return killed, kills - killed


@dataclass(frozen=True, slots=True)
class Books:
    """The ledger held against the server: counts of calls, and violations, which must be 0.

    ``answered_again`` are requests that came again although the ledger held their answer;
    ``unaccounted`` are requests the ledger does not know of.
    """

    calls: int
    uncertain: int
    requests: int
    distinct: int
    repeated: int
    answered_again: int
    unaccounted: int


def compare(folder: Path, server: Server) -> Books:
    """Read both books, request by request."""
    teacher = OpenAIChat(OpenAIChat.Params.model_validate(chat(server.base_url)))
    attempts: Counter[str] = Counter()
    uncertain: Counter[str] = Counter()
    with LedgerReader(folder / "run.db") as ledger:
        totals = ledger.totals()
        for call in ledger.calls():
            told = json.loads(call["request"])
            said: list[Message] = [
                {"role": m["role"], "content": m["content"]} for m in told["messages"]
            ]
            request = Request(tuple(said), told["sample"], told["settings"])
            body = hashlib.blake2b(teacher.body(request), digest_size=12).hexdigest()
            attempts[body] += 1
            uncertain[body] += call["state"] == "uncertain"
    seen = server.requests
    return Books(
        calls=totals.calls,
        uncertain=totals.uncertain,
        requests=seen.total(),
        distinct=len(seen),
        repeated=sum(count - 1 for count in seen.values()),
        answered_again=sum(max(0, n - 1 - uncertain[body]) for body, n in seen.items()),
        unaccounted=sum(max(0, n - attempts[body]) for body, n in seen.items()),
    )
