"""The recipe as typed, frozen data. It imports no component: names are only names here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import (
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    field_validator,
    model_validator,
)
from pydantic_core import CoreSchema, core_schema

from datawell.core.params import Params
from datawell.core.plugins import Component

DEFAULT_ROWS = 200
"""How many rows ``rows: null`` means when the seeds have no end."""


class ComponentForm(Params):
    """How a component is written: ``use`` and ``with``."""

    model_config = ConfigDict(populate_by_name=True)

    use: str = Field(min_length=1)
    """The component's name (``datawell plugins list``)."""
    params: dict[str, Any] = Field(default_factory=dict, alias="with")
    """Its parameters (``datawell plugins show KIND NAME``)."""


@dataclass(frozen=True)
class _Form:
    """Reads ``use``/``with``, or a bare name, into a :class:`Component`; writes it back."""

    kind: str
    text_is_name: bool = True

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_after_validator_function(
            _to_component,
            core_schema.no_info_before_validator_function(
                self._to_form, handler.generate_schema(ComponentForm)
            ),
            serialization=core_schema.plain_serializer_function_ser_schema(_to_plain),
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        # recipes.schema puts the components known here in its place.
        return {"x-component": self.kind}

    def _to_form(self, value: Any) -> Any:
        if isinstance(value, Component):
            return {"use": value.use, "with": dict(value.params)}
        if isinstance(value, str) and self.text_is_name:
            return {"use": value}
        if isinstance(value, dict) and value.get("with", ...) is None:
            return {**value, "with": {}}  # YAML's "with:" with nothing under it
        return value


def _to_component(form: ComponentForm) -> Component:
    return Component(form.use, form.params)


def _to_plain(value: Component | str) -> Any:
    if isinstance(value, str):
        return value
    return {"use": value.use, **({"with": dict(value.params)} if value.params else {})}


class _TeacherForm(_Form):
    """As ``_Form``, but text stays text: a teacher SPEC, which the teachers room understands."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.tagged_union_schema(
            {
                "spec": core_schema.str_schema(min_length=1),
                "component": super().__get_pydantic_core_schema__(source, handler),
            },
            discriminator=lambda value: "spec" if isinstance(value, str) else "component",
            serialization=core_schema.plain_serializer_function_ser_schema(_to_plain),
        )


SeedsComponent = Annotated[Component, _Form("seeds")]
TaskComponent = Annotated[Component, _Form("tasks")]
CheckComponent = Annotated[Component, _Form("checks")]
ExporterComponent = Annotated[Component, _Form("exporters")]
StudentComponent = Annotated[Component, _Form("students")]
TeacherChoice = Annotated[str | Component, _TeacherForm("teachers", text_is_name=False)]


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
    ``replay:FILE``) or ``use``/``with``. A role left out is played by ``builtin``."""
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
        found = {
            role: resolve(choice) if isinstance(choice, str) else choice
            for role, choice in self.teachers.items()
        }
        return self.model_copy(update={"teachers": found})

    def document(self) -> dict[str, Any]:
        """The recipe as plain data, complete and in the order of the flow."""
        return self.model_dump(mode="json", by_alias=True)


def _once(components: tuple[Component, ...], what: str) -> tuple[Component, ...]:
    names = [component.use for component in components]
    twice = [name for at, name in enumerate(names) if name in names[:at]]
    if twice:
        raise ValueError(f"{what} {twice[0]!r} is named twice")
    return components
