"""Worked solutions in prose become exact steps.

The form is GSM8K's (Cobbe et al. 2021, "Training Verifiers to Solve Math Word Problems"):
calculator marks ``<<48/2=24>>`` in the text and a last line ``#### 72``. Where the marks stop short
of the answer, equations of the prose that hold exactly are taken as steps too.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from datawell.core.errors import SeedFault
from datawell.core.numbers import find_numbers, parse_number
from datawell.seeds.arithmetic_problems import expressions
from datawell.seeds.arithmetic_problems.equations import (
    Equation,
    equations,
    scaled_letters,
)
from datawell.seeds.arithmetic_problems.expressions import (
    Expression,
    Number,
    Operation,
    evaluate,
    parse,
    parts,
    render,
    replace,
)
from datawell.seeds.arithmetic_problems.problem import Problem, Step

FINAL_MARK = "####"
_MAX_TAIL_WORDS = 9
_SEVEN = Fraction(7)


@dataclass(frozen=True, slots=True)
class _Found:
    """A step and where its result stands in its line (``end``)."""

    step: Step
    end: int
    marked: bool


def read_solution(question: str, answer: str) -> Problem:
    """The problem with the steps of its worked solution.

    Raises:
        SeedFault: no final answer, no calculation, or a calculator mark that is wrong.
    """
    body, mark, last = answer.rpartition(FINAL_MARK)
    if not mark:
        raise SeedFault("no_final_answer", detail=f"no {FINAL_MARK!r} in {answer[-80:]!r}")
    final = parse_number(last)
    if final is None:
        raise SeedFault("final_answer_not_a_number", detail=last.strip()[:80])
    found = [step for line in body.splitlines() for step in _line_steps(line)]
    marked = [f.step for f in found if f.marked]
    steps = marked
    if not marked or marked[-1].value != final:
        every = _without_repeats([f.step for f in found])
        if every and every[-1].value == final:
            steps = every
        elif (division := _solved(body, final)) is not None:
            steps = [*every, division]
    if not steps:
        raise SeedFault("no_calculation", detail=body.strip()[-120:])
    return Problem(question.strip(), tuple(steps), final, _unit(question, steps[-1], body))


def _without_repeats(steps: list[Step]) -> list[Step]:
    kept: list[Step] = []
    for step in steps:
        if all((step.left, step.value) != (other.left, other.value) for other in kept):
            kept.append(step)
    return kept


def _line_steps(line: str) -> list[_Found]:
    """The calculations of one line, marked or in prose, in the order they are written."""
    text, marks = _unmarked(line)
    found = []
    places = []
    for place, mark in marks:
        step = _marked_step(text, place, mark)
        if step is not None:
            places.append(place)
            found.append(_Found(step, place, True))
    for equation in equations(text):
        covered = any(equation.start <= place <= equation.end for place in places)
        left = equation.values[0]
        if covered or not equation.holds or left is None or not _calculates(equation.left):
            continue
        expression = _in_plain_numbers(equation)
        value = None if expression is None else evaluate(expression)
        if expression is None or value is None:
            continue
        step = Step(text.strip(), render(expression), value, _tail(text, equation.end))
        found.append(_Found(step, equation.end, False))
    return sorted(found, key=lambda f: f.end)


def _in_plain_numbers(equation: Equation) -> Expression | None:
    """The left side so that it comes to the number that is written on the right.

    Where the right side is a per cent, its number is what the problem goes on with: ``40% + 20% =
    60%`` becomes ``40 + 20``, ``60% * 40% = 24%`` becomes ``60 * 40 / 100``, ``3/25 = 12%`` and
    ``3/25 * 100% = 12%`` become ``3/25 * 100``. None where no such reading holds.
    """
    if not (isinstance(equation.right, Number) and equation.right.percent):
        return equation.left
    plain = {
        path: Number(part.value * 100)
        for path, part in parts(equation.left)
        if isinstance(part, Number) and part.percent
    }
    bare, hundred = replace(equation.left, plain), Number(Fraction(100))
    wanted = equation.right.value * 100
    readings = (bare, Operation("/", bare, hundred), Operation("*", bare, hundred))
    return next((r for r in readings if evaluate(r) == wanted), None)


def _solved(body: str, final: Fraction) -> Step | None:
    """The division that solves ``a x = c`` for the final answer, where the prose writes such an
    equation in letters (``9m = 27``)."""
    for line in reversed(body.splitlines()):
        for factor, letter, result in reversed(scaled_letters(_unmarked(line)[0])):
            if factor not in (0, 1) and result == factor * final:
                left = Operation("/", Number(result), Number(factor))
                return Step(f"{line.strip()}, so divide to find {letter}.", render(left), final)
    return None


def _unmarked(line: str) -> tuple[str, list[tuple[int, str]]]:
    """The line without its calculator marks, and each mark with its place in that text."""
    text, rest = "", line
    marks: list[tuple[int, str]] = []
    while True:
        before, opening, after = rest.partition("<<")
        mark, closing, beyond = after.partition(">>")
        text += before
        if not opening:
            return text, marks
        if not closing:
            raise SeedFault("calculator_mark_open", detail=line[:120])
        marks.append((len(text), mark))
        rest = beyond


def _marked_step(text: str, place: int, mark: str) -> Step | None:
    """The step of one mark; None when it calculates nothing (``<<15=15>>``)."""
    left_text, _, right_text = mark.rpartition("=")
    left, right = parse(left_text.replace("//", "/")), parse(right_text)
    if left is None or right is None:
        raise SeedFault("calculator_mark_unreadable", detail=mark[:120])
    value = evaluate(left)
    if value is None or value != evaluate(right):
        raise SeedFault("calculator_mark_wrong", detail=mark[:120])
    if not _calculates(left):
        return None
    end = place
    while end < len(text) and (text[end] in "$ ," or expressions.starts_number(text, end)):
        if expressions.starts_number(text, end):
            _, end = expressions.read_literal(text, end)
            break
        end += 1
    return Step(text.strip(), render(left), value, _tail(text, end))


def _calculates(expression: expressions.Expression) -> bool:
    return not isinstance(expression, Number | expressions.Negative)


def _tail(text: str, end: int) -> str:
    """The words that follow a result up to the end of their clause; empty when they are not plain
    words, hold a number, or are too many."""
    rest = text[end : end + 120]
    if rest[:1] not in (" ", ""):
        return ""
    clause = rest
    for stop in (".", ",", ";", ":", "!", "?", "=", "("):
        clause = clause.partition(stop)[0]
    words = clause.split()
    if not 1 <= len(words) <= _MAX_TAIL_WORDS or len(clause) == 120:
        return ""
    if not all(word.replace("'", "").replace("-", "").isalpha() for word in words):
        return ""
    tail = " ".join(words)
    # "5 percent more", "3 dozen eggs": such a tail would change what the number says.
    read = find_numbers(f"7 {tail}")
    changes = len(read) != 1 or read[0].value != _SEVEN or read[0].percent
    return "" if changes else tail


def _unit(question: str, last: Step, body: str) -> str:
    """The unit of the answer where question and solution agree on it, else an empty string."""
    words = [word.strip("?.,!").lower() for word in question.split()]
    asked = [words[i + 2] for i in range(len(words) - 2) if words[i : i + 2] == ["how", "many"]]
    first = last.tail.split()[0].lower() if last.tail else ""
    if first and first in asked:
        return first
    about_money = "how much" in question.lower() or "dollars" in asked
    shown = body.rstrip().splitlines()[-1] if body.strip() else ""
    return "$" if about_money and "=$" in shown.replace(" ", "").partition("<<")[0] else ""
