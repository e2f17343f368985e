"""Several teachers for one role, as a recipe writes it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from datawell.core.casting import Part
from datawell.core.errors import RecipeError
from datawell.core.plugins import Component
from datawell.recipes.casting import Fallback, Mixture, seated
from datawell.recipes.fingerprint import fingerprint
from datawell.recipes.load import load_recipe
from datawell.recipes.lock import read_lock, write_lock
from datawell.recipes.model import Recipe
from datawell.recipes.schema import recipe_schema

PLAIN: dict[str, Any] = {
    "name": "cast",
    "seeds": {"use": "list_seeds", "with": {"items": ["a"]}},
    "task": "echo",
}
MIXTURE: dict[str, Any] = {
    "mixture": [
        {"teacher": "scribe:a", "weight": 2},
        {"teacher": {"use": "scribe", "with": {"model": "b"}}},
        {"teacher": {"fallback": ["scribe:c", "builtin"]}, "weight": 0.5},
    ]
}


def written(folder: Path, writer: Any) -> Path:
    path = folder / "cast.yaml"
    path.write_text(yaml.safe_dump({**PLAIN, "teachers": {"writer": writer}}))
    return path


def loaded(folder: Path, writer: Any) -> Recipe:
    return load_recipe(written(folder, writer))


def resolve(spec: str) -> Component:
    use, _, model = spec.partition(":")
    return Component(use, {"model": model} if model else {})


def test_a_mixture_has_a_seat_for_each_of_its_teachers(tmp_path: Path) -> None:
    recipe = loaded(tmp_path, MIXTURE)
    choice = recipe.teachers["writer"]
    assert isinstance(choice, Mixture)
    seats, casting = seated("writer", choice)
    assert list(seats) == ["writer/1", "writer/2", "writer/3", "writer/4"]
    assert seats["writer/2"] == Component("scribe", {"model": "b"})
    assert casting == (
        Part(2.0, ("writer/1",)),
        Part(1.0, ("writer/2",)),
        Part(0.5, ("writer/3", "writer/4")),
    )
    assert recipe.every_teacher()[:4] == list(seats.values())


def test_a_fallback_is_one_line(tmp_path: Path) -> None:
    choice = loaded(tmp_path, {"fallback": ["scribe:a", "builtin"]}).teachers["writer"]
    assert isinstance(choice, Fallback)
    _, casting = seated("writer", choice)
    assert casting == (Part(1.0, ("writer/1", "writer/2")),)
    assert seated("writer", "builtin") == ({"writer": "builtin"}, (Part(1.0, ("writer",)),))


@pytest.mark.parametrize(
    ("writer", "words"),
    [
        ({"mixture": []}, "at least 2"),
        ({"mixture": [{"teacher": "builtin"}]}, "at least 2"),
        ({"mixture": [{"teacher": "builtin", "weight": 0}] * 2}, "greater than 0"),
        ({"mixture": [{"weight": 1}] * 2}, "missing key 'teacher'"),
        ({"mixture": [{"teacher": "builtin", "wieght": 1}] * 2}, "unknown key"),
        ({"fallback": ["builtin"]}, "at least 2"),
        ({"fallback": ["builtin", "biultin"]}, "biultin"),
        ({"fallback": ["builtin", {"use": "scribe", "with": {"modle": "x"}}]}, "modle"),
        ({"mixture": [{"teacher": {"mixture": []}}] * 2}, "mixture"),
    ],
)
def test_what_does_not_fit_is_told_with_its_line(tmp_path: Path, writer: Any, words: str) -> None:
    with pytest.raises(RecipeError, match=words) as caught:
        loaded(tmp_path, writer)
    assert "cast.yaml" in str(caught.value)


def test_a_lock_holds_it_and_the_schema_knows_it(tmp_path: Path) -> None:
    recipe = loaded(tmp_path, MIXTURE).with_teachers(resolve)
    write_lock(tmp_path / "lock", recipe, fingerprint(recipe, "d"))
    assert read_lock(tmp_path / "lock")[0] == recipe
    known = Draft202012Validator(recipe_schema())
    assert not list(known.iter_errors({**PLAIN, "teachers": {"writer": MIXTURE}}))
    wrong = {"mixture": [{"teacher": "builtin", "weight": "much"}] * 2}
    assert list(known.iter_errors({**PLAIN, "teachers": {"writer": wrong}}))


def test_shares_and_order_set_the_rows(tmp_path: Path) -> None:
    def mark(writer: Any) -> str:
        recipe = loaded(tmp_path, writer).with_teachers(resolve)
        return fingerprint(recipe, "d").generation

    other = {"mixture": [{**part, "weight": 1} for part in MIXTURE["mixture"]]}
    line = ["scribe:a", "scribe:b"]
    marks = [mark(MIXTURE), mark(other), mark({"fallback": line}), mark({"fallback": line[::-1]})]
    assert len(set(marks)) == 4
    assert mark(MIXTURE) == marks[0]
