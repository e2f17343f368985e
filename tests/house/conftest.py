"""Where the house stands."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def source(root: Path) -> Path:
    """The package's source folder."""
    return root / "src" / "datawell"


@pytest.fixture(scope="session")
def project(root: Path) -> dict[str, Any]:
    """``pyproject.toml``."""
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def rooms(project: dict[str, Any]) -> list[frozenset[str]]:
    """The layers of the import law, top first; rooms on one line never see each other."""
    layers = project["tool"]["importlinter"]["contracts"][0]["layers"]
    return [frozenset(name.strip() for name in layer.split("|")) for layer in layers]
