"""How a component stands in a recipe: ``use`` and ``with``, a bare name, or a teacher's SPEC."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from datawell.core.params import Params
from datawell.core.plugins import Component


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
OneTeacher = Annotated[str | Component, _TeacherForm("teachers", text_is_name=False)]
