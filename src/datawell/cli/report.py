"""``datawell report``: one self-contained page about a run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from datawell.cli.console import Json, emit


def command(
    run: Annotated[Path, typer.Argument(help="A run folder.")],
    beside: Annotated[
        list[Path] | None,
        typer.Option("--with", help="Another run to tell in short on the same page; repeatable."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Write RUN/report.html anew."""
    from datawell.pipeline.runs import write_report

    page = write_report(run, beside=beside or ())
    emit(as_json, {"report": str(page)}, str(page))
