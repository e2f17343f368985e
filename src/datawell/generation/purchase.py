"""The books of one paid call over all its tries, and what it means when none was answered.

Each try is an attempt of its own in the ledger, with its own reservation: several may be billed.
Its intent is committed when nothing is left to wait for, so what a crash leaves uncertain had left,
or was about to.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from datawell.core.budget import Budget
from datawell.core.errors import (
    BadReply,
    DatawellError,
    ProviderFault,
    ProviderTimeout,
    ProviderUnreachable,
    RateLimited,
    RequestRejected,
)
from datawell.core.ledger import Intent, Ledger

# Why a row falls whose call was never answered while others were.
UNANSWERED: Mapping[type[Exception], str] = {
    ProviderTimeout: "provider_timeout",
    ProviderFault: "provider_fault",
    ProviderUnreachable: "provider_unreachable",
    RateLimited: "rate_limited",
}


class Health:
    """What is known of the endpoints in this process: who is answered, and whose calls never were.

    A call without an answer in all its tries is its own row's fault where others were answered
    during the last of them. Else it is in *doubt*, and its row is set aside. When another call
    fails like that before anybody is answered, the endpoint is to blame. When the same call fails
    once more, and others were answered since, or at least while it was first under way (it may be
    the last row there is), it is the row.
    """

    def __init__(self) -> None:
        self._answers: Counter[str] = Counter()
        self._doubts: dict[str, dict[str, _Doubt]] = {}

    def answered(self, model: str) -> None:
        """An answer came from ``model``."""
        self._answers[model] += 1

    def answers(self, model: str) -> int:
        """Answers that came from ``model`` so far."""
        return self._answers[model]

    def to_blame(self, model: str, key: str, began: int, since: int) -> bool | None:
        """Whether the call ``key`` itself is to blame that it was not answered; False: the endpoint
        is; None: not known yet.

        Args:
            model: whose call it is.
            key: its name.
            began: answers there were when it was first sent.
            since: answers there were when its last tries began.
        """
        answers = self._answers[model]
        if answers > since:
            return True
        doubts = self._doubts.setdefault(model, {})
        before = doubts.pop(key, None)
        others = any(doubt.answers == answers for doubt in doubts.values())
        if before is not None and not others:
            return before.answers < answers or before.began < before.answers
        if before is not None or others:
            return False
        doubts[key] = _Doubt(began, answers)
        return None


@dataclass(frozen=True, slots=True)
class _Doubt:
    """Answers there were when a call began, and when it was given up."""

    began: int
    answers: int


class Purchase:
    """One call's books; what a teacher's ``Request.tries`` is told goes here.

    Args:
        ledger, budget: of the run.
        intent: the call.
        check_open: raises when no new call may begin.
        answers: how many answers its endpoint gave so far.
        sleeps: told +1 when the call begins to wait for another try, -1 when it waits no more.
        elsewhere: there is another teacher to ask.

    ``began`` and ``since`` are how many answers there were at first and when the last tries began;
    ``called_off``: it was woken from its waiting because the run closes.
    """

    def __init__(
        self,
        ledger: Ledger,
        budget: Budget,
        intent: Intent,
        *,
        check_open: Callable[[], None],
        answers: Callable[[], int],
        sleeps: Callable[[int], None],
        elsewhere: bool = False,
    ) -> None:
        self.elsewhere = elsewhere
        self.called_off = False
        self.began = self.since = answers()
        self._call: int | None = None
        self.task: asyncio.Task[Any] = asyncio.current_task() or _no_task()
        self._waiting, self._asleep = True, False
        self._ledger = ledger
        self._budget = budget
        self._intent = intent
        self._check_open = check_open
        self._answers = answers
        self._sleeps = sleeps
        self._heard = self.since
        self._held = intent.reserved or 0

    async def begin(self) -> None:
        """Reserve, and commit the intent of a try.

        Raises:
            Stopped: no new call may begin.
            BudgetSpent: it could pass the budget.
        """
        self._waiting = False
        self._wake()
        self._check_open()
        await self._budget.reserve(self._held)
        try:
            self._check_open()
            self._call = await self._ledger.intend(self._intent)
        except BaseException:
            self._budget.settle(self._held, 0)
            raise

    async def failed(self, error: Exception) -> None:
        """Book a try without an answer."""
        if self._call is None:
            return
        call, self._call = self._call, None
        self.since, self._heard = self._heard, self._answers()
        cost = billed(error, self._held)
        try:
            if isinstance(error, RequestRejected):
                await self._ledger.rejected(call, error.message)
            else:
                booked = None if self._intent.reserved is None else cost
                await self._ledger.failed(call, f"{type(error).__name__}: {error}", booked)
        finally:
            self._budget.settle(self._held, cost)
            self._waiting = self._asleep = True
            self._sleeps(1)

    async def answered(self, body: str) -> int:
        """Commit a raw answer; the call's number. The reservation stays held, for whoever reads
        the answer to settle: released any earlier at full price, it would tell those who wait that
        money is out."""
        if self._call is None:
            raise RuntimeError("a teacher that can be billed must tell request.tries of each try")
        await self._ledger.answered(self._call, body)
        call, self._call = self._call, None
        return call

    def call_off(self) -> None:
        """End its waiting, if it waits; a try that has left is waited for."""
        if self._waiting:
            self.called_off = True
            self.task.cancel()

    def close(self) -> None:
        """The call is over. A try still open may be billed, so it stays booked in full."""
        self._wake()
        if self._call is not None:
            self._call = None
            self._budget.settle(self._held, self._held)

    def _wake(self) -> None:
        if self._asleep:
            self._asleep = False
            self._sleeps(-1)


def _no_task() -> NoReturn:
    raise RuntimeError("calls are bought inside a task")


def billed(error: Exception, reserved: int) -> int:
    """What a try without an answer is booked at: nothing where the endpoint never took it up (no
    key, no connection, 401, 429, refused), all of it where it may have worked on it."""
    unknown = isinstance(error, (ProviderTimeout, ProviderFault, BadReply))
    return reserved if unknown or not isinstance(error, DatawellError) else 0
