"""``datawell init``: write a commented recipe to start from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from datawell.cli.console import Json, emit


def command(
    path: Annotated[Path, typer.Argument(help="Where to write it.")] = Path("recipe.yaml"),
    source: Annotated[
        str, typer.Option("--from", help="The shipped recipe to start from.")
    ] = "stories",
    as_json: Json = False,
) -> None:
    """Write a commented recipe to start from."""
    from datawell.core.errors import UsageError
    from datawell.core.parts import write_durably
    from datawell.recipes.load import shipped_text

    if path.exists():
        raise UsageError(f"{path} exists already", hint="choose another name; nothing was changed")
    text = shipped_text(source)
    write_durably(path, text.encode())
    emit(as_json, {"path": str(path)}, f"wrote {path}; next: datawell preview {path} -n 5")
