"""An answer as data: asked for with a schema, read with patience, repaired in a few more turns.

The schema always stands in the messages, also where the endpoint holds the model to it: a model
that cannot see the schema it is held to writes worse, and one request then has one wording, which a
recorded run can answer too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from random import Random
from typing import Any, TypeVar, overload

from pydantic import BaseModel, ValidationError

from datawell.core.errors import VoiceFault
from datawell.core.records import Message, canonical_json
from datawell.generation.base import Asking
from datawell.generation.json_schema import JsonSchema
from datawell.generation.json_text import json_values

M = TypeVar("M", bound=BaseModel)

MOST_COMPLAINTS = 5  # problems of one answer that are told to the model
MOST_WORDS = 500  # characters of what is said to be wrong
SHOWN = 4000  # most characters of an unusable answer that a repair turn shows again

ASK = (
    "Answer with one JSON value that fits this JSON schema, and nothing before or after it:\n"
    "{schema}"
)
REPAIR = (
    "That answer cannot be used: {why}\n"
    "Write the whole answer again as one JSON value that fits the schema, and nothing else."
)


@overload
async def ask_json(
    scene: Asking,
    role: str,
    messages: Sequence[Message],
    schema: type[M],
    voice: Callable[[Random], Any],
    *,
    repairs: int = 2,
) -> M: ...


@overload
async def ask_json(
    scene: Asking,
    role: str,
    messages: Sequence[Message],
    schema: Mapping[str, Any],
    voice: Callable[[Random], Any],
    *,
    repairs: int = 2,
) -> Any: ...


async def ask_json(
    scene: Asking,
    role: str,
    messages: Sequence[Message],
    schema: type[BaseModel] | Mapping[str, Any],
    voice: Callable[[Random], Any],
    *,
    repairs: int = 2,
) -> Any:
    """The answer of the teacher who plays ``role`` as data that fits ``schema``.

    Args:
        scene: the row's door to teachers; every turn is a call of its own, with its cost.
        role: who is asked.
        messages: the request; what form the answer must have is added to the last one.
        schema: a pydantic model, of which an instance is returned; or a JSON schema, for plain
            data (a float, int, str, bool, None, list or dict).
        voice: the built-in teacher's answer as plain data; it is written out and read like any
            other answer.
        repairs: how often an unusable answer is shown again with what is wrong with it.

    Raises:
        VoiceFault: no turn could be used (``bad_structure``, with the parser's words), or as
            ``scene.ask``.
        UsageError: the schema itself uses what is not held here.
    """
    form = _form(schema) if isinstance(schema, type) else _plain_form(canonical_json(schema))

    def words(random: Random) -> str:
        return json.dumps(voice(random), ensure_ascii=False)

    said = _with_form(messages, form.words)
    for _ in range(repairs + 1):
        text = await scene.ask(role, said, words, schema=form.schema)
        try:
            return form.read(text)
        except ValueError as error:
            why = _line(str(error))
        said = [
            *said,
            Message(role="assistant", content=text[:SHOWN]),
            Message(role="user", content=REPAIR.format(why=why)),
        ]
    raise VoiceFault("bad_structure", detail=why)


class _Form:
    """A schema, its words for the model, and how an answer is held against it."""

    def __init__(self, schema: Mapping[str, Any], settle: Callable[[Any], Any]) -> None:
        self.schema = schema
        self.words = ASK.format(schema=json.dumps(schema, ensure_ascii=False))
        self._settle = settle

    def read(self, text: str) -> Any:
        """The one value in ``text`` that fits.

        Raises:
            ValueError: there is none, or more than one; its words are fit to show to the model.
        """
        fitting: list[Any] = []
        complaint: ValueError | None = None
        for value in json_values(text):
            try:
                settled = self._settle(value)
            except ValueError as error:
                complaint = complaint or error
                continue
            if settled not in fitting:
                fitting.append(settled)
        if len(fitting) > 1:
            raise ValueError(f"it holds {len(fitting)} different values that fit; give one")
        if fitting:
            return fitting[0]
        raise complaint or ValueError("it holds no JSON value")


@lru_cache(maxsize=256)
def _form(model: type[BaseModel]) -> _Form:
    def settle(value: Any) -> BaseModel:
        try:
            return model.model_validate(value)
        except ValidationError as error:
            raise ValueError(_told(error)) from None

    return _Form(model.model_json_schema(), settle)


@lru_cache(maxsize=256)
def _plain_form(schema: str) -> _Form:
    """``schema`` as canonical JSON: equal schemas are one form."""
    plain = json.loads(schema)
    held = JsonSchema(plain)

    def settle(value: Any) -> Any:
        if complaint := held.complaint(value):
            raise ValueError(complaint)
        return value

    return _Form(plain, settle)


def _line(words: str) -> str:
    """One printable line; keys of a model's own making stand in it."""
    return " ".join("".join(c if c.isprintable() else " " for c in words).split())[:MOST_WORDS]


def _told(error: ValidationError) -> str:
    """The problems in one line. The values themselves are left out: they may be long."""
    problems = error.errors(include_input=False, include_url=False)
    told = [
        f"{'.'.join(['$', *map(str, problem['loc'])])}: {problem['msg']}"
        for problem in problems[:MOST_COMPLAINTS]
    ]
    if len(problems) > MOST_COMPLAINTS:
        told.append(f"and {len(problems) - MOST_COMPLAINTS} more")
    return "; ".join(told)


def _with_form(messages: Sequence[Message], words: str) -> list[Message]:
    """The messages with the form added to the last one, which must be the user's."""
    if messages and messages[-1]["role"] == "user":
        last = Message(role="user", content=f"{messages[-1]['content']}\n\n{words}")
        return [*messages[:-1], last]
    return [*messages, Message(role="user", content=words)]
