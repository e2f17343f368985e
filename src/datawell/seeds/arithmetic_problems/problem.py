"""What a word problem is: its question, the exact steps to its answer, and the unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from datawell.core.numbers import find_numbers, format_number
from datawell.core.records import digest


@dataclass(frozen=True, slots=True)
class Step:
    """One calculation. ``left`` is an expression whose value is ``value``; ``tail`` are the words
    that follow the result in the solution ("clips in May"), when there are any without a number."""

    text: str
    left: str
    value: Fraction
    tail: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """A question with its solution. ``family`` is the kind of problem."""

    question: str
    steps: tuple[Step, ...]
    answer: Fraction
    unit: str = ""
    family: str = ""

    @property
    def id(self) -> str:
        """A hash of the content: the same problem has the same id wherever it comes from."""
        return digest(
            "problem", " ".join(self.question.split()), format_number(self.answer), size=10
        )

    def data(self) -> Mapping[str, Any]:
        """The problem as JSON data, as a :class:`~datawell.core.records.Seed` carries it."""
        return {
            "question": self.question,
            "gold": [
                {"text": s.text, "left": s.left, "value": format_number(s.value), "tail": s.tail}
                for s in self.steps
            ],
            "answer": format_number(self.answer),
            "unit": self.unit,
            "family": self.family,
            "numbers_key": numbers_key(self.question),
        }


def numbers_key(text: str) -> str:
    """The text with every number as ``#``, in lower case: equal for problems that differ only in
    their numbers."""
    pieces, at = [], 0
    for span in find_numbers(text):
        pieces += [text[at : span.start], "#"]
        at = span.end
    return " ".join("".join((*pieces, text[at:])).lower().split())
