"""Buying an answer: cache, budget, intent, request, answer on disk, and only then reading it.

The order is the promise. The reservation is held before the intent is committed, the intent is
committed before the request leaves, and the raw answer is committed before it is read; so whenever
the process dies, the ledger knows what was paid and what may have been.
"""

from __future__ import annotations

import contextlib
from typing import Any, NoReturn

from datawell.core.budget import Budget
from datawell.core.errors import (
    BadReply,
    BudgetSpent,
    DatawellError,
    ProviderFault,
    ProviderTimeout,
    RequestRejected,
    RowError,
    StorageError,
)
from datawell.core.ledger import Committed, Intent, Ledger
from datawell.core.records import canonical_json, digest
from datawell.generation.batch import BatchDesk
from datawell.teachers.base import Answer, Reply, Request, Teacher

# What a chat template may add around the messages, in tokens: a call, and each message.
CALL_OVERHEAD = 64
MESSAGE_OVERHEAD = 16


class Stopped(BaseException):
    """The run is closing: no new call may begin. Like a cancellation it is not an ``Exception``,
    so that no task can swallow it and end a row that was not finished."""


class Calls:
    """The one desk through which a run's paid calls go.

    ``stopped`` is why no new call may begin; calls in flight are still awaited and committed.
    ``desk`` plans the calls of teachers whose requests leave in batch files.
    """

    def __init__(self, ledger: Ledger, budget: Budget, attempts: int) -> None:
        self.attempts = attempts
        self.stopped: BaseException | None = None
        self.desk: BatchDesk | None = None
        self._ledger = ledger
        self._budget = budget

    def stop(self, reason: BaseException) -> None:
        """Begin no new calls. The first reason stays."""
        if self.stopped is None:
            self.stopped = reason

    async def ask(
        self, teacher: Teacher, request: Request, row: int, role: str, keys: list[str]
    ) -> Reply:
        """The reply to ``request``, from the ledger if it was ever answered; its key is added to
        ``keys``.

        Raises:
            BadReply: it was answered, and paid, but cannot be understood.
            Parked: it leaves with a batch; the row is made again when that was answered.
            RequestRejected: the endpoint refuses this request for good.
            Stopped: the run is closing (``self.stopped`` says why).
        """
        sent: dict[str, Any] = {
            "settings": dict(request.settings),
            "messages": request.messages,
            "sample": request.sample,
        }
        if request.schema is not None and teacher.native_schema:
            sent["schema"] = request.schema
        told = canonical_json(sent)
        key = digest(teacher.model, *sent.values())
        keys.append(key)
        try:
            held = self._ledger.lookup(key)
            fresh = held is None
            if held is None:
                reserved = most_it_costs(teacher, request, told)
                intent = Intent(key, row, role, teacher.model, told, reserved)
                if self.desk is not None and self.desk.takes(teacher):
                    self._check_open()
                    await self.desk.plan(teacher, request, intent)
                held = await self._send(teacher, request, intent)
            if held.rejected:
                raise RequestRejected(held.error)
            return self._read(teacher, held, fresh)
        except (StorageError, BudgetSpent) as error:
            self._halt(error)

    async def _send(self, teacher: Teacher, request: Request, intent: Intent) -> Committed:
        """Buy one answer. When one came its reservation stays held, for :meth:`_read` to settle;
        released any earlier at full price, it would tell those who wait that money is out."""
        held = intent.reserved or 0
        self._check_open()
        await self._budget.reserve(held)
        cost = 0
        try:
            self._check_open()
            call = await self._ledger.intend(intent)
            cost = held  # from here on it may be billed, until something says otherwise
            try:
                answer = await teacher.send(request)
            except RequestRejected as error:
                cost = 0
                await self._ledger.rejected(call, error.message)
                self._budget.settle(held, 0)
                return Committed(call, "", True, intent.reserved, True, error.message)
            except Exception as error:
                cost = _billed(error, held)
                booked = None if intent.reserved is None else cost
                await self._ledger.failed(call, f"{type(error).__name__}: {error}", booked)
                if isinstance(error, DatawellError) and not isinstance(error, (BadReply, RowError)):
                    self._halt(error)
                raise
            await self._ledger.answered(call, answer.body)
        except BaseException:
            self._budget.settle(held, cost)
            raise
        return Committed(call, answer.body, False, intent.reserved)

    def _read(self, teacher: Teacher, held: Committed, fresh: bool) -> Reply:
        """Read a committed answer and, the first time, book its cost; an answer that does not say
        what it used, or cannot be read, costs its whole reservation."""
        cost, used, fault = held.reserved, Reply(""), ""
        try:
            used = teacher.parse(Answer(held.body))
            if teacher.price and used.input_tokens is not None and used.output_tokens is not None:
                counts = used.input_tokens, used.output_tokens, used.cached_tokens
                cost = teacher.price.nano(*counts)
        except Exception as error:
            fault = f"{type(error).__name__}: {error}"
            raise
        finally:
            if not held.settled:
                reserved, spent = held.reserved or 0, cost or 0
                # An answer from before a crash stands in the books at its whole reservation.
                self._budget.settle(*((reserved, spent) if fresh else (0, spent - reserved)))
                tokens = used.input_tokens, used.output_tokens
                self._ledger.settle(held.call, cost, *tokens, error=fault)
        return used

    def book(self, teacher: Teacher, held: Committed) -> None:
        """Book what a committed answer cost before its row reads it; one that cannot be read is
        that row's matter."""
        with contextlib.suppress(Exception):
            self._read(teacher, held, False)

    def _check_open(self) -> None:
        if self.stopped is not None:
            raise Stopped

    def _halt(self, reason: DatawellError) -> NoReturn:
        self.stop(reason)
        raise Stopped from reason


def most_it_costs(teacher: Teacher, request: Request, told: str) -> int | None:
    """The most one call can cost, in nano-dollars; None when its price is unknown.

    No tokenizer makes more tokens than there are bytes; the bytes of the whole request as JSON,
    plus what a chat template may add, bound the input, and the teacher's own limit the output.
    """
    if teacher.price is None:
        return None
    size = len(told.encode("utf-8", "surrogatepass"))
    tokens = size + CALL_OVERHEAD + MESSAGE_OVERHEAD * len(request.messages)
    return teacher.price.nano(tokens, teacher.max_output_tokens)


def _billed(error: Exception, reserved: int) -> int:
    """What a call without an answer is booked at: nothing where the endpoint never took it up (no
    key, no connection, 401, 429), all of it where it may have worked on it."""
    unknown = isinstance(error, (ProviderTimeout, ProviderFault, BadReply))
    return reserved if unknown or not isinstance(error, DatawellError) else 0
