"""``datawell runs``: list, show, compare and audit run folders."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from datawell.cli.console import Json, emit

group = typer.Typer(help="List, show, compare and audit run folders.", no_args_is_help=True)
Root = Annotated[Path, typer.Argument(help="Where the run folders are.")]
RunPath = Annotated[Path, typer.Argument(help="A run folder.")]


@group.command("list")
def list_command(root: Root = Path("runs"), as_json: Json = False) -> None:
    """List the run folders under a folder."""
    from datawell.pipeline.runs import list_runs

    found = list_runs(root)
    emit(
        as_json,
        {"runs": [run.describe() for run in found]},
        lambda: "\n".join(run.headline() for run in found) or f"no runs under {root}",
    )


@group.command("show")
def show_command(run: RunPath, as_json: Json = False) -> None:
    """Show one run: kept, dropped by reason, cost, seed, fingerprint."""
    from datawell.pipeline.runs import open_run

    found = open_run(run)
    emit(as_json, found.describe(), lambda: str(found))


@group.command("diff")
def diff_command(first: RunPath, second: RunPath, as_json: Json = False) -> None:
    """Say how two runs differ: recipe, and what came of it."""
    from datawell.pipeline.runs import diff_lines, diff_runs, open_run

    difference = diff_runs(open_run(first), open_run(second))
    emit(as_json, difference, lambda: diff_lines(difference))


@group.command("check")
def check_command(run: RunPath, as_json: Json = False) -> int:
    """Hold a run against what every run promises; exit code 1 when a rule is broken."""
    from datawell.pipeline.audit import audit

    found = audit(run)
    emit(as_json, found.describe(), lambda: str(found))
    return 1 if found.broken else 0
