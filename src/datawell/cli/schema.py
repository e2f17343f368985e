"""``datawell schema``: the JSON schema of a recipe, for editors."""

from __future__ import annotations

from datawell.cli.console import Json, emit


def command(as_json: Json = False) -> None:
    """Print the JSON schema of a recipe (draft 2020-12)."""
    from datawell.recipes.schema import recipe_schema

    emit(True, recipe_schema(), "")
