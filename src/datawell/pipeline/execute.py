"""The stages of a run, in order. Each is done again only when its fingerprint says so."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from datawell.core.errors import GuardFailed
from datawell.core.plugins import Component, build, names
from datawell.core.records import digest
from datawell.core.rundir import RunFolder
from datawell.generation.engine import generate
from datawell.pipeline.begin import make_job, run_folder, settle_lock
from datawell.pipeline.pilot import foretell, make_pilot
from datawell.pipeline.plan import Blueprint, blueprint, check_parts, read_recipe
from datawell.pipeline.runs import Run, write_label, write_views
from datawell.pipeline.students import learn
from datawell.recipes.fingerprint import Fingerprint
from datawell.recipes.model import Recipe

if TYPE_CHECKING:
    from datawell.generation.progress import Progress
    from datawell.student.base import StudentProgress

# Below this many rows, starting processes costs more than it saves.
POOL_FROM_ROWS = 5_000


class Watcher(Protocol):
    """Told what happens while a run goes on; the command line draws it."""

    def stage(self, name: str, detail: str = "") -> None:
        """A stage begins."""
        ...

    def rows(self, progress: Progress) -> None:
        """Rows were finished."""
        ...

    def student(self, progress: StudentProgress) -> None:
        """The student learned a little."""
        ...


class Silent:
    """A watcher that says nothing."""

    def stage(self, name: str, detail: str = "") -> None:
        """Nothing."""

    def rows(self, progress: Progress) -> None:
        """Nothing."""

    def student(self, progress: StudentProgress) -> None:
        """Nothing."""


def run(  # noqa: PLR0913 - the public door; all but the recipe are keywords
    recipe: str | Path | Recipe,
    *,
    out: str | Path | None = None,
    rows: int | None = None,
    teacher: str | Sequence[str] | None = None,
    budget_usd: float | None = None,
    overrides: Sequence[str] = (),
    executor: str = "local",
    pilot: int | None = None,
    watcher: Watcher | None = None,
) -> Run:
    """Carry out a recipe; the same call continues an unfinished run.

    Args:
        recipe: a file, a shipped name, or a loaded recipe.
        out: the run folder; ``runs/NAME`` when not given.
        rows: how many rows; more than before extends the run.
        teacher: a SPEC for every role, or ``ROLE=SPEC`` (one or several).
        budget_usd: the hard budget of the whole run in US dollars.
        overrides: ``a.b=c`` changes to the recipe.
        executor: ``local`` (chooses), or an executor's name (``inline``, ``pool``).
        pilot: make this many rows first and estimate the run from them; they are the run's own.
        watcher: told about progress.

    Raises:
        RecipeError, PluginError, UsageError: the run cannot begin.
        RunMismatchError: the folder holds rows of a recipe that generates others.
        BudgetSpent, ProviderError, StorageError: it stopped; the same call continues it.
        GuardFailed: every row was dropped.
    """
    watcher = watcher or Silent()
    wanted = read_recipe(
        recipe, rows=rows, teacher=teacher, budget_usd=budget_usd, overrides=overrides
    )
    plan = blueprint(wanted)
    check_parts(plan)
    workers = _executor(executor, plan)
    folder = RunFolder(out if out is not None else run_folder(wanted))
    settle_lock(folder, plan)
    if pilot is not None:
        watcher.stage("pilot", f"{pilot} rows")
        make_pilot(plan, folder, pilot, watcher.rows)
    if (told := foretell(plan, folder)) is not None:
        watcher.stage("estimate", str(told))
    watcher.stage("generate", f"{plan.rows} rows into {folder.path}")
    generate(make_job(folder, plan), workers, watcher.rows)
    _finish(folder, plan, watcher)
    done = Run(folder.path)
    if done.summary.kept == 0:
        raise GuardFailed(
            f"no row was kept: {done}",
            hint=f"{folder.rejected} holds every row with its reason; datawell preview shows some",
        )
    return done


def _finish(folder: RunFolder, plan: Blueprint, watcher: Watcher) -> None:
    """Export, train, label, report: views of the rows, each made again when it is stale."""
    recipe = plan.recipe
    if not is_exported(folder, plan.fingerprint, plan.rows):
        watcher.stage("export", ", ".join(part.use for part in recipe.export.formats))
        write_views(folder, recipe)
        _mark(folder).write_text(_exported_under(plan.fingerprint, plan.rows), encoding="utf-8")
    if recipe.student is not None and folder.summary().kept:
        learn(folder, recipe.student, watcher)
    watcher.stage("label")
    write_label(folder, recipe)
    if recipe.report is not None:
        from datawell.report.build import build_report

        watcher.stage("report")
        watcher.stage("report", str(build_report(folder.path)))


def _exported_under(prints: Fingerprint, rows: int) -> str:
    """What the exported files depend on. It is marked once they stand, so that a crash between a
    change and its export is not taken for an export."""
    return digest(prints.generation, prints.checks, prints.export, rows)


def _mark(folder: RunFolder) -> Path:
    return folder.path / "exported"


def is_exported(folder: RunFolder, prints: Fingerprint, rows: int) -> bool:
    """Whether the exported files are those of so many rows under these fingerprints."""
    mark = _mark(folder)
    standing = mark.exists() and folder.dataset.exists()
    return standing and mark.read_text(encoding="utf-8") == _exported_under(prints, rows)


def _executor(name: str, plan: Blueprint) -> Any:
    """The executor by name; ``local`` takes the process pool where it pays and may be used."""
    if name != "local":
        return build("executors", Component(name))
    computed = all(build("teachers", t).recomputable for t in plan.teachers.values())
    pooled = computed and plan.rows >= POOL_FROM_ROWS and "pool" in names("executors")
    return build("executors", Component("pool" if pooled else "inline"))
