"""A JSON schema as response_format: strict where it can be, loose where not, or not at all."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import BaseModel, Field

from datawell.teachers.base import Request
from datawell.teachers.chat_schema import response_format, schema_name
from datawell.teachers.openai_chat import OpenAIChat


class Line(BaseModel):
    """A line."""

    words: list[str] = Field(min_length=1)
    note: str | None = None


class Poem(BaseModel):
    """A poem."""

    title: str = "Untitled"
    lines: list[Line]


def form(schema: Any, mode: str = "json_schema") -> Any:
    return response_format(schema, mode).get("response_format")


def test_a_schema_is_closed_for_strict_mode() -> None:
    got = form(Poem.model_json_schema())["json_schema"]
    assert (got["name"], got["strict"]) == ("Poem", True)
    line = got["schema"]["$defs"]["Line"]
    assert got["schema"]["required"] == ["title", "lines"]
    assert line["required"] == ["words", "note"]
    assert line["additionalProperties"] is got["schema"]["additionalProperties"] is False
    assert "title" in got["schema"]["properties"]  # a property's name is no keyword
    assert "default" not in got["schema"]["properties"]["title"]


@pytest.mark.parametrize(
    "part",
    [
        {"type": "string", "maxLength": 3},
        {"type": "object", "additionalProperties": {"type": "integer"}},
        {"type": "object"},
        {"oneOf": [{"type": "string"}]},
        True,
    ],
)
def test_what_strict_mode_does_not_know_goes_as_it_is(part: Any) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "array", "items": part}}}
    got = form(schema)["json_schema"]
    assert "strict" not in got
    assert got["schema"] == schema


def test_other_modes_and_other_roots() -> None:
    assert form({"type": "array"}) is None
    assert form(Poem.model_json_schema(), "none") is None
    assert form({"type": "array"}, "json_object") == {"type": "json_object"}


def test_names_are_what_providers_allow() -> None:
    assert schema_name({"title": "Ein Märchen (2)"}) == "Ein_M_rchen_2"
    assert schema_name({"title": "…"}) == schema_name({}) == "answer"
    assert len(schema_name({"title": "a" * 100})) == 64


def test_the_endpoint_s_facts_set_the_mode() -> None:
    def body(**params: Any) -> tuple[bool, Any]:
        chat = OpenAIChat(OpenAIChat.Params(model="m", **params))
        request = Request((), "0", chat.settings, schema=Poem.model_json_schema())
        return chat.native_schema, json.loads(chat.body(request)).get("response_format", {})

    assert body(endpoint="ollama")[1]["type"] == "json_schema"
    assert body(endpoint="deepseek") == (True, {"type": "json_object"})
    assert body(base_url="http://h/v1") == (False, {})
    native, got = body(base_url="http://h/v1", schema_mode="json_schema")
    assert native
    assert got["type"] == "json_schema"
