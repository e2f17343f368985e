"""What a tutoring plan says, read for checking: values, planned errors, the final step.

A check reads the plan as data and shares no code with the task that made it. Whatever is missing
or unreadable comes back as None or empty, so that a check can say "nothing to hold it against".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from datawell.checks.equations import Link, find_links
from datawell.checks.expressions import READINGS, Parser, tokenize
from datawell.core.numbers import NumberSpan, find_numbers, parse_number
from datawell.core.records import Plan


def evaluate(expression: object) -> Fraction | None:
    """The exact value of an expression such as ``"48/2 + 3"``, or None when it is not one."""
    tokens = tokenize(str(expression))
    parser = Parser(tokens, 0, len(tokens), READINGS[0])
    value = parser.expression()
    return value if parser.at == len(tokens) else None


def operands(expression: object) -> tuple[Fraction, ...]:
    """The numbers of an expression, sorted."""
    return tuple(sorted(t.value for t in tokenize(str(expression)) if t.kind == "number"))


def number(value: object) -> Fraction | None:
    """The number a plan gives as a string, an int, or not at all."""
    return None if value is None else parse_number(str(value))


def answer(plan: Plan) -> Fraction | None:
    """The final answer."""
    return number(plan.get("answer"))


def gold(plan: Plan) -> list[Mapping[str, Any]]:
    """The exact solution steps, in order."""
    steps = plan.get("gold") or []
    return [step for step in steps if isinstance(step, Mapping)]


def misconception(plan: Plan) -> Mapping[str, Any] | None:
    """The planned misconception, when there is one."""
    found = plan.get("misconception")
    return found if isinstance(found, Mapping) else None


def corrected_step(plan: Plan) -> Mapping[str, Any] | None:
    """The gold step the misconception gets wrong."""
    planned, steps = misconception(plan), gold(plan)
    step = planned.get("step") if planned else None
    return steps[step] if isinstance(step, int) and 0 <= step < len(steps) else None


def _wrong_equations(planned: Mapping[str, Any]) -> Iterator[tuple[object, object]]:
    yield planned.get("left"), planned.get("wrong_value")
    for equation in planned.get("equations") or []:
        if isinstance(equation, Mapping) and not equation.get("true", False):
            yield equation.get("left"), equation.get("value", equation.get("right"))


def planned_errors(plan: Plan) -> set[tuple[Fraction, Fraction]]:
    """The false equations the learner is meant to write: (true value of the left, stated value)."""
    planned = misconception(plan)
    found: set[tuple[Fraction, Fraction]] = set()
    for left, stated in _wrong_equations(planned) if planned else ():
        if left is not None and stated is not None:
            value, wrong = evaluate(left), evaluate(stated)
            if value is not None and wrong is not None:
                found.add((value, wrong))
    return found


def is_planned(link: Link, plan: Plan) -> bool:
    """True for a false equation the learner is meant to write, also when it says "percent"."""
    errors = planned_errors(plan)
    return any(
        (left * scale, right * stated) in errors
        for left, right in ((link.left, link.right), (link.right, link.left))
        for scale, stated in ((1, 1), (1, 100), (100, 100))
    )


def correction(text: str, plan: Plan) -> Link | None:
    """The first equation of ``text`` that holds and is the corrected step of the plan.

    A value that other lines have too proves nothing alone; then the step's numbers must be there.
    """
    step, planned = corrected_step(plan), misconception(plan)
    if step is None or planned is None:
        return None
    right, wanted = number(step.get("value")), operands(step.get("left"))
    others = [other.get("value") for other in gold(plan) if other is not step]
    others += [line.get("value") for line in planned.get("equations") or []]
    distinct = right not in [number(value) for value in others]
    for link in find_links(text):
        if link.holds and right in (link.left, link.right):
            sides = (operands(link.left_text), operands(link.right_text))
            if distinct or wanted in sides:
                return link
    return None


def question_values(plan: Plan) -> set[Fraction]:
    """The numbers of the question, by value and by quantity (``25%`` as 25 and as 1/4)."""
    spans = find_numbers(str(plan.get("question", "")))
    return {span.value for span in spans} | {span.quantity for span in spans}


def means(span: NumberSpan, value: Fraction, text: str) -> bool:
    """True when a number in ``text`` states ``value``: as written, as a percentage, or in cents.

    ``48/2`` names a calculation, not the number 24.
    """
    if span.kind == "fraction" and span.value.denominator == 1:
        return False
    if value in (span.value, span.quantity):
        return True
    unit = text[span.end : span.end + 7].lower()
    return unit.startswith((" cent", "¢")) and span.value == value * 100
