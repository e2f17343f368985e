"""Textbook chapters on arithmetic: outline, sections, exercises with exact answers, by audience.

Enters: a seed with a problem and its exact steps. ``planning`` finds the concept the problem
belongs to (``concepts.yaml``), draws an outline and makes exercises of the same kind; ``sections``
is the built-in wording. Leaves: the chapter as one text with headings, its outline and exercises in
the plan.

To add a concept: an entry of ``concepts.yaml``.
"""

from datawell.tasks.textbook.task import Textbook

__all__ = ["Textbook"]
