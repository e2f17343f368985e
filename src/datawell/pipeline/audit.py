"""Hold a run folder against what every run promises, whoever made it and however often it crashed.

Everything is recomputed from the raw material (parts, decisions, raw answers, calls) and compared
with what the run says of itself. Nothing is written; a run under way can be audited too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from datawell.core.errors import DatawellError
from datawell.core.ledger import ShardRecord
from datawell.core.parts import file_digest, read_decisions, read_part
from datawell.core.plugins import build
from datawell.core.records import Row, record_id
from datawell.core.rundir import RunFolder, Summary, apply_verdicts
from datawell.pipeline.books import AuditReader, asked_once, costs, sound, within_budget
from datawell.pipeline.execute import is_exported
from datawell.recipes.lock import read_lock
from datawell.teachers.base import Teacher
from datawell.teachers.spec import parse_spec

MOST_SHOWN = 20  # breaks of one rule that are told one by one


@dataclass(slots=True)
class Finding:
    """One rule: how many things were held against it, how many broke it, and the first of those."""

    checked: int = 0
    broken: int = 0
    breaks: list[str] = field(default_factory=list)

    def hold(self, problem: str | None) -> None:
        """Count one thing; ``problem`` says how it breaks the rule."""
        self.checked += 1
        if problem:
            self.broken += 1
            if len(self.breaks) < MOST_SHOWN:
                self.breaks.append(problem)


@dataclass(frozen=True, slots=True)
class Audit:
    """What was found, by rule: ``ledger_is_sound``, ``asked_once``, ``within_budget``,
    ``cost_follows_from_answers``, ``one_state_a_row``, ``lineage_is_paid_for``,
    ``report_equals_recomputation``."""

    run: str
    findings: Mapping[str, Finding]

    @property
    def broken(self) -> int:
        """How many breaks there are."""
        return sum(finding.broken for finding in self.findings.values())

    def describe(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "run": self.run,
            "broken": self.broken,
            "rules": {
                name: {"checked": f.checked, "broken": f.broken, "breaks": f.breaks}
                for name, f in self.findings.items()
            },
        }

    def __str__(self) -> str:
        lines = [f"{self.run}: " + (f"{self.broken} breaks" if self.broken else "all rules hold")]
        for name, finding in self.findings.items():
            lines.append(f"  {name}: {finding.checked} checked, {finding.broken} broken")
            lines += [f"    {problem}" for problem in finding.breaks]
        return "\n".join(lines)


def audit(path: Path | str, teachers: Mapping[str, Teacher] | None = None) -> Audit:
    """Audit the run in a folder. Streams: one part is in memory at a time.

    Args:
        path: the run folder.
        teachers: by model; their answers are read again. Those of the folder's recipe when None.

    Raises:
        UsageError: there is no run.
        StorageError: the ledger cannot be read.
        PluginError: a teacher of the recipe is not installed.
    """
    folder = RunFolder(path)
    if teachers is None:
        teachers = _teachers(folder)
    findings: dict[str, Finding] = {}

    def rule(name: str) -> Callable[[str | None], None]:
        return findings.setdefault(name, Finding()).hold

    with closing(AuditReader(folder.db)) as books:
        sound(books, rule("ledger_is_sound"))
        asked_once(books, rule("asked_once"))
        within_budget(books, rule("within_budget"))
        costs(books, teachers, rule("cost_follows_from_answers"))
        hold, paid = rule("one_state_a_row"), rule("lineage_is_paid_for")
        counts = _Recount(books.meta(), hold, lambda row: paid(books.unpaid(row)))
        shards, written = books.shards(), books.decisions()
        counts.plan(shards)
        for record in shards.values():
            counts.shard(folder, record, written)
    agree = rule("report_equals_recomputation")
    summary = folder.summary()
    for problem in counts.differences(summary):
        agree(problem)
    for problem in _exported(folder, summary):
        agree(problem)
    return Audit(str(path), findings)


def _teachers(folder: RunFolder) -> dict[str, Teacher]:
    """The recipe's teachers by model; none where the folder has no recipe."""
    if not folder.lock.exists():
        return {}
    choices = read_lock(folder.lock)[0].every_teacher()
    named = [parse_spec(choice) if isinstance(choice, str) else choice for choice in choices]
    built = [build("teachers", component) for component in named]
    return {teacher.model: teacher for teacher in built}


