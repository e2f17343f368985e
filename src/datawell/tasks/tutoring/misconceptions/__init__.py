"""Documented misconceptions as executable procedures.

Enters: a gold step (:class:`StepContext`). Leaves: what a learner with the misconception writes and
gets (:class:`Wrong`), true to the source that describes it.

To add one: write its procedure and its :class:`Misconception` in ``columns`` (buggy written
arithmetic), ``quantities`` (decimals, fractions, percent, units) or ``choices`` (which operation,
in what order); the tests take it up from :data:`MISCONCEPTIONS`.
"""

from __future__ import annotations

from datawell.tasks.tutoring.misconceptions.base import Misconception, StepContext, Wrong
from datawell.tasks.tutoring.misconceptions.choices import CHOICES
from datawell.tasks.tutoring.misconceptions.columns import COLUMNS
from datawell.tasks.tutoring.misconceptions.quantities import QUANTITIES

MISCONCEPTIONS: dict[str, Misconception] = {m.id: m for m in (*COLUMNS, *QUANTITIES, *CHOICES)}

__all__ = ["MISCONCEPTIONS", "Misconception", "StepContext", "Wrong"]
