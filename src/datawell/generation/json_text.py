"""JSON as language models write it: fenced, after some prose, with a comma too many.

What is forgiven: words before and after, a ``<think>`` block at the beginning, code fences, commas
before a closing bracket, raw line breaks inside strings. What is not: a value cut short, single
quotes, two equal keys, ``NaN``, numbers no float can hold, more than ``MOST_CHARS`` characters or
``MOST_DEPTH`` levels. Text is read as data and never evaluated.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any, NoReturn

MOST_CHARS = 500_000
MOST_DEPTH = 64
MOST_STARTS = 16  # places in one text where a value is looked for

_THOUGHT = re.compile(r"\s*<think>.*?</think>", re.DOTALL)
_START = re.compile(r"[{\[]")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],]|[^"{}\[\],]+', re.DOTALL)
_HALF = re.compile("[\ud800-\udfff]")


def json_values(text: str) -> list[Any]:
    """The JSON values in a model's text: the whole text if it is one, else every object and array
    that stands in it, outermost only, in order.

    Raises:
        ValueError: there is none; its words say what was wrong with the first that was tried.
    """
    if len(text) > MOST_CHARS:
        raise ValueError(f"the answer has {len(text):,} characters, more than {MOST_CHARS:,}")
    text = _THOUGHT.sub("", text, count=1) if text.lstrip().startswith("<think>") else text
    try:
        return [_read(text)]
    except ValueError as error:
        complaint = error
    values: list[Any] = []
    tried = False
    for piece in _pieces(text):
        try:
            values.append(_read(piece))
        except ValueError as error:
            complaint, tried = (complaint if tried else error), True
    if not values:
        raise complaint if tried else _why_none(text, complaint)
    return values


def _why_none(text: str, complaint: ValueError) -> ValueError:
    start = _START.search(text)
    if start is None or text.lstrip().startswith(("{", "[")):
        return complaint
    return ValueError(f"the value that begins {text[start.start() :][:20]!r} is not closed")


def _pieces(text: str) -> Iterator[str]:
    """Balanced pieces of text from a bracket to its partner, without commas before a closing one.

    A bracket without a partner (prose has such) is passed over, and what follows it is searched.
    """
    at = 0
    for _ in range(MOST_STARTS):
        start = _START.search(text, at)
        if start is None:
            return
        end, piece = _balanced(text, start.start())
        if piece:
            yield piece
        at = end


def _balanced(text: str, start: int) -> tuple[int, str]:
    """(where to go on, the piece that begins at ``start``, or nothing)."""
    open_: list[str] = []
    kept: list[str] = []
    for token in _TOKEN.finditer(text, start):
        word = token[0]
        if word in "{[":
            open_.append("}" if word == "{" else "]")
        elif word in "}]":
            if open_.pop() != word:
                return start + 1, ""
            _drop_comma(kept)
        kept.append(word)
        if not open_:
            return token.end(), "".join(kept)
    return start + 1, ""


def _drop_comma(kept: list[str]) -> None:
    last = len(kept) - 1
    while last > 0 and kept[last].isspace():
        last -= 1
    if kept[last] == "," and kept[last - 1] not in ("{", "[", ","):
        del kept[last]


def _read(text: str) -> Any:
    try:
        value = _DECODER.decode(text.strip().removeprefix("\ufeff"))
    except RecursionError:
        raise ValueError(f"it is nested deeper than {MOST_DEPTH} levels") from None
    return _sound(value, 1)


def _sound(value: Any, depth: int) -> Any:
    """The value, held to the depth allowed, with half surrogate pairs as U+FFFD."""
    if isinstance(value, str):
        return _HALF.sub("\ufffd", value) if _HALF.search(value) else value
    if not isinstance(value, (dict, list)):
        return value
    if depth > MOST_DEPTH:
        raise ValueError(f"it is nested deeper than {MOST_DEPTH} levels")
    if isinstance(value, list):
        return [_sound(item, depth + 1) for item in value]
    return {_sound(name, depth + 1): _sound(item, depth + 1) for name, item in value.items()}


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for at, name in enumerate(names) if name in names[:at])
        raise ValueError(f"the key {twice[:40]!r} stands twice in one object")
    return found


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"the number {text[:40]} is too large")
    return number


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique, parse_float=_finite, parse_constant=_no_constant, strict=False
)
