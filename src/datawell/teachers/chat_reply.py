"""Reading a chat-completions answer without trusting it."""

from __future__ import annotations

import json
import math
from typing import Any

from datawell.core.errors import BadReply, RequestRejected
from datawell.teachers.base import Reply

MOST_TOKENS = 100_000_000


def read_chat(body: str) -> Reply:
    """The first choice of a chat completion.

    ``finish_reason`` is kept as the endpoint gave it. "length" (cut at ``max_output_tokens``) and
    "content_filter" (cut by the provider) are answers with a price, so they are replies too, with
    what text there is; who asks decides what such a text is worth. Token counts that are missing,
    negative, absurd or no integers are None. Half a surrogate pair (an emoji cut in two) becomes
    U+FFFD, so that the text can be stored.

    Raises:
        BadReply: the body is no chat completion, or holds no text.
        RequestRejected: the model refused; asking again would not help.
    """
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise BadReply(f"not JSON: {glimpse(body)}") from None
    choices = value.get("choices") if isinstance(value, dict) else None
    if not isinstance(choices, list) and isinstance(value, dict) and value.get("error"):
        raise BadReply(f"the endpoint reports an error: {glimpse(json.dumps(value['error']))}")
    if not isinstance(choices, list):
        raise BadReply(f"no list of choices: {glimpse(body)}")
    if not choices:
        raise BadReply("the list of choices is empty")
    choice = choices[0]
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(message, dict):
        raise BadReply(f"the choice holds no message: {glimpse(body)}")
    finish = choice.get("finish_reason")
    finish = finish if isinstance(finish, str) and finish else "unknown"
    usage = value.get("usage")
    usage = usage if isinstance(usage, dict) else {}
    return Reply(
        text=_text(message, finish),
        finish_reason=finish,
        input_tokens=count(usage.get("prompt_tokens")),
        output_tokens=count(usage.get("completion_tokens")),
        cached_tokens=count(_part(usage, "prompt_tokens_details").get("cached_tokens")) or 0,
        logprobs=_logprobs(choice) if choice.get("logprobs") else (),
    )


def _text(message: dict[str, Any], finish: str) -> str:
    content = message.get("content")
    if isinstance(content, list):  # some endpoints send parts
        parts = [part.get("text") for part in content if isinstance(part, dict)]
        words = [part for part in parts if isinstance(part, str)]
        content = "".join(words) if words else None
    if isinstance(content, str):
        return storable(content)
    if content is None and isinstance(message.get("refusal"), str):
        raise RequestRejected(f"the model refused: {glimpse(message['refusal'])}")
    if content is None and finish in ("length", "content_filter"):
        return ""  # all tokens spent on thinking, or all of it withheld
    raise BadReply("no text: the content is " + ("null" if content is None else "of a wrong type"))


def _part(value: dict[str, Any], name: str) -> dict[str, Any]:
    part = value.get(name)
    return part if isinstance(part, dict) else {}


def _logprobs(choice: dict[str, Any]) -> tuple[tuple[str, float], ...]:
    """(token, log-probability) of each token written; none at all where one cannot be read."""
    content = _part(choice, "logprobs").get("content")
    try:
        found = tuple((storable(e["token"]), float(e["logprob"])) for e in content or ())
    except (TypeError, ValueError, KeyError, AttributeError):
        return ()
    return found if all(math.isfinite(value) for _, value in found) else ()


def storable(text: str) -> str:
    """The text with half surrogate pairs replaced. UTF-16 as a detour joins pairs and shows
    halves; plain text is untouched."""
    return text if text.isascii() else _whole(text)


def _whole(text: str) -> str:
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def count(value: object) -> int | None:
    """A token count that can be believed, or None."""
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value <= MOST_TOKENS else None


def glimpse(text: str) -> str:
    """The beginning of a foreign text, fit for one line of a terminal."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text[:200]).split())
    return repr(line[:120]) if line else "an empty body"
