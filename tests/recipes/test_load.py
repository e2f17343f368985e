"""A good recipe loads; a bad one names every problem, its line, and what was meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from datawell.core.errors import RecipeError
from datawell.core.plugins import Component
from datawell.recipes.load import load_recipe
from datawell.recipes.model import DEFAULT_ROWS, Recipe
from datawell.recipes.validate import check_data


def test_a_small_recipe(recipe_file: Path) -> None:
    recipe = load_recipe(recipe_file)
    assert recipe.seeds == Component("list_seeds")
    assert recipe.task == Component("echo")
    assert recipe.checks == (Component("least", {"words": 3}),)
    assert recipe.teachers == {"writer": Component("scribe", {"model": "big"}), "judge": "builtin"}
    assert recipe.export.split.validation == 0.05
    assert recipe.student is None
    assert recipe.report is not None


def test_document_gives_the_recipe_back(recipe_file: Path) -> None:
    recipe = load_recipe(recipe_file)
    again, problems = check_data(Recipe, recipe.document())
    assert not problems
    assert again == recipe


def test_recipes_can_be_made_in_python() -> None:
    recipe = Recipe(name="p", seeds=Component("list_seeds"), task=Component("echo"))
    assert recipe.export.formats == (Component("parquet"),)


@pytest.mark.parametrize(
    ("rows", "size", "planned"), [(7, None, 7), (7, 3, 7), (None, 3, 3), (None, None, DEFAULT_ROWS)]
)
def test_planned_rows(rows: int | None, size: int | None, planned: int) -> None:
    recipe = Recipe(name="p", rows=rows, seeds=Component("x"), task=Component("y"))
    assert recipe.planned_rows(size) == planned


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("rows: 10", "rwos: 10", 2, "unknown key 'rwos'\n  hint: did you mean 'rows'?"),
        ("rows: 10", "rows: ten", 2, 'rows: must be a whole number, not "ten"'),
        ("rows: 10", "rows: 1.5", 2, "rows: must be"),
        ("rows: 10", "rows: true", 2, "must be a whole number, not true"),
        ("rows: 10", "rows: 0", 2, "greater than or equal to 1"),
        ("rows: 10", "rows: 99999999999999999999", 2, "less than or equal to 10000000000"),
        ("rows: 10", "seed: 9223372036854775808", 2, "less than 9223372036854775808"),
        ("rows: 10", "seed: -1", 2, "greater than or equal to 0"),
        ("name: small", "name: ../up", 1, "name: "),
        ("name: small", "name: 5", 1, "name: must be text, not 5"),
        ("rows: 10", "budget: 5", 2, "budget: must be a mapping"),
        ("rows: 10", "budget: {usd: -1}", 2, "greater than or equal to 0"),
        ("rows: 10", "student: {}", 2, "missing key 'use' in 'student'"),
        ("rows: 10", "student: {use: small}", 2, "small: missing key 'minutes'"),
        ("rows: 10", "report: {titel: x}", 2, "did you mean 'title'?"),
        ("task: echo", "task: ehco", 4, "did you mean 'echo'?"),
        ("task: echo", "task: {use: echo, wiht: {}}", 4, "did you mean 'with'?"),
        ("task: echo", "task: {use: echo, with: [1]}", 4, "must be a mapping, not [1]"),
        ("task: echo", "task: [echo]", 4, "task: must be a mapping"),
        ("  writer:", "  wirter:", 6, "has no role 'wirter'\n  hint: did you mean 'writer'?"),
        ("{use: scribe, with: {model: big}}", "scrib", 6, "did you mean 'scribe'?"),
        ("{use: scribe, with: {model: big}}", "5", 6, "must be a mapping, not 5"),
        ("with: {model: big}", "with: {modle: big}", 6, "did you mean 'model'?"),
        ("  - use: least", "  - use: leastt", 8, "did you mean 'least'?"),
        ("      words: 3", "      wrods: 3", 10, "did you mean 'words'?"),
        ("      words: 3", "      words: '3'", 10, 'least: words: must be a whole number, not "3"'),
        ("      words: 3", "      ranges:\n        - high: 1", 11, "missing key 'low'"),
        ("words: 3\n", "words: 3\n  - least\n", 7, "check 'least' is named twice"),
        ("[lines]", "[lines, lines]", 12, "format 'lines' is named twice"),
        ("[lines]", "[line]", 12, "did you mean 'lines'?"),
        ("[lines]", "lines", 12, "must be a list"),
        ("  formats: [lines]", "  split: {validation: 0.6}", 12, "less than or equal to 0.5"),
        ("  formats: [lines]", "  split: {validation: .5, test: .5}", 12, "nothing to train on"),
    ],
)
def test_each_mistake_has_its_line_and_what_was_meant(
    recipe_file: Path, old: str, new: str, line: int, says: str
) -> None:
    text = recipe_file.read_text()
    assert text.count(old) == 1
    recipe_file.write_text(text.replace(old, new))
    with pytest.raises(RecipeError) as caught:
        load_recipe(recipe_file)
    assert str(caught.value).startswith(f"{recipe_file}:{line}: ")
    assert says in str(caught.value)
    assert caught.value.line == line
    assert caught.value.exit_code == 2


def test_missing_keys_are_named(tmp_path: Path) -> None:
    path = tmp_path / "r.yaml"
    path.write_text("rows: 1\n")
    with pytest.raises(RecipeError) as caught:
        load_recipe(path)
    for key in ("name", "seeds", "task"):
        assert f"missing key {key!r}" in str(caught.value)


def test_all_problems_at_once_in_the_order_of_the_file(recipe_file: Path) -> None:
    text = recipe_file.read_text()
    bad = text.replace("rows", "rwos").replace("words: 3", "words: x").replace("[lines]", "[lins]")
    recipe_file.write_text(bad)
    with pytest.raises(RecipeError) as caught:
        load_recipe(recipe_file, ["seed=x"])
    message = str(caught.value)
    assert "4 problems" in message
    places = [f"{recipe_file}:2", f"{recipe_file}:10", f"{recipe_file}:12", "--set seed=x"]
    found = [message.index(place) for place in places]
    assert found == sorted(found)


@pytest.mark.parametrize("text", ["", "- a\n", "word\n", "# nothing\n"])
def test_a_file_that_holds_no_recipe(tmp_path: Path, text: str) -> None:
    path = tmp_path / "r.yaml"
    path.write_text(text)
    with pytest.raises(RecipeError, match="the recipe is"):
        load_recipe(path)


def test_not_text(tmp_path: Path) -> None:
    path = tmp_path / "r.yaml"
    path.write_bytes(b"name: \xff\xfe\x00")
    with pytest.raises(RecipeError, match="not UTF-8"):
        load_recipe(path)


def test_a_byte_order_mark_is_no_part_of_the_recipe(recipe_file: Path) -> None:
    recipe_file.write_bytes(b"\xef\xbb\xbf" + recipe_file.read_bytes())
    assert load_recipe(recipe_file).name == "small"


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("storys", "did you mean 'stories'?"),
        ("nowhere/r.yaml", "does not exist"),
        (".", "a folder"),
    ],
)
def test_no_such_recipe(source: str, says: str) -> None:
    with pytest.raises(RecipeError) as caught:
        load_recipe(source)
    assert says in str(caught.value)


def test_a_file_wins_over_a_shipped_name(
    recipe_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "stories").write_text(recipe_file.read_text())
    monkeypatch.chdir(tmp_path)
    assert load_recipe("stories").name == "small"


def test_null_sections_read_as_left_out(recipe_file: Path) -> None:
    recipe = load_recipe(recipe_file, ["report=null", "budget=null", "rows=null", "checks=[]"])
    assert recipe.report is None
    assert recipe.budget is None
    assert recipe.rows is None
    assert recipe.checks == ()


def test_a_key_with_nothing_under_it_is_an_empty_mapping(recipe_file: Path) -> None:
    text = recipe_file.read_text().replace("with:\n      words: 3", "with:")
    recipe_file.write_text(text)
    assert load_recipe(recipe_file).checks == (Component("least"),)


def test_teachers_are_resolved_by_who_knows_specs(recipe_file: Path) -> None:
    recipe = load_recipe(recipe_file, ["teachers.judge=scribe:huge"])
    done = recipe.with_teachers(lambda spec: Component("scribe", {"model": spec}))
    assert done.teachers["judge"] == Component("scribe", {"model": "scribe:huge"})
    assert done.teachers["writer"] == Component("scribe", {"model": "big"})
