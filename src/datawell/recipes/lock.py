"""The lock file: the complete recipe a run was made by, and its fingerprint."""

from __future__ import annotations

from pathlib import Path

import yaml

from datawell.core.errors import RecipeError, storage_boundary
from datawell.core.parts import write_durably
from datawell.recipes.document import CoreDumper, read_document
from datawell.recipes.fingerprint import Fingerprint
from datawell.recipes.model import Recipe
from datawell.recipes.validate import check_data

FORMAT = 1
"""The lock file's format version; raised when an older reader would misread it."""

_HEAD = "# Written by datawell: the recipe this run was made by. Editing it changes nothing.\n"


def write_lock(path: Path, recipe: Recipe, fingerprint: Fingerprint) -> None:
    """Write ``recipe.lock.yaml`` whole or not at all; equal recipes give equal bytes.

    Raises:
        StorageError: it cannot be written.
    """
    data = {
        "format": FORMAT,
        "fingerprint": fingerprint.document(),
        "recipe": recipe.document(),
    }
    text = _HEAD + yaml.dump(
        data, Dumper=CoreDumper, sort_keys=False, allow_unicode=True, width=100
    )
    write_durably(path, text.encode())


def read_lock(path: Path) -> tuple[Recipe, Fingerprint]:
    """The recipe and fingerprint of a run. Components are not loaded: an old run stays readable.

    Raises:
        UsageError: there is no such file.
        RecipeError: it is damaged, or written by a newer datawell.
    """
    with storage_boundary("reading the lock file", path):
        text = path.read_text(encoding="utf-8")
    data = read_document(text, str(path)).data
    if not isinstance(data, dict) or not isinstance(data.get("format"), int):
        raise RecipeError("not a lock file", hint="choose a run folder", file=str(path))
    if data["format"] > FORMAT:
        raise RecipeError(
            f"format {data['format']}, but this datawell reads up to {FORMAT}",
            hint="install a newer datawell",
            file=str(path),
        )
    recipe, problems = check_data(Recipe, data.get("recipe"))
    try:
        if recipe is None:
            raise ValueError(problems[0].message)
        return recipe, Fingerprint(**data["fingerprint"])
    except (TypeError, KeyError, ValueError) as error:
        raise RecipeError(
            f"damaged: {error}", hint="run into a new --out", file=str(path)
        ) from error
