"""Word problems with exact steps; they need no facts."""

from __future__ import annotations

from random import Random

from datawell.core.numbers import format_number
from datawell.seeds.arithmetic_problems.generator import generate
from datawell.seeds.arithmetic_problems.problem import Problem
from datawell.tasks.instructions.forms.base import Exercise, Facts, Growth, pick

_ASK = (
    "{question}",
    "{question}",
    "Solve this problem. {question}",
    "{question} Work it out step by step.",
    "Please calculate: {question}",
    "{question} Show how you get there.",
)
_SECOND = (
    "Then solve this one too: {question}",
    "After that answer a second question: {question}",
)
_BARE = (
    "Close with the bare calculations of the first question.",
    "At the end repeat the calculations of the first question without words.",
)


def _solution(problem: Problem) -> tuple[tuple[str, ...], str]:
    unit = f" {problem.unit}" if problem.unit else ""
    result = f"{format_number(problem.answer)}{unit}"
    return (*(step.text for step in problem.steps), f"So the answer is {result}."), result


def word_problem(name: str, facts: Facts, random: Random) -> Exercise:
    """One problem; a second one makes it harder."""
    first, other = generate(random), generate(random)
    points, result = _solution(first)
    more, other_result = _solution(other)
    second = pick(_SECOND, random, question=other.question)
    bare = "; ".join(f"{step.left} = {format_number(step.value)}" for step in first.steps)
    growth = {
        "complicate_input": Growth(second, more, result=f"{result} and {other_result}"),
        "increase_reasoning": Growth(random.choice(_BARE), (f"The bare calculations: {bare}.",)),
    }
    ask = pick(_ASK, random, question=first.question)
    return Exercise("arithmetic", ask, points, True, result, growth=growth)
