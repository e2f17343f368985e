"""What a recipe's rows depend on, as four hashes: which change invalidates what.

``generation`` covers all that decides the text of a row: the root seed, the seeds with their
contents, the task and its version, the teachers. ``checks``, ``export`` and ``student`` cover one
later stage each. The name, the description, ``rows``, the budget and the report change no row, so
they are in none.

A parameter that changes how a component works but not what it gives (concurrency, timeouts, the
name of a key) is named in its ``Params`` class and then left out::

    class Params(core.Params):
        operational: ClassVar[frozenset[str]] = frozenset({"concurrency", "timeout"})

Parameters enter complete with their defaults, so that writing a default down changes nothing.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from pydantic import ValidationError

from datawell.core import plugins
from datawell.core.errors import PluginError, UsageError
from datawell.core.judges import JUDGE, asks_a_judge
from datawell.core.plugins import Component
from datawell.core.records import digest
from datawell.recipes.casting import Choice, seated
from datawell.recipes.model import Recipe

_EFFECTS = {
    "generation": "rows are made anew: this needs a new --out",
    "checks": "rows are checked again: no answer is paid for twice",
    "export": "the dataset and its views are written again",
    "student": "the student is trained again",
}


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Hashes of the four stages; equal hashes mean equal results."""

    generation: str
    checks: str
    export: str
    student: str

    def document(self) -> dict[str, str]:
        """As plain data, in the order of the flow."""
        return asdict(self)


def fingerprint(recipe: Recipe, seeds_digest: str | None = None) -> Fingerprint:
    """The fingerprint of ``recipe``, whose teachers must be components (``with_teachers``).

    Args:
        recipe: a validated recipe.
        seeds_digest: the seed source's ``digest()``; when None the source is built and asked.

    Raises:
        UsageError: a teacher is still an unread SPEC.
        PluginError: a component is unknown or its parameters do not fit.
    """
    unread = [spec for spec in recipe.every_teacher() if isinstance(spec, str)]
    if unread:
        raise UsageError(
            f"the teacher SPEC {unread[0]!r} is not resolved", hint="call with_teachers first"
        )
    if seeds_digest is None:
        seeds_digest = str(plugins.build("seeds", recipe.seeds, recipe.seed).digest())
    teachers = {role: _who_plays(role, choice) for role, choice in sorted(recipe.teachers.items())}
    checks: list[Any] = [_identity("checks", component) for component in recipe.checks]
    if asks_a_judge(recipe.checks):
        # Another judge is another check: rows are judged again, and not made anew.
        checks.append({"judge": teachers.get(JUDGE)})
        if JUDGE not in plugins.build("tasks", recipe.task).roles:
            teachers.pop(JUDGE, None)
    generation = {
        "seed": recipe.seed,
        "seeds": _identity("seeds", recipe.seeds),
        "source": seeds_digest,
        "task": _identity("tasks", recipe.task),
        "teachers": teachers,
    }
    export = {
        "formats": [_identity("exporters", component) for component in recipe.export.formats],
        "split": recipe.export.split.model_dump(mode="json"),
    }
    student = None if recipe.student is None else _identity("students", recipe.student)
    return Fingerprint(
        generation=digest(generation),
        checks=digest(checks),
        export=digest(export),
        student=digest(student),
    )


def _who_plays(role: str, choice: Choice) -> Any:
    """One teacher's identity; of several also how they share the role."""
    seats, casting = seated(role, choice)
    who = {
        seat: _identity("teachers", one)
        for seat, one in seats.items()
        if isinstance(one, Component)
    }
    return who[role] if role in who else {"seats": who, "casting": [asdict(p) for p in casting]}


def what_changed(old: Fingerprint, new: Fingerprint) -> dict[str, str]:
    """The stages whose fingerprints differ, each with what that means, in the order of the flow."""
    before, after = old.document(), new.document()
    return {
        stage: f"{stage} changed: {effect}"
        for stage, effect in _EFFECTS.items()
        if before[stage] != after[stage]
    }


def differences(old: Recipe, new: Recipe) -> list[str]:
    """The keys on which two recipes differ, as ``key: old → new``, in the order of the flow."""
    return list(_differences(old.document(), new.document(), ""))


def _differences(old: Any, new: Any, path: str) -> list[str]:
    if isinstance(old, dict) and isinstance(new, dict):
        keys = [*old, *(key for key in new if key not in old)]
        return [
            line
            for key in keys
            for line in _differences(
                old.get(key, _ABSENT), new.get(key, _ABSENT), f"{path}.{key}" if path else key
            )
        ]
    return [] if old == new and type(old) is type(new) else [f"{path}: {old!r} → {new!r}"]


class _Absent:
    def __repr__(self) -> str:
        return "not given"


_ABSENT = _Absent()


def _identity(kind: str, component: Component) -> dict[str, Any]:
    """What of a component decides its results: name, version and complete parameters."""
    cls = plugins.load(kind, component.use)
    try:
        params = cls.Params.model_validate(dict(component.params))
    except ValidationError as error:
        raise PluginError(f"{kind} component {component.use!r}: {error}") from error
    operational: frozenset[str] = getattr(cls.Params, "operational", frozenset())
    return {
        "use": component.use,
        "version": getattr(cls, "version", ""),
        "with": params.model_dump(mode="json", exclude=set(operational)),
    }
