"""Answers as data: what is forgiven, what is repaired, and what falls with the parser's words."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from pydantic import BaseModel, Field

from datawell.core.errors import UsageError, VoiceFault
from datawell.core.ledger import LedgerReader
from datawell.core.plugins import Component
from datawell.core.records import Message
from datawell.generation.json_schema import JsonSchema
from datawell.generation.json_text import MOST_CHARS, MOST_DEPTH, json_values
from datawell.generation.structured import ask_json
from tests.generation.kit import job, made, paid

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(st.characters(exclude_categories=["Cs"]), max_size=5), inner, max_size=4
        )
    ),
    max_leaves=12,
)
BOXED = st.lists(PLAIN, max_size=3) | st.dictionaries(st.sampled_from("abc"), PLAIN)


class Verdict(BaseModel):
    score: int = Field(ge=1, le=5)
    why: str


class Talk:
    """A scene whose teacher says what it is told to; it keeps what was asked."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.asked: list[list[Message]] = []
        self.schemas: list[Mapping[str, Any] | None] = []

    async def ask(
        self,
        role: str,
        messages: Sequence[Message],
        voice: Callable[[Random], str],
        *,
        schema: Mapping[str, Any] | None = None,
    ) -> str:
        self.asked.append(list(messages))
        self.schemas.append(schema)
        return self.answers.pop(0) if self.answers else voice(Random(0))


ASKED: list[Message] = [{"role": "user", "content": "How good is it?"}]


def judged(*answers: str, repairs: int = 2) -> tuple[Verdict, Talk]:
    talk = Talk(*answers)
    voice = {"score": 3, "why": "fair"}
    return asyncio.run(
        ask_json(talk, "judge", ASKED, Verdict, lambda r: voice, repairs=repairs)
    ), talk


# -- reading ---------------------------------------------------------------------------------


@given(PLAIN)
def test_json_is_read_as_it_is(value: Any) -> None:
    assert json_values(json.dumps(value)) == [value]
    assert json_values(f" \n{json.dumps(value, ensure_ascii=False, indent=2)}\n") == [value]


@given(BOXED, st.sampled_from(["Sure! Here it is:\n", "It's {x} \n", "", "<think>[1]</think>"]))
def test_a_value_is_found_in_a_fence_and_among_prose(value: Any, before: str) -> None:
    shown = json.dumps(value)
    assert json_values(f"{before}```json\n{shown}\n```\nIs that fine?") == [value]
    assert json_values(f"{before}{shown} as you asked.") == [value]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": [1, 2,],}', {"a": [1, 2]}),
        ('{"a": "x,}", }', {"a": "x,}"}),
        ('{"a": "two\nlines"}', {"a": "two\nlines"}),
        ('\ufeff{"a": 1}', {"a": 1}),
        ('{"a": "\\ud83d"}', {"a": "\ufffd"}),
        ('<think>{"a": 0}</think>{"a": 1}', {"a": 1}),
        ('Take 5" of {it}: {"a": "\\"}"}', {"a": '"}'}),
    ],
)
def test_what_is_forgiven(text: str, value: Any) -> None:
    assert json_values(text) == [value]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Expecting value"),
        ("I cannot do that.", "Expecting value"),
        ('{"a": 1', "Expecting ',' delimiter"),
        ('Here: {"a": 1', "is not closed"),
        ("{'a': 1}", "Expecting property name"),
        ('{"a": 1, "a": 2}', "'a' stands twice"),
        ('{"a": NaN}', "NaN is not JSON"),
        ('{"a": 1e999}', "too large"),
        ("[,]", "Expecting value"),
        ("[" * 99 + "]" * 99, "nested deeper"),
        ("[" * 100_000 + "]" * 100_000, "nested deeper"),
        (f"[{'1' * 5000}]", "Exceeds the limit"),
        ('{"a": __import__("os")}', "Expecting value"),
        ("[" + "1," * MOST_CHARS, "more than 500,000"),
    ],
)
def test_what_is_not(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        json_values(text)


@given(st.text() | st.text('{}[]",:\\ \n`atrue1'))
def test_any_text_gives_values_or_words(text: str) -> None:
    words = ""
    values = []
    try:
        values = json_values(text)
    except ValueError as error:
        words = str(error)
    assert bool(values) is not bool(words)
    json.dumps(values)


def test_depth_is_allowed_up_to_its_limit() -> None:
    assert json_values("[" * MOST_DEPTH + "]" * MOST_DEPTH)


# -- schemas ---------------------------------------------------------------------------------

SCHEMAS: list[dict[str, Any]] = [
    {"type": "integer"},
    {"type": ["string", "null"], "minLength": 1, "maxLength": 3, "pattern": "^a"},
    {"type": "array", "items": {"type": "number", "exclusiveMinimum": 0}, "maxItems": 2},
    {"prefixItems": [{"const": 1}, {"enum": ["a", True]}], "items": False, "uniqueItems": True},
    {
        "type": "object",
        "properties": {"a": {"$ref": "#/$defs/x"}, "b": True},
        "required": ["a"],
        "additionalProperties": {"type": "boolean"},
        "maxProperties": 2,
        "$defs": {"x": {"anyOf": [{"minimum": 3, "type": "number"}, {"type": "null"}]}},
    },
    {"oneOf": [{"type": "integer"}, {"multipleOf": 2, "type": "number"}], "maximum": 9},
    {"allOf": [{"minItems": 1}, {"minProperties": 1}, {"exclusiveMaximum": 3}]},
    {"enum": [[1, {"a": None}], {"a": 1}, 0]},
]
SMALL = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 10) | st.sampled_from(["", "a", "ab", "abcd", 2.5]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
    ),
    max_leaves=5,
)


