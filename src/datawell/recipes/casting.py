"""Several teachers for one role, as a recipe writes it: a mixture by weight, and who steps in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag

from datawell.core.casting import Casting, Part
from datawell.core.params import Params
from datawell.core.plugins import Component
from datawell.recipes.forms import OneTeacher


def _shape(value: Any) -> str:
    for name, form in (("mixture", Mixture), ("fallback", Fallback)):
        if isinstance(value, form) or (isinstance(value, Mapping) and name in value):
            return name
    return "one"


class Fallback(Params):
    """Teachers in the order in which they are asked: the next one when one has failed for good, or
    gave no answer to anybody for a while."""

    fallback: tuple[OneTeacher, ...] = Field(min_length=2)
    """The teachers, the preferred one first."""


class MixturePart(Params):
    """One teacher's share."""

    teacher: Annotated[
        Annotated[OneTeacher, Tag("one")] | Annotated[Fallback, Tag("fallback")],
        Discriminator(_shape),
    ]
    """Who writes: as for a role, or a ``fallback``."""
    weight: float = Field(default=1.0, gt=0, allow_inf_nan=False)
    """How many rows, beside the others' weights."""


class Mixture(Params):
    """Rows are dealt out by weight; who gets a row follows from the seed and the row's number."""

    mixture: tuple[MixturePart, ...] = Field(min_length=2)
    """The teachers and their shares."""


TeacherChoice = Annotated[
    Annotated[OneTeacher, Tag("one")]
    | Annotated[Mixture, Tag("mixture")]
    | Annotated[Fallback, Tag("fallback")],
    Discriminator(_shape),
]
Choice = str | Component | Mixture | Fallback


def teachers_of(choice: Choice) -> tuple[str | Component, ...]:
    """The teachers of a choice, in the order in which they are written."""
    match choice:
        case Mixture():
            return tuple(one for part in choice.mixture for one in teachers_of(part.teacher))
        case Fallback():
            return choice.fallback
        case _:
            return (choice,)


def seated(role: str, choice: Choice) -> tuple[dict[str, str | Component], Casting]:
    """(the teacher of each seat, how the seats play the role)."""
    teachers = teachers_of(choice)
    if not isinstance(choice, (Mixture, Fallback)):
        return {role: teachers[0]}, (Part(1.0, (role,)),)
    seats = [f"{role}/{number}" for number in range(1, len(teachers) + 1)]
    if isinstance(choice, Fallback):
        return dict(zip(seats, teachers, strict=True)), (Part(1.0, tuple(seats)),)
    parts, left = [], iter(seats)
    for part in choice.mixture:
        line = tuple(next(left) for _ in teachers_of(part.teacher))
        parts.append(Part(part.weight, line))
    return dict(zip(seats, teachers, strict=True)), tuple(parts)


def resolved(choice: Choice, resolve: Callable[[str], Component]) -> Choice:
    """The same choice with every SPEC read by ``resolve``."""
    match choice:
        case Mixture():
            parts = [
                part.model_copy(update={"teacher": resolved(part.teacher, resolve)})
                for part in choice.mixture
            ]
            return choice.model_copy(update={"mixture": tuple(parts)})
        case Fallback():
            line = tuple(resolve(one) if isinstance(one, str) else one for one in choice.fallback)
            return choice.model_copy(update={"fallback": line})
        case str():
            return resolve(choice)
        case _:
            return choice


def written_teachers(value: Any) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """(path, written form) of each teacher in the raw value of a role."""
    if isinstance(value, Mapping) and isinstance(value.get("mixture"), list):
        for at, part in enumerate(value["mixture"]):
            if isinstance(part, Mapping) and "teacher" in part:
                for path, one in written_teachers(part["teacher"]):
                    yield ("mixture", at, "teacher", *path), one
    elif isinstance(value, Mapping) and isinstance(value.get("fallback"), list):
        for at, one in enumerate(value["fallback"]):
            yield ("fallback", at), one
    else:
        yield (), value
