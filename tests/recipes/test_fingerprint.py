"""Each change invalidates its stage, and nothing else; the lock file keeps what a run was."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from datawell.core.errors import PluginError, RecipeError, StorageError, UsageError
from datawell.core.plugins import Component
from datawell.recipes.fingerprint import Fingerprint, differences, fingerprint, what_changed
from datawell.recipes.load import load_recipe
from datawell.recipes.lock import FORMAT, read_lock, write_lock
from datawell.recipes.model import Recipe


def _recipe(path: Path, *overrides: str) -> Recipe:
    student = "student={use: small, with: {minutes: 1}}"
    recipe = load_recipe(path, [student, "teachers.judge=scribe:wise", *overrides])
    return recipe.with_teachers(_resolve)


def _resolve(spec: str) -> Component:
    """Reads ``scribe`` and ``scribe:MODEL``."""
    name, _, model = spec.partition(":")
    return Component(name, {"model": model} if model else {})


@pytest.mark.parametrize(
    ("override", "stages"),
    [
        ("seed=1", ["generation"]),
        ("seeds.with.items=[c]", ["generation"]),
        ("task.with.style=rich", ["generation"]),
        ("teachers.writer.with.model=other", ["generation"]),
        ("teachers.writer.with.temperature=0.5", ["generation"]),
        ("teachers.judge=scribe", ["generation"]),
        ("checks.0.with.words=4", ["checks"]),
        ("checks=[]", ["checks"]),
        ("export.formats=[parquet]", ["export"]),
        ("export.split.test=0.1", ["export"]),
        ("student.with.minutes=2", ["student"]),
        ("student=null", ["student"]),
        ("rows=99", []),
        ("name=other", []),
        ("description=words", []),
        ("budget={usd: 1}", []),
        ("report=null", []),
        ("teachers.writer.with.concurrency=99", []),
        ("task.with.style=plain", []),  # the default, written down
        ("checks.0.with.ranges=[]", []),
    ],
)
def test_what_a_change_invalidates(recipe_file: Path, override: str, stages: list[str]) -> None:
    old = fingerprint(_recipe(recipe_file))
    new = fingerprint(_recipe(recipe_file, override))
    assert list(what_changed(old, new)) == stages


def test_the_contents_of_the_source_count(recipe_file: Path) -> None:
    recipe = _recipe(recipe_file)
    one, other = fingerprint(recipe, seeds_digest="1"), fingerprint(recipe, seeds_digest="2")
    assert list(what_changed(one, other)) == ["generation"]


def test_the_version_of_a_task_counts(recipe_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small_parts = importlib.import_module("small_parts")

    old = fingerprint(_recipe(recipe_file))
    monkeypatch.setattr(small_parts.Echo, "version", "2")
    assert list(what_changed(old, fingerprint(_recipe(recipe_file)))) == ["generation"]


def test_words_say_what_to_do() -> None:
    old, new = Fingerprint("a", "b", "c", "d"), Fingerprint("x", "x", "x", "x")
    words = what_changed(old, new)
    assert "--out" in words["generation"]
    assert "no answer is paid for twice" in words["checks"]
    assert what_changed(old, old) == {}


def test_differences_name_the_keys(recipe_file: Path) -> None:
    old, new = _recipe(recipe_file), _recipe(recipe_file, "seed=3", "student=null")
    assert differences(old, new) == [
        "seed: 0 → 3",
        "student: {'use': 'small', 'with': {'minutes': 1}} → None",
    ]
    new = _recipe(recipe_file, "teachers.writer.with.temperature=0.5")
    assert differences(old, new) == ["teachers.writer.with.temperature: not given → 0.5"]
    assert differences(old, old) == []


def test_an_unread_spec_has_no_fingerprint(recipe_file: Path) -> None:
    with pytest.raises(UsageError, match="'builtin' is not resolved"):
        fingerprint(load_recipe(recipe_file))


def test_parameters_that_do_not_fit() -> None:
    recipe = Recipe(name="p", seeds=Component("list_seeds"), task=Component("echo", {"stlye": "x"}))
    with pytest.raises(PluginError, match="stlye"):
        fingerprint(recipe, seeds_digest="")


_PROGRAM = """
import sys
from pathlib import Path
from datawell.core.plugins import Component
from datawell.recipes.fingerprint import fingerprint
from datawell.recipes.load import load_recipe
from datawell.recipes.lock import write_lock
recipe = load_recipe(sys.argv[1]).with_teachers(lambda spec: Component("scribe"))
write_lock(Path(sys.argv[2]), recipe, fingerprint(recipe))
"""


def test_the_same_bytes_in_every_process(
    recipe_file: Path, tmp_path: Path, small_parts: Path
) -> None:
    locks = []
    for hash_seed in ("1", "2"):
        out = tmp_path / f"{hash_seed}.yaml"
        environment = {
            **os.environ,
            "PYTHONHASHSEED": hash_seed,
            "PYTHONPATH": str(small_parts),
        }
        subprocess.run(
            [sys.executable, "-c", _PROGRAM, str(recipe_file), str(out)],
            env=environment,
            check=True,
        )
        locks.append(out.read_bytes())
    assert locks[0] == locks[1]


def test_a_lock_reads_back(recipe_file: Path, tmp_path: Path) -> None:
    recipe = _recipe(recipe_file, "description='no: “quotes” ünd 1e-3'")
    path = tmp_path / "recipe.lock.yaml"
    write_lock(path, recipe, fingerprint(recipe))
    first = path.read_bytes()
    assert read_lock(path) == (recipe, fingerprint(recipe))
    write_lock(path, recipe, fingerprint(recipe))
    assert path.read_bytes() == first
    assert [entry.name for entry in tmp_path.iterdir() if ".tmp" in entry.name] == []


def test_a_lock_reads_without_its_components(recipe_file: Path, tmp_path: Path) -> None:
    recipe = _recipe(recipe_file)
    path = tmp_path / "recipe.lock.yaml"
    write_lock(path, recipe, fingerprint(recipe))
    path.write_text(path.read_text().replace("use: echo", "use: gone"))
    assert read_lock(path)[0].task == Component("gone")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (f"format: {FORMAT}", f"format: {FORMAT + 1}", "newer datawell"),
        (f"format: {FORMAT}", "form: 1", "not a lock file"),
        ("rows: 10", "rows: ten", "damaged: rows: must be a whole number"),
        ("  checks: ", "  chekcs: ", "damaged"),
        ("fingerprint:", "fingerprint_:", "damaged"),
    ],
)
def test_a_lock_that_cannot_be_used(
    recipe_file: Path, tmp_path: Path, old: str, new: str, says: str
) -> None:
    recipe = _recipe(recipe_file)
    path = tmp_path / "recipe.lock.yaml"
    write_lock(path, recipe, fingerprint(recipe))
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(RecipeError, match=says):
        read_lock(path)


def test_a_lock_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        read_lock(tmp_path / "recipe.lock.yaml")


def test_a_lock_that_cannot_be_written(recipe_file: Path, tmp_path: Path) -> None:
    recipe = _recipe(recipe_file)
    blocked = tmp_path / "lock"
    blocked.mkdir()
    with pytest.raises(StorageError, match="writing"):
        write_lock(blocked, recipe, fingerprint(recipe))
