"""The JSON schema of a recipe, for editors: the keys, and every component known here."""

from __future__ import annotations

from typing import Any

from datawell.core import plugins
from datawell.core.errors import MissingDependencyError
from datawell.recipes.model import Recipe

_KINDS = ("seeds", "tasks", "teachers", "checks", "exporters", "students")


def recipe_schema() -> dict[str, Any]:
    """The JSON schema (draft 2020-12) of a recipe, with the parameters of each component.

    Raises:
        PluginError: two packages offer a component of one name.
    """
    schema = Recipe.model_json_schema(by_alias=True)
    definitions: dict[str, Any] = schema.setdefault("$defs", {})
    for kind in _KINDS:
        definitions[kind] = _kind_schema(kind, definitions)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **_point(schema),
        "title": "datawell recipe",
    }


def _point(node: Any) -> Any:
    """Put a reference to its kind in the place of each component."""
    if isinstance(node, dict):
        if "x-component" in node:
            rest = {key: value for key, value in node.items() if key != "x-component"}
            return {"$ref": f"#/$defs/{node['x-component']}", **rest}
        return {key: _point(value) for key, value in node.items()}
    return [_point(item) for item in node] if isinstance(node, list) else node


def _kind_schema(kind: str, definitions: dict[str, Any]) -> dict[str, Any]:
    """A component of ``kind``: its name alone, or ``use`` with the ``with`` that belongs to it."""
    names = plugins.names(kind)
    belongs = []
    for name in names:
        definitions[f"{kind}.{name}"], needed = _params_schema(kind, name, definitions)
        then: dict[str, Any] = {"properties": {"with": {"$ref": f"#/$defs/{kind}.{name}"}}}
        if needed:
            then["required"] = ["with"]
        belongs.append({"if": {"properties": {"use": {"const": name}}}, "then": then})
    alone: dict[str, Any] = {"type": "string", "enum": names}
    if kind == "teachers":
        alone = {"type": "string", "minLength": 1, "description": "A SPEC: NAME, NAME:MODEL or URL"}
    return {
        "anyOf": [
            alone,
            {
                "type": "object",
                "properties": {"use": {"enum": names}, "with": {"type": ["object", "null"]}},
                "required": ["use"],
                "additionalProperties": False,
                "allOf": belongs,
            },
        ]
    }


def _params_schema(
    kind: str, name: str, definitions: dict[str, Any]
) -> tuple[dict[str, Any], bool]:
    """The schema of one component's ``with``, and whether it must be given."""
    try:
        cls = plugins.load(kind, name)
    except MissingDependencyError as error:
        return {"type": "object", "description": error.message}, False
    schema: dict[str, Any] = cls.Params.model_json_schema(
        by_alias=True, ref_template=f"#/$defs/{kind}.{name}.{{model}}"
    )
    for inner, inner_schema in schema.pop("$defs", {}).items():
        definitions[f"{kind}.{name}.{inner}"] = inner_schema
    about = (cls.__doc__ or "").strip().partition("\n")[0]
    needed = bool(schema.get("required"))
    schema["type"] = "object" if needed else ["object", "null"]
    return {**schema, "title": f"{kind}: {name}", "description": about}, needed
