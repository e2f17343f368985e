"""``datawell train``: a student on a dataset."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from datawell.cli.console import Json, emit


def command(
    dataset: Annotated[Path, typer.Argument(help="A dataset folder, a run, or a file of text.")],
    out: Annotated[Path, typer.Option("--out", help="The student's folder.")],
    preset: Annotated[
        str | None, typer.Option("--preset", help="300k, 1m, 3m or 10m parameters.")
    ] = None,
    minutes: Annotated[
        float | None, typer.Option("--minutes", help="Stop after so much training.")
    ] = None,
    tokens: Annotated[
        int | None, typer.Option("--tokens", help="Stop after so many training tokens.")
    ] = None,
    real: Annotated[
        Path | None, typer.Option("--real", help="Real text, to prove usefulness against.")
    ] = None,
    overrides: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="Any parameter of the student."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Train a student; the same command continues an interrupted training."""
    import json

    from datawell.cli.progress import Watching
    from datawell.pipeline.students import train

    chosen = {"preset": preset, "minutes": minutes, "tokens": tokens}
    params = {name: value for name, value in chosen.items() if value is not None}
    if real is not None:
        params["real"] = str(real)
    with Watching() as watcher:
        student = train(dataset, out, overrides=overrides or (), watcher=watcher, **params)
    found = json.loads((student.path / "evaluation.json").read_text(encoding="utf-8"))
    emit(as_json, {"student": str(student.path), "evaluation": found}, str(student.path))
