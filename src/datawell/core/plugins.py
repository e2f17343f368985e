"""Components by name, through entry points; the built-ins come in by the same door.

Nothing is loaded that no recipe names. Two packages that offer one name are an error.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from pydantic import ValidationError

from datawell.core.errors import MissingDependencyError, PluginError, did_you_mean

KINDS = ("seeds", "tasks", "teachers", "checks", "exporters", "executors", "students")


@dataclass(frozen=True, slots=True)
class Component:
    """A component as a recipe names it: ``use`` and ``with``. Plain data, so it can travel."""

    use: str
    params: Mapping[str, Any] = field(default_factory=dict)


@cache
def _table(kind: str) -> dict[str, tuple[EntryPoint, ...]]:
    if kind not in KINDS:
        raise PluginError(f"no kind of component called {kind!r}", hint=did_you_mean(kind, KINDS))
    found: dict[str, list[EntryPoint]] = defaultdict(list)
    for point in entry_points(group=f"datawell.{kind}"):
        # One distribution can be seen twice on sys.path; only different targets collide.
        if all(point.value != other.value for other in found[point.name]):
            found[point.name].append(point)
    return {name: tuple(points) for name, points in sorted(found.items())}


def names(kind: str) -> list[str]:
    """The names a recipe may use for ``kind``, sorted."""
    return list(_table(kind))


def entry(kind: str, name: str) -> EntryPoint:
    """The one entry point for ``name``.

    Raises:
        PluginError: the name is unknown, or two packages offer it.
    """
    points = _table(kind).get(name)
    if points is None:
        raise PluginError(
            f"no {kind} component is called {name!r}", hint=did_you_mean(name, names(kind))
        )
    if len(points) > 1:
        owners = ", ".join(f"{p.dist.name if p.dist else '?'} ({p.value})" for p in points)
        raise PluginError(
            f"{kind} component {name!r} is offered by more than one package: {owners}",
            hint="uninstall one of them",
        )
    return points[0]


def load(kind: str, name: str) -> Any:
    """Import and return the component class.

    Raises:
        PluginError: as :func:`entry`.
        MissingDependencyError: the component needs a library that is not installed.
    """
    point = entry(kind, name)
    try:
        return point.load()
    except ModuleNotFoundError as error:
        raise MissingDependencyError(
            f"{kind} component {name!r} needs the library {error.name!r}, which is not installed",
            hint=f"pip install {error.name}, or the extra that brings it",
        ) from error
    except (AttributeError, ImportError) as error:
        raise PluginError(
            f"{kind} component {name!r} cannot be loaded from {point.value}: {error}",
            hint="the package that offers it is broken, or made for another datawell",
        ) from error


def build(kind: str, component: Component, *args: Any) -> Any:
    """Load a component's class and construct it as ``cls(params, *args)``.

    Raises:
        PluginError: as :func:`entry`, or the parameters do not fit (each problem is named).
        MissingDependencyError: as :func:`load`.
    """
    cls = load(kind, component.use)
    try:
        params = cls.Params.model_validate(dict(component.params))
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(str(p) for p in e['loc']) or 'with'}: {e['msg']}" for e in error.errors()
        )
        raise PluginError(
            f"{kind} component {component.use!r}: {problems}",
            hint=f"parameters: {', '.join(cls.Params.model_fields) or 'none'}",
        ) from error
    return cls(params, *args)


def owner(kind: str, name: str) -> str:
    """The package (and version) that offers a component."""
    distribution = entry(kind, name).dist
    return f"{distribution.name} {distribution.version}" if distribution else "unknown package"
