"""Executors give shards to workers, whatever the work is; workers end with their parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from operator import pow as power
from typing import Any

import pytest
from pydantic import ValidationError

from datawell.core.errors import StorageError
from datawell.core.plugins import Component, build, names
from datawell.executors.base import Executor
from datawell.executors.inline import Inline
from datawell.executors.pool import Pool, PoolParams

EXECUTORS: list[Callable[[], Executor]] = [Inline, partial(Pool, PoolParams(workers=2))]


@pytest.mark.parametrize("executor", EXECUTORS)
def test_every_shard_is_worked_on_once(executor: Callable[[], Executor]) -> None:
    assert sorted(executor().map(partial(power, 2), range(20))) == [2**n for n in range(20)]
    assert list(executor().map(partial(power, 2), [])) == []


@pytest.mark.parametrize("executor", EXECUTORS)
def test_an_error_in_the_work_comes_out(executor: Callable[[], Executor]) -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        list(executor().map(int, ["1", "two", "3"]))


@pytest.mark.parametrize("executor", EXECUTORS)
def test_closing_early_ends_the_work(executor: Callable[[], Executor]) -> None:
    with closing(executor().map(abs, range(10**6))) as results:
        assert next(results) >= 0


def test_a_dead_worker_is_told() -> None:
    with pytest.raises(StorageError, match="worker process died") as caught:
        list(Pool(PoolParams(workers=1)).map(os._exit, [9]))
    assert "same command" in caught.value.hint


PARENT = """
from datawell.executors.pool import Pool, PoolParams
if __name__ == "__main__":
    work = ["__import__('os').getpid()", "__import__('time').sleep(60)"]
    for pid in Pool(PoolParams(workers=1)).map(eval, work):
        print(pid, flush=True)
"""


def test_workers_do_not_outlive_a_killed_parent(tmp_path: Any) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        os.kill(parent.pid, signal.SIGKILL)
    for _ in range(100):
        if not _runs(worker):
            return
        time.sleep(0.05)
    pytest.fail(f"worker {worker} still runs")


def _runs(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_they_come_in_by_name() -> None:
    assert {"inline", "pool"} <= set(names("executors"))
    pool = build("executors", Component("pool", {"workers": 3}))
    assert (pool.params.workers, pool.distributed) == (3, True)
    assert build("executors", Component("inline")).distributed is False


def test_no_workers_is_refused() -> None:
    with pytest.raises(ValidationError):
        PoolParams(workers=0)
