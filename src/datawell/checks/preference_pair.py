"""Is the chosen answer the better one? Its result is read again and held to the exact answer."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

from pydantic import Field as Bounded

from datawell.core.numbers import find_numbers, parse_number
from datawell.core.params import Params
from datawell.core.records import Record, Verdict

_MARK = re.compile(r"\banswer\b(?:\s+is\b)?\s*[:=]?", re.IGNORECASE)


class PreferencePair:
    """Drops a pair that would teach the wrong thing, or nothing.

    Reasons: ``no_pair`` (the plan has no chosen and rejected answer), ``chosen_is_not_the_text``,
    ``same_answers``, ``chosen_wrong`` and ``rejected_right`` (where the plan has the exact answer),
    ``no_margin`` (scores that do not differ as they should), ``length_gap`` (one answer is so much
    longer that length alone tells them apart).
    Score: chosen's score less rejected's.
    """

    class Params(Params):
        """How far the two may differ in length."""

        max_length_ratio: float = Bounded(4.0, ge=1)
        """The most times one answer may be as long as the other, in words."""

    name = "preference_pair"
    version = "1"

    def __init__(self, params: PreferencePair.Params) -> None:
        self.params = params

    def examine(self, record: Record) -> Verdict:
        """The verdict on one record."""
        chosen, rejected = record.plan.get("chosen"), record.plan.get("rejected")
        if not _is_answer(chosen) or not _is_answer(rejected):
            return Verdict(self.name, False, "no_pair", note="no chosen and rejected answer")
        assert isinstance(chosen, dict)
        assert isinstance(rejected, dict)
        margin = float(chosen["score"]) - float(rejected["score"])
        reason, note = self._fault(record, chosen, rejected, margin)
        return Verdict(self.name, not reason, reason, margin, note=note)

    def _fault(
        self, record: Record, chosen: dict[str, Any], rejected: dict[str, Any], margin: float
    ) -> tuple[str, str]:
        if chosen["text"] != record.text:
            return "chosen_is_not_the_text", "the record's text is another answer"
        if _flat(chosen["text"]) == _flat(rejected["text"]):
            return "same_answers", "both say the same"
        exact = record.plan.get("answer")
        gold = parse_number(exact) if isinstance(exact, str) else None
        if gold is not None:
            if not _states(chosen["text"], gold):
                return "chosen_wrong", f"it does not end with {exact}"
            if _states(rejected["text"], gold):
                return "rejected_right", f"it ends with {exact}"
        if margin <= 0:
            return "no_margin", f"{chosen['score']:g} against {rejected['score']:g}"
        lengths = sorted((len(chosen["text"].split()), len(rejected["text"].split())))
        if lengths[1] > self.params.max_length_ratio * lengths[0]:
            return "length_gap", f"{lengths[1]} words against {lengths[0]}"
        return "", ""


def _is_answer(value: object) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("text"), str)
        and bool(value["text"].strip())
        and isinstance(value.get("score"), int | float)
    )


def _flat(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", text.casefold()))


def _states(text: str, gold: Fraction) -> bool:
    """True when the number after the last "answer", else the last number, is ``gold``."""
    marks = list(_MARK.finditer(text))
    after = text[marks[-1].end() :] if marks else ""
    found = find_numbers(after)[:1] or find_numbers(text)[-1:]
    return any(gold in (span.value, span.quantity) for span in found)
