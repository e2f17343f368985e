"""``datawell run``: the whole flow of a recipe; running it again continues."""

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
    out: Annotated[
        Path | None, typer.Option("--out", help="The run folder (default: runs/NAME).")
    ] = None,
    rows: RowsOption = None,
    teacher: TeacherOption = None,
    budget_usd: Annotated[
        float | None, typer.Option("--budget-usd", min=0, help="Stop before this is overshot.")
    ] = None,
    overrides: SetOption = None,
    executor: Annotated[
        str, typer.Option("--executor", help="local (chooses), inline, or pool.")
    ] = "local",
    pilot: PilotOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only estimate rows, calls, tokens, money and time.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Make, check, export, train and label a dataset; running it again continues."""
    from datawell.cli.progress import Watching
    from datawell.pipeline.execute import run
    from datawell.pipeline.pilot import dry_run as estimated

    if dry_run:
        with Watching() as watcher:
            estimate = estimated(
                recipe,
                out=out,
                rows=rows,
                teacher=teacher,
                budget_usd=budget_usd,
                overrides=overrides or (),
                pilot=pilot,
                progress=watcher.rows,
            )
        emit(as_json, estimate.describe(), lambda: str(estimate))
        return
    with Watching() as watcher:
        done = run(
            recipe,
            out=out,
            rows=rows,
            teacher=teacher,
            budget_usd=budget_usd,
            overrides=overrides or (),
            executor=executor,
            pilot=pilot,
            watcher=watcher,
        )
    emit(as_json, done.describe(), lambda: str(done))
