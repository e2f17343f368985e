"""The engine: makes the rows of a job that are not made yet, then has the corpus decided.

Running it again continues. The folder then holds the same bytes as after one undisturbed run,
whatever the executor, the concurrency and the number of crashes between.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import astuple

from datawell.core.batches import BatchBooks
from datawell.core.budget import NANO, Budget, nano_dollars
from datawell.core.errors import RunMismatchError, UsageError, storage_boundary
from datawell.core.ledger import Ledger
from datawell.executors.base import Executor
from datawell.generation.anchors import grade_anchors
from datawell.generation.batch import BatchDesk
from datawell.generation.calls import Calls
from datawell.generation.corpus import decide
from datawell.generation.door import brisk, outside_any_loop, run
from datawell.generation.fleet import Fleet
from datawell.generation.job import Job, Shard, Workshop
from datawell.generation.progress import Meter, Progress
from datawell.generation.shards import ShardWork, intact, sweep


def generate(
    job: Job,
    executor: Executor,
    progress: Callable[[Progress], None] | None = None,
    *,
    workshop: Workshop | None = None,
) -> None:
    """Make every row of ``job`` that is not made yet. An ordinary call; may be made anywhere.

    Args:
        job: what is to be made, and the folder it lies in.
        executor: where shards run.
        progress: called with a :class:`Progress` at most ten times a second, and at the end.
        workshop: components already built, in place of those the job names (not with an executor
            that is distributed: other processes build their own).

    Raises:
        UsageError: the job does not fit its folder, its executor or its budget.
        BudgetSpent: the next call could pass the hard budget; resumable.
        ProviderError: an endpoint failed for good; resumable.
        StorageError: the disk refused; resumable.
        KeyboardInterrupt: interrupted, after calls in flight were committed; resumable.
    """

    def work() -> None:
        with brisk():
            _generate(job, executor, progress, workshop)

    outside_any_loop(work)


def _generate(
    job: Job,
    executor: Executor,
    progress: Callable[[Progress], None] | None,
    workshop: Workshop | None,
) -> None:
    if workshop is not None and executor.distributed:
        raise UsageError(
            "built components cannot travel to other processes",
            hint="name them in the job, or use the inline executor",
        )
    shop = workshop or job.build()
    _refuse_misfits(job, shop, executor)
    job.run.create()
    with Ledger(job.run.db) as ledger:
        pending = _begin(job, shop, ledger)
        budget, spent = _purse(job, shop, ledger)
        meter = Meter(job.rows, progress, spent)
        for record in ledger.shards().values():
            meter.resumed(record.stop - record.start, record.counts["kept"])
        meter.report()
        calls = None if shop.recomputable else Calls(ledger, budget, job.settings.attempts)
        if calls is not None:
            calls.desk = _desk(job, shop, ledger, budget, calls, meter)
        if calls is None:
            work = ShardWork(job, None if executor.distributed else shop)
            with closing(executor.map(work, pending)) as records:
                for record in records:
                    ledger.shard_done(record)
                    meter.add(record.stop - record.start, record.counts["kept"])
        elif pending:
            run(_rows(job, shop, ledger, calls, meter, pending))
        grade_anchors(job, shop, ledger, calls)
        meter.report("corpus")
        decide(job, shop, ledger)
        meter.report("done")


async def _rows(
    job: Job,
    shop: Workshop,
    ledger: Ledger,
    calls: Calls,
    meter: Meter,
    pending: Sequence[Shard],
) -> None:
    """Make the rows of these shards; in rounds, where requests leave in batch files."""
    try:
        desk = calls.desk
        if desk is not None:
            await desk.finish()
        while pending := await Fleet(job, shop, ledger, calls, meter).run(pending):
            if desk is not None:
                await desk.finish()
    finally:
        for teacher in {id(t): t for t in shop.teachers.values()}.values():
            await teacher.close()


def _desk(
    job: Job, shop: Workshop, ledger: Ledger, budget: Budget, calls: Calls, meter: Meter
) -> BatchDesk | None:
    """Where batches are planned; None where no teacher batches and no batch is out."""
    teachers = [t for t in shop.teachers.values() if getattr(t, "batches", None) is not None]
    if not BatchBooks(ledger).open() and not any(map(BatchDesk.takes, teachers)):
        return None
    return BatchDesk(job.run, ledger, budget, teachers, calls, meter=meter)


def _refuse_misfits(job: Job, shop: Workshop, executor: Executor) -> None:
    paid = {role: t for role, t in shop.teachers.items() if not t.recomputable}
    if paid and executor.distributed:
        raise UsageError(
            f"the teacher of {', '.join(paid)} is remote; this executor works in other processes",
            hint="use the inline executor: its rows are in flight together in one process",
        )
    unpriced = [f"{role} ({t.model})" for role, t in paid.items() if t.price is None]
    if unpriced and job.settings.budget_usd is not None:
        raise UsageError(
            f"a budget in money needs prices, and none is known for {', '.join(unpriced)}",
            hint="give the teacher's price in dollars a million tokens (0 for a model of your own),"
            " or leave the budget out",
        )


def _begin(job: Job, shop: Workshop, ledger: Ledger) -> list[Shard]:
    """Match the folder with the job; the shards still to be made."""
    known = ledger.meta().get("fingerprint")
    if known not in (None, job.fingerprint):
        raise RunMismatchError(
            f"{job.folder} holds the run of a recipe that makes other rows"
            f" (fingerprint {known}, this recipe's is {job.fingerprint})",
            hint="choose another folder, or go back to that recipe",
        )
    plan, records = job.shards(), ledger.shards()
    pending = [shard for shard in plan if not intact(job, shard, records.get(shard.number))]
    standing = {shard.number for shard in plan} - {shard.number for shard in pending}
    checks = [check.name for check in shop.corpus_checks]
    stale = [number for number in records if number not in standing]
    if pending or stale:
        ledger.forget_shards(stale)
    ledger.set_meta(
        recipe=job.recipe,
        fingerprint=job.fingerprint,
        checks_fingerprint=job.checks_fingerprint,
        seed=job.seed,
        rows=job.rows,
        shard_size=job.shard_size,
        teachers=shop.cast,
        corpus_checks=checks,
    )
    usd = job.settings.budget_usd
    limit = None if usd is None else nano_dollars(usd)
    prices = {t.model: astuple(t.price) for t in shop.teachers.values() if t.price}
    ledger.event(
        "session",
        pending=len(pending),
        rows=job.rows,
        budget=limit,
        prices=prices,
        calls=ledger.totals().calls,
    )
    with storage_boundary("clearing leftovers", job.run.parts):
        sweep(job.run, (records[number] for number in standing))
    return pending


def _purse(job: Job, shop: Workshop, ledger: Ledger) -> tuple[Budget, Callable[[], float | None]]:
    """The budget as earlier sessions left it, and what was spent for certain so far."""
    totals, limit = ledger.totals(), job.settings.budget_usd
    if limit is not None and totals.unpriced:
        raise UsageError(
            f"the run in {job.folder} has {totals.unpriced} calls whose price was not known,"
            " so a budget in money cannot be held",
            hint="leave the budget out, or begin a new run with prices",
        )
    budget = Budget(None if limit is None else nano_dollars(limit), totals.booked)
    unsure = totals.booked - totals.spent
    unknown = totals.unpriced or any(
        t.price is None for t in shop.teachers.values() if not t.recomputable
    )
    return budget, lambda: None if unknown else (budget.booked - unsure) / NANO
