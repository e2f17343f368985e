"""``datawell validate``: types, plugins, endpoints, and what a run would take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from datawell.cli.console import (
    Json,
    PilotOption,
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
    pilot: PilotOption = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="The run folder, where a pilot's rows are made and stay."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Check a recipe and estimate its rows, calls, tokens, money and time, as ranges."""
    from datawell.cli.progress import Watching
    from datawell.pipeline.pilot import validate

    with Watching() as watcher:
        estimate = validate(
            recipe,
            rows=rows,
            teacher=teacher,
            overrides=overrides or (),
            probe=probe,
            pilot=pilot,
            out=out,
            progress=watcher.rows,
        )
    emit(as_json, estimate.describe(), lambda: str(estimate))
