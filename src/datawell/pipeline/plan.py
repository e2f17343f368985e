"""From a recipe to the parts that carry it out, without spending anything."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from datawell.core.casting import Casting
from datawell.core.errors import RecipeError, UsageError, did_you_mean
from datawell.core.judges import roles_needed
from datawell.core.plugins import Component, build
from datawell.export.sample import read_texts
from datawell.recipes.casting import Choice, resolved, seated
from datawell.recipes.fingerprint import Fingerprint, fingerprint
from datawell.recipes.load import load_recipe
from datawell.recipes.model import Recipe
from datawell.recipes.overrides import Override
from datawell.teachers.spec import check_teacher, parse_spec

if TYPE_CHECKING:
    from datawell.seeds.base import SeedSource
    from datawell.tasks.base import Task

BUILTIN = Component("builtin")


@dataclass(frozen=True, slots=True)
class Blueprint:
    """A recipe with its names resolved: what will be made, by whom, and how many rows.

    ``teachers`` by seat, and ``castings`` by role (see :mod:`datawell.core.casting`).
    """

    recipe: Recipe
    seeds: SeedSource
    task: Task
    teachers: Mapping[str, Component]
    castings: Mapping[str, Casting]
    rows: int
    fingerprint: Fingerprint


def read_recipe(
    recipe: str | Path | Recipe,
    *,
    rows: int | None = None,
    teacher: str | Sequence[str] | None = None,
    budget_usd: float | None = None,
    overrides: Sequence[str] = (),
) -> Recipe:
    """Load a recipe with everything the caller says on top of it.

    ``teacher`` is a SPEC for every role, or ``ROLE=SPEC`` for one; several may be given.

    Raises:
        RecipeError: the recipe or an override has problems.
        PluginError: a teacher SPEC is unknown.
    """
    if isinstance(recipe, Recipe):
        if rows is None and teacher is None and budget_usd is None and not overrides:
            return recipe
        raise UsageError(
            "a recipe that is loaded already takes no overrides",
            hint="give them to load_recipe, or pass the recipe's file or name",
        )
    changes: list[str | Override] = list(overrides)
    if rows is not None:
        changes.append(Override(("rows",), rows, f"--rows {rows}"))
    if budget_usd is not None:
        changes.append(Override(("budget",), {"usd": budget_usd}, f"--budget-usd {budget_usd}"))
    loaded = load_recipe(recipe, changes)
    if teacher is not None:
        specs = [teacher] if isinstance(teacher, str) else list(teacher)
        loaded = _with_teachers(loaded, specs)
    return loaded.with_teachers(parse_spec)


def blueprint(recipe: Recipe) -> Blueprint:
    """Resolve a recipe's names. Reads the seeds, asks no teacher.

    Raises:
        PluginError, MissingDependencyError: a component cannot be built.
        UsageError: the seeds' or the anchor's file is missing, or holds nothing.
    """
    source = build("seeds", recipe.seeds, recipe.seed)
    task = build("tasks", recipe.task)
    roles = roles_needed(task.roles, recipe.checks)
    for role in recipe.teachers:
        if role not in roles:
            raise RecipeError(
                f"task {recipe.task.use!r} has no role {role!r}",
                hint=did_you_mean(role, roles),
            )
    if source.size == 0:
        raise UsageError("the seeds are empty", hint="look at seeds.with.path")
    anchor = recipe.report.anchor if recipe.report is not None else None
    # Read now, so that a wrong file is not found after an hour of work.
    if anchor is not None and next(read_texts(Path(anchor)), None) is None:
        raise UsageError(f"anchor: {anchor} holds no text", hint="give a file with texts in it")
    # Every role by name, so that leaving the default unsaid does not change the fingerprint.
    choices = {role: resolved(recipe.teachers.get(role, BUILTIN), parse_spec) for role in roles}
    whole = recipe.model_copy(update={"teachers": choices})
    teachers: dict[str, Component] = {}
    castings: dict[str, Casting] = {}
    for role, choice in choices.items():
        seats, castings[role] = seated(role, choice)
        teachers.update({seat: one for seat, one in seats.items() if isinstance(one, Component)})
    return Blueprint(
        recipe=whole,
        seeds=source,
        task=task,
        teachers=teachers,
        castings=castings,
        rows=whole.planned_rows(source.size),
        fingerprint=fingerprint(whole, source.digest()),
    )


def check_parts(plan: Blueprint, probe: bool = False) -> None:
    """Find what would stop the run later: a missing key, a broken check, a missing library.

    ``probe`` also asks each endpoint whether it is there.

    Raises:
        UsageError, PluginError, MissingDependencyError: what is missing, and what to do.
        ProviderError: with ``probe``, an endpoint does not answer or refuses the key.
    """
    for component in plan.teachers.values():
        check_teacher(component, probe=probe)
    for component in plan.recipe.checks:
        build("checks", component)
    if plan.recipe.student is not None:
        build("students", plan.recipe.student).check()


def _with_teachers(recipe: Recipe, specs: Sequence[str]) -> Recipe:
    """Give every role, or one (``ROLE=SPEC``), another teacher."""
    roles = roles_needed(build("tasks", recipe.task).roles, recipe.checks)
    chosen: dict[str, Choice] = dict(recipe.teachers)
    for spec in specs:
        named = re.match(r"([A-Za-z_]\w*)=(.+)", spec)
        if named is None:
            chosen.update(dict.fromkeys(roles, spec))
        elif named[1] in roles:
            chosen[named[1]] = named[2]
        else:
            raise UsageError(
                f"--teacher {spec}: the task has no role {named[1]!r}",
                hint=did_you_mean(named[1], roles),
            )
    return recipe.model_copy(update={"teachers": chosen})
