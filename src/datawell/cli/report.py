"""``datawell report``: one self-contained page about a run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from datawell.cli.console import Json, emit


def command(
    run: Annotated[Path, typer.Argument(help="A run folder.")],
    as_json: Json = False,
) -> None:
    """Write RUN/report.html anew."""
    from datawell.pipeline.runs import open_run, write_report

    page = write_report(open_run(run))
    emit(as_json, {"report": str(page)}, str(page))
