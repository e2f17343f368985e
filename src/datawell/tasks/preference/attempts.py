"""The built-in voice's answers to an arithmetic problem: exact, or wrong as real learners are.

A wrong answer follows a documented misconception to its end (``tutoring/misconceptions``): it is
wrong for a reason, and its other lines are right.
"""

from __future__ import annotations

from random import Random

from datawell.core.errors import PlanFault
from datawell.core.numbers import format_number
from datawell.core.records import Json
from datawell.seeds.arithmetic_problems.expressions import render
from datawell.tasks.tutoring.misconceptions import MISCONCEPTIONS
from datawell.tasks.tutoring.planning import Derailment, derailments
from datawell.tasks.tutoring.propagation import read_chain
from datawell.tasks.tutoring.wording import amount, equation

SIGNS = ({"*": "×", "/": "÷"}, {"*": "×", "/": "/"}, {"*": "*", "/": "/"})
_ONLY = ("{}.", "Calculate {}.", "This is {}.", "Work it out: {}.")
_FIRST = ("First, {}.", "Start with {}.", "First calculate {}.", "Begin with {}.")
_NEXT = ("Then {}.", "Next, {}.", "After that, {}.", "Now {}.", "Then calculate {}.")


def attempts(data: Json, count: int, random: Random) -> list[Json]:
    """``count`` worked answers to the problem ``data``, at least one right and one wrong.

    Empty where the problem has no exact steps, or no misconception applies to them.
    """
    gold = data.get("gold")
    if not gold:
        return []
    try:
        chain = read_chain(gold, data["answer"])
    except PlanFault:
        return []
    pool = derailments(chain, {"family": "", **data})
    if not pool:
        return []
    good = random.randint(1, count - 1)
    made = [right(gold, data["answer"]) for _ in range(good)]
    while len(made) < count:
        found = random.choices(pool, [d.misconception.weight for d in pool])[0]
        made.append(_wrong(found, gold))
        others = [d for d in pool if d.answer != found.answer]
        pool = others or pool
    random.shuffle(made)
    signs = random.choice(SIGNS)
    return [{**attempt, "signs": signs} for attempt in made]


def right(gold: Json, answer: str) -> dict[str, Json]:
    """The exact solution as an attempt."""
    lines = [{"left": s["left"], "value": s["value"], "tail": s["tail"]} for s in gold]
    return {"lines": lines, "answer": answer, "misconception": ""}


def _wrong(found: Derailment, gold: Json) -> dict[str, Json]:
    lines = [
        {
            "left": render(line.left),
            "value": format_number(line.value),
            "tail": gold[line.step]["tail"],
        }
        for line in found.lines
    ]
    answer = format_number(found.answer)
    return {"lines": lines, "answer": answer, "misconception": found.misconception.id}


def worded(attempt: Json, unit: str, random: Random) -> dict[str, str]:
    """An attempt as a solution in sentences, and its answer."""
    lines = attempt["lines"]
    sentences = []
    for at, line in enumerate(lines):
        frames = _ONLY if len(lines) == 1 else _FIRST if at == 0 else _NEXT
        tail = f" {line['tail']}" if line["tail"] else ""
        sentences.append(random.choice(frames).format(equation(line, attempt["signs"]) + tail))
    return {"solution": " ".join(sentences), "answer": amount(attempt["answer"], unit)}


def known(misconception: str) -> str:
    """What a misconception is, in words."""
    return MISCONCEPTIONS[misconception].name
