"""Is the answer in the document? The evidence must stand there, and must hold the answer up."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeGuard

from pydantic import Field as Bounded

from datawell.checks.claims import names, numbers
from datawell.checks.expressions import word_set
from datawell.core.params import Params
from datawell.core.records import Record, Span, Verdict

_CONTENT = re.compile(r"[^\W\d_]{4,}")
_ENDINGS = ("ations", "ation", "ings", "ing", "edly", "ed", "ies", "es", "ly", "s", "e", "y")
_COMMON = word_set(
    "that this these those with from have been were will would could should there their they"
    " because which when where what about into than then them also does says said text passage"
    " according document only just very more most some such"
)


class Grounding:
    """Drops an answer whose evidence is not in the document, or does not hold it up.

    Reasons: ``no_passage`` and ``no_evidence`` (the plan has none), ``evidence_not_verbatim`` (the
    stated characters of the document hold other words), ``evidence_too_long``,
    ``unsupported_number`` (not in the evidence), ``unsupported_name`` (not in the passage),
    ``unsupported_answer`` (too few of its words are in passage and question).
    Score: the share of the answer's content words that are in passage or question.
    """

    class Params(Params):
        """How close an answer must keep to its evidence."""

        max_evidence_words: int = Bounded(80, ge=1)
        """The most words of an evidence: a whole page proves nothing."""
        min_support: float = Bounded(0.5, ge=0, le=1)
        """The smallest share of the answer's content words, by their stems, that stand in the
        passage or the question."""

    name = "grounding"
    version = "1"

    def __init__(self, params: Grounding.Params) -> None:
        self.params = params

    def examine(self, record: Record) -> Verdict:
        """The verdict on one record whose text is the answer."""
        passage, evidence = record.plan.get("passage"), record.plan.get("evidence")
        if not _is_stretch(passage):
            return Verdict(self.name, False, "no_passage", note="the plan has no passage")
        if not _is_stretch(evidence) or not evidence["text"].strip():
            return Verdict(self.name, False, "no_evidence", note="no quote was found in it")
        problem = self._placed(passage, evidence)
        if problem:
            return Verdict(self.name, False, problem, note=evidence["text"][:200])
        asked = str(record.plan.get("question", ""))
        score, strange = _support(record.text, f"{passage['text']} {asked}")
        for reason, span in _unsupported(record.text, passage["text"], evidence["text"]):
            return Verdict(self.name, False, reason, score, (span,))
        if score < self.params.min_support:
            return Verdict(self.name, False, "unsupported_answer", score, tuple(strange[:5]))
        return Verdict(self.name, True, score=score)

    def _placed(self, passage: Mapping[str, Any], evidence: Mapping[str, Any]) -> str:
        """Why the evidence is not where it says it is; empty when it is."""
        begin = evidence["start"] - passage["start"]
        end = evidence["end"] - passage["start"]
        inside = 0 <= begin < end <= len(passage["text"])
        if not inside or passage["text"][begin:end] != evidence["text"]:
            return "evidence_not_verbatim"
        words = len(evidence["text"].split())
        return "evidence_too_long" if words > self.params.max_evidence_words else ""


def _is_stretch(value: Any) -> TypeGuard[Mapping[str, Any]]:
    return (
        isinstance(value, Mapping)
        and isinstance(value.get("text"), str)
        and all(type(value.get(key)) is int for key in ("start", "end"))
    )


def _unsupported(answer: str, passage: str, evidence: str) -> list[tuple[str, Span]]:
    """Numbers of the answer that the evidence lacks, and names that the passage lacks."""
    proved = {value for value, _ in numbers(evidence)}
    found = [
        ("unsupported_number", Span(claim.start, claim.end, "not in the evidence"))
        for value, claim in numbers(answer)
        if value not in proved
    ]
    known = {word.casefold() for word in re.findall(r"\w+", passage)}
    strange = [
        claim
        for claim in names(answer)
        if any(part.casefold() not in known for part in re.findall(r"\w+", claim.text))
    ]
    short = answer.split()
    if len(short) == 1 and short[0][:1].isupper():  # the whole answer is one word: a name too
        word = short[0].strip(".!\"'“”")
        if word.casefold() not in known and word.lower() not in ("yes", "no"):
            found.append(("unsupported_name", Span(0, len(answer), "not in the passage")))
    return found + [
        ("unsupported_name", Span(c.start, c.end, "not in the passage")) for c in strange
    ]


def _support(answer: str, source: str) -> tuple[float, list[Span]]:
    """The share of content words found in the source by stem, and those that are not."""
    known = {_stem(word) for word in _CONTENT.findall(source.lower())}
    words = [m for m in _CONTENT.finditer(answer.lower()) if m[0] not in _COMMON]
    strange = [
        Span(m.start(), m.end(), "not in the passage") for m in words if _stem(m[0]) not in known
    ]
    return (1 - len(strange) / len(words) if words else 1.0), strange


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            break
    return word[:-1] if len(word) > 3 and word[-1] == word[-2] else word
