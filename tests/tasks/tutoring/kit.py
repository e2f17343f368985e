"""What the tutoring tests share: a scene without a run, and problems to talk about."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

from datawell.core.randomness import stream
from datawell.core.records import Message, Plan, Seed
from datawell.seeds.arithmetic_problems.problem import Problem, Step
from datawell.seeds.arithmetic_problems.solutions import read_solution
from datawell.seeds.problems import ProblemSeeds
from datawell.tasks.base import Draft
from datawell.tasks.tutoring import Tutoring

CLIPS = read_solution(
    "Natalie sold clips to 48 friends in April and half as many in May. How many in all?",
    "She sold 48/2 = <<48/2=24>>24 clips in May.\n"
    "She sold 48+24 = <<48+24=72>>72 clips altogether.\n#### 72",
)


class Builtin:
    """A scene in which the built-in voices speak, but for the lines that are given to a role."""

    def __init__(self, row: int, **lines: Sequence[str]) -> None:
        self._row, self._turn = row, 0
        self._lines = {role: list(said) for role, said in lines.items()}

    async def ask(
        self,
        role: str,
        messages: Sequence[Message],
        voice: Callable[[Random], str],
        *,
        schema: Mapping[str, Any] | None = None,
    ) -> str:
        self._turn += 1
        lines = self._lines.get(role)
        if lines is not None:
            return lines.pop(0) if lines else "Hm."
        return voice(stream(0, "voice", self._row, role, self._turn))


def task(**params: object) -> Tutoring:
    return Tutoring(Tutoring.Params.model_validate(params))


def seed_of(problem: Problem) -> Seed:
    return Seed(problem.id, "test", problem.data())


def problem(question: str, answer: str, *lefts_and_values: tuple[str, str]) -> Problem:
    from fractions import Fraction

    steps = tuple(Step(f"{a} = {b}.", a, Fraction(b)) for a, b in lefts_and_values)
    return Problem(question, steps, Fraction(answer))


def generated(row: int, made: Tutoring | None = None) -> tuple[Plan, Draft]:
    """The plan and the dialogue of one of our own problems."""
    made = made or task()
    plan = made.plan(ProblemSeeds(ProblemSeeds.Params(), 3).seed(row), stream(0, "plan", row))
    return plan, asyncio.run(made.voice(plan, Builtin(row)))


def talk(plan: Plan, made: Tutoring | None = None, **lines: Sequence[str]) -> Draft:
    """A dialogue in which some roles say given lines."""
    return asyncio.run((made or task()).voice(plan, Builtin(0, **lines)))


def clips_plan(*only: str) -> Plan:
    """The plan of the clips problem with one of the named misconceptions."""
    return task(misconceptions=only).plan(seed_of(CLIPS), stream(0, "clips"))
