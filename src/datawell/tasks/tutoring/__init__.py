"""Tutoring dialogues: a maths tutor, a learner with a misconception, one problem.

Enters: a seed with a question and exact solution steps. ``planning`` chooses a misconception
(``misconceptions``) that applies to a step and follows its wrong value to a wrong answer
(``propagation``); ``tutor`` and ``learner`` are the built-in voices, ``briefs`` what language
models are told instead. Leaves: a draft with turns and both roles' views.

To add a misconception see ``misconceptions``; to add phrasings, the pools in ``tutor`` and
``learner``.
"""

from datawell.tasks.tutoring.task import Tutoring

__all__ = ["Tutoring"]
