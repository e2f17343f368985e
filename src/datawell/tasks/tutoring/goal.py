"""What the learner has shown so far: the corrected step, and the right final answer.

Read from the turns alone, whoever speaks, so that a model's learner is held to the same contract as
the built-in one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from datawell.core.errors import PlanFault
from datawell.core.numbers import find_numbers, parse_number
from datawell.core.records import Plan, Turn
from datawell.seeds.arithmetic_problems.equations import Equation, equations
from datawell.seeds.arithmetic_problems.expressions import Number, numbers, parse

TUTOR = "tutor"
LEARNER = "learner"


@dataclass(frozen=True, slots=True)
class Goal:
    """The learner writes the step that went wrong as it is right, and states the right answer.

    ``left`` are the numbers of the gold step, ``value`` its result, and ``distinct`` says that no
    other line of the solution or of the learner's work has that result.
    """

    left: tuple[Fraction, ...]
    value: Fraction
    distinct: bool
    answer: Fraction

    @classmethod
    def of(cls, plan: Plan) -> Goal:
        """The goal of a plan."""
        misconception, gold = plan["misconception"], plan["gold"]
        step = gold[misconception["step"]]
        expression, value = parse(step["left"]), parse_number(step["value"])
        answer = parse_number(plan["answer"])
        if expression is None or value is None or answer is None:
            raise PlanFault("gold_step_unreadable", detail=step["left"])
        others = [s["value"] for i, s in enumerate(gold) if i != misconception["step"]]
        others += [line["value"] for line in misconception["equations"]]
        return cls(tuple(sorted(numbers(expression))), value, step["value"] not in others, answer)

    def __call__(self, turns: Sequence[Turn]) -> bool:
        """True when the last turn is the learner's, states the answer, and the step is shown."""
        if not turns or turns[-1].role != LEARNER or not states(turns[-1].text, self.answer):
            return False
        return self.corrected(turns)

    def corrected(self, turns: Sequence[Turn]) -> bool:
        """True when the learner shows the corrected step as an equation that holds.

        Its first turn is its wrong work, in which nothing is corrected yet.
        """
        own = [turn.text for turn in turns if turn.role == LEARNER]
        return any(self._shows(text) for text in own[1:])

    def _shows(self, text: str) -> bool:
        for equation in _read(text):
            if not equation.holds or equation.values[1] != self.value:
                continue
            if isinstance(equation.left, Number):
                continue
            if self.distinct or tuple(sorted(numbers(equation.left))) == self.left:
                return True
        return False


@lru_cache(maxsize=256)
def _read(text: str) -> tuple[Equation, ...]:
    """The equations of a turn, which is asked about again at every later turn."""
    return tuple(equations(text))


@lru_cache(maxsize=256)
def states(text: str, answer: Fraction) -> bool:
    """True when a turn gives ``answer`` as its result: the number after its last "answer", or its
    last number."""
    found = find_numbers(text)
    after = text.lower().rfind("answer")
    named = [n for n in found if n.start > after] if after >= 0 else []
    candidates = [*named[:1], *found[-1:]]
    return bool(candidates) and all(answer in (n.value, n.quantity) for n in candidates[:1])
