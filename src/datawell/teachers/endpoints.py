"""Facts about endpoints are data: addresses, names of key variables, prices, context sizes.

``endpoints.yaml`` beside this file is read first, then the user's own
``~/.config/datawell/endpoints.yaml`` (under ``$XDG_CONFIG_HOME`` where that is set), then the file
that ``$DATAWELL_ENDPOINTS`` names. A later file adds endpoints, or changes single fields and models
of an earlier one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field, TypeAdapter, ValidationError, field_validator

from datawell.core.errors import PluginError, UsageError, did_you_mean, storage_boundary
from datawell.core.params import Params

MOST_BYTES = 1_000_000
SHIPPED = Path(__file__).with_name("endpoints.yaml")


class ModelPrice(Params):
    """US dollars a million tokens, as of a day."""

    input: float = Field(ge=0)
    """Dollars a million input tokens."""
    output: float = Field(ge=0)
    """Dollars a million output tokens."""
    cached_input: float | None = Field(default=None, ge=0)
    """Dollars a million input tokens that the provider had in its cache."""
    as_of: date
    """The day the figures were true."""


class ModelFacts(Params):
    """What is known of one model; what is not known is left out."""

    context: int | None = Field(default=None, ge=1)
    """Tokens of input and output together."""
    price: ModelPrice | None = None
    """Unknown is not zero."""


class Endpoint(Params):
    """What is known of one endpoint."""

    base_url: str = ""
    """The address before /chat/completions."""
    key_env: str = ""
    """The environment variable that holds the key; empty when none is needed."""
    limit_key: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    """What the endpoint calls the most output tokens."""
    seed_key: Literal["seed", "random_seed"] = "seed"
    """What the endpoint calls the seed."""
    wire: Literal["openai", "anthropic"] = "openai"
    """Which of the two wires it speaks."""
    schema_mode: Literal["json_schema", "json_object", "tool", "none"] | None = None
    """How it holds an answer to a JSON schema; left out, not known."""
    stream_usage: bool = True
    """Whether it takes stream_options, and so tells the tokens of a streamed answer."""
    batch_factor: float | None = Field(default=None, gt=0, le=1)
    """What a call in a batch file costs, as a share of its price; left out, not known."""
    models: dict[str, ModelFacts] = Field(default_factory=dict)
    """Known models."""

    @field_validator("base_url")
    @classmethod
    def _address(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")) or "@" in value or "?" in value:
            raise ValueError("must begin with http:// or https:// and hold no user and no query")
        return value.rstrip("/")


_FILE: TypeAdapter[dict[str, Endpoint]] = TypeAdapter(dict[str, Endpoint])


def endpoint(name: str) -> Endpoint:
    """The facts of the endpoint called ``name``.

    Raises:
        PluginError: nobody knows it.
        UsageError: a file of the user cannot be read (with file and line).
    """
    known = load_endpoints()
    if name not in known:
        hint = did_you_mean(name, known) + "; or give base_url"
        raise PluginError(f"no endpoint is called {name!r}", hint=hint)
    return known[name]


def load_endpoints() -> dict[str, Endpoint]:
    """All known endpoints, by name, sorted.

    Raises:
        UsageError: a file of the user cannot be read (with file and line).
    """
    merged: dict[str, dict[str, Any]] = {}
    for path in _files():
        value, node = _read(path)
        for name, facts in value.items():
            merged[name] = _merge(merged.get(name, {}), facts)
        try:
            known = _FILE.validate_python(merged)
        except ValidationError as error:
            first = error.errors()[0]
            line = _line(node, first["loc"])
            where = ".".join(str(part) for part in first["loc"] if part != "[key]")
            raise UsageError(f"{path}:{line}: {where}: {first['msg']}") from None
    return dict(sorted(known.items()))


def _files() -> Iterator[Path]:
    yield SHIPPED
    home = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    own = Path(home) / "datawell" / "endpoints.yaml"
    if own.is_file():
        yield own
    if named := os.environ.get("DATAWELL_ENDPOINTS"):
        yield Path(named)


def _read(path: Path) -> tuple[dict[str, Any], yaml.Node | None]:
    """A file as data, and as nodes that know their lines."""
    with storage_boundary("endpoint facts", path), path.open("rb") as file:
        raw = file.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        raise UsageError(f"{path}: larger than {MOST_BYTES:,} bytes; this is no file of endpoints")
    try:
        node = yaml.compose(raw, Loader=yaml.SafeLoader)
        if node is not None:
            _no_twins(node, path)
        value = yaml.safe_load(raw)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise UsageError(f"{path}:{line}: not YAML: {error.problem}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise UsageError(f"{path}: not YAML: {str(error).splitlines()[0]}") from None
    if value is None:
        return {}, node
    fine = isinstance(value, dict) and all(
        isinstance(name, str) and isinstance(facts, dict) for name, facts in value.items()
    )
    if not fine:
        hint = "see endpoints.yaml of the package for the form"
        raise UsageError(f"{path}:1: must be a mapping of endpoint names to facts", hint=hint)
    return value, node


def _no_twins(node: yaml.Node, path: Path) -> None:
    """YAML lets the last of two equal keys win in silence; we do not. Aliases are refused too."""
    todo, seen = [node], set()
    while todo:
        at = todo.pop()
        if id(at) in seen:
            raise UsageError(f"{path}:{at.start_mark.line + 1}: aliases are not used here")
        seen.add(id(at))
        if isinstance(at, yaml.MappingNode):
            names: set[str] = set()
            for key, value in at.value:
                if key.value in names if isinstance(key.value, str) else False:
                    line = key.start_mark.line + 1
                    raise UsageError(f"{path}:{line}: {key.value!r} stands here twice")
                if isinstance(key.value, str):
                    names.add(key.value)
                todo.append(value)
        elif isinstance(at, yaml.SequenceNode):
            todo.extend(at.value)


def _merge(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """``new`` over ``old``, mappings field by field."""
    merged = dict(old)
    for name, value in new.items():
        before = merged.get(name)
        if isinstance(before, dict) and isinstance(value, dict):
            value = _merge(before, value)
        merged[name] = value
    return merged


def _line(node: yaml.Node | None, place: tuple[int | str, ...]) -> int:
    """The line of the innermost part of ``place`` that is in the file."""
    line = 1
    for part in place:
        if not isinstance(node, yaml.MappingNode):
            break
        for key, value in node.value:
            if key.value == str(part):
                line, node = key.start_mark.line + 1, value
                break
        else:
            break
    return line
