"""Values held against a JSON schema, in the part of it that models are asked for.

A keyword that is not checked here is refused before anything is asked: a constraint that nobody
holds would be a promise nobody keeps. Semantics: JSON Schema 2020-12,
https://json-schema.org/draft/2020-12.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from datawell.core.errors import UsageError

MOST_DEPTH = 64
SAID_ONLY = frozenset(  # they describe and constrain nothing
    {"$schema", "$id", "$defs", "$comment", "title", "description", "default", "examples"}
    | {"format", "deprecated", "readOnly", "writeOnly"}
)
TYPES: Mapping[str, Callable[[Any], bool]] = {
    "object": lambda v: isinstance(v, dict),
    "array": lambda v: isinstance(v, list),
    "string": lambda v: isinstance(v, str),
    "boolean": lambda v: isinstance(v, bool),
    "null": lambda v: v is None,
    "number": lambda v: isinstance(v, (int, float)) and not isinstance(v, bool),
    "integer": lambda v: (
        (isinstance(v, int) and not isinstance(v, bool))
        or (isinstance(v, float) and v.is_integer())
    ),
}


class JsonSchema:
    """A schema, ready to hold values against.

    Raises:
        UsageError: the schema uses a keyword or type that is not held here, or a reference that
            leads nowhere.
    """

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._root = schema
        self._look_through(schema, "$", 0)

    def complaint(self, value: Any) -> str:
        """What is wrong with ``value`` and where, in one line; empty when it fits."""
        return self._complaint(self._root, value, "$", 0)

    # -- the schema itself -------------------------------------------------------------------

    def _look_through(self, schema: Any, place: str, depth: int) -> None:
        if isinstance(schema, bool):
            return
        if not isinstance(schema, Mapping) or depth > MOST_DEPTH:
            raise UsageError(f"the schema at {place} is no object, or nested too deep")
        strange = [name for name in schema if name not in RULES and name not in SAID_ONLY]
        if strange:
            raise UsageError(
                f"the schema at {place} uses {', '.join(map(repr, strange))}, which is not held",
                hint=f"held are: {', '.join(RULES)}",
            )
        kinds = _listed(schema.get("type", []))
        if wrong := [kind for kind in kinds if kind not in TYPES]:
            raise UsageError(f"the schema at {place}: no type is called {wrong[0]!r}")
        try:
            re.compile(schema.get("pattern", ""))
        except re.error as error:
            raise UsageError(
                f"the schema at {place}: the pattern cannot be read: {error}"
            ) from None
        if "$ref" in schema:
            self._resolve(schema["$ref"])
        for name, part in _parts(schema):
            self._look_through(part, f"{place}.{name}", depth + 1)

    def _resolve(self, reference: str) -> Any:
        if not reference.startswith("#"):
            raise UsageError(f"the schema refers to {reference!r}; only its own parts can be read")
        found: Any = self._root
        for name in filter(None, reference[1:].split("/")):
            name = name.replace("~1", "/").replace("~0", "~")
            if not isinstance(found, Mapping) or name not in found:
                raise UsageError(f"the schema refers to {reference!r}, which is not there")
            found = found[name]
        return found

    # -- values ------------------------------------------------------------------------------

    def _complaint(self, schema: Any, value: Any, place: str, depth: int) -> str:
        if schema is True:
            return ""
        if schema is False:
            return f"{place}: nothing may stand here"
        if depth > MOST_DEPTH:
            return f"{place}: nested too deep"
        for name, wanted in schema.items():
            rule = RULES.get(name)
            said = rule(self, schema, wanted, value, place, depth) if rule else ""
            if said:
                return said
        return ""

    def _children(self, schema: Any, wanted: Any, value: Any, place: str, depth: int) -> str:
        """``properties`` and ``additionalProperties``."""
        if not isinstance(value, dict):
            return ""
        known = schema.get("properties", {})
        other = schema.get("additionalProperties", True)
        for name, item in value.items():
            if name not in known and other is False:
                return f"{place}: {name[:40]!r} is not one of {', '.join(known) or 'no keys'}"
            said = self._complaint(known.get(name, other), item, f"{place}.{name[:40]}", depth + 1)
            if said:
                return said
        return ""

    def _items(self, schema: Any, wanted: Any, value: Any, place: str, depth: int) -> str:
        if not isinstance(value, list):
            return ""
        first = schema.get("prefixItems", [])
        rest = schema.get("items", True)
        for at, item in enumerate(value):
            part = first[at] if at < len(first) else rest
            if said := self._complaint(part, item, f"{place}[{at}]", depth + 1):
                return said
        return ""

    def _any_of(self, schema: Any, wanted: Any, value: Any, place: str, depth: int) -> str:
        said = [self._complaint(part, value, place, depth + 1) for part in wanted]
        return "" if "" in said else " or ".join(dict.fromkeys(said))

    def _one_of(self, schema: Any, wanted: Any, value: Any, place: str, depth: int) -> str:
        fits = [self._complaint(part, value, place, depth + 1) for part in wanted].count("")
        if fits > 1:
            return f"{place}: it fits {fits} of the {len(wanted)} forms, and one is wanted"
        return self._any_of(schema, wanted, value, place, depth)

    def _all_of(self, schema: Any, wanted: Any, value: Any, place: str, depth: int) -> str:
        said = (self._complaint(part, value, place, depth + 1) for part in wanted)
        return next(filter(None, said), "")

    def _reference(self, schema: Any, wanted: Any, value: Any, place: str, depth: int) -> str:
        return self._complaint(self._resolve(wanted), value, place, depth + 1)


def _leaf(
    applies: Callable[[Any], bool], fits: Callable[[Any, Any], bool], words: str
) -> Callable[..., str]:
    """A rule about one value: where it applies, when it is kept, and what is said when not."""

    def rule(self: JsonSchema, schema: Any, wanted: Any, value: Any, place: str, depth: int) -> str:
        if not applies(value) or fits(value, wanted):
            return ""
        return f"{place}: {words.format(wanted=wanted, value=_short(value))}"

    return rule


def _same(value: Any, other: Any) -> bool:
    """JSON's equality: true is not 1, and 1.0 is 1, at any depth."""
    if isinstance(value, bool) or isinstance(other, bool):
        return value is other
    if isinstance(value, list) and isinstance(other, list):
        return len(value) == len(other) and all(map(_same, value, other))
    if isinstance(value, dict) and isinstance(other, dict):
        return value.keys() == other.keys() and all(_same(value[k], other[k]) for k in value)
    return bool(value == other)


