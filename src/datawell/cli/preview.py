"""``datawell preview``: a few rows with their verdicts, beside their plans."""

from __future__ import annotations

from typing import Annotated

import typer

from datawell.cli.console import Json, RecipeArgument, SetOption, TeacherOption, emit


def command(
    recipe: RecipeArgument,
    number: Annotated[int, typer.Option("-n", "--number", min=1, help="How many rows.")] = 5,
    teacher: TeacherOption = None,
    overrides: SetOption = None,
    as_json: Json = False,
) -> None:
    """Make a few rows and show them with their verdicts, beside their plans."""
    from datawell.pipeline.preview import describe, preview

    rows = preview(recipe, number, teacher=teacher, overrides=overrides or ())
    if as_json:
        emit(True, {"rows": [describe(row) for row in rows]}, "")
        return
    from rich.console import Console

    from datawell.cli.preview_table import side_by_side

    console = Console(markup=False, highlight=False, emoji=False)
    for row in rows:
        console.print(side_by_side(row))
