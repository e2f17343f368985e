"""A third-party check: three files, one install, and a recipe can name it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def installed(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example, installed with pip into a folder of its own; nothing is downloaded."""
    work = tmp_path_factory.mktemp("plugin")
    # pip builds in the source folder; a copy keeps the repository clean.
    source = shutil.copytree(
        root / "examples" / "check_plugin", work / "source", ignore=shutil.ignore_patterns("__*")
    )
    target = work / "site"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    command += ["--no-build-isolation", "--disable-pip-version-check", "--target", str(target)]
    done = subprocess.run([*command, str(source)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return target


def _run(installed: Path, *command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_touches_three_files(root: Path) -> None:
    files = sorted(path.name for path in (root / "examples" / "check_plugin").glob("*.*"))
    assert files == ["no_shouting.py", "pyproject.toml", "test_no_shouting.py"]


def test_its_own_test_passes(root: Path, installed: Path, tmp_path: Path) -> None:
    test = root / "examples" / "check_plugin" / "test_no_shouting.py"
    shutil.copy(test, tmp_path)
    done = _run(installed, "-m", "pytest", "-q", "-p", "no:cacheprovider", ".", cwd=tmp_path)
    assert done.returncode == 0, done.stdout


_THROUGH_A_RECIPE = """
from datawell import load_recipe
from datawell.core.plugins import build
from datawell.core.records import Lineage, Record

changes = ["checks=[{use: no_shouting, with: {at_most: 1}}]", "student=null"]
recipe = load_recipe("stories", changes)
check = build("checks", recipe.checks[0])
lineage = Lineage(recipe="r", task="stories", row=0, seed_id="s", source="words")
for text in ("The dog said NO.", "The dog said NO and ran AWAY."):
    verdict = check.examine(Record(id="1", text=text, plan={}, lineage=lineage))
    print(verdict.check, verdict.keep, verdict.reason)
"""


def test_a_recipe_can_name_it(installed: Path, tmp_path: Path) -> None:
    done = _run(installed, "-c", _THROUGH_A_RECIPE, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[:2] == ["no_shouting True ", "no_shouting False shouting"]


def test_a_mistake_in_its_parameters_has_its_place(installed: Path, tmp_path: Path) -> None:
    program = "import sys; from datawell.cli.main import run; sys.exit(run(sys.argv[1:]))"
    change = "checks=[{use: no_shouting, with: {at_mots: 1}}]"
    done = _run(installed, "-c", program, "validate", "stories", "--set", change, cwd=tmp_path)
    assert done.returncode == 2
    assert "did you mean 'at_most'?" in done.stderr


def test_a_run_drops_by_it(installed: Path, tmp_path: Path) -> None:
    program = "import sys; from datawell.cli.main import run; sys.exit(run(sys.argv[1:]))"
    changes = ["student=null", "checks=[no_shouting]", "report=null"]
    options = [word for change in changes for word in ("--set", change)]
    words = ["run", "stories", "--rows", "20", "--out", "out", "--json", *options]
    done = _run(installed, "-c", program, *words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "dataset").is_dir()
