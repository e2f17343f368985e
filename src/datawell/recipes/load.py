"""From a file or a shipped name to a valid recipe."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

from datawell.core.errors import RecipeError, did_you_mean, storage_boundary
from datawell.recipes.document import read_document
from datawell.recipes.model import Recipe
from datawell.recipes.overrides import Override, apply_overrides
from datawell.recipes.validate import validated


def shipped_names() -> list[str]:
    """The recipes that come with datawell, sorted."""
    folder = files("datawell.recipes") / "shipped"
    return sorted(
        entry.name.removesuffix(".yaml")
        for entry in folder.iterdir()
        if entry.name.endswith(".yaml")
    )


def shipped_text(name: str) -> str:
    """The commented text of a shipped recipe.

    Raises:
        RecipeError: no recipe of that name is shipped.
    """
    if name not in shipped_names():
        raise RecipeError(
            f"no recipe called {name!r} is shipped", hint=did_you_mean(name, shipped_names())
        )
    return (files("datawell.recipes") / "shipped" / f"{name}.yaml").read_text(encoding="utf-8")


def load_recipe(source: str | Path, overrides: Iterable[str | Override] = ()) -> Recipe:
    """Read, override and validate a recipe.

    Args:
        source: a file, or the name of a shipped recipe; a file that exists wins.
        overrides: changes (``"a.b=c"``), applied in order.

    Relative paths inside the recipe stay as they are: relative to the working directory, like any
    path typed on the command line.

    Raises:
        RecipeError: the recipe is missing or has problems; all are listed with file and line.
    """
    text, label = _text(source)
    document = read_document(text, label)
    apply_overrides(document, overrides)
    return validated(document)


def _text(source: str | Path) -> tuple[str, str]:
    """The recipe's text, and its name for messages."""
    path = Path(source)
    if path.is_file():
        with storage_boundary("reading the recipe", path):
            raw = path.read_bytes()
        try:
            return raw.decode("utf-8-sig"), str(source)
        except UnicodeDecodeError as error:
            raise RecipeError("not UTF-8 text", file=str(source)) from error
    if isinstance(source, str) and source in shipped_names():
        return shipped_text(source), f"{source} (shipped)"
    what = "is a folder" if path.is_dir() else "does not exist"
    raise RecipeError(
        f"recipe {str(source)!r} {what}, and no recipe of that name is shipped",
        hint=did_you_mean(str(source), shipped_names()),
    )
