"""The built-in voice's answer: the sentences of a plan, put into the form that was asked for.

It reads no verifier and no verifier reads it; both go by ``core/constraints.yaml``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

Asked = Mapping[str, Mapping[str, Any]]

STARTS = (
    "Here is my answer.",
    "Certainly.",
    "Let us see.",
    "With pleasure.",
    "In short this is what I know.",
)
ENDS = (
    "That is all there is to it.",
    "I hope this helps.",
    "Let me know if anything is unclear.",
    "Is there anything else I can help with?",
    "Have fun with it!",
)
_PLACES = ("[name]", "[date]", "[place]", "[phone number]")
_SIGNED = (
    "For questions ask {0}.",
    "Written by {0} on {1}.",
    "Written by {0} on {1} in {2}.",
    "Written by {0} on {1} in {2}; for questions call {3}.",
)
MOST_PLACEHOLDERS = len(_SIGNED)
_HEAD = {True: ("Step", "What to do"), False: ("Number", "Point")}
# Words that stand alone: half of "washing-up" in capitals is no word in capitals.
_ALONE = r"(?<![\w'-]){}(?![\w'-])"
_LONG_WORD = re.compile(_ALONE.format("[A-Za-z][a-z]{4,}"))


def realised(draft: Mapping[str, Any], asked: Asked) -> str:
    """The answer.

    Args:
        draft: points (sentences), ordered, result, spare (further true sentences), topic, layout.
        asked: the arguments of each constraint, by kind.
    """
    if "choice" in asked:
        return _cased(draft["result"], asked)
    if "json" in asked or "json_keys" in asked:
        return _json(draft, asked)
    blocks = [_laid_out(_marked(draft["points"], asked), draft, asked)]
    if "starts_with" in asked:
        gap = "\n\n" if "\n" in blocks[0] else " "
        blocks[0] = f"{asked['starts_with']['phrase']}{gap}{blocks[0]}"
    if "placeholders" in asked:
        signed = _SIGNED[asked["placeholders"]["count"] - 1].format(*_PLACES)
        # Another block would be another paragraph, and paragraphs are counted there.
        blocks = [f"{blocks[0]} {signed}"] if "paragraph_first_word" in asked else [*blocks, signed]
    blocks += _closing(draft, asked)
    if "title" in asked:
        blocks.insert(0, f"<<{draft['topic'].title()}>>")
    text = _cased("\n\n".join(blocks), asked)
    if "repeat_prompt" in asked:
        text = f"{asked['repeat_prompt']['request']}\n\n{text}"
    return _wrapped(text, asked)


def eligible(points: Sequence[str]) -> list[str]:
    """Longer words that can be marked, each once, in order."""
    return list(dict.fromkeys(word for point in points for word in _LONG_WORD.findall(point)))


def groups(points: Sequence[str], count: int) -> list[list[str]]:
    """The points in ``count`` runs of nearly equal size, in order."""
    bounds = [round(at * len(points) / count) for at in range(count + 1)]
    return [list(points[a:b]) for a, b in pairwise(bounds)]


def _marked(points: Sequence[str], asked: Asked) -> list[str]:
    """Some words in capitals, some between asterisks."""
    words = eligible(points)
    capitals = asked.get("capital_words", {"relation": "at most"})
    loud = words[: capitals["count"]] if capitals["relation"] != "at most" else []
    starred = words[-asked["highlights"]["count"] :] if "highlights" in asked else []
    done = "\n".join(points)
    for word in dict.fromkeys([*loud, *starred]):
        shown = word.upper() if word in loud else word
        shown = f"*{shown}*" if word in starred else shown
        done = re.sub(_ALONE.format(word), shown, done, count=1)
    return done.split("\n")


def _laid_out(points: list[str], draft: Mapping[str, Any], asked: Asked) -> str:
    for kind, lay in _LAYOUTS.items():
        if kind in asked:
            return lay(points, asked[kind], draft)
    return _FREE[draft["layout"]](points, {}, draft)


def _runs(points: list[str], args: Mapping[str, Any]) -> list[str]:
    return [" ".join(run) for run in groups(points, args["count"])]


def _bullets(points: list[str], args: Mapping[str, Any], draft: Mapping[str, Any]) -> str:
    return "\n".join(f"* {run}" for run in (_runs(points, args) if args else points))


def _numbered(points: list[str], args: Mapping[str, Any], draft: Mapping[str, Any]) -> str:
    runs = _runs(points, args) if args else points
    return "\n".join(f"{number}. {run}" for number, run in enumerate(runs, 1))


def _sorted(points: list[str], args: Mapping[str, Any], draft: Mapping[str, Any]) -> str:
    def letters(point: str) -> list[str]:
        return re.findall(r"[a-z0-9]+", point.lower())

    return _bullets(sorted(points, key=letters), {}, draft)


def _sections(points: list[str], args: Mapping[str, Any], draft: Mapping[str, Any]) -> str:
    runs = enumerate(_runs(points, args), 1)
    return "\n\n".join(f"{args['splitter']} {number}\n{run}" for number, run in runs)


def _divided(points: list[str], args: Mapping[str, Any], draft: Mapping[str, Any]) -> str:
    return "\n\n***\n\n".join(_runs(points, args))


def _paragraphs(points: list[str], args: Mapping[str, Any], draft: Mapping[str, Any]) -> str:
    return "\n\n".join(_runs(points, args))


def _table(points: list[str], args: Mapping[str, Any], draft: Mapping[str, Any]) -> str:
    rows = [_HEAD[draft["ordered"]], ("---", "---")]
    rows += [(str(number), point) for number, point in enumerate(points, 1)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _twice(points: list[str], args: Mapping[str, Any], draft: Mapping[str, Any]) -> str:
    if draft["ordered"]:
        other = f"The same as a list:\n{_numbered(points, {}, draft)}"
    else:
        other = f"To put it the other way round: {' '.join(reversed(points))}"
    return f"{' '.join(points)}\n\n******\n\n{other}"


def _prose(points: list[str], args: Mapping[str, Any], draft: Mapping[str, Any]) -> str:
    return " ".join(points)


def _lines(points: list[str], args: Mapping[str, Any], draft: Mapping[str, Any]) -> str:
    return "\n".join(points)


_Layout = Callable[[list[str], Mapping[str, Any], Mapping[str, Any]], str]
_LAYOUTS: dict[str, _Layout] = {
    "bullets": _bullets,
    "numbered_list": _numbered,
    "sorted_list": _sorted,
    "sections": _sections,
    "paragraphs": _divided,
    "paragraph_first_word": _paragraphs,
    "table": _table,
    "two_responses": _twice,
}
_FREE: dict[str, _Layout] = {
    "prose": _prose,
    "lines": _lines,
    "bullets": _bullets,
    "numbered": _numbered,
}


def free_layouts(points: Sequence[str], ordered: bool) -> list[str]:
    """The layouts that suit points when none is asked for."""
    if len(points) < 3:
        return ["prose"]
    return ["prose", "numbered"] if ordered else ["prose", "lines", "bullets"]


def _closing(draft: Mapping[str, Any], asked: Asked) -> list[str]:
    if "postscript" in asked:
        return [f"{asked['postscript']['marker']} {draft['spare'][0]}"]
    if "ends_with" in asked:
        return [asked["ends_with"]["phrase"]]
    if "answer_line" in asked:
        return [f"{asked['answer_line']['label']}: {draft['result']}"]
    if "answer_tags" in asked:
        tag = asked["answer_tags"]["tag"]
        return [f"<{tag}>{draft['result']}</{tag}>"]
    return []


def _cased(text: str, asked: Asked) -> str:
    if "upper_case" in asked:
        return text.upper()
    return text.lower() if "lower_case" in asked else text


def _wrapped(text: str, asked: Asked) -> str:
    if "quotation" in asked:
        return '"' + text.replace('"', "'") + '"'
    return f"```\n{text}\n```" if "code_block" in asked else text


def _json(draft: Mapping[str, Any], asked: Asked) -> str:
    points = [_cased(point, asked) for point in draft["points"]]
    topic = _cased(draft["topic"], asked)
    known = {
        "topic": topic,
        "answer": " ".join(points),
        "points": points,
        "count": len(points),
        "result": draft["result"],
    }
    keys = asked["json_keys"]["keys"] if "json_keys" in asked else ("topic", "points")
    return json.dumps({key: known[key] for key in keys}, ensure_ascii=False, indent=2)
