"""Reading an answer of Anthropic's messages without trusting it."""

from __future__ import annotations

import json
from typing import Any

from datawell.core.errors import BadReply
from datawell.teachers.base import Reply
from datawell.teachers.chat_reply import count, glimpse, storable

# Their words for why an answer ended, in ours; a word that is not here is kept as it came.
FINISH = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "tool_use": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "content_filter",
}


def read_message(body: str) -> Reply:
    """A message: its text, or the input of the tool it was made to use, as JSON.

    An answer that was cut, or that the model or the provider refused, has its price, so it is a
    reply too, with what text there is. Input tokens are all that were read, also those from the
    provider's cache (``cached_tokens``).

    Raises:
        BadReply: the body is no message, or holds no text.
    """
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise BadReply(f"not JSON: {glimpse(body)}") from None
    if isinstance(value, dict) and value.get("error"):
        raise BadReply(f"the endpoint reports an error: {glimpse(json.dumps(value['error']))}")
    blocks = value.get("content") if isinstance(value, dict) else None
    if not isinstance(blocks, list):
        raise BadReply(f"no list of content: {glimpse(body)}")
    said = value.get("stop_reason")
    finish = FINISH.get(said, said) if isinstance(said, str) and said else "unknown"
    usage = value.get("usage")
    usage = usage if isinstance(usage, dict) else {}
    written = count(usage.get("cache_creation_input_tokens")) or 0
    cached = count(usage.get("cache_read_input_tokens")) or 0
    fresh = count(usage.get("input_tokens"))
    return Reply(
        text=_text(blocks, finish),
        finish_reason=finish,
        input_tokens=None if fresh is None else fresh + written + cached,
        output_tokens=count(usage.get("output_tokens")),
        cached_tokens=cached,
    )


def _text(blocks: list[Any], finish: str) -> str:
    kinds = [(b.get("type"), b) for b in blocks if isinstance(b, dict)]
    tools = [block.get("input") for kind, block in kinds if kind == "tool_use"]
    if tools and isinstance(tools[0], dict):
        return storable(json.dumps(tools[0], ensure_ascii=False))
    words = [block.get("text") for kind, block in kinds if kind == "text"]
    text = "".join(word for word in words if isinstance(word, str))
    if text:
        return storable(text)
    if finish in ("length", "content_filter"):
        return ""  # all tokens spent on thinking, or all of it withheld
    raise BadReply("no text: no block of the content holds any")
