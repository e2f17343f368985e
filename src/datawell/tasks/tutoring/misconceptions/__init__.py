"""Documented misconceptions as executable procedures.

Enters: a gold step (:class:`StepContext`). Leaves: what a learner with the misconception writes and
gets (:class:`Wrong`), true to the source that describes it.

To add one: write its procedure and its :class:`Misconception` in the module of its topic
(``subtracting``, ``columns``, ``parts``, ``percent_units``, ``choices``, ``structure``); the tests
take it up from :data:`MISCONCEPTIONS`.
"""

from __future__ import annotations

from datawell.tasks.tutoring.misconceptions.base import Misconception, StepContext, Wrong
from datawell.tasks.tutoring.misconceptions.choices import CHOICES
from datawell.tasks.tutoring.misconceptions.columns import COLUMNS
from datawell.tasks.tutoring.misconceptions.parts import PARTS
from datawell.tasks.tutoring.misconceptions.percent_units import PERCENT_UNITS
from datawell.tasks.tutoring.misconceptions.structure import STRUCTURE
from datawell.tasks.tutoring.misconceptions.subtracting import SUBTRACTION

MISCONCEPTIONS: dict[str, Misconception] = {
    m.id: m for m in (*SUBTRACTION, *COLUMNS, *PARTS, *PERCENT_UNITS, *CHOICES, *STRUCTURE)
}

__all__ = ["MISCONCEPTIONS", "Misconception", "StepContext", "Wrong"]
