"""Many rows in flight, for teachers that take their time: bounded, in order, drained on a stop.

Rows are handed out in order of their ids, so only a few shards are open at once; a finished shard
goes to disk while others are under way. When the run must stop (money, endpoint, disk, Ctrl-C),
no new call begins, and calls in flight are awaited and committed: they are paid for.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from datawell.core.ledger import Ledger
from datawell.core.records import Row
from datawell.generation.batch import Parked
from datawell.generation.calls import Calls, Stopped
from datawell.generation.job import Job, Shard, Workshop
from datawell.generation.progress import Meter
from datawell.generation.rows import RowMaker
from datawell.generation.shards import write_shard

MOST_ASLEEP = 8  # times the concurrency may be in flight while rows wait for another try
SPARE_SHARDS = 4  # open shards beyond those that the rows in flight span: room for stragglers


@dataclass(slots=True)
class _Open:
    """A shard under way; ``rows`` by id, as they finish, and how many wait for a batch."""

    shard: Shard
    rows: dict[int, Row] = field(default_factory=dict)
    parked: int = 0


class Fleet:
    """Makes shards with remote teachers in one event loop."""

    def __init__(
        self, job: Job, shop: Workshop, ledger: Ledger, calls: Calls, meter: Meter
    ) -> None:
        self._job = job
        self._shop = shop
        self._ledger = ledger
        self._calls = calls
        self._meter = meter
        self._maker = RowMaker(job, shop, calls)
        self._concurrency = shop.in_flight(job.settings)
        spanned = -(-self._concurrency // job.shard_size)
        self._room = asyncio.Semaphore(SPARE_SHARDS + spanned)
        self._handing_out = asyncio.Lock()
        self._writing = asyncio.Lock()
        self._cpu = time.process_time()
        self._written: set[int] = set()
        self._open: list[_Open] = []
        self._crew: set[asyncio.Task[None]] = set()
        self._left = 0  # rows not begun

    @property
    def _over(self) -> bool:
        """Whether no further row may begin: the run stops, or the round's batches are full."""
        desk = self._calls.desk
        return self._calls.stopped is not None or (desk is not None and desk.full)

    async def run(self, shards: Sequence[Shard]) -> list[Shard]:
        """Make the shards; those that wait for a batch are returned.

        Raises:
            DatawellError: why the run had to stop; what was committed stays.
            asyncio.CancelledError: it was interrupted, after calls in flight were committed.
        """
        todo = self._rows(shards)
        self._left = sum(s.stop - s.start for s in shards)
        self._calls.on_sleep = partial(self._hire, todo)
        try:
            for _ in range(min(self._concurrency, self._left)):
                self._hire(todo)
            await self._finished()
        except asyncio.CancelledError as interruption:
            self._calls.stop(interruption)
            self._room.release()
            await self._finished()
        finally:
            self._calls.on_sleep = None
            for worker in self._crew:
                worker.cancel()
        if self._calls.stopped is not None:
            raise self._calls.stopped
        for opened in self._open:  # let go as the round's batches were full
            self._uncount(opened)
        return [shard for shard in shards if shard.number not in self._written]

    def _hire(self, todo: AsyncIterator[tuple[_Open, int]]) -> None:
        """One more worker, if there is a place: a row whose call waits for another try leaves its
        own to others."""
        if len(self._crew) < self._places and self._left and not self._over:
            worker = asyncio.create_task(self._work(todo))
            self._crew.add(worker)
            worker.add_done_callback(self._crew.discard)

    def _needed(self) -> bool:
        """Whether this worker is; one too many leaves at once, so that the next one stays."""
        if len(self._crew) <= self._places:
            return True
        task = asyncio.current_task()
        if task is not None:
            self._crew.discard(task)
        return False

    @property
    def _places(self) -> int:
        return min(self._concurrency + self._calls.asleep, MOST_ASLEEP * self._concurrency)

    async def _finished(self) -> None:
        while self._crew:
            await asyncio.wait(set(self._crew))

    async def _rows(self, shards: Sequence[Shard]) -> AsyncIterator[tuple[_Open, int]]:
        """Row ids in order, each with its shard; waits while too many shards are open."""
        for shard in shards:
            await self._room.acquire()
            opened = _Open(shard)
            self._open.append(opened)
            for row in range(shard.start, shard.stop):
                yield opened, row

    async def _work(self, todo: AsyncIterator[tuple[_Open, int]]) -> None:
        """Take the next row until there is none, or the run stops."""
        try:
            while not self._over and self._needed():
                async with self._handing_out:
                    place = await anext(todo, None)
                if place is None or self._over:
                    break
                self._left -= 1
                opened, row_id = place
                try:
                    row = await self._maker.make(row_id)
                except Parked:
                    opened.parked += 1
                else:
                    opened.rows[row_id] = row
                    self._meter.add(1, int(row.kept))
                if len(opened.rows) + opened.parked == opened.shard.stop - opened.shard.start:
                    await self._finish(opened)
        except Stopped:
            pass
        except Exception as reason:  # noqa: BLE001 - handed to `run`, which raises it
            self._calls.stop(reason)
        if self._over:
            self._room.release()  # whoever waits for room must see that it is over

    async def _finish(self, opened: _Open) -> None:
        """Write and commit a shard, in a thread: requests in flight must not wait for the disk. A
        shard with a parked row is let go instead: its rows are made again, and counted then."""
        self._open.remove(opened)
        if opened.parked:
            self._uncount(opened)
            self._room.release()
            return
        async with self._writing:
            rows = [opened.rows[row] for row in range(opened.shard.start, opened.shard.stop)]
            record = await asyncio.to_thread(
                write_shard, self._job, self._shop, opened.shard, rows, self._cpu
            )
            self._cpu = time.process_time()
            await asyncio.to_thread(self._ledger.shard_done, record)
            self._written.add(opened.shard.number)
        self._room.release()

    def _uncount(self, opened: _Open) -> None:
        self._meter.add(-len(opened.rows), -sum(row.kept for row in opened.rows.values()))
