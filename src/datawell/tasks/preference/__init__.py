"""Preference pairs: several answers to one question, the better and the worse one kept.

Enters: a seed with a question, and its exact answer where there is one. ``attempts`` plans the
built-in voice's answers, right ones and wrong ones by documented misconceptions; ``choosing`` picks
the pair, by the exact answer or by a judge who sees each two in both orders. Leaves: the question
as prompt, the chosen answer as text, the rejected one in the plan.
"""

from datawell.tasks.preference.task import Preference

__all__ = ["Preference"]
