"""The run folder: where everything of a run lies, and how its rows are read back.

    recipe.lock.yaml  run.db  parts/NNNNN.parquet  parts/NNNNN.<check>.npy
    batches/NNNNN.requests.jsonl  decisions/<check>/NNNNN.parquet
    dataset/  export/  student/  rejected.parquet  report.html

Parts are never rewritten by corpus checks: their decisions lie beside the parts, shard by shard,
and are applied on reading. Only shards the ledger records as done are read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from datawell.core.budget import NANO
from datawell.core.errors import UsageError, storage_boundary
from datawell.core.ledger import LedgerReader, ShardRecord
from datawell.core.parts import read_decisions, read_part
from datawell.core.records import Record, Row, Verdict
from datawell.core.spending import Spending, Totals


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run is so far: complete when ``rows == planned`` and its corpus is decided.

    ``dropped`` counts rows by (stage, reason), commonest first. ``spent_usd`` is None when some
    call had no known price. ``uncertain_calls`` were in flight at a crash and may have been billed:
    ``uncertain_usd`` at most, which counts against the budget but not in ``spent_usd``.
    ``spending`` is the same by role and stage. ``seconds`` is the wall-clock time in which calls
    were under way, ``cpu_seconds`` what making the finished shards took, all processes together.
    ``estimate`` is what was foretold before the run, as plain data; None when nothing was.
    """

    recipe: str
    fingerprint: str
    seed: int
    teachers: Mapping[str, str]
    planned: int
    rows: int
    kept: int
    dropped: Mapping[tuple[str, str], int]
    calls: int
    uncertain_calls: int
    input_tokens: int
    output_tokens: int
    spent_usd: float | None
    uncertain_usd: float
    cpu_seconds: float
    complete: bool
    spending: tuple[Spending, ...] = ()
    seconds: float = 0.0
    estimate: Mapping[str, Any] | None = None


