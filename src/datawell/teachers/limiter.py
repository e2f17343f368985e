"""How many calls may be in flight at once, and the pauses an endpoint asks for."""

from __future__ import annotations

import asyncio
import copy
import math
from collections import deque
from random import Random

from datawell.core.clock import Clock
from datawell.core.errors import ProviderError

BACKOFF_FIRST = 0.5
BACKOFF_MOST = 8.0
PAUSE_MOST = 4.0  # a door that says nothing is tried at least this often, so recovery is seen soon
SHRINK = 0.7
GROW = 0.25


def backoff(tries: int, random: Random, most: float = BACKOFF_MOST) -> float:
    """Seconds before try number ``tries`` + 1: doubling, with the upper half of it drawn."""
    full = min(most, BACKOFF_FIRST * 2.0 ** min(tries - 1, 30))
    return full * (0.5 + 0.5 * random.random())


class Limiter:
    """How many calls may be in flight at once: shrinks on 429, grows back, pauses, stops.

    Tickets are send numbers. A change of the limit remembers the last number sent, and only news
    about a later ticket can change it again: so it moves at most once a round trip, each way.
    When a whole window is refused without one answer between, the door is shut: one probe at a
    time until one gets through, and the limit then goes on from where it was.
    """

    def __init__(self, most: int, clock: Clock, random: Random) -> None:
        self.limit = float(most)
        self.in_flight = 0
        self.shut = False
        self._most = float(most)
        self._clock = clock
        self._random = random
        self._sent = self._shrunk_at = self._grown_at = 0
        self._refusals = self._streak = 0
        self._wall, self._step = math.inf, 1.0
        self._until = -math.inf
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._timer: asyncio.Task[None] | None = None
        self._stopped: ProviderError | None = None

    async def enter(self, *, again: bool = False) -> int:
        """Wait for a free place and return the ticket. ``again`` goes before those who never tried.

        Raises:
            ProviderError: the teacher was stopped.
        """
        if self._stopped is not None:
            raise copy.copy(self._stopped)
        if self._open() and not self._waiting:
            self.in_flight += 1
        else:
            place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            (self._waiting.appendleft if again else self._waiting.append)(place)
            self._wake()
            try:
                await place
            except asyncio.CancelledError:
                if place.done() and not place.cancelled() and place.exception() is None:
                    self.leave()  # the place was given in the same moment: hand it on
                raise
        self._sent += 1
        return self._sent

    def leave(self) -> None:
        """Give the place back."""
        self.in_flight -= 1
        self._wake()

    def answered(self, ticket: int) -> None:
        """An answer came: open the door, and grow once a round trip."""
        self.shut = False
        self._refusals = self._streak = 0
        if ticket > self._grown_at:
            self._grown_at = self._sent
            self.limit = min(self._most, self.limit + self._growth())

    def refused(self, ticket: int, told: float | None) -> None:
        """A 429 came: pause all sends, ``told`` seconds where it said; shrink once a round trip."""
        self._refusals += 1
        if ticket > self._shrunk_at:
            self._shrunk_at = self._grown_at = self._sent
            self._streak += 1
            if not self.shut:
                self._wall, self._step = self.limit, 1.0
                self.limit = max(1.0, self.limit * SHRINK)
        self.shut = self.shut or self._refusals >= int(self.limit)
        wait = backoff(self._streak, self._random, PAUSE_MOST) if self._streak else 0.0
        if told is not None:  # as told at first; more when that keeps being too little
            wait = told if self._streak <= 1 else max(told, wait)
        self.pause(wait)

    def pause(self, seconds: float) -> None:
        """Send nothing for ``seconds`` from now."""
        self._until = max(self._until, self._clock.monotonic() + seconds)

    def paused_for(self) -> float:
        """Seconds until sends may go on; 0 when they may."""
        return max(0.0, self._until - self._clock.monotonic())

    def stop(self, error: ProviderError) -> None:
        """Let nobody in any more: all who wait, and all who come, get a copy of ``error``."""
        self._stopped = error
        while self._waiting:
            place = self._waiting.popleft()
            if not place.done():
                place.set_exception(copy.copy(error))

    def close(self) -> None:
        """End the timer; a later call starts it again."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _growth(self) -> float:
        """By a share, up to where the last 429 came; from there 1, 2, 4, … in search of more."""
        if self.limit * (1.0 + GROW) <= self._wall:
            return max(1.0, self.limit * GROW)
        step, self._step = self._step, self._step * 2.0
        return step

    def _open(self) -> bool:
        room = 1 if self.shut else int(self.limit)
        return self.in_flight < room and self.paused_for() == 0.0

    def _wake(self) -> None:
        while self._waiting and self._open():
            place = self._waiting.popleft()
            if not place.done():
                self.in_flight += 1
                place.set_result(None)
        if self._waiting and self.paused_for() and (self._timer is None or self._timer.done()):
            self._timer = asyncio.create_task(self._after_pause())

    async def _after_pause(self) -> None:
        while left := self.paused_for():
            await self._clock.sleep(left)
        self._timer = None
        self._wake()
