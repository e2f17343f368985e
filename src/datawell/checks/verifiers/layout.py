"""How an answer is laid out: paragraphs, lists, sections, tables, and marks within the text."""

from __future__ import annotations

import re
from itertools import pairwise

from datawell.checks.verifiers.base import (
    Arguments,
    bullets,
    held,
    items,
    numbers_of_list,
    paragraphs,
    related,
    verifies,
    words,
)


@verifies("paragraphs")
def _divided_paragraphs(text: str, args: Arguments) -> str:
    pieces = re.split(r"^[ \t]*\*\*\*[ \t]*$", text, flags=re.MULTILINE)
    if not all(words(piece) for piece in pieces):
        return "a paragraph without words"
    return related(len(pieces), "exactly", args["count"], "paragraphs")


@verifies("paragraph_first_word")
def _paragraph_first_word(text: str, args: Arguments) -> str:
    pieces = paragraphs(text)
    if len(pieces) != args["count"]:
        return related(len(pieces), "exactly", args["count"], "paragraphs")
    if args["nth"] > len(pieces):
        return f"there is no paragraph {args['nth']}"
    first = words(pieces[args["nth"] - 1])[0]
    same = first.casefold() == args["word"].casefold()
    return held(same, f"paragraph {args['nth']} begins with {first!r}")


@verifies("bullets")
def _bullet_points(text: str, args: Arguments) -> str:
    return related(len(bullets(text)), "exactly", args["count"], "bullet points")


@verifies("numbered_list")
def _numbered_list(text: str, args: Arguments) -> str:
    found = numbers_of_list(text)
    in_order = found == list(range(1, len(found) + 1))
    wrong = related(len(found), "exactly", args["count"], "numbered items")
    return wrong or held(in_order, "the numbers do not go from 1 up")


@verifies("sorted_list")
def _sorted_list(text: str, args: Arguments) -> str:
    found = [" ".join(words(item)).casefold() for item in items(text)]
    if len(found) < 2:
        return f"{len(found)} list items"
    wrong = next((b for a, b in pairwise(found) if a > b), "")
    return held(not wrong, f"not in alphabetical order: {wrong[:60]}")


@verifies("sections")
def _sections(text: str, args: Arguments) -> str:
    head = re.compile(rf"^[ \t#*]*{re.escape(args['splitter'])}[ \t]+(\d{{1,6}})\b.*$", re.I | re.M)
    marks = list(head.finditer(text))
    wrong = related(len(marks), "exactly", args["count"], "sections")
    if wrong:
        return wrong
    if [int(mark[1]) for mark in marks] != list(range(1, len(marks) + 1)):
        return "the sections are not numbered from 1 up"
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    empty = any(not words(text[mark.end() : end]) for mark, end in zip(marks, ends, strict=True))
    return held(not empty, "a section without words")


@verifies("table")
def _table(text: str, args: Arguments) -> str:
    rows = [_cells(line) for line in text.splitlines()]
    rules = [at for at, cells in enumerate(rows) if cells and all(map(_rule, cells))]
    if len(rules) != 1 or rules[0] == 0:
        return f"{len(rules)} tables with a header and a rule"
    at = rules[0]
    body = []
    for cells in rows[at + 1 :]:
        if not cells:
            break
        body.append(cells)
    widths = {len(cells) for cells in [rows[at - 1], rows[at], *body]}
    if len(widths) != 1 or not any(cell for cell in rows[at - 1]):
        return "rows with unequally many cells"
    return related(len(body), "exactly", args["count"], "rows")


def _cells(line: str) -> list[str]:
    line = line.strip()
    return [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []


def _rule(cell: str) -> bool:
    return re.fullmatch(r":?-{3,}:?", cell) is not None


@verifies("highlights")
def _highlights(text: str, args: Arguments) -> str:
    plain = re.sub(r"^[ \t]*\*[ \t]+", "", text, flags=re.MULTILINE)
    found = re.findall(r"\*\*[^*\n]+\*\*|\*[^*\n]+\*", plain)
    return related(
        sum(bool(words(part)) for part in found), "at least", args["count"], "highlighted parts"
    )


@verifies("placeholders")
def _placeholders(text: str, args: Arguments) -> str:
    found = re.findall(r"\[([^\[\]\n]+)\](?!\()", text)
    return related(
        sum(bool(words(part)) for part in found), "at least", args["count"], "placeholders"
    )


@verifies("title")
def _title(text: str, args: Arguments) -> str:
    return held(any(map(words, re.findall(r"<<([^<>\n]+)>>", text))), "no title")
