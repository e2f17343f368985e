"""Components come in by one door: as declared, loadable, and never two under one name."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest

from datawell.core import plugins
from datawell.core.params import Params

_PROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))
DECLARED = [
    (group.removeprefix("datawell."), name)
    for group, points in _PROJECT["project"]["entry-points"].items()
    for name in points
]


def test_installed_as_declared(project: dict[str, Any]) -> None:
    declared = {
        (group, name, value)
        for group, points in project["project"]["entry-points"].items()
        for name, value in points.items()
    }
    installed = {
        (point.group, point.name, point.value)
        for point in distribution("datawell").entry_points
        if point.group.startswith("datawell.")
    }
    assert installed == declared, "entry points changed: run pip install -e '.[all,dev]' again"


def test_every_kind_has_a_group(project: dict[str, Any]) -> None:
    groups = {group.removeprefix("datawell.") for group in project["project"]["entry-points"]}
    assert groups == set(plugins.KINDS)


@pytest.mark.parametrize(("kind", "name"), DECLARED)
def test_each_component_is_whole(kind: str, name: str) -> None:
    cls = plugins.load(kind, name)
    assert issubclass(cls.Params, Params)
    assert (cls.__doc__ or "").strip()
    if kind in ("checks", "exporters"):
        assert cls.name == name
    undocumented = [key for key, field in cls.Params.model_fields.items() if not field.description]
    assert undocumented == []


_ASK = """
from datawell.core import plugins
from datawell.core.errors import PluginError
try:
    plugins.load("checks", "twice")
except PluginError as error:
    print(error)
"""


def _distribution(folder: Path, name: str, value: str) -> None:
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[datawell.checks]\ntwice = {value}\n")


def test_two_packages_with_one_name_are_an_error_that_names_both(tmp_path: Path) -> None:
    _distribution(tmp_path / "a", "first-package", "first:Check")
    _distribution(tmp_path / "b", "second-package", "second:Check")
    path = os.pathsep.join([str(tmp_path / "a"), str(tmp_path / "b")])
    said = subprocess.run(
        [sys.executable, "-c", _ASK],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "first-package" in said
    assert "second-package" in said
    assert "uninstall one of them" in said


def test_one_package_seen_twice_is_no_collision(tmp_path: Path) -> None:
    _distribution(tmp_path / "a", "first-package", "json:JSONDecoder")
    _distribution(tmp_path / "b", "first-package", "json:JSONDecoder")
    path = os.pathsep.join([str(tmp_path / "a"), str(tmp_path / "b")])
    said = subprocess.run(
        [sys.executable, "-c", _ASK + "else: print('one')"],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert said.strip() == "one"
