"""``datawell validate``: types, plugins, endpoints, and what a run would cost."""

from __future__ import annotations

from typing import Annotated

import typer

from datawell.cli.console import (
    Json,
    RecipeArgument,
    RowsOption,
    SetOption,
    TeacherOption,
    emit,
)


def command(
    recipe: RecipeArgument,
    rows: RowsOption = None,
    teacher: TeacherOption = None,
    overrides: SetOption = None,
    probe: Annotated[
        bool, typer.Option("--probe", help="Also ask each endpoint whether it is there (free).")
    ] = False,
    as_json: Json = False,
) -> None:
    """Check a recipe and estimate its rows, tokens and money."""
    from datawell.pipeline.estimate import validate

    estimate = validate(recipe, rows=rows, teacher=teacher, overrides=overrides or (), probe=probe)
    emit(as_json, estimate.describe(), lambda: str(estimate))
