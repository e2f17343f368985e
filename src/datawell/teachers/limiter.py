"""How many calls may be in flight, how fast they leave, and when an endpoint is left in peace."""

from __future__ import annotations

import asyncio
import copy
import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from datawell.core.clock import Clock
from datawell.core.errors import ProviderError
from datawell.teachers.rates import Allowance, Pace, allowed

BACKOFF_FIRST = 0.5
BACKOFF_MOST = 8.0
PAUSE_LEAST, PAUSE_MOST = 0.5, 4.0  # between two probes of an endpoint that gives no answer
GROW = 0.25  # share of itself by which the limit grows a round trip, far from where it was refused
FEEL = 0.05  # the same, where it was refused
CROWDED = 0.1  # a share of refusals above this is about how many calls there are
FAILING_CALLS = 8  # so many calls that failed without an answer between open the circuit
FEW = 3  # as many are enough where there are no more calls
REMEMBERED = 16  # results over which the share of bad ones is reckoned, and
MOSTLY = 0.5  # the share from which one call's Retry-After holds for all


@dataclass(frozen=True, slots=True)
class Ticket:
    """A place: the number of the send, and the tokens it is reckoned at."""

    number: int
    tokens: float = 0.0


@dataclass(slots=True, eq=False)
class _Place:
    """Somebody who waits. ``hurry``: has somewhere else to go when the door stays shut."""

    turn: asyncio.Future[Ticket]
    tokens: float
    hurry: bool


def backoff(tries: int, random: Random, most: float = BACKOFF_MOST) -> float:
    """Seconds before try number ``tries`` + 1: doubling, with the upper half of it drawn."""
    full = min(most, BACKOFF_FIRST * 2.0 ** min(tries - 1, 30))
    return full * (0.5 + 0.5 * random.random())