@pytest.mark.parametrize("schema", SCHEMAS)
@given(value=SMALL)
def test_values_are_held_as_the_standard_says(schema: dict[str, Any], value: Any) -> None:
    fits = Draft202012Validator(schema).is_valid(value)
    complaint = JsonSchema(schema).complaint(value)
    assert (complaint == "") is fits, complaint


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "tuple"}, "no type is called 'tuple'"),
        ({"properties": {"a": {"if": {}}}}, r"at \$.a uses 'if'"),
        ({"$ref": "#/$defs/none"}, "is not there"),
        ({"$ref": "http://x/y"}, "only its own parts"),
        ({"items": 3}, "no object"),
        ({"pattern": "("}, "pattern cannot be read"),
    ],
)
def test_a_schema_that_cannot_be_held_is_refused(schema: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        asyncio.run(ask_json(Talk("1"), "judge", ASKED, schema, lambda r: 1))


def test_a_reference_without_end_is_a_complaint() -> None:
    assert "too deep" in JsonSchema({"$ref": "#"}).complaint(1)


# -- asking ----------------------------------------------------------------------------------


def test_the_built_in_voice_answers_like_any_other() -> None:
    verdict, talk = judged()
    assert verdict == Verdict(score=3, why="fair")
    assert talk.schemas == [Verdict.model_json_schema()]
    assert '"minimum": 1' in talk.asked[0][-1]["content"]
    assert talk.asked[0][-1]["content"].startswith("How good is it?")


def test_a_repair_turn_quotes_the_parser() -> None:
    verdict, talk = judged('{"score": 9, "why": "x"}', "hm", '{"score": 2, "why": "x"}')
    assert verdict.score == 2
    first, second = (talk.asked[n][-1]["content"] for n in (1, 2))
    assert "score: Input should be less than or equal to 5" in first
    assert "Expecting value" in second
    assert [m["role"] for m in talk.asked[2]] == ["user", *["assistant", "user"] * 2]


def test_what_still_fails_falls_with_the_words() -> None:
    with pytest.raises(VoiceFault) as caught:
        judged(*['{"score": "many\\u001b", "why": 1, "\\u001b": 2}'] * 9, repairs=1)
    assert caught.value.reason == "bad_structure"
    assert "score: Input should be a valid integer" in caught.value.detail
    assert caught.value.detail.isprintable()


def test_values_that_do_not_fit_are_passed_over_and_two_that_fit_are_one_too_many() -> None:
    text = 'See [1]. {"score": 4, "why": "y"} and {"score": 4, "why": "y"}'
    assert judged(text)[0].score == 4
    with pytest.raises(VoiceFault, match="2 different values that fit"):
        judged('{"score": 4, "why": "y"} or {"score": 5, "why": "y"}', repairs=0)


def test_a_json_schema_gives_plain_data() -> None:
    schema = {"type": "array", "items": {"type": "integer"}, "minItems": 1}
    talk = Talk("[]")
    assert asyncio.run(ask_json(talk, "writer", [], schema, lambda r: [1, 2])) == [1, 2]
    assert "1 items or more" in talk.asked[1][-1]["content"]


def test_each_turn_is_a_call_with_its_cost(tmp_path: Path) -> None:
    work = job(tmp_path, paid(data={"score": 7}), task={"form": True}, checks=(), rows=3)
    folder = made(work)
    dropped = {row.row: (row.reason, row.detail) for row in folder.rows() if not row.kept}
    assert set(dropped) == {0, 1, 2}
    assert all(reason == "bad_structure" for reason, _ in dropped.values())
    assert all("at most 5" in detail for _, detail in dropped.values())
    with LedgerReader(work.run.db) as ledger:
        calls = list(ledger.calls())
    assert len(calls) == 3 * 3
    assert all(call["cost"] for call in calls)
    assert all("schema" not in json.loads(call["request"]) for call in calls)


def test_a_native_schema_is_sent_and_part_of_the_call(tmp_path: Path) -> None:
    work = job(
        tmp_path,
        paid(data={"score": 4}, native_schema=True),
        task={"form": True},
        checks=(),
        rows=3,
    )
    assert [record.text for record in made(work).kept()] == ["4"] * 3
    with LedgerReader(work.run.db) as ledger:
        asked = [json.loads(call["request"]) for call in ledger.calls()]
    assert [one["schema"]["required"] for one in asked] == [["score"]] * 3
    offline = made(job(tmp_path / "b", Component("kit_made"), task={"form": True}, checks=()))
    assert {record.text for record in offline.kept()} == {"2"}
