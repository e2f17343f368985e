"""``--set`` changes one value, and says its own name when it goes wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from datawell.core.errors import RecipeError
from datawell.core.plugins import Component
from datawell.recipes.load import load_recipe
from datawell.recipes.overrides import Override, parse_override


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ("rows=5", ("rows",), 5),
        ("student=null", ("student",), None),
        ("checks=[]", ("checks",), []),
        ("seeds.with.path=a=b.jsonl", ("seeds", "with", "path"), "a=b.jsonl"),
        ("teachers.writer=http://h:1/v1#m", ("teachers", "writer"), "http://h:1/v1#m"),
        ("export={formats: [lines]}", ("export",), {"formats": ["lines"]}),
        ("name=", ("name",), None),
    ],
)
def test_parse(text: str, path: tuple[str, ...], value: Any) -> None:
    assert parse_override(text) == Override(path, value, f"--set {text}")


@pytest.mark.parametrize("text", ["rows", "=5", "a..b=1", ".a=1", "", "a.=1"])
def test_not_of_the_form(text: str) -> None:
    with pytest.raises(RecipeError, match="not of the form"):
        parse_override(text)


@pytest.mark.parametrize("text", ["rows=[1", "rows={", "rows=*x", "rows=@x", "rows=a: b: c"])
def test_a_value_that_is_not_yaml(text: str) -> None:
    with pytest.raises(RecipeError, match="the value is not YAML"):
        parse_override(text)


def test_values_and_positions(recipe_file: Path) -> None:
    recipe = load_recipe(
        recipe_file,
        [
            "rows=3",
            "checks.0.with.words=7",
            "export.split.test=0.1",
            "student.use=small",
            "student.with.minutes=2",
        ],
    )
    assert recipe.rows == 3
    assert recipe.checks == (Component("least", {"words": 7}),)
    assert recipe.export.split.test == 0.1
    assert recipe.student == Component("small", {"minutes": 2})


def test_a_component_in_a_list_is_found_by_name(recipe_file: Path) -> None:
    recipe = load_recipe(recipe_file, ["checks.least.with.words=8"])
    assert recipe.checks == (Component("least", {"words": 8}),)


def test_the_short_form_opens_up(recipe_file: Path) -> None:
    recipe = load_recipe(
        recipe_file, ["export.formats.lines.with.indent=true", "task.with.style=x"]
    )
    assert recipe.export.formats == (Component("lines", {"indent": True}),)
    assert recipe.task == Component("echo", {"style": "x"})


def test_the_last_one_wins(recipe_file: Path) -> None:
    assert load_recipe(recipe_file, ["rows=3", "rows=4"]).rows == 4


def test_an_override_mends_a_bad_value(recipe_file: Path) -> None:
    recipe_file.write_text(recipe_file.read_text().replace("rows: 10", "rows: ten"))
    assert load_recipe(recipe_file, ["rows=4"]).rows == 4


def test_the_file_is_not_touched(recipe_file: Path) -> None:
    before = recipe_file.read_bytes()
    load_recipe(recipe_file, ["rows=3"])
    assert recipe_file.read_bytes() == before


def test_an_option_keeps_its_own_name(recipe_file: Path) -> None:
    with pytest.raises(RecipeError) as caught:
        load_recipe(recipe_file, [Override(("rows",), 0, "--rows 0")])
    assert str(caught.value).startswith("--rows 0: rows: must be greater")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("rwos=3", "unknown key 'rwos'\n  hint: did you mean 'rows'?"),
        ("rows=ten", 'rows: must be a whole number, not "ten"'),
        ("rows.x=3", "rows is 10, which has no 'x'"),
        ("checks.3.with.words=3", "checks has no entry '3'"),
        ("checks.lest.with.words=3", "did you mean 'least'?"),
        ("checks.least.with.wrods=3", "did you mean 'words'?"),
        ("checks.least.use=leastt", "did you mean 'least'?"),
        ("seeds.with.itmes=[]", "did you mean 'items'?"),
        ("teachers.writer.with.modle=x", "did you mean 'model'?"),
        ("teachers.wirter=builtin", "did you mean 'writer'?"),
        ("student=smal", "did you mean 'small'?"),
        ("student.with.minutes=2", "missing key 'use' in 'student'"),
        ("seeds=null", "seeds: must be a mapping"),
        ("checks=least", "checks: must be a list"),
    ],
)
def test_mistakes_name_the_option(recipe_file: Path, text: str, says: str) -> None:
    with pytest.raises(RecipeError) as caught:
        load_recipe(recipe_file, [text])
    assert str(caught.value).startswith(f"--set {text}: ")
    assert says in str(caught.value)
    assert caught.value.line is None


def test_an_empty_list_has_no_entries(recipe_file: Path) -> None:
    with pytest.raises(RecipeError, match="checks is empty"):
        load_recipe(recipe_file, ["checks=[]", "checks.least.with.words=3"])


def test_a_spec_does_not_open_up(recipe_file: Path) -> None:
    with pytest.raises(RecipeError, match="which has no 'with'"):
        load_recipe(recipe_file, ["teachers.judge=openai:m", "teachers.judge.with.temperature=0"])
