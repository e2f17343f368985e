"""What the judge says of texts whose worth is known, so that its grades of the data can be read.

A judge check may offer anchors: groups of records made of real text (its own endings, shuffled
ones). The same judge grades them once a run, through the same ledger and budget; row numbers below
zero keep their calls apart from the rows'.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from datawell.checks.base import JudgeCheck
from datawell.core.errors import DatawellError, UsageError
from datawell.core.intervals import Moments
from datawell.core.ledger import Ledger
from datawell.core.randomness import stream
from datawell.core.records import Record, Verdict, digest
from datawell.export.sample import read_texts
from datawell.generation.batch import in_rounds
from datawell.generation.calls import Calls, Stopped
from datawell.generation.door import run
from datawell.generation.job import Job, Workshop
from datawell.generation.judging import UNJUDGED, judged
from datawell.generation.scene import RowScene

_MOST_READ = 10_000  # texts of the anchor's file that are looked at
_METHOD = "mean grade; interval: Student's t, 95 %"

Offered = Sequence[tuple[str, Record]]


def grade_anchors(job: Job, shop: Workshop, ledger: Ledger, calls: Calls | None) -> None:
    """Have each judge check that offers anchors grade them, unless the ledger has its grades.

    Raises:
        UsageError: the anchor's file cannot be read, or a check crashes.
        BudgetSpent, ProviderError, StorageError: as for rows; resumable.
    """
    held, found = ledger.meta().get("anchors", {}), {}
    for check in shop.judge_checks:
        offered = offered_anchors(job, check)
        if not offered:
            continue
        under = digest(job.checks_fingerprint, [[group, record.id] for group, record in offered])
        found[check.name] = held.get(check.name)
        if found[check.name] is None or found[check.name]["under"] != under:
            verdicts = run(_Round(job, shop, calls, check).in_rounds(offered))
            found[check.name] = {"under": under, "groups": _summed(offered, verdicts)}
    if found != held:
        ledger.set_meta(anchors=found)


def offered_anchors(job: Job, check: JudgeCheck) -> Offered:
    """The check's anchors; none where it has none, or the job names no real text."""
    offer = getattr(check, "anchors", None)
    if offer is None or job.anchor is None:
        return ()
    texts = list(islice(read_texts(job.anchor), _MOST_READ))
    offered: Offered = offer(texts, stream(job.seed, "anchors", check.name))
    return offered


class _Round:
    """One check's anchors, several in flight."""

    def __init__(self, job: Job, shop: Workshop, calls: Calls | None, check: JudgeCheck) -> None:
        self._job = job
        self._shop = shop
        self._calls = calls
        self._check = check
        self._room = asyncio.Semaphore(shop.in_flight(job.settings))

    async def in_rounds(self, offered: Offered) -> list[Verdict]:
        """As :meth:`graded`, also where the judge's requests leave in batch files."""
        return await in_rounds(self._calls.desk if self._calls else None, self.graded, offered)

    async def graded(self, offered: Offered) -> list[Verdict]:
        """Their verdicts, in order; calls in flight are committed before a stop."""
        tasks = [asyncio.create_task(self._one(at, r)) for at, (_, r) in enumerate(offered)]
        try:
            await asyncio.wait(tasks)
        except asyncio.CancelledError as interruption:
            self._stop(interruption)
            await asyncio.wait(tasks)
            raise
        finally:
            for teacher in {id(t): t for t in self._shop.teachers.values()}.values():
                await teacher.close()
        verdicts = [task.result() for task in tasks]
        if self._calls is not None and self._calls.stopped is not None:
            raise self._calls.stopped
        return [verdict for verdict in verdicts if verdict is not None]

    async def _one(self, at: int, record: Record) -> Verdict | None:
        """The verdict on one anchor; None when the run stops first."""
        stage = f"{self._check.name}:anchors"
        async with self._room:
            scene = RowScene(self._shop, self._job.seed, -1 - at, self._calls, stage)
            try:
                return await judged(self._check, record, scene)
            except Stopped:
                return None
            except (DatawellError, OSError, MemoryError) as reason:
                self._stop(reason)
                raise
            except Exception as error:
                crash = UsageError(
                    f"the check {self._check.name!r} crashed on an anchor:"
                    f" {type(error).__name__}: {error}",
                    hint="this is a fault of the check; leave it out, or correct it",
                )
                self._stop(crash)
                raise crash from error

    def _stop(self, reason: BaseException) -> None:
        if self._calls is not None:
            self._calls.stop(reason)


def _summed(offered: Offered, verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """By group: how many were graded, and each figure as the label writes figures."""
    moments: dict[str, dict[str, Moments]] = defaultdict(lambda: defaultdict(Moments))
    unjudged: dict[str, int] = defaultdict(int)
    for (group, _), verdict in zip(offered, verdicts, strict=True):
        unjudged[group] += verdict.reason == UNJUDGED
        if verdict.score is not None:
            for name, number in (("score", verdict.score), *verdict.figures):
                moments[group][name].add(number)
    return {
        group: {"unjudged": count, "grades": _figures(moments[group])}
        for group, count in unjudged.items()
    }


def _figures(moments: Mapping[str, Moments]) -> dict[str, Any]:
    return {
        name: {
            "value": seen.mean,
            "interval": list(seen.interval() or ()) or None,
            "n": seen.n,
            "method": _METHOD,
            "seed": None,
        }
        for name, seen in moments.items()
    }
