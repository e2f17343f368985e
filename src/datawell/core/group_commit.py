"""One writer for one SQLite file: facts asked for within a few milliseconds share a commit.

A group costs about what a single commit costs, and a commit here is on disk (WAL,
``synchronous=FULL``), so sharing is where the speed comes from. Whoever waits for a fact is told
when its group is on disk, or that the disk refused; after that nothing more is taken, because the
order of facts is part of their meaning.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import IO, Any

from datawell.core.errors import StorageError, UsageError, storage_boundary

GROUP = 1000  # most items in one commit
LINGER = 0.001  # seconds a commit waits for company; what comes during one waits for the next

Statement = tuple[str, Sequence[Any]]


@contextlib.contextmanager
def sqlite_boundary(path: Path) -> Iterator[None]:
    """Turn SQLite's failures on ``path`` into errors that say what to do."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise StorageError(
            f"the run's ledger {path}: {error}",
            hint="free some space, or check the folder's permissions; what was committed is safe "
            "and the same command continues",
        ) from error
    except sqlite3.DatabaseError as error:
        raise UsageError(
            f"{path} cannot be read as a run's ledger: {error}",
            hint="choose another folder, or restore this file",
        ) from error


def hold(path: Path) -> IO[bytes]:
    """Hold ``path`` for this process; the system lets go of it however the process ends.

    Raises:
        UsageError: another process holds it.
        StorageError: the disk refused.
    """
    with storage_boundary("opening the run's ledger", path):
        path.parent.mkdir(parents=True, exist_ok=True)
        held = path.open("ab")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        held.close()
        raise UsageError(
            f"another process is at work on the run in {path.parent}",
            hint="wait for it, stop it, or choose another folder",
        ) from None
    return held


@dataclass(slots=True)
class _Item:
    """Statements that commit together, and who waits for them."""

    statements: Sequence[Statement]
    waiter: asyncio.Future[None] | Future[None] | None = None


class GroupCommit:
    """The writing thread of ``connection``, which belongs to it from now on."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self.connection = connection
        self._path = path
        self._failure: StorageError | None = None
        self._queue: SimpleQueue[_Item | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="datawell-ledger", daemon=True)
        self._thread.start()

    async def commit(self, *statements: Statement) -> None:
        """Commit statements together; on disk when this returns.

        Raises:
            StorageError: the disk refused, now or before.
        """
        waiter = asyncio.get_running_loop().create_future()
        self._submit(_Item(statements, waiter))
        await waiter

    def commit_now(self, *statements: Statement) -> None:
        """As :meth:`commit`, for callers outside any loop."""
        waiter: Future[None] = Future()
        self._submit(_Item(statements, waiter))
        waiter.result()

    def commit_soon(self, *statements: Statement) -> None:
        """Commit with the next group, without waiting."""
        self._submit(_Item(statements))

    def close(self) -> None:
        """Commit what is queued and close. Never raises: failures were told to those who wait."""
        self._queue.put(None)
        self._thread.join()
        self._failure = self._failure or StorageError(f"the run's ledger {self._path} is closed")
        self.connection.close()

    def _submit(self, item: _Item) -> None:
        if self._failure is not None:
            raise self._failure
        self._queue.put(item)

    def _work(self) -> None:
        while (first := self._queue.get()) is not None:
            if self._queue.qsize() < GROUP:
                time.sleep(LINGER)
            group, open_ = [first], True
            with contextlib.suppress(Empty):
                while open_ and len(group) < GROUP:
                    item = self._queue.get_nowait()
                    if item is None:
                        open_ = False
                    else:
                        group.append(item)
            self._commit_group(group)
            if not open_:
                return

    def _commit_group(self, group: Sequence[_Item]) -> None:
        if self._failure is None:
            try:
                with sqlite_boundary(self._path):
                    self.connection.execute("BEGIN IMMEDIATE")
                    _run(self.connection, group)
                    self.connection.execute("COMMIT")
            except Exception as error:  # noqa: BLE001 - whoever waits must hear of any failure
                self._failure = _as_storage(error, self._path)
                with contextlib.suppress(sqlite3.Error):
                    self.connection.execute("ROLLBACK")
        _tell(group, self._failure)


def _run(connection: sqlite3.Connection, group: Sequence[_Item]) -> None:
    """Execute a group's statements. Those of items with one statement are executed together by
    their text, texts in the order in which they first appear: nobody asks for a fact that follows
    from another before that one is on disk, so within a group their order means nothing. Items
    with several statements follow, each whole and in order."""
    alike: dict[str, list[Sequence[Any]]] = {}
    for item in group:
        if len(item.statements) == 1:
            sql, values = item.statements[0]
            alike.setdefault(sql, []).append(values)
    for sql, many in alike.items():
        connection.executemany(sql, many)
    for item in group:
        if len(item.statements) != 1:
            for sql, values in item.statements:
                connection.execute(sql, values)


def _as_storage(error: Exception, path: Path) -> StorageError:
    if isinstance(error, StorageError):
        return error
    failure = StorageError(f"the run's ledger {path}: {error}", hint="open the run again")
    failure.__cause__ = error
    return failure


def _tell(group: Sequence[_Item], failure: StorageError | None) -> None:
    """Wake whoever waits: one message an event loop, however many wait there."""
    loops: dict[asyncio.AbstractEventLoop, list[asyncio.Future[None]]] = {}
    for item in group:
        if isinstance(item.waiter, Future):
            _settle(item.waiter, failure)
        elif item.waiter is not None:
            loops.setdefault(item.waiter.get_loop(), []).append(item.waiter)
    for loop, waiters in loops.items():
        with contextlib.suppress(RuntimeError):  # the loop was closed: nobody waits any more
            loop.call_soon_threadsafe(_wake, waiters, failure)


def _wake(waiters: Sequence[asyncio.Future[None]], failure: StorageError | None) -> None:
    for waiter in waiters:
        if not waiter.done():
            _settle(waiter, failure)


def _settle(waiter: asyncio.Future[None] | Future[None], failure: StorageError | None) -> None:
    if failure is None:
        waiter.set_result(None)
    else:
        waiter.set_exception(failure)
