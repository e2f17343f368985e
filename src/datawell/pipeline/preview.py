"""A few rows with their verdicts, made in a folder that is thrown away."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from datawell.core.plugins import Component, build
from datawell.core.records import Row
from datawell.core.rundir import RunFolder
from datawell.generation.engine import generate
from datawell.pipeline.begin import make_job
from datawell.pipeline.plan import blueprint, read_recipe
from datawell.recipes.model import Recipe
from datawell.teachers.spec import check_teacher


def preview(
    recipe: str | Path | Recipe,
    rows: int = 5,
    *,
    teacher: str | Sequence[str] | None = None,
    overrides: Sequence[str] = (),
) -> list[Row]:
    """The first ``rows`` rows of a recipe, kept or dropped, with plans and verdicts.

    Nothing is kept on disk, so answers of a paid teacher are bought for the preview alone; the
    recipe's budget holds here too.

    Raises:
        RecipeError, PluginError, UsageError, ProviderError, BudgetSpent: as ``run``.
    """
    plan = blueprint(read_recipe(recipe, rows=rows, teacher=teacher, overrides=overrides))
    for component in plan.teachers.values():
        check_teacher(component)
    with tempfile.TemporaryDirectory(prefix="datawell-preview-") as temporary:
        folder = RunFolder(Path(temporary))
        folder.create()
        generate(make_job(folder, plan), build("executors", Component("inline")))
        return list(folder.rows())


def describe(row: Row) -> dict[str, Any]:
    """A row as plain data."""
    return {**asdict(row), "kept": row.kept}
