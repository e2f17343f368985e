"""Where a run begins: the folder is its own or empty, the recipe is locked, the work is data."""

from __future__ import annotations

from pathlib import Path

from datawell.core.errors import RunMismatchError, StorageError, UsageError
from datawell.core.ledger import Ledger
from datawell.core.rundir import RunFolder
from datawell.generation.job import Job, Settings
from datawell.pipeline.plan import Blueprint
from datawell.recipes.fingerprint import differences, what_changed
from datawell.recipes.lock import read_lock, write_lock
from datawell.recipes.model import Recipe


def refuse_another(folder: RunFolder, plan: Blueprint) -> None:
    """Compare the recipe with the folder's lock; writes nothing.

    Raises:
        UsageError: the folder is something else's.
        RunMismatchError: the rows in the folder are another recipe's.
    """
    if folder.path.exists() and not folder.path.is_dir():
        raise UsageError(f"{folder.path} is a file, not a run folder", hint="choose another --out")
    if folder.lock.exists():
        old_recipe, old = read_lock(folder.lock)
        if "generation" in what_changed(old, plan.fingerprint):
            keys = "; ".join(differences(old_recipe, plan.recipe)) or "contents of the seeds"
            raise RunMismatchError(
                f"{folder.path} holds a run that generates other rows ({keys})",
                hint="choose another --out, or take back the change",
            )
    elif folder.path.exists() and not _untouched(folder):
        raise UsageError(
            f"{folder.path} is not empty and is no run folder", hint="choose another --out"
        )


def settle_lock(folder: RunFolder, plan: Blueprint) -> None:
    """Compare the recipe with the folder's lock, and write the new lock.

    Raises:
        UsageError, RunMismatchError: as :func:`refuse_another`.
    """
    refuse_another(folder, plan)
    folder.create()
    # Under the ledger's own lock, so that a second process cannot write over a living run's recipe.
    with Ledger(folder.db):
        write_lock(folder.lock, plan.recipe, plan.fingerprint)


def _untouched(folder: RunFolder) -> bool:
    """Whether a folder without a recipe is empty, or holds only what a run killed while it began
    leaves behind."""
    ours = (folder.db.name, f"{folder.lock.name}.", folder.parts.name, folder.decisions.name)
    names = [entry.name for entry in folder.path.iterdir()]
    if not all(name.startswith(ours) for name in names):
        return False
    try:
        begun = folder.begun()
    except StorageError:  # half of its tables: opening it for writing takes them back
        begun = False
    return not begun and not any((*folder.parts.glob("*"), *folder.decisions.glob("*")))


def run_folder(recipe: Recipe) -> Path:
    """Where a run lies when nothing else is said."""
    return Path("runs") / recipe.name


def make_job(folder: RunFolder, plan: Blueprint) -> Job:
    """The work of a blueprint in a folder, as data that can travel."""
    recipe = plan.recipe
    anchor = recipe.report.anchor if recipe.report else None
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
        castings=plan.castings,
        checks=recipe.checks,
        settings=Settings(budget_usd=recipe.budget.usd if recipe.budget else None),
        anchor=Path(anchor) if anchor else None,
    )
