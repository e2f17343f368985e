"""Stops of every kind: Ctrl-C drains what is paid, a notebook can call, stragglers do not fill
the memory."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from datawell.core.errors import AuthenticationRefused
from datawell.core.ledger import LedgerReader
from datawell.executors.inline import Inline
from datawell.generation import fleet as fleet_module
from datawell.generation import shards as shards_module
from datawell.generation.door import outside_any_loop, run
from datawell.generation.engine import generate
from datawell.generation.job import Settings
from datawell.generation.progress import Progress
from tests.generation.kit import PLUGIN, ROOT, bytes_of, job, made, paid

INTERRUPTED = """
import sys
sys.path[:0] = [{plugin!r}, {root!r}]
from pathlib import Path
from datawell.executors.inline import Inline
from datawell.executors.pool import Pool, PoolParams
from datawell.generation.engine import generate
from tests.generation.kit import MADE, job, paid
if __name__ == "__main__":
    teacher = paid(delay=0.4) if sys.argv[2] == "paid" else MADE
    work = job(Path(sys.argv[1]), teacher, rows=int(sys.argv[3]), checks=())
    executor = Pool(PoolParams(workers=1)) if sys.argv[2] == "pool" else Inline()
    try:
        generate(work, executor, lambda p: print("at", p.done, flush=True))
    except KeyboardInterrupt:
        sys.exit(130)
"""


def interrupt(folder: Path, kind: str, rows: int) -> None:
    """Run in another process and press Ctrl-C once rows are being made."""
    code = INTERRUPTED.format(plugin=str(PLUGIN), root=str(ROOT))
    script = folder.with_suffix(".py")
    script.write_text(code)
    command = [sys.executable, str(script), str(folder), kind, str(rows)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for _ in range(2):
            process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 130


def test_ctrl_c_awaits_and_commits_what_is_in_flight(tmp_path: Path) -> None:
    interrupt(tmp_path / "run", "paid", 2000)
    with LedgerReader(tmp_path / "run" / "run.db") as ledger:
        states = [call["state"] for call in ledger.calls()]
    assert set(states) == {"settled"}  # nothing in flight was abandoned
    assert 64 <= len(states) < 2000
    folder = made(job(tmp_path / "run", paid(), rows=200, checks=()))
    assert bytes_of(folder) == bytes_of(made(job(tmp_path / "b", paid(), rows=200, checks=())))


@pytest.mark.parametrize("kind", ["made", "pool"])
def test_ctrl_c_between_shards(tmp_path: Path, kind: str) -> None:
    interrupt(tmp_path / "run", kind, 100_000)
    with LedgerReader(tmp_path / "run" / "run.db") as ledger:
        assert 0 < len(ledger.shards()) < 100_000 // 16
    folder = made(job(tmp_path / "run", rows=200, checks=()))
    assert bytes_of(folder) == bytes_of(made(job(tmp_path / "b", rows=200, checks=())))


def test_calls_from_inside_a_running_loop(tmp_path: Path) -> None:
    async def notebook() -> None:
        made(job(tmp_path / "a"))
        made(job(tmp_path / "b", paid()))
        with pytest.raises(AuthenticationRefused):
            made(job(tmp_path / "c", paid(faults={"5": "refused"})))

    asyncio.run(notebook())
    assert bytes_of(job(tmp_path / "a").run) == bytes_of(made(job(tmp_path / "d")))
    assert bytes_of(job(tmp_path / "b").run) == bytes_of(made(job(tmp_path / "e", paid())))


def test_an_interrupted_notebook_call_ends_in_order(tmp_path: Path) -> None:
    def press(_: Progress) -> None:
        if not pressed.is_set():
            pressed.set()
            os.kill(os.getpid(), signal.SIGINT)

    async def notebook() -> None:
        generate(job(tmp_path, paid(delay=0.2), rows=3000), Inline(), press)

    pressed = threading.Event()
    with closing(asyncio.new_event_loop()) as loop, pytest.raises(KeyboardInterrupt):
        loop.run_until_complete(notebook())
    with LedgerReader(tmp_path / "run.db") as ledger:
        assert ledger.totals().uncertain == 0
        assert ledger.totals().calls < 3000


def test_an_interruption_before_the_work_begins_is_not_lost() -> None:
    def work() -> None:
        time.sleep(0.05)
        run(asyncio.sleep(30))

    async def notebook() -> None:
        threading.Timer(0.02, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
        outside_any_loop(work)

    with closing(asyncio.new_event_loop()) as loop, pytest.raises(KeyboardInterrupt):
        loop.run_until_complete(notebook())


def test_a_straggler_does_not_open_ever_more_shards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row 0 ends last; meanwhile only a bounded number of shards may be under way."""
    open_now: list[int] = []
    most = 0
    monkeypatch.setattr(fleet_module, "SPARE_SHARDS", 2)
    opened, write = fleet_module._Open, shards_module.write_shard

    def opening(shard: object) -> fleet_module._Open:
        nonlocal most
        open_now.append(1)
        most = max(most, len(open_now))
        return opened(shard)  # type: ignore[arg-type]

    def writing(*args: object) -> object:
        open_now.pop()
        return write(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(fleet_module, "_Open", opening)
    monkeypatch.setattr(fleet_module, "write_shard", writing)
    settings = Settings(concurrency=4)
    work = job(tmp_path, paid(delay=0.02), rows=60, shard_size=3, settings=settings)
    made(work)
    assert 2 <= most <= 2 + 2
    assert work.run.summary().complete


def test_a_stop_reaches_those_who_wait_for_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fleet_module, "SPARE_SHARDS", 0)
    settings = Settings(concurrency=8)
    teacher = paid(delay=0.05, faults={"7": "refused"})
    with pytest.raises(AuthenticationRefused):
        made(job(tmp_path, teacher, rows=60, shard_size=8, settings=settings))
