"""``datawell evaluate``: what a student can do."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from datawell.cli.console import Json, emit


def command(
    model: Annotated[Path, typer.Argument(help="A student's folder.")],
    dataset: Annotated[
        Path | None,
        typer.Option("--dataset", help="Held-out text (default: the dataset it was trained on)."),
    ] = None,
    real: Annotated[Path | None, typer.Option("--real", help="Real text, scored too.")] = None,
    as_json: Json = False,
) -> None:
    """Measure a student: bits per byte, minimal pairs, vocabulary, overlap with training."""
    from datawell.cli.figures import lines
    from datawell.cli.progress import Watching
    from datawell.pipeline.students import evaluate

    with Watching() as watcher:
        found = evaluate(model, dataset, real=real, watcher=watcher)
    emit(as_json, found, lambda: lines(found))