class Limiter:
    """Lets calls through: as many as the endpoint bears, as fast as it allows.

    **How many.** Once a round trip (when a send made after the last change comes back) the limit
    shrinks by half the share of 429s since, and grows by a share of itself: so 429s that fall by
    chance do not strangle it, and where they come from too many calls it settles with few of them
    (Alizadeh et al. 2010, Data Center TCP). While most results are bad, what the endpoint asks one
    call to wait, all wait.

    **The circuit.** When a whole window is refused, or several calls fail, without one answer
    between, the door is shut: probes go, at most two a second, and the first answer opens it, with
    the limit where it was.
    """

    def __init__(
        self,
        most: int,
        clock: Clock,
        random: Random,
        *,
        requests_per_minute: int | None = None,
        tokens_per_minute: int | None = None,
    ) -> None:
        self.limit = float(most)
        self.in_flight = 0
        self.shut = False
        self._most = float(most)
        self._clock = clock
        self._random = random
        now = clock.monotonic()
        self._paces = (Pace(requests_per_minute, now), Pace(tokens_per_minute, now))
        self._allowances = (Allowance(), Allowance())
        self._metered = requests_per_minute is not None or tokens_per_minute is not None
        self._sent = self._mark = 0
        self._results = self._refusals = 0
        self._unanswered = 0  # 429s since the last answer
        self._heard, self._bad = 0, 0.0  # results, and the share of bad ones among the latest
        self._failing: set[int] = set()
        self._probes = 0
        self._shut_at = math.inf
        self._wall = math.inf
        self._until = -math.inf
        self._flying = 0.0  # tokens
        self._waiting: deque[_Place] = deque()
        self._timer: asyncio.Task[None] | None = None
        self._stopped: ProviderError | None = None

    async def enter(
        self, tokens: float = 0.0, *, again: bool = False, hurry: bool = False
    ) -> Ticket:
        """Wait for a free place and return the ticket. ``again`` goes before those who never tried.

        Raises:
            ProviderError: the teacher was stopped; or, in a ``hurry``, the door stays shut.
        """
        if self._stopped is not None:
            raise copy.copy(self._stopped)
        if not self._waiting and self._open(tokens):
            return self._admit(tokens)
        place = _Place(asyncio.get_running_loop().create_future(), tokens, hurry)
        (self._waiting.appendleft if again else self._waiting.append)(place)
        self._wake()
        try:
            return await place.turn
        except asyncio.CancelledError:
            turn = place.turn
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self.leave(turn.result())  # given in the same moment: hand it on
            raise

    def leave(self, ticket: Ticket) -> None:
        """Give the place back."""
        self.in_flight -= 1
        self._flying -= ticket.tokens
        self._wake()

    def answered(self, ticket: Ticket, tokens: float | None = None) -> None:
        """An answer came, which used ``tokens`` where that is known: open the door."""
        if tokens is not None:
            self._paces[1].take(tokens - ticket.tokens, self._clock.monotonic())
        self.shut, self._shut_at = False, math.inf
        self._unanswered = self._probes = 0
        self._failing.clear()
        self._remember(0.0)
        self._result(ticket, refused=False)

    def refused(self, ticket: Ticket, told: float | None) -> None:
        """A 429 came, which asked to wait ``told`` seconds, where it said."""
        self._unanswered += 1
        if not self.shut and self._unanswered >= int(self.limit):
            self._shut()
        self._result(ticket, refused=True)
        self._trouble(told)

    def failed(self, call: int, calls: int, told: float | None) -> None:
        """Call number ``call``, of ``calls`` under way, met a failure of the endpoint."""
        self._failing.add(call)
        if not self.shut and len(self._failing) >= min(FAILING_CALLS, max(FEW, calls)):
            self._shut()
        self._trouble(told)

    def pause(self, seconds: float) -> None:
        """Send nothing for ``seconds`` from now."""
        self._until = max(self._until, self._clock.monotonic() + seconds)

    def paused_for(self, tokens: float = 0.0) -> float:
        """Seconds until a send may go on; 0 when it may."""
        now = self._clock.monotonic()
        longest = self._until - now
        if self._metered:
            longest = max(
                longest,
                self._paces[0].wait(1.0, now),
                self._paces[1].wait(tokens, now),
                self._allowances[0].wait(1.0, now),
                self._allowances[1].wait(tokens, now),
            )
        return longest if longest > 1e-6 else 0.0  # less than any clock can wait

    def shut_for(self) -> float:
        """Seconds since the circuit opened; 0 while it is closed."""
        return max(0.0, self._clock.monotonic() - self._shut_at)

    def heard(self, headers: Mapping[str, str], longest: float) -> None:
        """Keep to what an answer's headers say is left; resets later than ``longest`` seconds are
        for the endpoint itself to enforce."""
        now = self._clock.monotonic()
        for tokens, left, seconds in allowed(headers, self._clock.time()):
            if seconds <= longest:
                self._metered = True
                flying = self._flying if tokens else float(self.in_flight - 1)
                self._allowances[tokens].heard(left, now + seconds, flying)

    def stop(self, error: ProviderError) -> None:
        """Let nobody in any more: all who wait, and all who come, get a copy of ``error``."""
        self._stopped = error
        self.turn_away(error, all_of_them=True)

    def turn_away(self, error: ProviderError, *, all_of_them: bool = False) -> None:
        """Send those who wait in a hurry elsewhere, with a copy of ``error``."""
        waiting, self._waiting = self._waiting, deque()
        for place in waiting:
            if not (place.hurry or all_of_them):
                self._waiting.append(place)
            elif not place.turn.done():
                place.turn.set_exception(copy.copy(error))

    def close(self) -> None:
        """End the timer; a later call starts it again."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _trouble(self, told: float | None) -> None:
        self._remember(1.0)
        if told is not None and (self.shut or self._bad >= MOSTLY):
            self.pause(told)

    def _remember(self, bad: float) -> None:
        self._heard += 1
        self._bad += (bad - self._bad) / min(self._heard, REMEMBERED)

    def _shut(self) -> None:
        self.shut, self._shut_at = True, self._clock.monotonic()
        self._probes = 1
        self.pause(self._gap())

    def _gap(self) -> float:
        return max(PAUSE_LEAST, backoff(self._probes, self._random, PAUSE_MOST))

    def _result(self, ticket: Ticket, *, refused: bool) -> None:
        """Count a result; with the first news of a send made after the last change, change."""
        self._results += 1
        self._refusals += refused
        if ticket.number <= self._mark:
            return
        # Few results say little: one 429 among the first few is no crowd.
        share = self._refusals / max(self._results, self.limit / 2)
        self._mark, self._results, self._refusals = self._sent, 0, 0
        if self.shut:
            return  # a refused probe says nothing of how many calls are too many
        if share > CROWDED:
            self._wall = self.limit
        elif self.limit > self._wall * (1 + GROW):
            self._wall = math.inf
        far = self.limit * (1 + GROW) <= self._wall
        grown = max(0.25, self.limit * (GROW if far else FEEL))
        self.limit = min(self._most, max(1.0, self.limit * (1 - share / 2) + grown))

    def _open(self, tokens: float) -> bool:
        return self.in_flight < int(self.limit) and self.paused_for(tokens) == 0.0

    def _admit(self, tokens: float) -> Ticket:
        now = self._clock.monotonic()
        self._sent += 1
        self.in_flight += 1
        self._flying += tokens
        if self._metered:
            for at, units in enumerate((1.0, tokens)):
                self._paces[at].take(units, now)
                self._allowances[at].take(units)
        if self.shut:
            self.pause(self._gap())
            self._probes += 1
        return Ticket(self._sent, tokens)

    def _wake(self) -> None:
        while self._waiting:
            place = self._waiting[0]
            if place.turn.done():
                self._waiting.popleft()
            elif self._open(place.tokens):
                self._waiting.popleft()
                place.turn.set_result(self._admit(place.tokens))
            else:
                break
        paused = self._waiting and self.paused_for(self._waiting[0].tokens)
        if paused and (self._timer is None or self._timer.done()):
            self._timer = asyncio.create_task(self._after_pause())

    async def _after_pause(self) -> None:
        while self._waiting and (left := self.paused_for(self._waiting[0].tokens)):
            await self._clock.sleep(left)
        self._timer = None
        self._wake()
