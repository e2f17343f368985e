"""Styles that change words and leave sentences as they are."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

_TABLE = Path(__file__).with_name("plain_words.tsv")

_NOT = {
    "don't": "do not", "doesn't": "does not", "didn't": "did not", "isn't": "is not",
    "aren't": "are not", "wasn't": "was not", "weren't": "were not", "hasn't": "has not",
    "haven't": "have not", "hadn't": "had not", "won't": "will not", "can't": "cannot",
    "couldn't": "could not", "wouldn't": "would not", "shouldn't": "should not",
    "mustn't": "must not", "needn't": "need not",
}  # fmt: skip
_ENDINGS = {"'m": " am", "'re": " are", "'ve": " have", "'ll": " will"}
_SHORT = re.compile(
    r"\b(?:(?P<negated>[A-Za-z]+n['’]t)|(?P<who>[A-Za-z]+)(?P<ending>['’](?:m|re|ve|ll|s|d)))\b"
)
_SUBJECTS = frozenset(("it", "he", "she", "that", "there", "here", "what", "who", "where", "how"))
# After these "'s" may be "has" as well as "is".
_DOUBT = re.compile(
    r"\s+(?:\w+ly\s+|not\s+|just\s+|already\s+|always\s+|never\s+)?"
    r"(?:\w+ed|\w+en|been|got|had|become|gone|done|made|come|run|put|cut|left|lost|found|sold|told"
    r"|kept|built|brought|bought|caught|taught|thought|felt|held|led|paid|sent|set|shut|spent|won"
    r"|grown|known|shown|drawn|begun|hung|worn|torn|born)\b"
)
_PRONOUN = re.compile(r"\s+(?:I|you|he|she|it|we|they|there|this|that)\b")
_ASKED = re.compile(r"(?:^|[.!?]\s+)(?:Do|Does|Did|Is|Are|Was|Were|Has|Have|Will|Can)\w*['’]t\s")


def plain_words(text: str) -> str | None:
    """Hard words by plain ones of the same meaning, from a table; None where none occurs."""
    pattern, table = _plain_table()

    def plain(match: re.Match[str]) -> str:
        # "a sufficient amount" would need another article, or another word
        if re.search(r"\b(?:an?|no)\s+$", text[: match.start()], re.IGNORECASE):
            return match[0]
        word = table[" ".join(match[0].lower().split())]
        return word[0].upper() + word[1:] if match[0][0].isupper() else word

    changed = pattern.sub(plain, text)
    return changed if changed != text else None


@lru_cache(maxsize=1)
def _plain_table() -> tuple[re.Pattern[str], dict[str, str]]:
    """One pattern of all hard words, longest first, and what each becomes."""
    lines = _TABLE.read_text(encoding="utf-8").splitlines()
    table: dict[str, str] = {}
    for line in lines:
        hard, plain = line.split("\t")
        table[hard] = plain
    longest = sorted(table, key=lambda hard: (-len(hard), hard))
    either = "|".join(re.escape(hard).replace(r"\ ", r"\s+") for hard in longest)
    return re.compile(rf"\b(?:{either})\b", re.IGNORECASE), table


def full_forms(text: str) -> str | None:
    """``don't`` as ``do not``, and so on; None where there is no short form, or one that could be
    read in two ways (``he's gone``, ``I'd``)."""
    if _SHORT.search(text) is None or _ASKED.search(text):
        return None
    pieces, at = [], 0
    for match in _SHORT.finditer(text):
        full = _full(match, text)
        if full is None:
            return None
        pieces += [text[at : match.start()], full]
        at = match.end()
    changed = "".join((*pieces, text[at:]))
    return changed if changed != text else None


def _full(match: re.Match[str], text: str) -> str | None:
    """One short form in full; a possessive as it is; None when in doubt."""
    after = text[match.end() :]
    if match["negated"] is not None:
        full = _NOT.get(match["negated"].lower().replace("’", "'"))
        if full is None or _PRONOUN.match(after):
            return None
        return full[0].upper() + full[1:] if match[0][0].isupper() else full
    who, ending = match["who"], match["ending"].replace("’", "'")
    if ending in _ENDINGS:
        return who + _ENDINGS[ending]
    if ending == "'s" and who.lower() not in _SUBJECTS:
        return match[0]
    if ending == "'d" or _DOUBT.match(after):
        return None
    return f"{who} is"


_LONG = re.compile(
    r"\b(?P<helper>do|does|did|is|are|was|were|has|have|had|could|would|should|must|will) not\b"
    r"(?=\s+[a-z])|\bcannot\b|\b(?P<who>[Ii]t|[Tt]hey|[Ww]e|[Yy]ou|[Tt]hat|[Tt]here) "
    r"(?P<be>is|are)(?=\s+(?:a|an|the|very|too|so|in|on|at|open|ready|hard|easy|good|only)\b)",
    re.IGNORECASE,
)


def short_forms(text: str) -> str | None:
    """``do not`` as ``don't``, ``it is`` as ``it's``: as people talk; None where nothing is so."""

    def short(match: re.Match[str]) -> str:
        if match["helper"] is not None:
            word = match["helper"]
            return {"will": "won't", "Will": "Won't"}.get(word, f"{word}n't")
        if match["who"] is not None:
            who, be = match["who"], match["be"]
            fits = (be == "are") == (who.lower() in ("they", "we", "you"))
            return f"{who}{chr(39)}{'re' if be == 'are' else 's'}" if fits else match[0]
        return "Can't" if match[0][0].isupper() else "can't"

    changed = _LONG.sub(short, text)
    return changed if changed != text else None
