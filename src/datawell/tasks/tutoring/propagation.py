"""How a wrong value travels: a solution as a chain of steps that use one another's results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from datawell.core.errors import PlanFault
from datawell.core.numbers import format_number, parse_number
from datawell.core.records import Json
from datawell.seeds.arithmetic_problems.expressions import (
    Expression,
    Number,
    Path,
    evaluate,
    parse,
    parts,
    replace,
)
from datawell.tasks.tutoring.misconceptions import Wrong


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a learner's work: ``left = value``; ``true`` says whether that holds."""

    step: int
    left: Expression
    value: Fraction
    true: bool


@dataclass(frozen=True, slots=True)
class Chain:
    """Gold steps with their links: ``links[j]`` maps a number inside step j to the earlier step
    whose result it is."""

    expressions: tuple[Expression, ...]
    values: tuple[Fraction, ...]
    links: tuple[dict[Path, int], ...]

    @property
    def answer(self) -> Fraction:
        """The value of the last step."""
        return self.values[-1]

    def derail(self, step: int, wrong: Wrong) -> tuple[list[Line], Fraction] | None:
        """The work of a learner who gets ``step`` wrong and goes on correctly from there.

        Returns the lines and the final answer; None when a later step divides by zero.
        """
        lines: list[Line] = []
        got: list[Fraction] = []
        for j, expression in enumerate(self.expressions):
            if j == step:
                left, value = wrong.left, wrong.value
            else:
                changed = {
                    p: Number(got[k]) for p, k in self.links[j].items() if got[k] != self.values[k]
                }
                left = replace(expression, changed)
                found = evaluate(left)
                if found is None:
                    return None
                value = found
            got.append(value)
            if not (j == step and wrong.omitted):
                lines.append(Line(j, left, value, evaluate(left) == value))
        return lines, got[-1]

    def downstream(self, step: int) -> list[int]:
        """The later steps that use the result of ``step``, directly or through others."""
        reached = [step]
        for j in range(step + 1, len(self.links)):
            if any(k in reached for k in self.links[j].values()):
                reached.append(j)
        return reached[1:]


def read_chain(gold: Sequence[Json], answer: str) -> Chain:
    """The chain of a solution's steps (``[{"left", "value"}, …]``).

    Raises:
        PlanFault: a step cannot be read or does not hold, or the last is not the answer.
    """
    expressions: list[Expression] = []
    values: list[Fraction] = []
    for step in gold:
        expression, value = parse(step["left"]), parse_number(step["value"])
        if expression is None or value is None:
            raise PlanFault("gold_step_unreadable", detail=f"{step['left']} = {step['value']}")
        if evaluate(expression) != value:
            raise PlanFault("gold_step_wrong", detail=f"{step['left']} = {step['value']}")
        expressions.append(expression)
        values.append(value)
    if not values or values[-1] != parse_number(answer):
        last = format_number(values[-1]) if values else "nothing"
        raise PlanFault("steps_do_not_reach_answer", detail=f"{last}, not {answer}")
    links = tuple(_links(expression, values[:j]) for j, expression in enumerate(expressions))
    return Chain(tuple(expressions), tuple(values), links)


def _links(expression: Expression, before: Sequence[Fraction]) -> dict[Path, int]:
    """Each number of an expression that is an earlier result, with the latest such step."""
    latest = {value: k for k, value in enumerate(before)}
    return {
        path: latest[part.value]
        for path, part in parts(expression)
        if isinstance(part, Number) and part.value in latest
    }
