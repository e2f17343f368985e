"""Every problem of a recipe at once, each with its place and what to do about it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from datawell.core import plugins
from datawell.core.errors import DatawellError, RecipeError, did_you_mean
from datawell.core.judges import JUDGE, asks_a_judge, roles_needed
from datawell.core.plugins import Component
from datawell.recipes.casting import written_teachers
from datawell.recipes.document import Document, Path
from datawell.recipes.forms import ComponentForm
from datawell.recipes.model import Recipe

Model = TypeVar("Model", bound=BaseModel)

_WANTED = {
    "int_type": "a whole number",
    "float_type": "a number",
    "string_type": "text",
    "bool_type": "true or false",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a recipe."""

    path: Path
    message: str
    hint: str = ""


def validated(document: Document) -> Recipe:
    """The recipe in ``document``.

    Raises:
        RecipeError: there are problems; all of them are in the message, with their places.
    """
    if not isinstance(document.data, dict):
        what = "empty" if document.data is None else "not a mapping of keys to values"
        raise RecipeError(
            f"the recipe is {what}",
            hint="datawell init writes one to start from",
            file=document.file,
        )
    recipe, problems = check_data(Recipe, document.data)
    problems += _component_problems(document.data)
    problems += _role_problems(document.data)
    if problems or recipe is None:
        raise _as_error(document, problems)
    return _with_every_role(recipe)


def check_data(model: type[Model], data: Any) -> tuple[Model | None, list[Problem]]:
    """``data`` as ``model``, or the problems. Strict: text is no number, a number is no text."""
    try:
        return model.model_validate_json(json.dumps(data, default=str), strict=True), []
    except ValidationError as error:
        return None, [_problem(model, data, detail) for detail in error.errors(include_url=False)]


def _problem(model: type[BaseModel], data: Any, detail: Mapping[str, Any]) -> Problem:
    loc, kind = tuple(detail["loc"]), detail["type"]
    path = _path(data, loc)
    where = ".".join(str(step) for step in path)
    if kind == "extra_forbidden":
        return Problem(
            path, f"unknown key {where!r}", did_you_mean(loc[-1], _keys(model, loc[:-1]))
        )
    if kind == "missing":
        inside = f" in {where!r}" if where else ""
        return Problem(path, f"missing key {str(loc[-1])!r}{inside}")
    if kind in _WANTED:
        return Problem(path, f"{where}: must be {_WANTED[kind]}, not {_shown(detail['input'])}")
    said = str(detail["msg"]).removeprefix("Value error, ").replace("Input should", "must")
    got = "" if kind == "value_error" else f", not {_shown(detail['input'])}"
    return Problem(path, f"{where}: {said}{got}" if where else said)


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:57] + "…"


def _path(data: Any, loc: tuple[str | int, ...]) -> Path:
    """The part of ``loc`` that stands in ``data`` (union tags and missing keys fall away)."""
    path: list[str | int] = []
    for step in loc:
        inside = (isinstance(data, dict) and step in data) or (
            isinstance(data, list) and isinstance(step, int) and step < len(data)
        )
        if inside:
            path.append(step)
            data = data[step]
    return tuple(path)


