"""Is an exported row what its shape promises? A bad one is an error that names the row.

Shapes are recognised by their columns, as trainers do it: ``messages``; ``prompt`` with
``completion``, or with ``chosen`` and ``rejected``; ``text``. Any other mapping (a third party's
own shape) must at least be non-empty JSON data with string keys.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from datawell.core.errors import GuardFailed


def validate_row(row: Mapping[str, Any], *, exporter: str, record_id: str) -> None:
    """Check one exported row.

    Raises:
        GuardFailed: names the exporter, the record and what is wrong with the row.
    """
    problem = _problem(row)
    if problem:
        raise GuardFailed(
            f"exporter {exporter!r} made a bad row of record {record_id}: {problem}",
            hint="correct the exporter or its parameters; nothing was written",
        )


def _problem(row: Mapping[str, Any]) -> str:
    if not row or not all(isinstance(key, str) and key for key in row):
        return "a row needs named columns"
    try:
        json.dumps(row, allow_nan=False, ensure_ascii=False).encode()
    except (TypeError, ValueError) as error:  # a lone surrogate is a ValueError too
        return f"not JSON data: {error}"
    if "text" in row and not _filled(row["text"]):
        return "text is empty"
    if row.get("messages") is not None:
        return _chat_problem(row["messages"], "messages")
    if "chosen" in row or "rejected" in row:
        return _preference_problem(row)
    if "prompt" in row and "completion" in row:
        return _pair_problem(row["prompt"], row["completion"])
    if "messages" in row and "text" not in row:
        return "messages is missing"
    return ""


def _pair_problem(prompt: Any, completion: Any) -> str:
    if isinstance(prompt, str) and isinstance(completion, str):
        return "" if _filled(completion) else "completion is empty"
    if not isinstance(prompt, list | tuple) or not isinstance(completion, list | tuple):
        return "prompt and completion are neither both text nor both messages"
    problem = _chat_problem([*prompt, *completion], "prompt + completion")
    if problem:
        return problem
    if [message["role"] for message in completion] != ["assistant"]:
        return "completion must be one assistant message"
    return ""


def _preference_problem(row: Mapping[str, Any]) -> str:
    for side in ("chosen", "rejected"):
        problem = _pair_problem(row.get("prompt"), row.get(side))
        if problem:
            return f"{side}: {problem}"
    return "chosen and rejected are the same" if row["chosen"] == row["rejected"] else ""


def _chat_problem(messages: Any, where: str) -> str:
    """Why a message list is not a chat: optional system, then user and assistant in turn."""
    if not isinstance(messages, Sequence) or isinstance(messages, str) or not messages:
        return f"{where} is not a list of messages"
    expected = "user"
    for index, message in enumerate(messages):
        at = f"{where}[{index}]"
        if not isinstance(message, Mapping) or set(message) != {"role", "content"}:
            return f"{at} must have exactly role and content"
        if not _filled(message["content"]):
            return f"{at} has no content"
        if index == 0 and message["role"] == "system":
            continue
        if message["role"] != expected:
            return f"{at} is from {message['role']!r}, expected {expected!r}"
        expected = "assistant" if expected == "user" else "user"
    if not any(message["role"] == "assistant" for message in messages):
        return f"{where} has no assistant message"
    return ""


def _filled(text: Any) -> bool:
    return isinstance(text, str) and bool(text.strip())