def _missing(value: dict[str, Any], wanted: Any) -> bool:
    return all(name in value for name in wanted)


_TEXT, _NUMBER, _LIST, _OBJECT = (TYPES[t] for t in ("string", "number", "array", "object"))


def _always(value: Any) -> bool:
    return True


RULES: Mapping[str, Callable[..., str]] = {
    "type": _leaf(
        _always,
        lambda v, w: any(TYPES[kind](v) for kind in _listed(w)),
        "must be {wanted}, not {value}",
    ),
    "enum": _leaf(_always, lambda v, w: any(_same(v, one) for one in w), "{value} not in {wanted}"),
    "const": _leaf(_always, _same, "must be {wanted!r}, not {value}"),
    "required": _leaf(_OBJECT, _missing, "must have all of {wanted}"),
    "properties": JsonSchema._children,
    "additionalProperties": JsonSchema._children,
    "minProperties": _leaf(_OBJECT, lambda v, w: len(v) >= w, "must have {wanted} keys or more"),
    "maxProperties": _leaf(_OBJECT, lambda v, w: len(v) <= w, "must have at most {wanted} keys"),
    "items": JsonSchema._items,
    "prefixItems": JsonSchema._items,
    "minItems": _leaf(_LIST, lambda v, w: len(v) >= w, "must have {wanted} items or more"),
    "maxItems": _leaf(_LIST, lambda v, w: len(v) <= w, "must have at most {wanted} items"),
    "uniqueItems": _leaf(
        _LIST,
        lambda v, w: not w or not any(_same(a, b) for i, a in enumerate(v) for b in v[:i]),
        "has two equal items",
    ),
    "minLength": _leaf(_TEXT, lambda v, w: len(v) >= w, "must have {wanted} characters or more"),
    "maxLength": _leaf(_TEXT, lambda v, w: len(v) <= w, "must have at most {wanted} characters"),
    "pattern": _leaf(_TEXT, lambda v, w: re.search(w, v) is not None, "must match {wanted}"),
    "minimum": _leaf(_NUMBER, lambda v, w: v >= w, "must be at least {wanted}"),
    "maximum": _leaf(_NUMBER, lambda v, w: v <= w, "must be at most {wanted}"),
    "exclusiveMinimum": _leaf(_NUMBER, lambda v, w: v > w, "must be more than {wanted}"),
    "exclusiveMaximum": _leaf(_NUMBER, lambda v, w: v < w, "must be less than {wanted}"),
    "multipleOf": _leaf(_NUMBER, lambda v, w: v % w == 0, "must be a multiple of {wanted}"),
    "anyOf": JsonSchema._any_of,
    "oneOf": JsonSchema._one_of,
    "allOf": JsonSchema._all_of,
    "$ref": JsonSchema._reference,
}


def _parts(schema: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The schemas directly inside a schema."""
    found: list[tuple[str, Any]] = []
    for group in ("properties", "$defs"):
        found.extend(schema.get(group, {}).items())
    for group in ("prefixItems", "anyOf", "oneOf", "allOf"):
        found.extend((f"{group}[{at}]", part) for at, part in enumerate(schema.get(group, ())))
    found.extend((n, schema[n]) for n in ("items", "additionalProperties") if n in schema)
    return found


def _listed(kinds: Any) -> list[str]:
    return [kinds] if isinstance(kinds, str) else list(kinds)


def _short(value: Any) -> str:
    words = repr(value)
    return words if len(words) <= 60 else words[:59] + "…"
