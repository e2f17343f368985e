"""Overrides: one value of a recipe changed from outside, through the same validation.

``--set a.b=c`` takes YAML on its right side (``student=null``, ``checks=[]``). A step into a list
is a position (``checks.0.with.threshold=0.4``) or a component's name
(``checks.near_duplicates.with.threshold=0.4``). The file itself is never touched.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from datawell.core.errors import RecipeError, did_you_mean
from datawell.recipes.document import Document, Path, Place, read_value


@dataclass(frozen=True, slots=True)
class Override:
    """One change: where, the new value, and how the user said it (for messages)."""

    path: tuple[str, ...]
    value: Any
    said: str


def parse_override(text: str) -> Override:
    """Read ``a.b=c``.

    Raises:
        RecipeError: there is no ``=``, an empty step, or the value is not YAML.
    """
    said = f"--set {text}"
    key, equals, value = text.partition("=")
    path = tuple(key.strip().split("."))
    if not equals or not all(path):
        raise RecipeError(f"{said}: not of the form a.b=c", hint="for example --set rows=100")
    return Override(path, read_value(value, said), said)


def apply_overrides(document: Document, overrides: Iterable[str | Override]) -> None:
    """Change ``document`` in place, later overrides over earlier ones.

    Raises:
        RecipeError: an override leads nowhere.
    """
    for override in overrides:
        _apply(document, parse_override(override) if isinstance(override, str) else override)


def _apply(document: Document, override: Override) -> None:
    if not isinstance(document.data, dict):
        document.data = {}
    here: Any = document.data
    path: Path = ()
    for at, step in enumerate(override.path):
        key = _step(here, step, path, override)
        path = (*path, key)
        if at == len(override.path) - 1:
            here[key] = override.value
        else:
            here = _enter(here, key, override.path[at + 1])
    for known in [known for known in document.places if known[: len(path)] == path]:
        del document.places[known]
    document.places[path] = Place(override.said)
    for end in range(1, len(path)):  # parts that came into being on the way
        document.places.setdefault(path[:end], Place(override.said))


def _enter(here: Any, key: str | int, following: str) -> Any:
    """The value at ``key``, made into a mapping where the next step needs one."""
    value = here[key] if isinstance(key, int) else here.get(key)
    if value is None:
        value = here[key] = {}
    elif isinstance(value, str) and following in ("use", "with") and ":" not in value:
        value = here[key] = {"use": value}  # the short form of a component
    return value


def _step(here: Any, step: str, path: Path, override: Override) -> str | int:
    """The key or position that ``step`` means in ``here``."""
    if isinstance(here, dict):
        return step
    whole = ".".join(str(part) for part in path)
    if not isinstance(here, list):
        raise RecipeError(
            f"{override.said}: {whole} is {here!r}, which has no {step!r}",
            hint=f"give it whole: --set {whole}='{{use: NAME, with: {{…}}}}'"
            if isinstance(here, str)
            else f"there is nothing below {whole}",
        )
    names = [item.get("use") if isinstance(item, dict) else item for item in here]
    if step.isdecimal() and int(step) < len(here):
        return int(step)
    if step in names:
        return names.index(step)
    known = [name for name in names if isinstance(name, str)]
    hint = did_you_mean(step, known) if known else f"{whole} is empty; set it whole"
    raise RecipeError(f"{override.said}: {whole} has no entry {step!r}", hint=hint)
