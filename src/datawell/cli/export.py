"""``datawell export``: further views of a finished run."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from datawell.cli.console import Json, emit


def command(
    run: Annotated[Path, typer.Argument(help="A run folder.")],
    formats: Annotated[
        list[str] | None,
        typer.Option("--format", help="parquet, trl-sft, …; repeatable (default: the recipe's)."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Where to (default: the run folder).")
    ] = None,
    as_json: Json = False,
) -> None:
    """Write the kept rows of a run in other shapes, split by seed."""
    from datawell.pipeline.runs import open_run

    opened = open_run(run)
    if not opened.summary.complete:
        sys.stderr.write("note: the run is unfinished; only its finished rows are exported\n")
    dataset = opened.export(out, formats=formats)
    emit(as_json, dataset.describe(), lambda: str(dataset))