def _keys(model: type[BaseModel], loc: tuple[str | int, ...]) -> list[str]:
    """The keys the model at ``loc`` knows."""
    for step in loc:
        by_key = {field.alias or name: field for name, field in model.model_fields.items()}
        if step in by_key:
            model = next(_models(by_key[str(step)].annotation), model)
    return [field.alias or name for name, field in model.model_fields.items()]


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models in an annotation, outermost first; a component counts as its written form."""
    if annotation is Component:
        yield ComponentForm
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif get_origin(annotation) in (Union, UnionType) or get_args(annotation):
        for argument in get_args(annotation):
            yield from _models(argument)


def _components(data: Mapping[str, Any]) -> Iterator[tuple[str, Path, Any]]:
    """(kind, path, written form) of each component in the raw data."""
    for kind, key in (("seeds", "seeds"), ("tasks", "task"), ("students", "student")):
        if data.get(key) is not None:
            yield kind, (key,), data[key]
    teachers = data.get("teachers")
    if isinstance(teachers, dict):
        for role, value in teachers.items():
            for path, one in written_teachers(value):
                yield "teachers", ("teachers", role, *path), one
    export = data.get("export")
    formats = export.get("formats") if isinstance(export, dict) else None
    for kind, path, found in (
        ("checks", ("checks",), data.get("checks")),
        ("exporters", ("export", "formats"), formats),
    ):
        for at, value in enumerate(found if isinstance(found, list) else ()):
            yield kind, (*path, at), value


def _component_problems(data: Mapping[str, Any]) -> list[Problem]:
    """Unknown names and parameters, read from the raw data so that one run shows them all."""
    found: list[Problem] = []
    for kind, path, value in _components(data):
        if isinstance(value, str):
            # A teacher SPEC with more than a name in it is read by the teachers room.
            if kind != "teachers" or not set(":/#").intersection(value):
                found += _params_problems(kind, path, value, {})
        elif isinstance(value, dict) and isinstance(value.get("use"), str):
            params = value.get("with") or {}
            if isinstance(params, dict):
                found += _params_problems(kind, path, value["use"], params)
    return found


def _params_problems(
    kind: str, path: Path, use: str, params: Mapping[str, Any]
) -> Iterator[Problem]:
    try:
        cls = plugins.load(kind, use)
    except DatawellError as error:
        yield Problem((*path, "use"), error.message, error.hint)
        return
    _, problems = check_data(cls.Params, params)
    for problem in problems:
        inner = ("with", *problem.path)
        yield Problem((*path, *inner), f"{use}: {problem.message}", problem.hint)


def _roles(use: Any) -> tuple[str, ...] | None:
    """The roles a task needs teachers for; None when it is unknown (said with the component)."""
    try:
        roles: tuple[str, ...] = plugins.load("tasks", use).roles if isinstance(use, str) else ()
    except DatawellError:
        return None
    return roles


def _role_problems(data: Mapping[str, Any]) -> list[Problem]:
    task, teachers = data.get("task"), data.get("teachers")
    use = task.get("use") if isinstance(task, dict) else task
    roles = _roles(use)
    if not roles or not isinstance(teachers, dict):
        return []
    if JUDGE in teachers and JUDGE not in roles:
        if _judge_is_asked(data):
            roles = (*roles, JUDGE)
        else:
            hint = "add a check that asks one (judge_rubric, …), or leave the judge out"
            return [Problem(("teachers", JUDGE), "no check here asks a judge", hint)]
    return [
        Problem(("teachers", role), f"task {use!r} has no role {role!r}", did_you_mean(role, roles))
        for role in teachers
        if role not in roles
    ]


def _judge_is_asked(data: Mapping[str, Any]) -> bool:
    """Whether a check asks a judge; True too when one is unknown, which is said with the check."""
    found = [value for kind, _, value in _components(data) if kind == "checks"]
    uses = [value.get("use") if isinstance(value, dict) else value for value in found]
    try:
        return asks_a_judge(Component(str(use)) for use in uses)
    except DatawellError:
        return True


def _with_every_role(recipe: Recipe) -> Recipe:
    """The recipe with a teacher for each role of its task, in the task's order, and the judge."""
    roles = roles_needed(_roles(recipe.task.use) or (), recipe.checks)
    teachers = {role: recipe.teachers.get(role, "builtin") for role in roles}
    return recipe.model_copy(update={"teachers": teachers})


def _as_error(document: Document, problems: list[Problem]) -> RecipeError:
    """One error that lists every problem in the order of the file, overrides last."""

    def order(problem: Problem) -> tuple[bool, int, str]:
        place = document.place(problem.path)
        return place.line is None, place.line or 0, problem.message

    problems = sorted(problems, key=order)
    first = document.place(problems[0].path)
    if len(problems) == 1:
        only = problems[0]
        if first.line is None and first.source != document.file:
            return RecipeError(f"{first}: {only.message}", hint=only.hint)
        return RecipeError(only.message, hint=only.hint, file=first.source, line=first.line)
    lines = [f"{len(problems)} problems"]
    for problem in problems:
        hint = f" ({problem.hint})" if problem.hint else ""
        lines.append(f"  {document.place(problem.path)}: {problem.message}{hint}")
    return RecipeError("\n".join(lines), file=document.file, hint="mend these lines, and try again")
