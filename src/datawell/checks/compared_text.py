"""Which words of a record two records are compared by."""

from __future__ import annotations

from typing import Literal

from datawell.core.records import Record

Field = Literal["auto", "text", "prompt", "question", "instruction"]


def compared_text(record: Record, field: Field) -> str:
    """The text that stands for a record when duplicates are looked for.

    ``auto`` is the whole text, except for a conversation that has a planned question: there it is
    the question and the learner's turns, because a tutor's phrases are alike in every dialogue.
    ``instruction`` is the plan's bare instruction, without the demands on form that the prompt of
    an instruction row adds; of other rows it is the prompt.
    """
    if field == "text":
        return record.text
    if field == "prompt":
        return record.prompt
    if field == "instruction":
        return str(record.plan.get("instruction") or record.prompt)
    question = str(record.plan.get("question", ""))
    if field == "question" or not record.turns or not question:
        return question if field == "question" else record.text
    learner = [turn.text for turn in record.turns if turn.role != "tutor"]
    return "\n".join((question, *learner))
