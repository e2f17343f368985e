"""Questions and answers about the user's documents, each answer with its evidence.

Enters: a seed with a passage and its place in a document. ``questions`` finds what can be asked of
it without a language model, ``evidence`` finds where quoted words stand. Leaves: a question as
prompt, an answer as text, and a plan with the evidence's exact characters in the document.

To add a kind of question: a function in ``questions`` and its line in ``KINDS``.
"""

from datawell.tasks.qa.task import QuestionAnswering

__all__ = ["QuestionAnswering"]
