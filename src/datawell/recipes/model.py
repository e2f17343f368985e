"""The recipe as typed, frozen data. It imports no component: names are only names here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import Field, field_validator, model_validator

from datawell.core.params import Params
from datawell.core.plugins import Component
from datawell.recipes.casting import Choice, TeacherChoice, resolved, teachers_of
from datawell.recipes.forms import (
    CheckComponent,
    ExporterComponent,
    SeedsComponent,
    StudentComponent,
    TaskComponent,
)

DEFAULT_ROWS = 200
"""How many rows ``rows: null`` means when the seeds have no end."""


class Budget(Params):
    """What may be spent; the run stops before it would be overshot."""

    usd: float = Field(ge=0)
    """US dollars."""


class Split(Params):
    """Shares of the seeds (never of the rows: rows of one seed stay together)."""

    validation: float = Field(default=0.05, ge=0, le=0.5)
    """Share of the seeds held out for validation while a student trains."""
    test: float = Field(default=0.05, ge=0, le=0.5)
    """Share of the seeds held out for the last evaluation."""

    @model_validator(mode="after")
    def _leaves_training_rows(self) -> Split:
        if self.validation + self.test >= 1:
            raise ValueError("validation and test together leave nothing to train on")
        return self


class Export(Params):
    """What leaves the run."""

    formats: tuple[ExporterComponent, ...] = (Component("parquet"),)
    """Row shapes to write, each once."""
    split: Split = Split()
    """How much is held out."""
    license: str | None = None
    """The licence of the data, for its card (an SPDX name); null says unknown."""

    @field_validator("formats")
    @classmethod
    def _each_once(cls, formats: tuple[Component, ...]) -> tuple[Component, ...]:
        return _once(formats, "format")


class Report(Params):
    """The page a person reads."""

    title: str | None = None
    """Its heading; null takes the recipe's name."""
    anchor: str | None = None
    """A file of real text (or Parquet/JSONL with a ``text`` column) whose diversity is measured
    beside the data's; null measures the data alone."""


class Recipe(Params):
    """What is wanted, in the order of the flow."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=80)
    """A short name: letters, digits, ``.``, ``_`` and ``-``; names the run folder."""
    description: str = ""
    """One line for people."""
    seed: int = Field(default=0, ge=0, lt=2**63)
    """The root of all randomness."""
    rows: int | None = Field(default=None, ge=1, le=10_000_000_000)
    """How many rows to make; null makes one from every seed, or 200 when the seeds have no end."""
    budget: Budget | None = None
    """What may be spent; null sets no limit."""
    seeds: SeedsComponent
    """Where the rows begin."""
    task: TaskComponent
    """The kind of data."""
    teachers: dict[str, TeacherChoice] = Field(default_factory=dict)
    """Who writes, by role: a SPEC (``builtin``, ``openai:MODEL``, ``http://host:port/v1#MODEL``,
    ``replay:FILE``) or ``use``/``with``; ``mixture`` deals rows out to several by weight, and
    ``fallback`` names who steps in. A role left out is played by ``builtin``."""
    checks: tuple[CheckComponent, ...] = ()
    """What drops a row, with a reason; applied in this order, each once."""
    export: Export = Export()
    """The shapes in which the data leaves, and how much of it is held out."""
    student: StudentComponent | None = None
    """The small model trained on the result; null trains none."""
    report: Report | None = Report()
    """The page a person reads; null writes none."""

    @field_validator("checks")
    @classmethod
    def _each_once(cls, checks: tuple[Component, ...]) -> tuple[Component, ...]:
        return _once(checks, "check")

    def planned_rows(self, size: int | None) -> int:
        """How many rows to make from ``size`` seeds (None: the seeds have no end)."""
        if self.rows is not None:
            return self.rows
        return DEFAULT_ROWS if size is None else size

    def with_teachers(self, resolve: Callable[[str], Component]) -> Recipe:
        """The same recipe with every teacher SPEC read by ``resolve``."""
        found: dict[str, Choice] = {
            role: resolved(choice, resolve) for role, choice in self.teachers.items()
        }
        return self.model_copy(update={"teachers": found})

    def every_teacher(self) -> list[str | Component]:
        """All teachers of all roles, in the order in which they are written."""
        return [one for choice in self.teachers.values() for one in teachers_of(choice)]

    def document(self) -> dict[str, Any]:
        """The recipe as plain data, complete and in the order of the flow."""
        return self.model_dump(mode="json", by_alias=True)


def _once(components: tuple[Component, ...], what: str) -> tuple[Component, ...]:
    names = [component.use for component in components]
    twice = [name for at, name in enumerate(names) if name in names[:at]]
    if twice:
        raise ValueError(f"{what} {twice[0]!r} is named twice")
    return components
