"""Corpus checks decide: signatures of the whole run in, decision files beside the parts out.

Each check decides over all rows its row checks kept, whatever other corpus checks say: the
outcome of one never depends on the others' presence. When several drop a row, the first in the
recipe's order names the reason. Decisions stream: one shard's are in memory at a time.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from datawell.checks.base import CorpusCheck
from datawell.core.errors import DatawellError, UsageError, storage_boundary
from datawell.core.ledger import Ledger
from datawell.core.parts import file_digest, read_decisions, write_decisions
from datawell.core.records import Verdict
from datawell.core.rundir import RunFolder
from datawell.generation.job import Job, Workshop
from datawell.generation.signatures import StoredSignatures


def decide(job: Job, shop: Workshop, ledger: Ledger) -> None:
    """Have every corpus check decide, unless the ledger has it and the files are what it says.

    Raises:
        StorageError: the disk refused. UsageError: a check broke its promises.
    """
    run, shards = job.run, job.shards()
    written = ledger.decisions()
    if "decided" in ledger.meta() and all(
        file_digest(run.decision(shard, check)) == d for (check, shard), d in written.items()
    ):
        return
    with storage_boundary("clearing old decisions", run.decisions):
        shutil.rmtree(run.decisions, ignore_errors=True)
        run.decisions.mkdir()
    digests: dict[tuple[str, int], str] = {}
    for check in shop.corpus_checks:
        files = [run.signatures(shard.number, check.name) for shard in shards]
        with StoredSignatures(files, check.dtype, run.decisions) as signatures:
            for shard, verdicts in _by_shard(job, _checked(check, signatures)):
                path = run.decision(shard, check.name)
                path.parent.mkdir(exist_ok=True)
                digests[check.name, shard] = write_decisions(path, verdicts)
    names = [check.name for check in shop.corpus_checks]
    ledger.decided(digests, {"dropped": _dropped(run, names, digests)})


def _checked(check: CorpusCheck, signatures: StoredSignatures) -> Iterator[tuple[int, Verdict]]:
    """The check's decisions, held to its promise: ascending rows, each once."""
    if not len(signatures):
        return
    last = -1
    try:
        for row, verdict in check.decide(signatures):
            if row <= last:
                raise UsageError(
                    f"the corpus check {check.name!r} decided row {row} after row {last}",
                    hint="decisions must ascend; this is a fault of the check",
                )
            last = row
            yield int(row), verdict
    except (DatawellError, OSError, MemoryError):
        raise
    except Exception as error:
        raise UsageError(
            f"the corpus check {check.name!r} crashed: {type(error).__name__}: {error}",
            hint="this is a fault of the check; leave it out, or correct it",
        ) from error


def _by_shard(
    job: Job, decisions: Iterable[tuple[int, Verdict]]
) -> Iterator[tuple[int, list[tuple[int, Verdict]]]]:
    for shard, group in groupby(decisions, key=lambda item: item[0] // job.shard_size):
        yield shard, list(group)


def _dropped(
    run: RunFolder, checks: Sequence[str], written: dict[tuple[str, int], str]
) -> list[list[Any]]:
    """How many rows fell to each reason, a row counting for the first check that drops it."""
    counts: Counter[str] = Counter()
    for shard in sorted({shard for _, shard in written}):
        reasons: dict[int, str] = {}
        for check in checks:
            if (check, shard) in written:
                for row, verdict in read_decisions(run.decision(shard, check)):
                    if not verdict.keep:
                        reasons.setdefault(row, verdict.reason)
        counts.update(reasons.values())
    return [["corpus", reason, n] for reason, n in sorted(counts.items())]
