"""Time that passes only when everybody waits for it: hours of backoff in milliseconds."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
SETTLE = 25  # rounds of the event loop after which everybody who can move has moved


class FakeClock:
    """A clock for ``limits``. Drive it with :meth:`run`."""

    def __init__(self, wall: float = 1_700_000_000.0) -> None:
        self.at = 0.0
        self.slept: list[float] = []
        self._wall = wall
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def monotonic(self) -> float:
        return self.at

    def time(self) -> float:
        return self._wall + self.at

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.at + seconds, len(self.slept), future))
        await future

    async def drive(self, work: Coroutine[Any, Any, T]) -> T:
        """Run ``work`` to its end, letting time jump to the next sleeper whenever all wait."""
        task = asyncio.create_task(work)
        while True:
            for _ in range(SETTLE):
                await asyncio.sleep(0)
            if task.done():
                return task.result()
            assert self._sleepers, "everybody waits, and nobody for time: a deadlock"
            self.at = max(self.at, self._sleepers[0][0])
            while self._sleepers and self._sleepers[0][0] <= self.at:
                future = heapq.heappop(self._sleepers)[2]
                if not future.done():
                    future.set_result(None)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """:meth:`drive` on a loop of its own."""
        return asyncio.run(self.drive(work))
