"""Rows of one shard to files: the part, and what each corpus check signs of the kept rows.

Files first, the ledger's record after: a shard without a record is made again, to the same bytes.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datawell.checks.base import CorpusCheck
from datawell.core.errors import DatawellError, UsageError
from datawell.core.ledger import ShardRecord
from datawell.core.parts import file_digest, write_part
from datawell.core.records import Record, Row
from datawell.core.rundir import RunFolder
from datawell.generation.door import run
from datawell.generation.job import Job, Shard, Workshop
from datawell.generation.rows import RowMaker
from datawell.generation.signatures import write_signatures

BREATH = 64  # rows between two moments in which an interruption can be heard


class ShardWork:
    """Makes whole shards where all teachers are recomputable: in any process, in any order.

    Called with a shard, returns its record. Only plain data travels: a copy in another process
    builds its own components, once.
    """

    def __init__(self, job: Job, shop: Workshop | None = None) -> None:
        self.job = job
        self._shop = shop

    def __getstate__(self) -> Job:
        return self.job

    def __setstate__(self, job: Job) -> None:
        self.job = job
        self._shop = None

    def __call__(self, shard: Shard) -> ShardRecord:
        """Make the shard and write its files."""
        started = time.process_time()
        if self._shop is None:
            self._shop = self.job.build()
        rows = run(self._rows(RowMaker(self.job, self._shop), shard))
        return write_shard(self.job, self._shop, shard, rows, started)

    async def _rows(self, maker: RowMaker, shard: Shard) -> list[Row]:
        rows = []
        for row in range(shard.start, shard.stop):
            if row % BREATH == 0:
                await asyncio.sleep(0)
            rows.append(await maker.make(row))
        return rows


def write_shard(
    job: Job, shop: Workshop, shard: Shard, rows: Sequence[Row], started: float
) -> ShardRecord:
    """Put a shard's files on disk; the record to commit. ``started`` is the CPU time of this
    process at which work on it began.

    Raises:
        StorageError: the disk refused.
    """
    folder = job.run
    kept = [row.record for row in rows if row.kept and row.record is not None]
    digests = {folder.part(shard.number).name: write_part(folder.part(shard.number), rows)}
    for check in shop.corpus_checks:
        path = folder.signatures(shard.number, check.name)
        ids = [record.lineage.row for record in kept]
        digests[path.name] = write_signatures(path, ids, _signed(check, kept))
    dropped = Counter((row.stage, row.reason) for row in rows if not row.kept)
    counts = {
        "kept": len(kept),
        "dropped": [[stage, reason, n] for (stage, reason), n in sorted(dropped.items())],
    }
    cpu = time.process_time() - started
    return ShardRecord(shard.number, shard.start, shard.stop, job.made_under, counts, digests, cpu)


def intact(job: Job, shard: Shard, record: ShardRecord | None) -> bool:
    """Whether a shard's files are there and are what the ledger says of them."""
    if record is None or record.fingerprint != job.made_under:
        return False
    if (record.start, record.stop) != (shard.start, shard.stop):
        return False
    return all(file_digest(job.run.parts / name) == d for name, d in record.digests.items())


def sweep(folder: RunFolder, standing: Iterable[ShardRecord]) -> None:
    """Remove files no standing shard owns: leftovers of crashes, longer plans, other checks."""
    owned = {name for record in standing for name in record.digests}
    for path in sorted(folder.parts.iterdir()):
        if path.name not in owned:
            path.unlink()


def _signed(check: CorpusCheck, records: Sequence[Record]) -> NDArray[Any]:
    """The check's signatures, held to its own promise of type and shape."""
    if not records:
        return np.empty(0, check.dtype)
    try:
        signatures = check.sign(records)
    except (DatawellError, OSError, MemoryError):
        raise
    except Exception as error:
        raise UsageError(
            f"the corpus check {check.name!r} crashed while signing rows"
            f" {records[0].lineage.row} to {records[-1].lineage.row}:"
            f" {type(error).__name__}: {error}",
            hint="this is a fault of the check; leave it out, or correct it",
        ) from error
    if signatures.dtype != check.dtype or signatures.shape != (len(records),):
        raise UsageError(
            f"the corpus check {check.name!r} signed {len(records)} records as"
            f" {signatures.shape} of {signatures.dtype}, not as its own type {check.dtype}",
            hint="this is a fault of the check; leave it out, or correct it",
        )
    return signatures
