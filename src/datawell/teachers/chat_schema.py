"""A JSON schema as ``response_format`` of a chat-completions request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

# What OpenAI's strict mode knows; llama.cpp, vLLM and others know more, and take these too.
STRICT_WORDS = frozenset(
    {
        *("type", "properties", "required", "additionalProperties", "items", "enum", "const"),
        *("anyOf", "$ref", "$defs", "description", "pattern", "format", "minItems", "maxItems"),
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    }
)
SAID_ELSEWHERE = frozenset({"title", "default", "examples", "$schema", "$id", "$comment"})


def response_format(schema: Mapping[str, Any], mode: str) -> dict[str, Any]:
    """The fields of a request's body that hold its answer to ``schema``; none where the endpoint
    has no mode for it. A mode for schemas takes objects only, so another root is left to the words
    of the request."""
    if mode == "json_object":
        return {"response_format": {"type": "json_object"}}
    if mode != "json_schema" or schema.get("type") != "object":
        return {}
    form: dict[str, Any] = {"name": schema_name(schema)}
    try:
        form |= {"schema": _closed(schema), "strict": True}
    except ValueError:
        form["schema"] = dict(schema)
    return {"response_format": {"type": "json_schema", "json_schema": form}}


def schema_name(schema: Mapping[str, Any]) -> str:
    """A name for the schema, from its title, in the letters that providers allow."""
    name = re.sub(r"[^A-Za-z0-9_-]+", "_", str(schema.get("title", ""))).strip("_")
    return name[:64] or "answer"


def _closed(schema: Any) -> Any:
    """The schema in strict form: objects closed and all their properties required. What fits it
    also fits the original.

    Raises:
        ValueError: it has no strict form (free keys, or words strict mode does not know).
    """
    if not isinstance(schema, Mapping):
        raise ValueError("not a schema")
    kept = {name: value for name, value in schema.items() if name not in SAID_ELSEWHERE}
    if unknown := kept.keys() - STRICT_WORDS:
        raise ValueError(f"no strict form for {sorted(unknown)}")
    for name in ("properties", "$defs"):
        if name in kept:
            kept[name] = {key: _closed(part) for key, part in kept[name].items()}
    if "items" in kept:
        kept["items"] = _closed(kept["items"])
    if "anyOf" in kept:
        kept["anyOf"] = [_closed(part) for part in kept["anyOf"]]
    if kept.get("type") == "object":
        if kept.get("additionalProperties", False) is not False or "properties" not in kept:
            raise ValueError("an object with free keys has no strict form")
        kept |= {"additionalProperties": False, "required": list(kept["properties"])}
    return kept
