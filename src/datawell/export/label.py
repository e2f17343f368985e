"""The label of a dataset: what it is worth, in five figures a machine can read.

``label.json`` holds, beside ``format_version`` and where the data is from, the keys ``valid``,
``diverse``, ``private``, ``supervised`` and ``useful``, and what the answers cost in ``cost``. Each
is the string ``"not measured"`` or an object; every figure in it is ``{"value", "interval", "n",
"method", "seed"}`` with an interval or null, and diversity figures carry ``anchor``: the same
figure, the same way, on the anchor's text. A judge's mean grades stand with its check, beside what
the same judge gave the anchors.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from datawell.core.errors import UsageError, storage_boundary
from datawell.core.intervals import Moments, wilson
from datawell.core.ledger import LedgerReader
from datawell.core.parts import write_durably
from datawell.core.records import Row
from datawell.core.rundir import RunFolder, Summary
from datawell.export.cost import Costs
from datawell.export.diversity import diversity
from datawell.export.sample import TextSample, sample_file

FORMAT_VERSION = 1
NOT_MEASURED = "not measured"
SAMPLE_WORDS = 500_000
_INTERVAL = "Wilson 95 %"


def build_label(run: RunFolder, *, anchor: Path | None, out: Path | None = None) -> dict[str, Any]:
    """Measure a run, write ``dataset/label.json`` and return what it says.

    Reads the run's rows once; memory is bounded by the text sample. Everything in it depends on the
    run's rows, the anchor's text and the run's seed alone.

    Args:
        run: a run with rows; ``student/useful.json`` is taken over when it is there.
        anchor: real text to show beside (``.jsonl``, ``.txt`` or ``.parquet``), or None.
        out: the dataset folder to write it into; the run's own when None.

    Raises:
        UsageError: there is no run, or the anchor or ``useful.json`` cannot be read.
        StorageError: the label cannot be written.
    """
    summary = run.summary()
    sample = TextSample(SAMPLE_WORDS)
    with LedgerReader(run.db) as ledger:
        meta = ledger.meta()
        counts = _Counts(list(meta.get("corpus_checks", [])), meta.get("anchors", {}))
        costs = Costs(ledger.bills())
        for row in run.rows():
            counts.add(row)
            costs.add(row)
            if row.kept and row.record is not None:
                sample.add(row.record.id, row.record.text)
    beside = sample_file(anchor, SAMPLE_WORDS) if anchor is not None else None
    label = {
        "format_version": FORMAT_VERSION,
        "dataset": _origin(summary),
        "valid": counts.valid() if counts.checked else NOT_MEASURED,
        "diverse": diversity(
            sample.corpus(),
            seed=summary.seed,
            anchor=beside.corpus() if beside else None,
            anchor_name=anchor.name if anchor else "",
        )
        or NOT_MEASURED,
        "private": NOT_MEASURED,
        "supervised": NOT_MEASURED,
        "useful": _useful(run.student / "useful.json"),
        "cost": costs.describe(summary) if summary.rows else NOT_MEASURED,
    }
    home = out or run.dataset
    with storage_boundary("write the label", home):
        home.mkdir(parents=True, exist_ok=True)
    text = json.dumps(label, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    write_durably(home / "label.json", text.encode())
    return label


def _origin(summary: Summary) -> dict[str, Any]:
    return {
        "recipe": summary.recipe,
        "fingerprint": summary.fingerprint,
        "seed": summary.seed,
        "teachers": dict(sorted(summary.teachers.items())),
        "rows": summary.rows,
        "kept": summary.kept,
    }


def share(successes: int, n: int, method: str) -> dict[str, Any]:
    """A share with its Wilson interval, as the label writes figures."""
    return {
        "value": successes / n if n else None,
        "interval": list(wilson(successes, n)) if n else None,
        "n": n,
        "method": f"{method}; interval: {_INTERVAL}",
        "seed": None,
    }


@dataclass
class _Counts:
    """Rows and verdicts, counted in one pass."""

    corpus_checks: list[str]
    anchors: Mapping[str, Any]
    rows: int = 0
    kept: int = 0
    compared: int = 0
    examined: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    dropped: Counter[tuple[str, str]] = field(default_factory=Counter)
    unjudged: Counter[str] = field(default_factory=Counter)
    grades: dict[str, dict[str, Moments]] = field(default_factory=dict)

    def add(self, row: Row) -> None:
        self.rows += 1
        self.kept += row.kept
        if not row.kept:
            self.dropped[row.stage, row.reason] += 1
        # A corpus check has seen every row that passed the row checks, but speaks of few of them.
        self.compared += row.kept or row.stage == "corpus"
        for verdict in row.verdicts:
            self.examined[verdict.check] += 1
            self.failed[verdict.check] += not verdict.keep
            if verdict.figures and verdict.score is not None:
                self._grade(verdict.check, (("score", verdict.score), *verdict.figures))
            elif verdict.reason == "unjudged":
                self.unjudged[verdict.check] += 1

    def _grade(self, check: str, figures: Iterable[tuple[str, float]]) -> None:
        own = self.grades.setdefault(check, {})
        for name, number in figures:
            own.setdefault(name, Moments()).add(number)

    @property
    def checked(self) -> bool:
        """Whether any check looked at any row: without one, keeping all of them says nothing."""
        return self.rows > 0 and bool(self.examined or self.corpus_checks)

    def valid(self) -> dict[str, Any]:
        names = sorted({*self.examined, *self.corpus_checks})
        return {
            "kept": share(self.kept, self.rows, "kept rows divided by generated rows"),
            "checks": [self._check(name) for name in names],
            "dropped": [
                {"stage": stage, "reason": reason, "rows": n}
                for (stage, reason), n in sorted(self.dropped.items(), key=lambda i: (-i[1], i[0]))
            ],
            "catch_rate": NOT_MEASURED,
        }

    def _check(self, name: str) -> dict[str, Any]:
        n = self.compared if name in self.corpus_checks else self.examined[name]
        method = "rows that pass divided by rows the check examined"
        passed = share(n - self.failed[name], n, method)
        told: dict[str, Any] = {"check": name, "pass": passed, "catch_rate": NOT_MEASURED}
        if name in self.grades or name in self.unjudged:
            told["unjudged"] = self.unjudged[name]
            told["grades"] = {
                grade: _mean(seen) for grade, seen in self.grades.get(name, {}).items()
            }
            told["anchors"] = self.anchors.get(name, {}).get("groups", NOT_MEASURED)
        return told


def _mean(seen: Moments) -> dict[str, Any]:
    """A judge's mean grade, as the label writes figures; ``spread`` is how far its samples of one
    row are apart."""
    interval = seen.interval()
    return {
        "value": seen.mean,
        "interval": list(interval) if interval else None,
        "n": seen.n,
        "method": "mean of a judge's grades over judged rows; interval: Student's t, 95 %",
        "seed": None,
    }


def _useful(path: Path) -> Any:
    """The student's proof, with its figures in the label's shape."""
    if not path.exists():
        return NOT_MEASURED
    with storage_boundary("read the proof", path):
        raw = path.read_text(encoding="utf-8")
    try:
        found = json.loads(raw)
        method = f"bits per byte on held-out real text; {found['method']}"
        sides = {
            "data": (found["data"], "bits_per_byte"),
            "real": (found["real"], "bits_per_byte"),
            "difference": (found["difference"], "value"),
        }
        return {
            "preset": found["preset"],
            "bytes": found["bytes"],
            **{
                name: {
                    "value": float(side[key]),
                    "interval": [float(side["low"]), float(side["high"])],
                    "n": found["documents"],
                    "method": method,
                    "seed": None,
                }
                for name, (side, key) in sides.items()
            },
        }
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(
            f"{path}: not a proof of usefulness: {error!r}", hint="prove the dataset again"
        ) from error
