"""The stages of a run, in order. Each is done again only when its fingerprint says so."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from datawell.core.errors import RunMismatchError, UsageError
from datawell.core.plugins import Component, build, names
from datawell.core.rundir import RunFolder
from datawell.generation.engine import generate
from datawell.generation.job import Job, Settings
from datawell.pipeline.plan import Blueprint, blueprint, read_recipe
from datawell.pipeline.runs import Run, write_label, write_views
from datawell.pipeline.students import learn
from datawell.recipes.fingerprint import differences, what_changed
from datawell.recipes.lock import read_lock, write_lock
from datawell.recipes.model import Recipe
from datawell.teachers.spec import check_teacher

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
        watcher: told about progress.

    Raises:
        RecipeError, PluginError, UsageError: the run cannot begin.
        RunMismatchError: the folder holds rows of a recipe that generates others.
        BudgetSpent, ProviderError, StorageError: it stopped; the same call continues it.
    """
    watcher = watcher or Silent()
    wanted = read_recipe(
        recipe, rows=rows, teacher=teacher, budget_usd=budget_usd, overrides=overrides
    )
    plan = blueprint(wanted)
    for component in plan.teachers.values():
        check_teacher(component)
    workers = _executor(executor, plan)
    folder = RunFolder(Path(out) if out is not None else Path("runs") / wanted.name)
    stale = _settle_lock(folder, plan)
    watcher.stage("generate", f"{plan.rows} rows into {folder.path}")
    before = folder.summary() if folder.db.exists() else None
    generate(make_job(folder, plan), workers, watcher.rows)
    grown = before is None or not before.complete or before.rows != folder.summary().rows
    _finish(folder, plan, watcher, stale if not grown else {*stale, "export", "student"})
    return Run(folder.path)


def _finish(folder: RunFolder, plan: Blueprint, watcher: Watcher, stale: set[str]) -> None:
    """Export, train, label, report: views of the rows, each made again when it is stale."""
    recipe = plan.recipe
    if "export" in stale or "checks" in stale or not folder.dataset.exists():
        watcher.stage("export", ", ".join(part.use for part in recipe.export.formats))
        write_views(folder, recipe)
    if recipe.student is not None:
        learn(folder, recipe.student, watcher)
    watcher.stage("label")
    write_label(folder, recipe)
    if recipe.report is not None:
        from datawell.report.build import build_report

        watcher.stage("report")
        watcher.stage("report", str(build_report(folder.path)))


def _settle_lock(folder: RunFolder, plan: Blueprint) -> set[str]:
    """Compare the recipe with the folder's lock; write the new lock; return the stale stages.

    Raises:
        RunMismatchError: the rows in the folder are another recipe's.
    """
    changed: dict[str, str] = {}
    if folder.lock.exists():
        old_recipe, old = read_lock(folder.lock)
        changed = what_changed(old, plan.fingerprint)
        if "generation" in changed:
            keys = "; ".join(differences(old_recipe, plan.recipe)) or "contents of the seeds"
            raise RunMismatchError(
                f"{folder.path} holds a run that generates other rows ({keys})",
                hint="choose another --out, or take back the change",
            )
    elif folder.path.exists() and any(folder.path.iterdir()):
        raise UsageError(
            f"{folder.path} is not empty and is no run folder", hint="choose another --out"
        )
    folder.create()
    write_lock(folder.lock, plan.recipe, plan.fingerprint)
    return set(changed)


def make_job(folder: RunFolder, plan: Blueprint) -> Job:
    """The work of a blueprint in a folder, as data that can travel."""
    recipe = plan.recipe
    return Job(
        folder=folder.path,
        recipe=recipe.name,
        fingerprint=plan.fingerprint.generation,
        checks_fingerprint=plan.fingerprint.checks,
        seed=recipe.seed,
        rows=plan.rows,
        seeds=recipe.seeds,
        task=recipe.task,
        teachers=plan.teachers,
        checks=recipe.checks,
        settings=Settings(budget_usd=recipe.budget.usd if recipe.budget else None),
    )


def _executor(name: str, plan: Blueprint) -> Any:
    """The executor by name; ``local`` takes the process pool where it pays and may be used."""
    if name != "local":
        return build("executors", Component(name))
    computed = all(build("teachers", t).recomputable for t in plan.teachers.values())
    pooled = computed and plan.rows >= POOL_FROM_ROWS and "pool" in names("executors")
    return build("executors", Component("pool" if pooled else "inline"))
