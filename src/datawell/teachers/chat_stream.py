"""Streamed answers: server-sent events read, and put together into the answer they spell.

A stream is put together only when it has come to its end; nothing is read while it runs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import aiohttp

from datawell.teachers.limits import Refused

# Not str.splitlines, which also splits at characters that JSON may hold as they are.
LINE = re.compile(r"\r\n|\n|\r")

# An error that comes as an event means what it means as a status.
STATUS_OF = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "rate_limit_exceeded": 429,
    "overloaded_error": 529,
}


def events(body: str) -> Iterator[Any]:
    """The data of each event as JSON, without the closing ``[DONE]``. Comments, which keep a
    connection alive, are passed over.

    Raises:
        ValueError, RecursionError: an event is not JSON.
    """
    lines: list[str] = []
    for line in [*LINE.split(body), ""]:
        if line.startswith("data:"):
            lines.append(line[5:].removeprefix(" "))
        elif not line and lines:
            data, lines = "\n".join(lines), []
            if data.strip() != "[DONE]":
                yield json.loads(data)


def is_stream(body: str) -> bool:
    """Whether a body is made of events; a server may answer whole though asked to stream."""
    head = body.lstrip()[:6]
    return head.startswith(("data:", "event:", ":"))


def refuse_error(event: Any) -> None:
    """Raise the error that an event reports.

    Raises:
        Refused: as if it had come as a status; 502 where its kind is unknown.
    """
    error = event.get("error") if isinstance(event, dict) else None
    if not error:
        return
    known = error if isinstance(error, dict) else {}
    status = known.get("code")
    if isinstance(status, bool) or not isinstance(status, int) or not 400 <= status < 600:
        status = STATUS_OF.get(str(known.get("type")), STATUS_OF.get(str(known.get("code")), 502))
    raise Refused(status, {}, json.dumps({"error": error}))


def whole_chat(body: str) -> str:
    """The chat completion that a stream of chunks spells, as JSON; what is no stream, or holds
    chunks that cannot be read, comes back as it came: it is paid for, and reading it will say why.

    Raises:
        Refused: the stream reports an error.
        aiohttp.ClientPayloadError: it ends before the answer does.
    """
    if not is_stream(body):
        return body
    content: list[str] = []
    refusal: list[str] = []
    logprobs: list[Any] = []
    finish: Any = None
    whole: dict[str, Any] = {"object": "chat.completion"}
    try:
        for chunk in events(body):
            refuse_error(chunk)
            whole |= {name: chunk[name] for name in ("id", "model", "usage") if chunk.get(name)}
            for choice in chunk.get("choices") or ():
                if choice.get("index", 0) != 0:
                    continue
                delta = choice.get("delta") or {}
                content += _words(delta.get("content"))
                refusal += _words(delta.get("refusal"))
                logprobs += (choice.get("logprobs") or {}).get("content") or ()
                finish = choice.get("finish_reason") or finish
    except (ValueError, TypeError, AttributeError, RecursionError):
        return body
    if finish is None:
        raise aiohttp.ClientPayloadError("the stream ended before the answer did")
    message: dict[str, Any] = {"role": "assistant", "content": "".join(content) or None}
    if refusal:
        message["refusal"] = "".join(refusal)
    choice = {"index": 0, "message": message, "finish_reason": finish}
    if logprobs:
        choice["logprobs"] = {"content": logprobs}
    return json.dumps(whole | {"choices": [choice]}, ensure_ascii=False)


def _words(value: Any) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, str):
        raise TypeError("a delta is no text")
    return [value]
