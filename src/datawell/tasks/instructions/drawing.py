"""Which constraints a row gets, with arguments that its answer can meet.

*Shaping* kinds change the answer, so they are drawn first, from what the answer consists of.
*Measured* kinds ask for what the shaped answer has anyway; they are drawn from a trial of it.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

from datawell.core.constraints import RELATIONS, Constraint, kinds, worded
from datawell.tasks.instructions.realise import (
    ENDS,
    MOST_PLACEHOLDERS,
    STARTS,
    eligible,
    groups,
    realised,
)

_CHOICE_SHARE = 0.4
Draft = Mapping[str, Any]
Args = dict[str, Any]

# Filled in when the instruction is known.
REQUEST = "(the request)"
_COMMON = ("very", "really", "just", "actually", "simply", "basically", "quite", "perhaps")
_SMALL = frozenset({"the", "a", "an", "of", "to", "in", "is", "it", "and", "on", "with", "for"})
_MARKS = ("!", "?", ";", ":", "(", "—", "&", "%")
# Where words end in "900-428" or "MP3" can be seen in two ways.
_CALCULATION = re.compile("[0-9][-+*/=A-Za-z]|[A-Za-z][0-9]")
_WORD = re.compile(r"[A-Za-z]+(?:['’-][A-Za-z]+)*|[0-9]+")


def draw(
    draft: Draft, others: str, allowed: Sequence[str], count: int, random: Random
) -> list[Constraint]:
    """At most ``count`` constraints of the allowed kinds that go together and can be met.

    Args:
        draft: the answer before any form, as :func:`realised` takes it.
        others: text on related matters, for words that must not occur.
        allowed: names of kinds.
        count: how many are wanted; some answers cannot meet as many.
        random: what they are drawn with.
    """
    order = random.sample(list(allowed), len(allowed))
    if draft["options"] and "choice" in order and random.random() < _CHOICE_SHARE:
        # It goes with hardly any other kind, so that it would never be drawn later.
        order.insert(0, "choice")
    table = kinds()
    chosen: dict[str, Args] = {}
    measured: list[str] = []
    fixed: set[str] = set()
    for kind in order:
        if len(chosen) + len(measured) == count:
            break
        if not fixed.isdisjoint(table[kind].touches):
            continue
        args = None if kind in _MEASURED else _SHAPING[kind](draft, random)
        if kind in _MEASURED:
            measured.append(kind)
        elif args is not None:
            chosen[kind] = args
        else:
            continue
        fixed |= table[kind].touches
    trial = realised(draft, chosen)
    fixed = {part for kind in chosen for part in table[kind].touches}
    for kind in (*measured, *(kind for kind in order if kind in _MEASURED)):
        if len(chosen) == count:
            break
        if not fixed.isdisjoint(table[kind].touches):
            continue
        if (args := _MEASURED[kind](trial, others, random)) is not None:
            chosen[kind] = args
            fixed |= table[kind].touches
    return [
        Constraint(kind, args, worded(kind, args, random.random())) for kind, args in chosen.items()
    ]


Shaper = Callable[[Draft, Random], Args | None]
Meter = Callable[[str, str, Random], Args | None]


def _split(draft: Draft, random: Random) -> int | None:
    """Into how many parts the points go: mostly each its own."""
    size = len(draft["points"])
    if size < 2:
        return None
    return size if size < 4 or random.random() < 0.6 else random.randint(2, size - 1)


def _parts(draft: Draft, random: Random) -> Args | None:
    count = _split(draft, random)
    return None if count is None else {"count": count}


def _section(draft: Draft, random: Random) -> Args | None:
    args = _parts(draft, random)
    return args and {"splitter": random.choice(("Section", "Part", "Chapter")), **args}


def _first_word(draft: Draft, random: Random) -> Args | None:
    count = _split(draft, random)
    if count is None:
        return None
    nth = random.randint(1, count)
    first = re.match("[A-Za-z]+(?= )", groups(draft["points"], count)[nth - 1][0])
    if first is None:
        return None
    return {"count": count, "nth": nth, "word": first.group().lower()}


def _table(draft: Draft, random: Random) -> Args | None:
    points = draft["points"]
    return {"count": len(points)} if len(points) > 1 and "|" not in "".join(points) else None


def _sortable(draft: Draft, random: Random) -> Args | None:
    return None if draft["ordered"] or len(draft["points"]) < 2 else {}


def _twice(draft: Draft, random: Random) -> Args | None:
    return {} if len(draft["points"]) > 1 else None


def _up_to(most: Callable[[Draft], int]) -> Shaper:
    def drawn(draft: Draft, random: Random) -> Args | None:
        limit = most(draft)
        return {"count": random.randint(2, limit)} if limit > 1 else None

    return drawn


def _markable(draft: Draft) -> int:
    """How many words can stand between asterisks; none where an asterisk is a sign of its own."""
    points = draft["points"]
    return 0 if "*" in "".join(points) else min(4, len(eligible(points)))


def _capitals(draft: Draft, random: Random) -> Args | None:
    if re.search(r"\b[A-Z]{2,}", " ".join(draft["points"])):
        return None
    limit = min(5, len(eligible(draft["points"])))
    if limit < 2:
        return None
    return {"relation": random.choice(RELATIONS), "count": random.randint(2, limit)}


def _choice(draft: Draft, random: Random) -> Args | None:
    return {"options": list(draft["options"])} if draft["options"] else None


def _keys(draft: Draft, random: Random) -> Args | None:
    others = ["topic", "count", *(["result"] if draft["result"] else [])]
    more = random.sample(others, random.randint(1, len(others)))
    return {"keys": [random.choice(("answer", "points")), *more]}


def _if(part: str, name: str, values: Sequence[str]) -> Shaper:
    def drawn(draft: Draft, random: Random) -> Args | None:
        return {name: random.choice(values)} if draft[part] else None

    return drawn


def _free(**values: Sequence[str]) -> Shaper:
    def drawn(draft: Draft, random: Random) -> Args | None:
        return {name: random.choice(ways) for name, ways in values.items()}

    return drawn


_SHAPING: dict[str, Shaper] = {
    "paragraphs": _parts,
    "paragraph_first_word": _first_word,
    "placeholders": _up_to(lambda draft: MOST_PLACEHOLDERS),
    "postscript": _if("spare", "marker", ("P.S.", "P.P.S.")),
    "bullets": _parts,
    "choice": _choice,
    "highlights": _up_to(_markable),
    "sections": _section,
    "json": _free(),
    "title": _free(),
    "two_responses": _twice,
    "repeat_prompt": _free(request=(REQUEST,)),
    "ends_with": _free(phrase=ENDS),
    "quotation": _free(),
    "capital_words": _capitals,
    "upper_case": _free(),
    "lower_case": _free(),
    "starts_with": _free(phrase=STARTS),
    "numbered_list": _parts,
    "table": _table,
    "answer_line": _if("result", "label", ("Answer", "Result", "Final answer")),
    "answer_tags": _if("result", "tag", ("answer", "result", "final")),
    "sorted_list": _sortable,
    "code_block": _free(),
    "json_keys": _keys,
}


def _content(text: str) -> Counter[str]:
    return Counter(re.findall("[a-z]{5,}", text.lower()))


def _keywords(text: str, others: str, random: Random) -> Args | None:
    found = sorted(_content(text))
    if len(found) < 3:
        return None
    return {"words": random.sample(found, random.randint(2, 3))}


def _frequency(text: str, others: str, random: Random) -> Args | None:
    found = _content(text)
    if not found:
        return None
    most = max(found.values())
    word = random.choice(sorted(word for word, count in found.items() if count == most))
    relation, count = _about(most, 0, 1, random)
    return {"word": word, "relation": relation, "count": count}


def _barred(text: str, others: str, random: Random) -> Args | None:
    said = set(re.findall("[a-z]+", text.lower()))
    near = sorted(set(_content(others)) - said)
    plain = [word for word in _COMMON if word not in said]
    words = random.sample(near, min(2, len(near))) + random.sample(plain, min(1, len(plain)))
    return {"words": words} if words else None


def _letters(text: str, others: str, random: Random) -> Args | None:
    letter = random.choice("acdehilmnoprstuw")
    found = text.lower().count(letter)
    if not found:
        return None
    relation, count = _about(found, 0, 3, random, exactly=False)
    return {"letter": letter, "relation": relation, "count": count}


def _about(
    found: int, below: int, above: int, random: Random, *, exactly: bool = True
) -> tuple[str, int]:
    """A relation and a number of two or more ("1 times" is no English) that ``found`` meets."""
    relation = random.choice(RELATIONS if exactly else RELATIONS[:2])
    if found < 2 or (relation == "at least" and found - below < 2):
        return "at most", max(2, found + random.randint(0, above))
    slack = {"at least": -random.randint(0, below), "at most": random.randint(0, above)}
    return relation, found + slack.get(relation, 0)


def _sentences(text: str, others: str, random: Random) -> Args | None:
    relation, count = _about(len(_pieces(text)), 1, 2, random)
    return {"relation": relation, "count": count}


def _words(text: str, others: str, random: Random) -> Args | None:
    found = len(_WORD.findall(text))
    if _CALCULATION.search(text):
        return None
    if random.random() < 0.5:
        return {"relation": "at least", "count": max(1, found // 5 * 5)}
    return {"relation": "at most", "count": math.ceil((found + 5) / 10) * 10}


def _pieces(text: str) -> list[str]:
    """The sentences of an answer of ours, which has no abbreviations."""
    plain = re.sub(r"\bP\.(P\.)?S\.", "PS", text, flags=re.IGNORECASE)
    found = [piece for line in plain.split("\n") for piece in re.split(r"(?<=[.!?])\s", line)]
    return [piece for piece in found if re.search("[A-Za-z]", piece)]


def _longest(text: str, others: str, random: Random) -> Args | None:
    longest = max(len(_WORD.findall(piece)) for piece in _pieces(text))
    return None if _CALCULATION.search(text) else {"count": longest + random.randint(3, 6)}


def _characters(text: str, others: str, random: Random) -> Args | None:
    return {"count": math.ceil(len(text) / 50) * 50 + random.choice((0, 50))}


def _lines(text: str, others: str, random: Random) -> Args | None:
    found = sum(bool(_WORD.search(line)) for line in text.split("\n"))
    return {"count": found} if found > 1 else None


def _marks(text: str, others: str, random: Random) -> Args | None:
    absent = [mark for mark in _MARKS if mark not in text]
    return {"marks": random.sample(absent, random.randint(1, 3))} if len(absent) > 2 else None


def _without(marks: str) -> Meter:
    return lambda text, others, random: None if re.search(marks, text) else {}


def _english(text: str, others: str, random: Random) -> Args | None:
    found = [word.lower() for word in _WORD.findall(text)]
    small = sum(word in _SMALL for word in found)
    return {"language": "English"} if len(found) > 15 and small > len(found) / 5 else None


_MEASURED: dict[str, Meter] = {
    "keywords": _keywords,
    "keyword_frequency": _frequency,
    "forbidden_words": _barred,
    "letter_frequency": _letters,
    "language": _english,
    "script": lambda text, others, random: {"script": "Latin"},
    "sentences": _sentences,
    "words": _words,
    "no_comma": _without(","),
    "sentence_length": _longest,
    "characters": _characters,
    "no_digits": _without("[0-9]"),
    "forbidden_marks": _marks,
    "lines": _lines,
}

DRAWN = frozenset(_SHAPING) | frozenset(_MEASURED)
