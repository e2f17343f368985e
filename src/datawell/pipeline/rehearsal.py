"""A few rows made by the built-in teacher in every role, to count what would be asked. Free."""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass, field, replace

from datawell.generation.anchors import offered_anchors
from datawell.generation.door import outside_any_loop, run
from datawell.generation.job import Job, Workshop
from datawell.generation.judging import judged
from datawell.generation.rows import RowMaker
from datawell.generation.scene import RowScene
from datawell.teachers.base import Answer, Request
from datawell.teachers.builtin import BuiltinTeacher

_UNMADE = ("seeds", "plan", "task")  # a row that ends there was never voiced


@dataclass(slots=True)
class Asked:
    """What one role was asked, and what the built-in teacher said."""

    calls: int = 0
    messages: int = 0
    bytes_in: int = 0
    bytes_out: int = 0


@dataclass(slots=True)
class Rehearsal:
    """What was counted: by row and role; once a run and role (anchors); how each row ended."""

    rows: list[dict[str, Asked]] = field(default_factory=list)
    once: dict[str, Asked] = field(default_factory=dict)
    kept: int = 0
    unplannable: int = 0
    cpu_seconds: list[float] = field(default_factory=list)


def rehearse(job: Job, sample: int) -> Rehearsal:
    """Make the first ``sample`` rows of a job, writing nothing and asking nobody.

    Raises:
        PluginError, MissingDependencyError, UsageError: the job's components do not fit.
    """
    counting = defaultdict[str, Asked](Asked)
    shop = job.build()
    shop = replace(shop, teachers={role: _Counting(role, counting) for role in shop.teachers})
    found = Rehearsal()

    def work() -> None:
        run(_rows(job, shop, sample, counting, found))

    outside_any_loop(work)
    return found


async def _rows(
    job: Job, shop: Workshop, sample: int, counting: dict[str, Asked], found: Rehearsal
) -> None:
    maker = RowMaker(job, shop)
    await maker.make(0)  # warms caches: its time would be no other row's
    counting.clear()
    for number in range(sample):
        began = time.process_time()
        row = await maker.make(number)
        found.cpu_seconds.append(time.process_time() - began)
        found.rows.append(dict(counting))
        found.kept += row.kept
        found.unplannable += row.stage in _UNMADE
        counting.clear()
    for check in shop.judge_checks:
        for at, (_, record) in enumerate(offered_anchors(job, check)):
            await judged(check, record, RowScene(shop, job.seed, -1 - at, None, check.name))
    found.once = dict(counting)


class _Counting(BuiltinTeacher):
    """The built-in teacher in one role, counting."""

    def __init__(self, role: str, counting: dict[str, Asked]) -> None:
        super().__init__()
        self._role = role
        self._counting = counting

    async def send(self, request: Request) -> Answer:
        """Word the request, and count it."""
        answer = await super().send(request)
        asked = self._counting[self._role]
        asked.calls += 1
        asked.messages += len(request.messages)
        asked.bytes_in += sum(len(m["content"].encode()) for m in request.messages)
        asked.bytes_out += len(answer.body.encode())
        return answer
