"""Styles that change how sentences stand, and leave their words as they are."""

from __future__ import annotations

import re
from collections import Counter

from datawell.core.sentences import paragraphs, sentences

_WORD = re.compile(r"[^\W\d_]{4,}")
_JOINT = re.compile(
    r", (?P<joint>and|but|so) (?=(?:he|she|it|they|we|I|you|there|nobody) [a-z]+)|; (?=[A-Za-z])"
)
# In a sentence that holds one of these the second clause may hang on the first.
_HANGS = re.compile(
    r"\b(?:that|which|who|if|whether|because|when|although|though|unless|until|while|as|since"
    r"|after|before|not only|either|neither|both|said|says|say)\b",
    re.IGNORECASE,
)
# A sentence that begins so leans on the one before it.
_LEANS = re.compile(
    r"(?:It|He|She|They|This|That|These|Those|His|Her|Its|Their|Then|There|So|But|And|Or|Also"
    r"|However|Therefore|Such|Both|Another|Others?|One|Here|Since then|After that|Nobody|We|You)\b"
    r"|(?:\S+ ){1,4}(?:it|he|she|they|them|this|these|those|such|then|other|second)\b"
)
_QUOTED = re.compile(r"[\"“”()\[\]]")
_SHARE = 0.4
_FEWEST = 4


def lines(text: str) -> list[str]:
    """The sentences of a text, each on one line."""
    return [" ".join(text[a:b].split()) for a, b in sentences(text)]


def bullet_list(text: str) -> str | None:
    """A line a sentence; None for fewer than three."""
    found = lines(text)
    return None if len(found) < 3 else "\n".join(f"- {line}" for line in found)


def key_facts(text: str) -> str | None:
    """The sentences with a number, where at least two stand by themselves but not all do."""
    found = lines(text)
    facts = [line for line in found if re.search(r"\d", line) and not _LEANS.match(line)]
    if not 2 <= len(facts) < len(found):
        return None
    return "\n".join(("Key facts:", *(f"- {fact}" for fact in facts)))


def short_sentences(text: str) -> str | None:
    """Clauses that can stand alone become sentences; None where there is none."""
    blocks = []
    for start, end in paragraphs(text):
        blocks.append(" ".join(_split(line) for line in lines(text[start:end])))
    changed = "\n\n".join(blocks)
    return changed if changed != flat(text) else None


def _split(sentence: str) -> str:
    pieces, at = [], 0
    if _QUOTED.search(sentence):
        return sentence
    for joint in _JOINT.finditer(sentence):
        before, after = sentence[at : joint.start()], sentence[joint.end() :]
        if _HANGS.search(before) or min(len(before.split()), len(after.split())) < 3:
            continue
        word = joint["joint"]
        pieces.append(f"{before}.")
        at = joint.end()
        if word in ("but", "so"):
            pieces.append(word.capitalize())
    rest = sentence[at:]
    if pieces and pieces[-1].endswith("."):
        rest = rest[0].upper() + rest[1:]
    return _joined([*pieces, rest])


def _joined(pieces: list[str]) -> str:
    """Pieces with a space between; the first letter after a stop in upper case."""
    out = ""
    for piece in pieces:
        if out.endswith("."):
            piece = piece[0].upper() + piece[1:]
        out = f"{out} {piece}" if out else piece
    return out


def summary(text: str) -> str | None:
    """Some two fifths of a text: the sentences whose words it uses most (Luhn 1958), in order.

    One that leans on the sentence before it comes only along with that one.
    """
    found = lines(text)
    if len(found) < _FEWEST:
        return None
    counts = Counter(word for line in found for word in set(_words(line)))
    scores = [
        sum(counts[word] for word in set(_words(line))) / (8 + len(_words(line))) for line in found
    ]
    room = _SHARE * sum(len(line.split()) for line in found)
    chosen: set[int] = set()
    for at in sorted(range(len(found)), key=lambda i: (-scores[i], i)):
        group = {at}
        while _LEANS.match(found[min(group)]) and min(group) > 0:
            group.add(min(group) - 1)
        size = sum(len(found[i].split()) for i in chosen | group)
        if size <= room:
            chosen |= group
    if len(chosen) < 2 or _LEANS.match(found[min(chosen)]):
        return None
    return " ".join(found[i] for i in sorted(chosen))


def _words(line: str) -> list[str]:
    return _WORD.findall(line.lower())


def flat(text: str) -> str:
    """The text with its paragraphs on one line each."""
    return "\n\n".join(" ".join(text[a:b].split()) for a, b in paragraphs(text))