class RunFolder:
    """A run's folder, existing or not yet. Reading needs no lock and disturbs no running writer."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)

    @property
    def lock(self) -> Path:
        """The recipe as it was run, every default filled in."""
        return self.path / "recipe.lock.yaml"

    @property
    def db(self) -> Path:
        """The ledger."""
        return self.path / "run.db"

    @property
    def parts(self) -> Path:
        """The rows by shard, and the signatures of kept rows."""
        return self.path / "parts"

    @property
    def batches(self) -> Path:
        """Files of requests that are on their way to a provider, and of outcomes."""
        return self.path / "batches"

    @property
    def decisions(self) -> Path:
        """What the corpus checks decided, by check and shard."""
        return self.path / "decisions"

    @property
    def dataset(self) -> Path:
        """The exported dataset by split, with card and label."""
        return self.path / "dataset"

    @property
    def export(self) -> Path:
        """Other row shapes, by format."""
        return self.path / "export"

    @property
    def student(self) -> Path:
        """The trained student."""
        return self.path / "student"

    @property
    def report(self) -> Path:
        """The report, one HTML file."""
        return self.path / "report.html"

    @property
    def rejected(self) -> Path:
        """Every dropped row with its reasons."""
        return self.path / "rejected.parquet"

    def part(self, shard: int) -> Path:
        """The rows of one shard."""
        return self.parts / f"{shard:05d}.parquet"

    def signatures(self, shard: int, check: str) -> Path:
        """What one corpus check signed in one shard."""
        return self.parts / f"{shard:05d}.{check}.npy"

    def decision(self, shard: int, check: str) -> Path:
        """What one corpus check decided about one shard; absent when it had nothing to say."""
        return self.decisions / check / f"{shard:05d}.parquet"

    def create(self) -> None:
        """Make the folders that making rows writes to.

        Raises:
            StorageError: the disk refused.
        """
        with storage_boundary("creating the run folder", self.path):
            self.parts.mkdir(parents=True, exist_ok=True)
            self.decisions.mkdir(exist_ok=True)

    def begun(self) -> bool:
        """Whether the run in this folder was ever begun: its ledger is there and names a recipe."""
        try:
            with LedgerReader(self.db) as ledger:
                return "fingerprint" in ledger.meta()
        except UsageError:
            return False

    def rows(self) -> Iterator[Row]:
        """All rows of finished shards, ascending by row id, with corpus decisions applied.

        Streams: one part is in memory at a time.

        Raises:
            UsageError: there is no run here.
            StorageError: a part is damaged.
        """
        for record, decisions in self._shards():
            yield from _decided(read_part(self.part(record.shard)), decisions)

    def kept(self) -> Iterator[Record]:
        """The records of kept rows, ascending by row id; streams as :meth:`rows`."""
        for row in self.rows():
            if row.kept and row.record is not None:
                yield row.record

    def summary(self) -> Summary:
        """Counts, cost and origin, from the ledger alone: no row is read.

        Raises:
            UsageError: there is no run here.
        """
        with LedgerReader(self.db) as ledger:
            meta, shards = ledger.meta(), ledger.shards().values()
            spending, seconds = tuple(ledger.spending()), ledger.seconds_in_flight()
        totals = Totals.of(spending)
        dropped: Counter[tuple[str, str]] = Counter()
        for record in shards:
            dropped.update({(stage, why): n for stage, why, n in record.counts["dropped"]})
        decided = meta.get("decided")
        corpus = {(stage, why): n for stage, why, n in decided["dropped"]} if decided else {}
        dropped.update(corpus)
        rows = sum(record.stop - record.start for record in shards)
        return Summary(
            recipe=meta.get("recipe", ""),
            fingerprint=meta.get("fingerprint", ""),
            seed=meta.get("seed", 0),
            teachers=meta.get("teachers", {}),
            planned=meta.get("rows", 0),
            rows=rows,
            kept=sum(record.counts["kept"] for record in shards) - sum(corpus.values()),
            dropped=dict(sorted(dropped.items(), key=lambda item: (-item[1], item[0]))),
            calls=totals.calls,
            uncertain_calls=totals.uncertain,
            input_tokens=totals.input_tokens,
            output_tokens=totals.output_tokens,
            spent_usd=None if totals.unpriced else totals.spent / NANO,
            uncertain_usd=(totals.booked - totals.spent) / NANO,
            cpu_seconds=sum(record.cpu_seconds for record in shards),
            complete=decided is not None and rows == meta.get("rows"),
            spending=spending,
            seconds=seconds,
            estimate=meta.get("estimate"),
        )

    def _shards(self) -> Iterator[tuple[ShardRecord, list[Path]]]:
        """Finished shards, each with its decision files in the order of the recipe's checks."""
        with LedgerReader(self.db) as ledger:
            meta, done, written = ledger.meta(), ledger.shards(), ledger.decisions()
        checks = meta.get("corpus_checks", [])
        for shard, record in done.items():
            files = [self.decision(shard, name) for name in checks if (name, shard) in written]
            yield record, files


def _decided(rows: list[Row], files: list[Path]) -> Iterator[Row]:
    """The rows with corpus verdicts added; the first check that drops a row names the reason."""
    if not files:
        yield from rows
        return
    said: dict[int, list[Verdict]] = {}
    for file in files:
        for row_id, verdict in read_decisions(file):
            said.setdefault(row_id, []).append(verdict)
    for row in rows:
        yield apply_verdicts(row, said.get(row.row, ()))


def apply_verdicts(row: Row, verdicts: list[Verdict] | tuple[Verdict, ...]) -> Row:
    """The row with corpus verdicts added; a row that fell before keeps its reason."""
    if not verdicts:
        return row
    row = replace(row, verdicts=(*row.verdicts, *verdicts))
    fatal = next((v for v in verdicts if not v.keep), None)
    if fatal is None or not row.kept:
        return row
    return replace(row, stage="corpus", reason=fatal.reason, detail=fatal.note)
