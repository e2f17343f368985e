"""``datawell label``: what a dataset is worth, in five figures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from datawell.cli.console import Json, emit


def command(
    dataset: Annotated[Path, typer.Argument(help="A dataset folder, or a run folder.")],
    as_json: Json = False,
) -> None:
    """Show the label of a dataset: valid, diverse, private, supervised, useful."""
    from datawell.cli.figures import lines
    from datawell.pipeline.runs import label

    found = label(dataset)
    emit(as_json, found, lambda: lines(found))
