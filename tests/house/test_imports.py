"""Nothing heavy loads unasked, and each room stands alone on the rooms below it."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

HEAVY = ("torch", "transformers", "polars", "numpy", "matplotlib", "ray", "pandas", "aiohttp")
MOST_MODULES = 100

_LAYERS = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))["tool"][
    "importlinter"
]["contracts"][0]["layers"]
LAYERS = [[room.strip() for room in layer.split("|")] for layer in _LAYERS]
ROOMS = [room for layer in LAYERS for room in layer]


def _loaded(program: str) -> list[str]:
    """The modules a fresh interpreter has loaded after ``program``, less those it began with."""
    script = (
        "import sys; before = set(sys.modules)\n"
        f"{program}\n"
        "import json; print('\\n' + json.dumps(sorted(set(sys.modules) - before)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout.splitlines()[-1]))


def _heavy(modules: list[str]) -> list[str]:
    return [name for name in HEAVY if name in modules]


def test_import_datawell_is_light() -> None:
    modules = _loaded("import datawell; dir(datawell)")
    assert _heavy(modules) == []
    assert len(modules) < MOST_MODULES


@pytest.mark.parametrize(
    "words", [["--help"], ["--version"], ["run", "--help"], ["runs", "list", "--help"]]
)
def test_help_loads_nothing_heavy(words: list[str]) -> None:
    modules = _loaded(f"from datawell.cli.main import run; assert run({words!r}) == 0")
    assert _heavy(modules) == []


def test_reading_a_recipe_loads_no_model_library() -> None:
    modules = _loaded("import datawell; datawell.load_recipe('stories')")
    assert [name for name in ("torch", "transformers", "matplotlib") if name in modules] == []


@pytest.mark.parametrize("room", ROOMS)
def test_each_room_stands_on_the_rooms_below_it(room: str) -> None:
    """Every module of the room, alone in a fresh interpreter: a cycle or an upward import that
    hides in a function's first call or behind another import order shows here."""
    program = (
        "import importlib, pkgutil\n"
        f"room = importlib.import_module('datawell.{room}')\n"
        f"for found in pkgutil.walk_packages(room.__path__, 'datawell.{room}.'):\n"
        "    importlib.import_module(found.name)"
    )
    depth = next(at for at, layer in enumerate(LAYERS) if room in layer)
    below = {other for layer in LAYERS[depth + 1 :] for other in layer} | {room}
    seen = {name.split(".")[1] for name in _loaded(program) if name.startswith("datawell.")}
    assert sorted(seen - below) == []
