"""Finished and unfinished runs: open, describe, list, compare, export, label, report."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datawell.core.errors import UsageError, storage_boundary
from datawell.core.foretold import outcomes
from datawell.core.plugins import Component, build
from datawell.core.records import Record, Row
from datawell.core.rundir import RunFolder, Summary
from datawell.core.spending import shares
from datawell.recipes.fingerprint import differences
from datawell.recipes.lock import read_lock
from datawell.recipes.model import Recipe


@dataclass(frozen=True, slots=True)
class Dataset:
    """An exported dataset: its folder, and how many rows each split has."""

    path: Path
    rows: dict[str, int]

    def describe(self) -> dict[str, Any]:
        """As plain data."""
        return {"dataset": str(self.path), "rows": self.rows}

    def __str__(self) -> str:
        counts = ", ".join(f"{count} {split}" for split, count in self.rows.items())
        return f"{self.path}: {counts}"


class Run:
    """A run folder, read only where it is asked."""

    def __init__(self, path: Path | str) -> None:
        self.folder = RunFolder(path)
        if not self.folder.lock.exists():
            raise UsageError(
                f"{path} is no run folder (it has no {self.folder.lock.name})",
                hint="datawell runs list shows the runs under a folder",
            )

    @property
    def path(self) -> Path:
        """The run folder."""
        return self.folder.path

    @property
    def recipe(self) -> Recipe:
        """The recipe as it was run."""
        return read_lock(self.folder.lock)[0]

    @property
    def summary(self) -> Summary:
        """Counts and cost."""
        return self.folder.summary()

    @property
    def rows(self) -> Iterator[Row]:
        """Every row, kept or dropped, with its verdicts; streams."""
        return self.folder.rows()

    @property
    def kept(self) -> Iterator[Record]:
        """The kept records; streams."""
        return self.folder.kept()

    def export(
        self, out: str | Path | None = None, *, formats: Sequence[str] | None = None
    ) -> Dataset:
        """Write kept rows in the given formats (the recipe's when None), split by seed.

        With ``out``, a dataset folder of its own is written there, with card and label.
        """
        recipe = self.recipe
        if formats:
            chosen = tuple(Component(name) for name in formats)
            export = recipe.export.model_copy(update={"formats": chosen})
            recipe = recipe.model_copy(update={"export": export})
        target = None if out is None else Path(out)
        counts = write_views(self.folder, recipe, target)
        write_label(self.folder, recipe, target)
        return Dataset(target if target is not None else self.folder.dataset, counts)

    def headline(self) -> str:
        """One line."""
        s = self.summary
        state = "complete" if s.complete else "unfinished"
        return f"{self.path}  {s.recipe}  {s.kept} kept, {s.rows - s.kept} dropped  {state}"

    def describe(self) -> dict[str, Any]:
        """The run as plain data."""
        s = self.summary
        return {
            "run": str(self.path),
            "recipe": s.recipe,
            "complete": s.complete,
            "planned": s.planned,
            "rows": s.rows,
            "kept": s.kept,
            "dropped": [
                {"stage": stage, "reason": reason, "rows": count}
                for (stage, reason), count in s.dropped.items()
            ],
            "teachers": dict(s.teachers),
            "calls": s.calls,
            "uncertain_calls": s.uncertain_calls,
            "input_tokens": s.input_tokens,
            "output_tokens": s.output_tokens,
            "spent_usd": s.spent_usd,
            "uncertain_usd": s.uncertain_usd,
            "usd_per_kept_row": None if s.spent_usd is None or not s.kept else s.spent_usd / s.kept,
            "cost_by_role": [share.describe(s.kept) for share in shares(s.spending, "role")],
            "cost_by_stage": [share.describe(s.kept) for share in shares(s.spending, "stage")],
            "seconds": s.seconds,
            "cpu_seconds": s.cpu_seconds,
            "estimate": s.estimate,
            "estimate_held": [outcome.describe() for outcome in outcomes(s)],
            "seed": s.seed,
            "fingerprint": s.fingerprint,
            "dataset": str(self.folder.dataset) if self.folder.dataset.exists() else None,
            "report": str(self.folder.report) if self.folder.report.exists() else None,
        }

    def __str__(self) -> str:
        s = self.summary
        who = ", ".join(f"{role} {model}" for role, model in s.teachers.items())
        reasons = ", ".join(
            f"{count} {reason} ({stage})" for (stage, reason), count in s.dropped.items()
        )
        cost = "at a cost that is not known" if s.spent_usd is None else f"for ${s.spent_usd:.4f}"
        doubt = f"; {s.uncertain_calls} uncertain calls" if s.uncertain_calls else ""
        state = "" if s.complete else f" (unfinished: {s.planned} planned; run it again)"
        return (
            f"{s.recipe} in {self.path}{state}: {s.kept} of {s.rows} rows kept"
            + (f"; dropped {reasons}" if reasons else "; none dropped")
            + f". Written by {who} in {s.calls} calls {cost}{doubt}."
            + _foretold(s)
            + f" Seed {s.seed}, fingerprint {s.fingerprint}."
            + (f" Report: {self.folder.report}" if self.folder.report.exists() else "")
        )


def _foretold(summary: Summary) -> str:
    """How the run came out beside its estimate, in a sentence."""
    found = outcomes(summary)
    if not found:
        return ""
    beside = [
        f"{outcome.quantity.replace('_', ' ')} {outcome.error:+.0%}"
        for outcome in found
        if outcome.error is not None
    ]
    inside = sum(outcome.inside for outcome in found)
    told = f"; against the likely values: {', '.join(beside)}" if beside else ""
    return f" {inside} of {len(found)} estimates held{told}."


def open_run(path: str | Path) -> Run:
    """The run in a folder.

    Raises:
        UsageError: it is no run folder.
    """
    return Run(path)


def list_runs(root: str | Path = "runs") -> list[Run]:
    """The runs directly under a folder, by name."""
    base = Path(root)
    if not base.is_dir():
        raise UsageError(f"{base} is no folder", hint="name the folder that holds the runs")
    # A run that was refused or killed at its start has no recipe or no ledger: nothing to list yet.
    folders = (RunFolder(entry) for entry in sorted(base.iterdir()))
    begun = [folder for folder in folders if folder.lock.exists() and folder.begun()]
    return [Run(folder.path) for folder in begun]


def diff_runs(first: Run, second: Run) -> dict[str, Any]:
    """How two runs differ: keys of the recipe, stages of the fingerprint, and counts."""
    one, two = read_lock(first.folder.lock), read_lock(second.folder.lock)
    before, after = first.describe(), second.describe()
    same = ("recipe", "planned", "rows", "kept", "dropped", "spent_usd", "teachers", "seed")
    return {
        "recipe": differences(one[0], two[0]),
        "fingerprint": [
            stage for stage, value in one[1].document().items() if two[1].document()[stage] != value
        ],
        "results": {k: [before[k], after[k]] for k in same if before[k] != after[k]},
    }


def diff_lines(difference: dict[str, Any]) -> str:
    """A difference for people."""
    stages = ", ".join(difference["fingerprint"]) or "none"
    lines = [f"stages that differ: {stages}", *difference["recipe"]]
    lines += [f"{key}: {old} → {new}" for key, (old, new) in difference["results"].items()]
    return "\n".join(lines)


def label(dataset: str | Path | Dataset) -> dict[str, Any]:
    """The label of a dataset folder or a run folder.

    Raises:
        UsageError: there is no label there.
    """
    base = dataset.path if isinstance(dataset, Dataset) else Path(dataset)
    for path in (base / "label.json", base / "dataset" / "label.json"):
        if path.exists():
            with storage_boundary("reading the label", path):
                text = path.read_text(encoding="utf-8")
            try:
                found: dict[str, Any] = json.loads(text)
            except ValueError as error:
                raise UsageError(
                    f"{path}: not JSON: {error}", hint="run the recipe again to write it anew"
                ) from error
            return found
    raise UsageError(f"{base} has no label.json", hint="run or export writes one")


def write_report(run: Run | str | Path, *, beside: Sequence[Run | str | Path] = ()) -> Path:
    """Write a run's report anew, other runs told beside it in short; returns its path."""
    from datawell.report.build import build_report

    return build_report(_folder(run), [_folder(other) for other in beside])


def _folder(run: Run | str | Path) -> Path:
    return run.path if isinstance(run, Run) else open_run(run).path


def write_views(folder: RunFolder, recipe: Recipe, out: Path | None = None) -> dict[str, int]:
    """Write the recipe's formats from the rows of a run; returns rows by split."""
    from datawell.export.write import write_dataset

    exporters = [build("exporters", part) for part in recipe.export.formats]
    split = recipe.export.split.model_dump()
    return write_dataset(folder, exporters, split, out)


def write_label(folder: RunFolder, recipe: Recipe, out: Path | None = None) -> dict[str, Any]:
    """Measure the dataset and write its label and card."""
    from datawell.export.card import write_card
    from datawell.export.label import build_label

    anchor = recipe.report.anchor if recipe.report else None
    found = build_label(folder, anchor=None if anchor is None else Path(anchor), out=out)
    write_card(folder, found, folder.lock.read_text(encoding="utf-8"), out=out)
    return found