class _Recount:
    """Every row of every part, looked at once."""

    def __init__(
        self,
        meta: Mapping[str, Any],
        hold: Callable[[str | None], None],
        paid: Callable[[Row], None],
    ) -> None:
        self.meta = meta
        self.rows = self.kept = 0
        self.dropped: Counter[tuple[str, str]] = Counter()
        self._hold = hold
        self._paid = paid
        self._task = ""

    def plan(self, shards: Mapping[int, ShardRecord]) -> None:
        """Finished shards must lie within the plan, and no row in two of them."""
        planned, end = self.meta.get("rows", 0), 0
        for record in sorted(shards.values(), key=lambda record: record.start):
            fine = end <= record.start < record.stop <= planned
            where = f"shard {record.shard} has rows {record.start} to {record.stop}"
            self._hold(None if fine else f"{where}, the plan has {planned}, taken up to {end}")
            end = max(end, record.stop)

    def shard(
        self,
        folder: RunFolder,
        record: ShardRecord,
        written: Mapping[tuple[str, int], str],
    ) -> None:
        """A finished shard: its files as recorded, and each of its rows once."""
        for name, digest in record.digests.items():
            intact = file_digest(folder.parts / name) == digest
            self._hold(None if intact else f"parts/{name} is not what the ledger recorded")
        decided: dict[int, list[Any]] = {}
        for (check, shard), digest in written.items():
            if shard != record.shard:
                continue
            path = folder.decision(shard, check)
            intact = file_digest(path) == digest
            self._hold(None if intact else f"{path} is not what the ledger recorded")
        for check in self.meta.get("corpus_checks", []):
            if (check, record.shard) in written:
                for row_id, verdict in _or_none(folder.decision(record.shard, check)):
                    decided.setdefault(row_id, []).append(verdict)
        try:
            rows = read_part(folder.part(record.shard))
        except DatawellError as error:
            self._hold(error.message)
            return
        ids = [row.row for row in rows]
        if ids != list(range(record.start, record.stop)):
            self._hold(f"part {record.shard} does not hold rows {record.start} to {record.stop}")
        for row in rows:
            self._row(apply_verdicts(row, decided.get(row.row, [])))

    def _row(self, row: Row) -> None:
        self.rows += 1
        self._hold(self._problem(row))
        self._paid(row)
        if row.kept:
            self.kept += 1
        else:
            self.dropped[row.stage, row.reason] += 1

    def _problem(self, row: Row) -> str | None:
        if row.kept and (row.record is None or row.stage):
            return f"row {row.row} is kept without a record, or with a stage"
        if not row.kept and not row.stage:
            return f"row {row.row} is dropped at no stage"
        record = row.record
        if record is not None:
            origin = record.lineage
            wanted = record_id(origin.recipe, origin.task, row.seed_id, row.row)
            if (record.id, origin.row, origin.seed_id) != (wanted, row.row, row.seed_id):
                return f"row {row.row} bears the id {record.id}, which is not its own"
            if origin.recipe != self.meta.get("fingerprint"):
                return f"row {row.row} was made under {origin.recipe}"
        return None

    def differences(self, said: Summary) -> Iterator[str | None]:
        """What the run says of itself against what was counted; None where they agree."""
        mine = {"rows": self.rows, "kept": self.kept, "dropped": dict(self.dropped)}
        theirs = {"rows": said.rows, "kept": said.kept, "dropped": dict(said.dropped)}
        for name, value in mine.items():
            agree = theirs[name] == value
            yield None if agree else f"{name}: told {theirs[name]}, counted {value}"
        if said.complete and self.rows != said.planned:
            yield f"told complete with {self.rows} of {said.planned} rows"


def _or_none(path: Path) -> list[tuple[int, Any]]:
    """Decisions, or none of a file that is missing or damaged: its digest was told already."""
    try:
        return read_decisions(path)
    except DatawellError:
        return []


def _exported(folder: RunFolder, said: Summary) -> Iterator[str | None]:
    """Exported rows against the run's own, where its export is of today's rows."""
    if not said.complete or not folder.lock.exists():
        return
    if not is_exported(folder, read_lock(folder.lock)[1], said.planned):
        return
    wanted = {
        folder.rejected: ([folder.rejected], said.rows - said.kept),
        folder.dataset: (sorted(folder.dataset.glob("*.parquet")), said.kept),
    }
    for place, (files, rows) in wanted.items():
        if files:  # a recipe may export other formats alone
            found = sum(_length(path) for path in files)
            yield None if found == rows else f"{place} holds {found} rows, the run has {rows}"


def _length(path: Path) -> int:
    import polars as pl

    return int(pl.scan_parquet(path).select(pl.len()).collect().item())
