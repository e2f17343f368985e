"""Any endpoint that speaks Anthropic's messages."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from pydantic import Field

from datawell.core.records import Message
from datawell.teachers.base import Answer, Reply, Request
from datawell.teachers.chat_schema import schema_name
from datawell.teachers.messages_reply import read_message
from datawell.teachers.messages_stream import whole_message
from datawell.teachers.remote import Remote, RemoteParams

VERSION = "2023-06-01"


class AnthropicMessages(Remote):
    """One model behind ``POST {base_url}/messages``.

    What is the same in many calls stands first in the body (tool, system message, then turns), and
    nothing in it changes from call to call but the turns: a prefix that a prompt cache can hold.
    A schema is held to by a forced tool, which every model of this wire knows, or in the schema
    mode of newer ones (``schema_mode: json_schema``). Everything else is as in ``openai_chat``.
    """

    class Params(RemoteParams):
        """What to call, and how patiently."""

        temperature: float | None = Field(default=None, ge=0, le=1)
        """Sampling temperature; left out, the endpoint's own default holds."""

    vendor = "anthropic"
    # cache_control is not ours to sell: writing to a cache costs more than the price says.
    reserved = frozenset(
        {"model", "messages", "system", "stream", "tools", "tool_choice", "cache_control"}
    )
    key_header = "x-api-key"
    fixed_headers = {"anthropic-version": VERSION}  # noqa: RUF012 - read-only in the base
    usual_schema_mode = "tool"
    params: Params

    def _settings(self) -> dict[str, Any]:
        return {
            "max_tokens": self.params.max_output_tokens,
            "temperature": self.params.temperature,
            "top_p": self.params.top_p,
        }

    def body(self, request: Request) -> bytes:
        """The exact bytes that are sent for a request.

        Raises:
            PluginError: the request's settings name a field the teacher itself fills.
        """
        system, turns = split_system(request.messages)
        value: dict[str, Any] = {"model": self.params.model}
        value |= self._held_to(request)
        if system:
            value["system"] = system
        value |= {"messages": turns, **self._fields(request)}
        if self.params.stream:
            value["stream"] = True
        return json.dumps(value, separators=(",", ":")).encode()

    def _held_to(self, request: Request) -> dict[str, Any]:
        """The fields that hold the answer to the request's schema; a tool takes objects only."""
        schema = request.schema
        if schema is None or schema.get("type") != "object":
            return {}
        if self.schema_mode == "json_schema":
            return {"output_config": {"format": {"type": "json_schema", "schema": schema}}}
        if self.schema_mode != "tool":
            return {}
        name = schema_name(schema)
        tool = {"name": name, "description": "Give the answer.", "input_schema": schema}
        return {"tools": [tool], "tool_choice": {"type": "tool", "name": name}}

    async def send(self, request: Request) -> Answer:
        """Send one request, retrying as ``limits`` allows.

        Raises:
            UsageError: the key is not in the environment.
            ProviderError: the endpoint failed for good, or refuses this request.
        """
        wire, data, streamed = self._open(), self.body(request), self.params.stream

        async def attempt(left: float) -> str:
            body = await wire.request("POST", "/messages", data, left, stream=streamed)
            return whole_message(body) if streamed else body

        return Answer(await self._caller.call(attempt, request.tries, len(data)))

    def parse(self, answer: Answer) -> Reply:
        """Read a raw answer; see :func:`~datawell.teachers.messages_reply.read_message`.

        Raises:
            BadReply: it is no message or holds no text.
        """
        return read_message(answer.body)


def split_system(messages: Iterable[Message]) -> tuple[str, list[dict[str, str]]]:
    """(the system messages as one, the turns). On this wire a system message stands before all
    turns, wherever it stood, and neighbouring turns of one role are one turn."""
    system: list[str] = []
    turns: list[dict[str, str]] = []
    for message in messages:
        if message["role"] == "system":
            system.append(message["content"])
        elif turns and turns[-1]["role"] == message["role"]:
            turns[-1]["content"] += "\n\n" + message["content"]
        else:
            turns.append({"role": message["role"], "content": message["content"]})
    return "\n\n".join(system), turns
