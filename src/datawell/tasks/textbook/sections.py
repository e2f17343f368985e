"""The built-in wording of a chapter's sections, and how a chapter is put together."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from datawell.core.records import Json, Plan
from datawell.core.sentences import sentences
from datawell.tasks.preference.attempts import right, worded
from datawell.tasks.tutoring.wording import amount

_EXAMPLE = ("{} \n\n", "Take this problem: {}\n\n", "Here is a problem of this kind. {}\n\n")
_WRONG = (
    "Somebody who {name} gets {wrong} in the example. The right answer is {right}. {rule}",
    "A learner who {name} ends up with {wrong} instead of {right}. {rule}",
    "In the example, {wrong} would be the result of a learner who {name}. It should be {right}."
    " {rule}",
)


def told(role: str, plan: Plan, random: Random) -> str:
    """The text of one section."""
    if role == "method":
        text = plan["method"]
        steps = [text[a:b] for a, b in sentences(text)]
        return "\n".join(f"{i}. {step}" for i, step in enumerate(steps, start=1))
    if role == "example":
        example = plan["example"]
        said = solved(example, plan, random)
        start = random.choice(_EXAMPLE).format(example["question"]).replace(" \n", "\n")
        return f"{start}{said['solution']}\n\nAnswer: {said['answer']}"
    if role == "mistake":
        mistake, example = plan["mistake"], plan["example"]
        return random.choice(_WRONG).format(
            name=mistake["name"],
            wrong=amount(mistake["wrong_answer"], example["unit"]),
            right=amount(example["answer"], example["unit"]),
            rule=mistake["rule"],
        )
    return str(plan[role])


def solved(task: Json, plan: Plan, random: Random) -> dict[str, str]:
    """The exact solution of a problem in sentences, and its answer."""
    attempt = {**right(task["gold"], task["answer"]), "signs": plan["signs"]}
    return worded(attempt, task["unit"], random)


def questions(plan: Plan) -> str:
    """The exercises, numbered."""
    return "\n".join(
        f"{i}. {task['question']}" for i, task in enumerate(plan["exercises"], start=1)
    )


def answers(solutions: Sequence[tuple[str, str]]) -> str:
    """Solutions with their answers, numbered as the exercises."""
    return "\n".join(
        f"{i}. {' '.join(solution.split())} Answer: {answer}"
        for i, (solution, answer) in enumerate(solutions, start=1)
    )


def chapter(title: str, sections: Sequence[tuple[str, str]]) -> str:
    """A chapter of (heading, text) pairs in Markdown."""
    parts = [f"# {title}", *(f"## {heading}\n\n{text}" for heading, text in sections)]
    return "\n\n".join(parts)
