"""A streamed answer of Anthropic's messages, put together into the message it spells."""

from __future__ import annotations

import json
from typing import Any

import aiohttp

from datawell.teachers.chat_stream import events, is_stream, refuse_error

# The field of a block that a delta's field adds to.
ADDS_TO = {"text": "text", "partial_json": "input", "thinking": "thinking"}


def whole_message(body: str) -> str:
    """The message that a stream of events spells, as JSON; what is no stream, or holds events that
    cannot be read, comes back as it came: it is paid for, and reading it will say why.

    Raises:
        Refused: the stream reports an error.
        aiohttp.ClientPayloadError: it ends before the message does.
    """
    if not is_stream(body):
        return body
    message: dict[str, Any] = {}
    blocks: dict[int, dict[str, Any]] = {}
    ended = False
    try:
        for event in events(body):
            refuse_error(event)
            match event.get("type"):
                case "message_start":
                    message = dict(event["message"])
                case "content_block_start":
                    blocks[event["index"]] = _begun(event["content_block"])
                case "content_block_delta":
                    _add(blocks[event["index"]], event["delta"])
                case "message_delta":
                    usage = {**(message.get("usage") or {}), **(event.get("usage") or {})}
                    message |= {**event["delta"], "usage": usage}
                case "message_stop":
                    ended = True
        message["content"] = [_finished(blocks[at]) for at in sorted(blocks)]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return body
    if not ended:
        raise aiohttp.ClientPayloadError("the stream ended before the message did")
    return json.dumps(message, ensure_ascii=False)


def _begun(block: dict[str, Any]) -> dict[str, Any]:
    """A block with an empty tool input as text, for pieces of JSON to be added to."""
    return block | {"input": ""} if block["type"] == "tool_use" else dict(block)


def _add(block: dict[str, Any], delta: dict[str, Any]) -> None:
    for name, field in ADDS_TO.items():
        if name in delta:
            block[field] = block.get(field, "") + delta[name]


def _finished(block: dict[str, Any]) -> dict[str, Any]:
    """A block whose tool input is data; input that was cut is kept as the text it is."""
    if block["type"] != "tool_use":
        return block
    try:
        return block | {"input": json.loads(block["input"] or "{}")}
    except ValueError:
        return block
