"""Who is asked by checks: one role, named in the recipe like any other, that writes nothing."""

from __future__ import annotations

from collections.abc import Iterable

from datawell.core.plugins import Component, load

JUDGE = "judge"


def asks_a_judge(checks: Iterable[Component]) -> bool:
    """Whether one of these checks needs a teacher in the role of the judge.

    Raises:
        PluginError, MissingDependencyError: a check cannot be loaded.
    """
    return any(hasattr(load("checks", check.use), "judge") for check in checks)


def roles_needed(task: Iterable[str], checks: Iterable[Component]) -> tuple[str, ...]:
    """The roles a recipe needs teachers for: the task's, and the judge where a check asks one."""
    roles = tuple(task)
    return roles if JUDGE in roles or not asks_a_judge(checks) else (*roles, JUDGE)
