"""The import law holds here, and the linter really sees what would break it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest


def _lint(tree: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree / "src")},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copy(root: Path, tmp_path: Path) -> Path:
    """The package and its law, to be broken."""
    ignore = shutil.ignore_patterns("__pycache__", "*.egg-info")
    shutil.copytree(root / "src", tmp_path / "src", ignore=ignore)
    shutil.copy(root / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_law_holds(root: Path) -> None:
    done = _lint(root)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("module", "line", "says"),
    [
        ("attic/__init__.py", "", "attic"),
        ("core/planted.py", "import datawell.checks.base\n", "datawell.core.planted"),
        ("checks/planted.py", "import datawell.teachers.base\n", "datawell.checks.planted"),
        ("seeds/planted.py", "def f():\n    import torch\n", "datawell.seeds.planted"),
        ("export/planted.py", "import datawell.cli.main\n", "datawell.export.planted"),
    ],
)
def test_what_breaks_the_law_is_seen(copy: Path, module: str, line: str, says: str) -> None:
    path = copy / "src" / "datawell" / module
    path.parent.mkdir(exist_ok=True)
    path.write_text(line)
    done = _lint(copy)
    assert done.returncode == 1
    assert says in done.stdout
