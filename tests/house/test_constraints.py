"""Exact pins for everything ``make`` installs, each within the range that is promised."""

from __future__ import annotations

import re
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version


def _pins(root: Path) -> dict[str, Version]:
    lines = (root / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line.partition("==") for line in lines if line and not line.startswith("#")]
    assert [name for name, equals, _ in pins if not equals] == []
    return {canonicalize_name(name): Version(version) for name, _, version in pins}


def _needed(name: str, extras: frozenset[str], seen: set[tuple[str, frozenset[str]]]) -> None:
    """Everything that ``name[extras]`` needs here, itself included."""
    if (key := (canonicalize_name(name), extras)) in seen:
        return
    seen.add(key)
    for line in distribution(name).requires or []:
        need = Requirement(line)
        chosen = [{"extra": extra} for extra in extras or {""}]
        if need.marker is None or any(need.marker.evaluate(dict(each)) for each in chosen):
            _needed(need.name, frozenset(need.extras), seen)


def test_everything_that_is_installed_is_pinned(root: Path) -> None:
    seen: set[tuple[str, frozenset[str]]] = set()
    _needed("datawell", frozenset({"all", "dev"}), seen)
    # A CUDA build of torch brings vendor libraries, whose versions torch itself pins.
    loose = re.compile(r"datawell|nvidia-.*|triton|cuda-.*")
    names = sorted({name for name, _ in seen if not loose.fullmatch(name)})
    assert [name for name in names if name not in _pins(root)] == []


def test_pins_keep_the_promised_ranges(root: Path, project: dict[str, Any]) -> None:
    pins = _pins(root)
    extras = project["project"]["optional-dependencies"].values()
    lines = [*project["project"]["dependencies"], *(line for extra in extras for line in extra)]
    promised = [need for need in map(Requirement, lines) if need.name != "datawell"]
    broken = [
        str(need) for need in promised if pins[canonicalize_name(need.name)] not in need.specifier
    ]
    assert broken == []


def test_no_pin_names_a_build_or_a_file(root: Path) -> None:
    text = (root / "constraints.txt").read_text(encoding="utf-8")
    assert re.findall(r".*(?:\+|@|file:|://).*", text) == []


def test_the_base_install_is_small(project: dict[str, Any]) -> None:
    base = {Requirement(line).name.lower() for line in project["project"]["dependencies"]}
    assert base.isdisjoint({"torch", "transformers", "ray", "pandas", "datasets"})
