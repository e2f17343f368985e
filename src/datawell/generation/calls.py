"""Buying an answer: cache, budget, intent, request, answer on disk, and only then reading it.

The order is the promise. The reservation is held before the intent is committed, the intent is
committed before the request leaves, and the raw answer is committed before it is read; so whenever
the process dies, the ledger knows what was paid and what may have been.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NoReturn

from datawell.core.budget import Budget
from datawell.core.errors import (
    BadReply,
    BudgetSpent,
    DatawellError,
    ProviderError,
    RequestRejected,
    RowError,
    StorageError,
    VoiceFault,
)
from datawell.core.ledger import Committed, Intent, Ledger
from datawell.core.records import canonical_json, digest_of
from datawell.generation.batch import BatchDesk, Parked
from datawell.generation.purchase import UNANSWERED, Health, Purchase
from datawell.teachers.base import Answer, Reply, Request, Teacher

# What a chat template may add around the messages, in tokens: a call, and each message.
CALL_OVERHEAD = 64
MESSAGE_OVERHEAD = 16
MOST_TEXTS = 256  # settings and schemas whose JSON is remembered
FOR_THE_ROW = (BadReply, RequestRejected, RowError)  # these end a row, or a sample, and no run


class Stopped(BaseException):
    """The run is closing: no new call may begin. Like a cancellation it is not an ``Exception``,
    so that no task can swallow it and end a row that was not finished."""


class Calls:
    """The one desk through which a run's paid calls go.

    ``stopped`` is why no new call may begin; calls in flight are still awaited and committed.
    ``desk`` plans the calls of teachers whose requests leave in batch files. ``asleep`` counts the
    calls that wait for another try, and ``on_sleep`` hears when one begins to.
    """

    def __init__(self, ledger: Ledger, budget: Budget, attempts: int) -> None:
        self.attempts = attempts
        self.stopped: BaseException | None = None
        self.desk: BatchDesk | None = None
        self.asleep = 0
        self.on_sleep: Callable[[], None] | None = None
        self.health = Health()
        self._again = False  # rows are made again in this process
        self._texts: dict[int, tuple[Mapping[str, Any], str]] = {}
        self._under_way: set[Purchase] = set()
        self._ledger = ledger
        self._budget = budget

    def stop(self, reason: BaseException) -> None:
        """Begin no new calls; those that wait for another try give up. The first reason stays."""
        if self.stopped is None:
            self.stopped = reason
            for purchase in list(self._under_way):
                purchase.call_off()

    async def ask(
        self,
        teacher: Teacher,
        request: Request,
        row: int,
        role: str,
        keys: list[str],
        *,
        elsewhere: bool = False,
    ) -> Reply:
        """The reply to ``request``, from the ledger if it was ever answered; its key is added to
        ``keys``.

        Raises:
            BadReply: it was answered, and paid, but cannot be understood.
            Parked: the row is made again later: it leaves with a batch, or nobody knows whether it
                is the row or the endpoint that fails.
            ProviderError: the endpoint gave no answer, and there is another one (``elsewhere``).
            RequestRejected: the endpoint refuses this request for good.
            Stopped: the run is closing (``self.stopped`` says why).
            VoiceFault: the endpoint answers others, and never this call.
        """
        told, key = self._named(teacher, request)
        keys.append(key)
        try:
            held = self._lookup(key)
            fresh = held is None
            if held is None:
                reserved = most_it_costs(teacher, request, told)
                intent = Intent(key, row, role, teacher.model, told, reserved)
                if self.desk is not None and self.desk.takes(teacher):
                    self._check_open()
                    await self.desk.plan(teacher, request, intent)
                held = await self._send(teacher, request, intent, elsewhere)
            if held.rejected:
                raise RequestRejected(held.error)
            return self._read(teacher, held, fresh)
        except ProviderError as error:
            if elsewhere and not isinstance(error, BadReply):
                keys.remove(key)  # the row will not stand on this call
            raise
        except (StorageError, BudgetSpent) as error:
            self._halt(error)

    def holds(self, teacher: Teacher, request: Request) -> bool:
        """Whether the ledger holds an answer of this teacher to the request."""
        held = self._lookup(self._named(teacher, request)[1])
        return held is not None and not held.rejected

    def _lookup(self, key: str) -> Committed | None:
        """What the ledger holds. A first session, before any row is made again, has no answer that
        it could be asked for; looking would cost a tenth of a row."""
        known = not self._ledger.fresh or self._again or self.desk is not None
        return self._ledger.lookup(key) if known else None

    def _named(self, teacher: Teacher, request: Request) -> tuple[str, str]:
        """(the request as the ledger keeps it, the key of the call).

        The canonical JSON of the request and of (model, settings, messages, sample, and the schema
        where the teacher sends it), put together from parts that are written once.
        """
        model, sample = canonical_json(teacher.model), canonical_json(request.sample)
        messages, settings = canonical_json(request.messages), self._written(request.settings)
        schema = named = ""
        if request.schema is not None and teacher.native_schema:
            written = self._written(request.schema)
            schema, named = f'"schema":{written},', f",{written}"
        told = f'{{"messages":{messages},"sample":{sample},{schema}"settings":{settings}}}'
        return told, digest_of(f"[{model},{settings},{messages},{sample}{named}]")

    def _written(self, value: Mapping[str, Any]) -> str:
        """Canonical JSON of settings or a schema, which are the same objects in most calls."""
        known = self._texts.get(id(value))
        if known is None or known[0] is not value:
            if len(self._texts) >= MOST_TEXTS:
                self._texts.clear()
            known = self._texts[id(value)] = (value, canonical_json(dict(value)))
        return known[1]

    async def _send(
        self, teacher: Teacher, request: Request, intent: Intent, elsewhere: bool
    ) -> Committed:
        """Buy one answer."""
        self._check_open()
        model = teacher.model
        purchase = Purchase(
            self._ledger,
            self._budget,
            intent,
            check_open=self._check_open,
            answers=partial(self.health.answers, model),
            sleeps=self._slept,
            elsewhere=elsewhere,
        )
        self._under_way.add(purchase)
        try:
            answer = await self._sent(teacher, request, intent, purchase)
            self.health.answered(model)
            call = await purchase.answered(answer.body)
        finally:
            purchase.close()
            self._under_way.discard(purchase)
        return Committed(call, answer.body, False, intent.reserved)

    async def _sent(
        self, teacher: Teacher, request: Request, intent: Intent, purchase: Purchase
    ) -> Answer:
        """Send a request, and decide whose fault it is when there is no answer."""
        try:
            return await teacher.send(
                Request(
                    request.messages,
                    request.sample,
                    request.settings,
                    schema=request.schema,
                    tries=purchase,
                )
            )
        except asyncio.CancelledError:
            if not purchase.called_off:
                raise
            purchase.task.uncancel()
            raise Stopped from None
        except Exception as error:
            await purchase.failed(error)
            if isinstance(error, ProviderError) and not isinstance(error, FOR_THE_ROW):
                if purchase.elsewhere:
                    raise
                self._give_up(error, intent, purchase)
            if isinstance(error, DatawellError) and not isinstance(error, FOR_THE_ROW):
                self._halt(error)
            raise

    def _give_up(self, error: ProviderError, intent: Intent, purchase: Purchase) -> None:
        """Nothing was answered in all tries: drop the row where that is its own fault, or set it
        aside while that is not known.

        Raises:
            VoiceFault: the endpoint answers others.
            Parked: the row is made again later, and then it is known.
        """
        reason = UNANSWERED.get(type(error))
        if reason is None:
            return
        blame = self.health.to_blame(intent.model, intent.key, purchase.began, purchase.since)
        if blame:
            raise VoiceFault(reason, detail=error.message) from error
        if blame is None:
            self._again = True
            raise Parked

    def _slept(self, change: int) -> None:
        self.asleep += change
        if change > 0 and self.on_sleep is not None:
            self.on_sleep()

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
