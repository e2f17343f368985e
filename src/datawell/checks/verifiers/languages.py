"""In which script and which language a text is written.

A language with a script of its own is told by its script; the others by their commonest words,
which are data (``languages.yaml``). Source of the method: the small-word counts of G. Grefenstette,
"Comparing two language identification schemes", JADT 1995.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from datawell.checks.verifiers.base import held, words
from datawell.core.errors import did_you_mean

_TABLE = Path(__file__).with_name("languages.yaml")
# Shorter texts, or rarer small words, tell nothing.
_FEW_WORDS = 4
_LEAST_SHARE = 0.12
_FOREIGN_LETTERS = 0.02


@cache
def _tables() -> dict[str, Any]:
    tables: dict[str, Any] = yaml.safe_load(_TABLE.read_text(encoding="utf-8"))
    for entry in tables["languages"].values():
        entry["words"] = frozenset(entry.get("words", "").split())
    return tables


def written_in(text: str, script: str) -> str:
    """What speaks against the text being in one script only; empty when nothing does."""
    known = _tables()["scripts"]
    if script.casefold() not in known:
        return f"unknown script {script!r}: {did_you_mean(script.casefold(), known)}"
    found = _letters(text)
    if not found:
        return "no letters"
    foreign = [letter for letter in found if not _of(letter, known[script.casefold()])]
    return held(not foreign, f"letters of another script: {''.join(foreign[:10])}")


def spoken(text: str, language: str) -> str:
    """What speaks against the text being in one language; empty when nothing does."""
    known = _tables()["languages"]
    name = language.casefold()
    if name not in known:
        return f"unknown language {language!r}: {did_you_mean(name, known)}"
    entry = known[name]
    found = _letters(text)
    if not found:
        return "no letters"
    foreign = sum(not _of(letter, entry["script"]) for letter in found)
    if foreign > _FOREIGN_LETTERS * len(found):
        return f"{foreign} of {len(found)} letters belong to no script of {language}"
    for one in entry.get("needs", ()):
        if not any(_of(letter, [one]) for letter in found):
            return f"no letter of {one.casefold()}"
    if not entry["words"]:
        return ""
    said = [word.casefold().replace("’", "'") for word in words(text)]
    if len(said) < _FEW_WORDS:
        return f"{len(said)} words are too few to tell"
    counts = {other: sum(w in e["words"] for w in said) for other, e in known.items() if e["words"]}
    best = max(counts.values())
    if counts[name] < _LEAST_SHARE * len(said):
        return f"{counts[name]} of {len(said)} words are common words of {language}"
    ahead = [other for other, count in counts.items() if count == best]
    return held(counts[name] == best, f"more common words of {ahead[0]}")


def _letters(text: str) -> list[str]:
    return [character for character in text if character.isalpha()]


def _of(letter: str, scripts: list[str]) -> bool:
    return unicodedata.name(letter, "").startswith(tuple(scripts))
