"""The shipped recipes load with the real components, and fit the schema that is printed."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from datawell.core.errors import RecipeError
from datawell.recipes.load import load_recipe, shipped_names, shipped_text
from datawell.recipes.model import Recipe
from datawell.recipes.schema import recipe_schema

NAMES = shipped_names()


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    found = recipe_schema()
    Draft202012Validator.check_schema(found)
    return found


def _problems(schema: dict[str, Any], recipe: Any) -> list[str]:
    return [error.message for error in Draft202012Validator(schema).iter_errors(recipe)]


def test_what_is_shipped() -> None:
    assert NAMES == [
        "instructions",
        "preference",
        "qa",
        "rewrite",
        "stories",
        "textbook",
        "tutoring",
    ]


@pytest.mark.parametrize("name", NAMES)
def test_it_loads(name: str) -> None:
    recipe = load_recipe(name)
    assert recipe.name == name
    assert recipe.document()["name"] == name


@pytest.mark.parametrize("name", NAMES)
def test_it_shows_every_key_in_the_order_of_the_flow(name: str) -> None:
    assert list(yaml.safe_load(shipped_text(name))) == list(Recipe.model_fields)


@pytest.mark.parametrize("name", NAMES)
def test_it_fits_the_schema(name: str, schema: dict[str, Any]) -> None:
    assert _problems(schema, yaml.safe_load(shipped_text(name))) == []
    assert _problems(schema, load_recipe(name).document()) == []


@pytest.mark.parametrize(
    "change",
    [
        {"rwos": 1},
        {"rows": "ten"},
        {"task": "storis"},
        {"task": {"use": "storis"}},
        {"seeds": {"use": "words", "with": {"vocabluary": "child"}}},
        {"seeds": {"with": {}}},
        {"checks": ["lenght"]},
        {"checks": "length"},
        {"export": {"formats": [{"use": "parquet", "wiht": {}}]}},
        {"export": {"split": {"test": 0.9}}},
        {"teachers": {"writer": 5}},
        {"teachers": {"writer": {"use": "nobody"}}},
        {"student": {"use": "llama", "with": {"minuets": 2}}},
        {"budget": {}},
    ],
)
def test_the_schema_refuses_what_loading_refuses(
    change: dict[str, Any], schema: dict[str, Any]
) -> None:
    assert _problems(schema, {**yaml.safe_load(shipped_text("stories")), **change})


def test_the_schema_helps(schema: dict[str, Any]) -> None:
    properties = schema["properties"]
    assert list(properties) == list(Recipe.model_fields)
    undescribed = [key for key, value in properties.items() if not value.get("description")]
    assert undescribed == []
    assert "stories" in schema["$defs"]["tasks"]["anyOf"][0]["enum"]
    assert schema["required"] == ["name", "seeds", "task"]


def test_no_such_shipped_recipe() -> None:
    with pytest.raises(RecipeError, match="did you mean 'stories'"):
        shipped_text("storys")
