"""One row id to one row: seed, plan, voice, checks. A bad row is data, never a crash."""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType

from datawell.core.errors import DatawellError, RowError, StorageError
from datawell.core.randomness import stream
from datawell.core.records import Lineage, Record, Row, Seed, Verdict, record_id
from datawell.generation.calls import Calls
from datawell.generation.job import Job, Workshop
from datawell.generation.judging import judged
from datawell.generation.scene import RowScene

DETAIL = 500  # most characters of detail kept with a dropped row


class _Crash(RowError):
    """A component failed on one row in a way it does not foresee; ``stage`` says which kind."""

    def __init__(self, stage: str, error: Exception, where: str) -> None:
        super().__init__(f"crashed:{type(error).__name__}", detail=f"{where}: {error}")
        self.stage = stage


@dataclass(frozen=True, slots=True)
class RowMaker:
    """Makes any row of a job. ``calls`` is the desk for paid answers; None when all teachers are
    recomputable."""

    job: Job
    shop: Workshop
    calls: Calls | None = None

    async def make(self, row: int) -> Row:
        """Row number ``row``, kept or dropped with a stage and a reason.

        Raises:
            DatawellError: a fault that is not this row's (endpoint, disk, set-up).
        """
        seed = Seed("", "", {})
        record: Record | None = None
        verdicts: list[Verdict] = []
        try:
            seed = self._seed(row)
            record = await self._record(row, seed)
            self._examine(record, verdicts)
            await self._judge(record, verdicts)
        except RowError as fault:
            ending = (fault.stage, fault.reason, fault.detail[:DETAIL])
            return Row(row, seed.id, seed.source, record, tuple(verdicts), *ending)
        failed = next((v for v in verdicts if not v.keep), None)
        ending = ("checks", failed.reason, failed.note[:DETAIL]) if failed else ("", "", "")
        return Row(row, seed.id, seed.source, record, tuple(verdicts), *ending)

    def _seed(self, row: int) -> Seed:
        size = self.shop.seeds.size
        with _crashes("seeds", "reading the seed"):
            return self.shop.seeds.seed(row if size is None else row % size)

    async def _record(self, row: int, seed: Seed) -> Record:
        job, task = self.job, self.job.task.use
        with _crashes("task", "planning"):
            plan = self.shop.task.plan(seed, stream(job.seed, "plan", row))
        scene = RowScene(self.shop, job.seed, row, self.calls)
        with _crashes("task", "voicing"):
            draft = await self.shop.task.voice(plan, scene)
        return Record(
            id=record_id(job.fingerprint, task, seed.id, row),
            text=draft.text,
            plan=draft.plan,
            lineage=Lineage(
                recipe=job.fingerprint,
                task=task,
                row=row,
                seed_id=seed.id,
                source=seed.source,
                teachers=scene.models(),
                calls=tuple(scene.keys),
            ),
            prompt=draft.prompt,
            turns=draft.turns,
            views=draft.views,
        )

    def _examine(self, record: Record, verdicts: list[Verdict]) -> None:
        """Every check speaks, also after one has failed: the report shows all of them."""
        crash: _Crash | None = None
        for check in self.shop.row_checks:
            try:
                with _crashes("check", check.name):
                    verdicts.append(check.examine(record))
            except _Crash as fault:
                if crash is None and all(v.keep for v in verdicts):
                    crash = fault
        if crash is not None:
            raise crash

    async def _judge(self, record: Record, verdicts: list[Verdict]) -> None:
        """Judges cost money: they are asked only about a row that nothing has dropped yet."""
        for check in self.shop.judge_checks:
            if not all(verdict.keep for verdict in verdicts):
                return
            row = record.lineage.row
            scene = RowScene(self.shop, self.job.seed, row, self.calls, stage=check.name)
            with _crashes("check", check.name):
                verdicts.append(await judged(check, record, scene))


class _crashes:
    """Make an unforeseen failure this row's fault. Failures of the machine are nobody's row:
    they would fall differently the next time."""

    __slots__ = ("_stage", "_where")

    def __init__(self, stage: str, where: str) -> None:
        self._stage = stage
        self._where = where

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(
        self, kind: object, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if not isinstance(error, Exception) or isinstance(error, (DatawellError, MemoryError)):
            return
        if isinstance(error, OSError):
            raise StorageError(
                f"{self._where}: {error}", hint="free what is missing; the same command continues"
            ) from error
        raise _Crash(self._stage, error, self._where) from error
