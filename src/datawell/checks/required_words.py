"""Drops a story that lacks one of the words its plan requires, in any inflection."""

from __future__ import annotations

import re

from datawell.core.lexicon import Lexicon
from datawell.core.params import Params as BaseParams
from datawell.core.records import Record, Span, Verdict

_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_PARTS = ("noun", "verb", "adjective")


class RequiredWords:
    """Each word of ``plan["required"]`` must occur, as itself or inflected."""

    class Params(BaseParams):
        """Whose inflections count."""

        vocabulary: str = "child"
        """The lexicon whose inflections count."""

    name = "required_words"
    version = "1"

    def __init__(self, params: RequiredWords.Params) -> None:
        """Load the lexicon; see :meth:`Lexicon.load` for what can go wrong."""
        self.params = params
        self._lexicon = Lexicon.load(params.vocabulary)

    def _forms(self, part: str, word: str) -> frozenset[str]:
        known = self._lexicon.entry(word.lower(), part)
        forms = known.forms if known else (word,)
        return frozenset(form.lower() for form in forms)

    def examine(self, record: Record) -> Verdict:
        """``score`` is the share of required words found; the evidence marks where."""
        required = record.plan.get("required")
        if not isinstance(required, dict) or not required:
            return Verdict(self.name, False, "no plan", note="the plan requires no words")
        first: dict[str, re.Match[str]] = {}
        for match in _TOKEN.finditer(record.text):
            token = match.group(0).replace("’", "'").lower().removesuffix("'s")
            first.setdefault(token, match)
        evidence, missing = [], []
        for part in _PARTS:
            if part not in required:
                continue
            word = str(required[part])
            found = [first[form] for form in sorted(self._forms(part, word)) if form in first]
            if found:
                match = min(found, key=lambda m: m.start())
                evidence.append(Span(match.start(), match.end(), f"{part} {word}"))
            else:
                missing.append(f"{part} {word}")
        score = len(evidence) / (len(evidence) + len(missing))
        if missing:
            note = f"missing: {', '.join(missing)}"
            return Verdict(self.name, False, "missing words", score, tuple(evidence), note)
        return Verdict(self.name, True, "", score, tuple(evidence))
