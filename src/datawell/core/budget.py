"""A hard budget: reserve the most a call can cost before it is sent, settle after.

At every moment ``booked + held <= limit``, so no order of answers, retries or crashes can spend
more (as long as no provider bills above the bound it was reserved at). All money is in
nano-dollars (1e-9 USD), whole numbers.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque

from datawell.core.errors import BudgetSpent, UsageError

NANO = 1_000_000_000


def nano_dollars(usd: float) -> int:
    """Dollars as whole nano-dollars, rounded down.

    Raises:
        UsageError: the amount is negative or not a number.
    """
    if not math.isfinite(usd) or usd < 0:
        raise UsageError(f"a budget of {usd} US dollars", hint="give an amount of 0 or more")
    return math.floor(usd * NANO)


class Budget:
    """What may be spent, what is, and what is promised. For the coroutines of one event loop.

    Args:
        limit: the most that may ever be spent; None for no limit.
        booked: what earlier sessions of the run spent, or may have spent when they crashed.
    """

    def __init__(self, limit: int | None, booked: int = 0) -> None:
        self.limit = limit
        self.booked = booked
        self.held = 0
        self._queue: deque[tuple[int, asyncio.Future[None]]] = deque()
        self._spent: BudgetSpent | None = None

    async def reserve(self, amount: int) -> None:
        """Hold ``amount``, waiting for calls in flight to settle if it does not fit yet.

        Waiting is first come, first served, so a large call is not passed over for ever.

        Raises:
            BudgetSpent: it does not fit and nothing is in flight that could make room.
        """
        if self._spent is not None:
            raise self._spent
        if not self._queue and self.fits(amount):
            self.held += amount
            return
        if not self.held:
            raise self._close(amount)
        place = (amount, asyncio.get_running_loop().create_future())
        self._queue.append(place)
        try:
            await place[1]
        except asyncio.CancelledError:
            turn = place[1]
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self.settle(amount, 0)  # it was granted at the very moment it was cancelled
            else:
                self._serve()  # whoever waits behind may fit
            raise

    def settle(self, reserved: int, cost: int) -> None:
        """Book what a call really cost and let go of the rest of its reservation."""
        self.held -= reserved
        self.booked += cost
        self._serve()

    def fits(self, amount: int) -> bool:
        """Whether ``amount`` could be held now."""
        return self.limit is None or self.booked + self.held + amount <= self.limit

    def _serve(self) -> None:
        while self._queue:
            amount, turn = self._queue[0]
            if turn.done():
                pass  # cancelled while it waited
            elif self._spent is not None:
                turn.set_exception(self._spent)
            elif self.fits(amount):
                self.held += amount
                turn.set_result(None)
            elif self.held:
                return
            else:
                turn.set_exception(self._close(amount))
            self._queue.popleft()

    def _close(self, amount: int) -> BudgetSpent:
        """Spent is spent: whoever waits behind, or comes later with a smaller call, hears it too,
        so the run stops instead of creeping on with whatever happens to be cheap."""
        limit = 0 if self.limit is None else self.limit
        self._spent = BudgetSpent(
            f"the budget of {limit / NANO:.6g} USD is spent: {self.booked / NANO:.6g} USD are "
            f"booked and the next call may cost {amount / NANO:.6g} USD",
            hint="the same command with a larger budget continues where this run stopped",
        )
        return self._spent
