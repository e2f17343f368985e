"""Calls that leave together in batch files: planned, submitted, waited for, and read from the
ledger like any other.

A run with such a teacher goes in rounds. In a round every row is made as far as it gets: a call
without an answer is *planned*, and its row *parked*, which means forgotten. Then the planned calls
leave in files, their outcomes are committed as they come, and the rows are made again, each reading
its answers from the ledger. That is exactly what happens after a crash, so there is one way only;
and a parked row holds no memory, so a round may be as large as the files.

What a crash leaves behind is a batch in some state (see :mod:`datawell.core.batches`), from which
:meth:`BatchDesk.finish` goes on: files are written anew from the ledger, a submission that may have
got through is looked for before it is made again, outcomes that were not committed are fetched once
more.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from datawell.core.batches import ITEM, Batch, BatchBooks, BatchCall
from datawell.core.budget import Budget
from datawell.core.clock import Clock, SystemClock
from datawell.core.errors import (
    ProviderFault,
    RequestRejected,
    UsageError,
    VoiceFault,
    storage_boundary,
)
from datawell.core.ledger import Committed, Intent, Ledger
from datawell.core.rundir import RunFolder
from datawell.generation.progress import Meter
from datawell.teachers.base import Request, Teacher
from datawell.teachers.batches import Batches, BatchItem, BatchState

if TYPE_CHECKING:
    from datawell.generation.calls import Calls

A = TypeVar("A")
T = TypeVar("T")

NAME = "x" * 64  # as long as the name of a call in a file can be
COMMITS = 500  # outcomes that are committed together


class Parked(BaseException):
    """The row waits for a batch and is forgotten until then. Not an ``Exception``, so that no task
    can swallow it."""


class BatchDesk:
    """Plans calls of teachers that batch, and sees their batches through.

    ``full``: no more calls can be planned in this round.

    Args:
        folder: the run folder, for the files.
        ledger, budget: of the run.
        teachers: all that may have a batch out.
        calls: the desk of all paid calls, of which this is a part.
        meter: told how far batches are.
        clock: for the time between two looks.
    """

    def __init__(
        self,
        folder: RunFolder,
        ledger: Ledger,
        budget: Budget,
        teachers: Iterable[Teacher],
        calls: Calls,
        *,
        meter: Meter | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.full = False
        self._folder = folder
        self._ledger = ledger
        self._books = BatchBooks(ledger)
        self._budget = budget
        self._teachers = {teacher.model: teacher for teacher in teachers}
        self._attempts = calls.attempts  # also how often a call is asked that fails in batches
        self._book = calls.book
        self._meter = meter
        self._clock = clock or SystemClock()
        self._placing = asyncio.Lock()
        self._planned: dict[str, _Plan] = {}
        self._states: dict[int, BatchState] = {}
        self._heard = 0

    @staticmethod
    def takes(teacher: Teacher) -> bool:
        """Whether calls of this teacher leave in batches."""
        return bool(getattr(teacher, "batching", False))

    async def plan(self, teacher: Teacher, request: Request, intent: Intent) -> NoReturn:
        """Commit that this call leaves with the next batch.

        Raises:
            Parked: always, unless:
            VoiceFault: the call failed in too many batches (``unanswered``).
            BudgetSpent: it does not fit, and nothing planned could make room.
        """
        if self.full:
            raise Parked
        if self._books.failures(intent.key) >= self._attempts:
            raise VoiceFault("unanswered", detail=self._books.why(intent.key))
        reserved = intent.reserved or 0
        async with self._placing:
            if self._planned and not self._budget.fits(reserved):
                self.full = True
                raise Parked
            size = len(_batches(teacher).line(NAME, request))
            number = await self._place(teacher, size)
            if number is None:
                self.full = True
                raise Parked
            await self._budget.reserve(reserved)
            # Booked in full from here on, as after a crash; reading the answer gives back the rest.
            self._budget.settle(reserved, reserved)
        told = (intent.key, intent.row, intent.role, intent.model, intent.request)
        await self._ledger.intend(Intent(*told, intent.reserved, number))
        raise Parked

    async def _place(self, teacher: Teacher, size: int) -> int | None:
        """The batch with room for a line of so many bytes; None when all files are full."""
        batches = _batches(teacher)
        plan = self._planned.setdefault(teacher.model, _Plan())
        if not plan.lines or plan.lines >= batches.size or plan.bytes + size > batches.most_bytes:
            if plan.files >= batches.files:
                return None
            number = await self._books.begin(teacher.model)
            plan.number, plan.files, plan.lines, plan.bytes = number, plan.files + 1, 0, 0
        plan.lines += 1
        plan.bytes += size
        return plan.number

    async def finish(self) -> None:
        """See every batch through that is not done; then another round may begin.

        Raises:
            ProviderError: an endpoint failed for good, or answered none of it; resumable.
            StorageError: the disk refused; resumable.
        """
        batches = self._books.open()
        self._heard, self._states = 0, {}
        await _all(self._see_through(batch) for batch in batches)
        if batches and not self._heard:
            notes = {state.note for state in self._states.values()}
            raise ProviderFault(
                f"no request of {len(batches)} batches was answered: {'; '.join(sorted(notes))}",
                hint="the same command asks again; leave `batch` out to ask one by one",
            )
        self._planned, self.full = {}, False
        self._placing = asyncio.Lock()  # the next round may run in another event loop

    async def _see_through(self, batch: Batch) -> None:
        """From any state to done."""
        teacher = self._teachers.get(batch.model)
        if teacher is None:
            raise UsageError(
                f"a batch of {batch.model} is out, and the recipe no longer names that teacher",
                hint="run the recipe that sent it",
            )
        batches = _batches(teacher)
        mark = f"{self._ledger.meta().get('fingerprint')}-{batch.id}"
        file, name = batch.file, batch.name
        if not self._books.calls(batch.id):
            self._heard += 1  # a crash came before its first call, or after its last outcome
            return await self._books.done(batch.id, "nothing is waited for")
        if batch.state == "planned":
            path = await asyncio.to_thread(self._write, batches, batch)
            file = await batches.upload(path)
            await self._books.uploaded(batch.id, file)
        if not name:
            await self._books.submitting(batch.id)
            perhaps = batch.state == "submitting"
            name = await batches.submit(file, mark, perhaps=perhaps)
            if not name:
                self._heard += 1
                return await self._books.lost(batch.id)
            await self._books.submitted(batch.id, name)
        while not (state := await batches.look(name)).over:
            self._tell(batch, state)
            await self._clock.sleep(batches.poll_seconds)
        self._tell(batch, state)
        await self._collect(teacher, batch, state)
        return None

    def _write(self, batches: Batches, batch: Batch) -> Path:
        """The file of requests, made from the ledger."""
        path = self._folder.batches / f"{batch.id:05}.requests.jsonl"
        part = path.with_name(path.name + ".tmp")
        with storage_boundary("a file of requests", path):
            path.parent.mkdir(exist_ok=True)
            with part.open("wb") as file:
                for call in self._books.calls(batch.id):
                    file.write(batches.line(call.name, _request(call.request)))
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        return path

    async def _collect(self, teacher: Teacher, batch: Batch, state: BatchState) -> None:
        """Commit every outcome; what the provider does not tell of has failed too."""
        batches = _batches(teacher)
        waiting = {call.name: call for call in self._books.calls(batch.id)}
        expected, odd, note = len(waiting), 0, state.note
        paths = []
        for at, output in enumerate(state.outputs):
            path = self._folder.batches / f"{batch.id:05}.outcomes-{at}.jsonl"
            try:
                await batches.download(output, path)
            except RequestRejected as error:
                note += f"; an output is gone: {error.message}"
                continue
            paths.append(path)
            commits: list[Coroutine[Any, Any, None]] = []
            for item in batches.items(path):
                call = waiting.pop(item.name, None) if item is not None else None
                if item is None or call is None:
                    odd += 1  # no such call, or heard of before: the first outcome counts
                    continue
                commits.append(self._commit(teacher, call, item))
                if len(commits) >= COMMITS:
                    await _all(commits)
                    commits = []
            await _all(commits)
        told = expected - len(waiting)
        free = not state.began or (state.total > 0 and told >= state.finished)
        await _all(self._missing(call, state, free) for call in waiting.values())
        if odd:
            note += f"; {odd} lines of its outputs belong to no open call"
        await self._books.done(batch.id, note)
        for path in [*paths, self._folder.batches / f"{batch.id:05}.requests.jsonl"]:
            with contextlib.suppress(OSError):  # the ledger has it all
                path.unlink()

    async def _commit(self, teacher: Teacher, call: BatchCall, item: BatchItem) -> None:
        if item.body is not None:
            self._heard += 1
            await self._ledger.answered(call.id, item.body)
            # Now, not when its row reads it: what it gives back may pay for the next round.
            self._book(teacher, Committed(call.id, item.body, False, call.reserved))
        elif item.refused:
            self._heard += 1
            await self._ledger.rejected(call.id, item.error)
            self._budget.settle(0, -(call.reserved or 0))
        else:
            await self._failed(call, f"{ITEM}{item.error}", free=True)

    async def _missing(self, call: BatchCall, state: BatchState, free: bool) -> None:
        """A call without an outcome. It was not billed where the batch never began, or where the
        provider counts no more finished requests than it told of."""
        head = ITEM if state.began else ""
        await self._failed(call, f"{head}no outcome in a batch that is {state.note}", free=free)

    async def _failed(self, call: BatchCall, error: str, *, free: bool) -> None:
        cost = 0 if free else call.reserved
        await self._ledger.failed(call.id, error, None if call.reserved is None else cost)
        self._budget.settle(0, (cost or 0) - (call.reserved or 0))

    def _tell(self, batch: Batch, state: BatchState) -> None:
        self._states[batch.id] = state
        if self._meter is not None:
            finished = sum(s.finished for s in self._states.values())
            total = sum(s.total for s in self._states.values())
            files = len(self._states)
            what = "1 batch" if files == 1 else f"{files} batches"
            self._meter.report("batch", f"{finished} of {total} answers in {what}, {state.note}")


class _Plan:
    """The files of one model in this round; the last is being filled."""

    def __init__(self) -> None:
        self.number = self.files = self.lines = self.bytes = 0


async def in_rounds(desk: BatchDesk | None, work: Callable[[A], Awaitable[T]], subject: A) -> T:
    """What ``work`` gives once no call of it is parked any more. It is done again from its
    beginning after each round, so it must read its answers through the ledger."""
    if desk is not None:
        await desk.finish()
    while True:
        try:
            return await work(subject)
        except Parked:
            if desk is None:
                raise
            await desk.finish()


def _batches(teacher: Teacher) -> Batches:
    found: Batches = teacher.batches  # type: ignore[attr-defined]  # those that batch have it
    return found


def _request(told: Mapping[str, Any]) -> Request:
    """A request as the ledger has it."""
    messages = tuple(told["messages"])
    return Request(messages, told["sample"], told["settings"], schema=told.get("schema"))


async def _all(work: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Do all of it; the first failure ends the rest."""
    tasks = [asyncio.ensure_future(one) for one in work]
    try:
        for task in asyncio.as_completed(tasks):
            await task
    finally:
        for one in tasks:
            one.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
