"""Rewriting documents into styles without changing what they say.

Enters: a seed with a passage. ``styles`` says which ways of writing fit it; those that are
procedures (``words``, ``shape``) the built-in voice carries out, the others need a language model.
Leaves: the passage with an instruction as prompt, the rewritten passage as text.

To add a style: a :class:`~datawell.tasks.rewrite.styles.Style` in its table.
"""

from datawell.tasks.rewrite.task import Rewrite

__all__ = ["Rewrite"]
