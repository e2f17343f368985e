"""What the whole answer is, and how it begins and ends."""

from __future__ import annotations

import json
import re
from typing import Any

from datawell.checks.verifiers.base import (
    Arguments,
    held,
    inside_fence,
    lines,
    paragraphs,
    verifies,
    words,
)

_QUOTES = '"“”„'


def _flat(text: str) -> str:
    return " ".join(text.split()).casefold()


@verifies("starts_with")
def _starts_with(text: str, args: Arguments) -> str:
    return held(_flat(text).startswith(_flat(args["phrase"])), f"begins with {text.strip()[:40]!r}")


@verifies("ends_with")
def _ends_with(text: str, args: Arguments) -> str:
    return held(_flat(text).endswith(_flat(args["phrase"])), f"ends with {text.strip()[-40:]!r}")


@verifies("repeat_prompt")
def _repeat_prompt(text: str, args: Arguments) -> str:
    said, request = _flat(text), _flat(args["request"])
    if not said.startswith(request):
        return "does not begin with the request"
    return held(bool(words(said[len(request) :])), "nothing follows the request")


@verifies("postscript")
def _postscript(text: str, args: Arguments) -> str:
    last = (paragraphs(text) or [""])[-1].strip()
    marker = args["marker"].casefold()
    if not last.casefold().startswith(marker):
        return f"the last paragraph begins with {last[:30]!r}"
    return held(bool(words(last[len(marker) :])), "an empty postscript")


@verifies("answer_line")
def _answer_line(text: str, args: Arguments) -> str:
    last = (lines(text) or [""])[-1].strip()
    label = f"{args['label']}:".casefold()
    if not last.casefold().startswith(label):
        return f"the last line is {last[:40]!r}"
    return held(bool(words(last[len(label) :])), "nothing after the label")


@verifies("answer_tags")
def _answer_tags(text: str, args: Arguments) -> str:
    tag = re.escape(args["tag"])
    opened = len(re.findall(rf"<{tag}>", text, re.I)), len(re.findall(rf"</{tag}>", text, re.I))
    if opened != (1, 1):
        return f"{opened[0]} opening and {opened[1]} closing tags"
    inside = re.search(rf"<{tag}>(.*?)</{tag}>", text, re.I | re.S)
    return held(inside is not None and bool(words(inside[1])), "nothing between the tags")


@verifies("quotation")
def _quotation(text: str, args: Arguments) -> str:
    said = text.strip()
    ok = len(said) > 2 and said[0] in _QUOTES and said[-1] in _QUOTES
    return held(ok and bool(words(said)), "not wrapped in double quotation marks")


@verifies("code_block")
def _code_block(text: str, args: Arguments) -> str:
    inside = inside_fence(text)
    return held(inside is not None and bool(inside.strip()), "not one fenced block")


@verifies("choice")
def _choice(text: str, args: Arguments) -> str:
    said = _flat(text).rstrip(".")
    ok = said in {_flat(option).rstrip(".") for option in args["options"]}
    return held(ok, f"none of the options: {text.strip()[:40]!r}")


@verifies("two_responses")
def _two_responses(text: str, args: Arguments) -> str:
    pieces = re.split(r"(?<!\*)\*{6}(?!\*)", text)
    if len(pieces) != 2 or not all(words(piece) for piece in pieces):
        return f"{sum(bool(words(piece)) for piece in pieces)} responses"
    first, second = ([w.casefold() for w in words(piece)] for piece in pieces)
    return held(first != second, "the two responses are the same")


@verifies("json")
def _valid_json(text: str, args: Arguments) -> str:
    value, wrong = _parsed(text)
    return wrong or held(isinstance(value, dict | list), "neither an object nor a list")


@verifies("json_keys")
def _json_keys(text: str, args: Arguments) -> str:
    value, wrong = _parsed(text)
    if wrong or not isinstance(value, dict):
        return wrong or "not an object"
    return held(set(value) == set(args["keys"]), f"keys: {', '.join(map(str, value))[:100]}")


def _parsed(text: str) -> tuple[Any, str]:
    inside = inside_fence(text)
    try:
        source = text if inside is None else inside
        return json.loads(source, parse_constant=_no_constant, object_pairs_hook=_once), ""
    except (ValueError, RecursionError) as error:
        return None, f"no JSON: {error}"[:200]


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key occurs twice")
    return found
