"""Shards in a pool of processes on this machine, for teachers that are recomputable.

Workers are spawned, not forked: they inherit no locks, no threads and no open ledger. Each
receives the work once and then only shards.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from typing import Any, TypeVar

from pydantic import Field

from datawell.core.errors import StorageError
from datawell.core.params import Params

S = TypeVar("S")
R = TypeVar("R")

_work: Callable[[Any], Any] | None = None  # in a worker: what it was started for


class PoolParams(Params):
    """How many processes."""

    workers: int | None = Field(default=None, ge=1)
    """Worker processes; as many as this process may use CPU cores when not given."""


class Pool:
    """Runs shards in worker processes, a few ahead of those at work."""

    Params = PoolParams
    distributed = True

    def __init__(self, params: PoolParams | None = None) -> None:
        self.params = params or PoolParams()

    def map(self, work: Callable[[S], R], shards: Sequence[S]) -> Generator[R, None, None]:
        """Run ``work`` on each shard, yielding results as they finish.

        Raises:
            StorageError: a worker died (killed, or out of memory).
        """
        workers = min(self.params.workers or len(os.sched_getaffinity(0)), max(len(shards), 1))
        pool = ProcessPoolExecutor(
            workers, multiprocessing.get_context("spawn"), initializer=_begin, initargs=(work,)
        )
        try:
            yield from _results(pool, shards, ahead=2 * workers)
        except BrokenProcessPool as error:
            raise StorageError(
                "a worker process died: it was killed, or ran out of memory",
                hint="the same command continues; fewer workers or smaller shards need less memory",
            ) from error
        finally:
            pool.shutdown(cancel_futures=True)


def _results(
    pool: ProcessPoolExecutor, shards: Sequence[S], ahead: int
) -> Generator[Any, None, None]:
    todo = iter(shards)
    running: set[Future[Any]] = set()
    while True:
        running |= {pool.submit(_run, shard) for shard in islice(todo, ahead - len(running))}
        if not running:
            return
        finished, running = wait(running, return_when=FIRST_COMPLETED)
        for future in finished:
            yield future.result()


def _begin(work: Callable[[Any], Any]) -> None:
    """Set up a worker: interruptions are its parent's to handle, and it ends with its parent."""
    global _work
    _work = work
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Parallelism comes from processes; a thread pool in each would only fight over the cores.
    os.environ.setdefault("POLARS_MAX_THREADS", "1")
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A killed parent cannot end its workers; one that waits for more work would wait for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _run(shard: Any) -> Any:
    if _work is None:
        raise RuntimeError("the worker was not begun")
    return _work(shard)
