"""The ledger's writer without its thread: the same groups and commits, at moments of the seed."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path

from datawell.core.errors import StorageError
from datawell.core.group_commit import GROUP, GroupCommit, Statement, _Item


class TurnWriter(GroupCommit):
    """Commits when its turn comes. ``latency`` says when; ``committed`` is told after each."""

    latency: Callable[[], float]
    committed: Callable[[sqlite3.Connection], None]

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self.connection = connection
        self._path = path
        self._failure: StorageError | None = None
        self._waiting: deque[_Item] = deque()
        self._turn: asyncio.TimerHandle | None = None

    def commit_now(self, *statements: Statement) -> None:
        """Commit all that waits, and these."""
        waiter: Future[None] = Future()
        self._submit(_Item(statements, waiter))
        self._commit_all()
        waiter.result()

    def close(self) -> None:
        """Commit all that waits and close."""
        self._commit_all()
        if self._turn is not None:
            self._turn.cancel()
        self._failure = self._failure or StorageError(f"the run's ledger {self._path} is closed")
        with suppress(sqlite3.Error):
            self.connection.close()

    def _submit(self, item: _Item) -> None:
        if self._failure is not None:
            raise self._failure
        self._waiting.append(item)
        if self._turn is None:
            with suppress(RuntimeError):  # outside any loop: whoever waits commits all
                loop = asyncio.get_running_loop()
                self._turn = loop.call_later(self.latency(), self._take_turn)

    def _take_turn(self) -> None:
        self._turn = None
        self._commit_some()
        if self._waiting:
            self._turn = asyncio.get_running_loop().call_later(self.latency(), self._take_turn)

    def _commit_all(self) -> None:
        while self._waiting:
            self._commit_some()

    def _commit_some(self) -> None:
        group = [self._waiting.popleft() for _ in range(min(GROUP, len(self._waiting)))]
        if group:
            self._commit_group(group)
            if self._failure is None:
                self.committed(self.connection)
