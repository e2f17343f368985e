"""Estimates before a run, and the pilot: a few rows of the run itself, paid through its own ledger.

What a pilot buys in a run folder is the run's: the run goes on from there, and buys none of it
again. Only a pilot without a folder is bought for the estimate alone.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from datawell.core.errors import UsageError
from datawell.core.ledger import Ledger
from datawell.core.records import digest
from datawell.core.rundir import RunFolder
from datawell.executors.inline import Inline
from datawell.generation.engine import generate
from datawell.generation.progress import Progress
from datawell.pipeline.begin import make_job, refuse_another, run_folder, settle_lock
from datawell.pipeline.estimate import Estimate
from datawell.pipeline.forecast import from_plans, from_rows
from datawell.pipeline.plan import Blueprint, blueprint, check_parts, read_recipe
from datawell.recipes.model import Recipe

Told = Callable[[Progress], None]


def validate(  # noqa: PLR0913 - a public door; all but the recipe are keywords
    recipe: str | Path | Recipe,
    *,
    rows: int | None = None,
    teacher: str | Sequence[str] | None = None,
    budget_usd: float | None = None,
    overrides: Sequence[str] = (),
    probe: bool = False,
    pilot: int | None = None,
    out: str | Path | None = None,
    progress: Told | None = None,
) -> Estimate:
    """Check a recipe whole and estimate its run.

    Args:
        recipe: a file, a shipped name, or a loaded recipe.
        rows: how many rows.
        teacher: a SPEC for every role, or ``ROLE=SPEC`` (one or several).
        budget_usd: the hard budget; a pilot holds to it too.
        overrides: ``a.b=c`` changes to the recipe.
        probe: also ask each endpoint whether it is there (free).
        pilot: make this many rows first and estimate from them; their answers are bought.
        out: the run folder the run would have. What it holds is not bought again, and a pilot's
            rows are made there; without it a pilot's rows are thrown away.
        progress: told how far a pilot is.

    Raises:
        RecipeError, PluginError, UsageError: what is wrong, where, and what to do.
        RunMismatchError: the folder holds rows of a recipe that generates others.
        ProviderError: with ``probe`` or ``pilot``, an endpoint does not answer or refuses the key.
        BudgetSpent, StorageError: a pilot stopped; the same call continues it.
    """
    plan = blueprint(
        read_recipe(recipe, rows=rows, teacher=teacher, budget_usd=budget_usd, overrides=overrides)
    )
    check_parts(plan, probe)
    if out is None and pilot is not None:
        with tempfile.TemporaryDirectory(prefix="datawell-pilot-") as temporary:
            return _estimate(plan, RunFolder(temporary), pilot, progress)
    if out is None:
        return from_plans(plan, RunFolder("."))
    refuse_another(RunFolder(out), plan)
    return _estimate(plan, RunFolder(out), pilot, progress)


def dry_run(  # noqa: PLR0913 - as `run`, which it foretells
    recipe: str | Path | Recipe,
    *,
    out: str | Path | None = None,
    rows: int | None = None,
    teacher: str | Sequence[str] | None = None,
    budget_usd: float | None = None,
    overrides: Sequence[str] = (),
    pilot: int | None = None,
    progress: Told | None = None,
) -> Estimate:
    """What ``run`` with the same arguments would take, from its folder's rows where it has some.

    Raises:
        DatawellError: as :func:`validate`.
    """
    wanted = read_recipe(
        recipe, rows=rows, teacher=teacher, budget_usd=budget_usd, overrides=overrides
    )
    return validate(wanted, out=out or run_folder(wanted), pilot=pilot, progress=progress)


def _estimate(
    plan: Blueprint, folder: RunFolder, pilot: int | None, progress: Told | None
) -> Estimate:
    if pilot is not None:
        settle_lock(folder, plan)
        make_pilot(plan, folder, pilot, progress)
    return from_rows(plan, folder) or from_plans(plan, folder)


def make_pilot(plan: Blueprint, folder: RunFolder, rows: int, progress: Told | None) -> None:
    """Make the first ``rows`` rows of a run, unless as many are made; the run stays unfinished.

    Raises:
        UsageError: fewer than two rows: one says nothing of the spread.
        BudgetSpent, ProviderError, StorageError: as ``run``.
    """
    if rows < 2:
        raise UsageError(f"a pilot of {rows} rows", hint="two at least; 20 or more say something")
    made = folder.summary().rows if folder.begun() else 0
    if made >= min(rows, plan.rows):
        return
    try:
        generate(replace(make_job(folder, plan), rows=min(rows, plan.rows)), Inline(), progress)
    finally:
        if folder.begun():
            with Ledger(folder.db) as ledger:
                ledger.set_meta(rows=plan.rows)


def foretell(plan: Blueprint, folder: RunFolder) -> Estimate | None:
    """Write the run's estimate into its ledger, for the report to be held against; None when it
    stands there already, or the task has no words of its own to estimate from."""
    under = digest(plan.fingerprint.generation, plan.fingerprint.checks, plan.rows)
    with Ledger(folder.db) as ledger:
        if ledger.meta().get("foretold_under") == under:
            return None
    try:
        found = from_rows(plan, folder) or from_plans(plan, folder)
    except UsageError:
        return None
    with Ledger(folder.db) as ledger:
        ledger.set_meta(estimate=found.describe(), foretold_under=under)
    return found
