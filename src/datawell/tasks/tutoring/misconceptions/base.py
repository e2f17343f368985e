"""What a misconception is: a procedure that gets a step wrong just as a learner who has it does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from datawell.seeds.arithmetic_problems.expressions import (
    Expression,
    Number,
    Operation,
    Path,
    evaluate,
    parts,
    replace,
)


@dataclass(frozen=True, slots=True)
class StepContext:
    """One gold step as a misconception sees it, with what it needs of the problem around it.

    ``question`` and ``text`` are in lower case; ``before`` is the value of the step before this one
    (None for the first); ``last`` says that the step gives the answer.
    """

    expression: Expression
    value: Fraction
    question: str
    text: str = ""
    family: str = ""
    before: Fraction | None = None
    last: bool = False


@dataclass(frozen=True, slots=True)
class Wrong:
    """What the learner makes of a step: it writes ``left`` and gets ``value``.

    Either ``left`` is the right calculation and ``value`` is wrong, or ``left`` is the wrong
    calculation and ``value`` what it truly comes to. ``omitted`` says that the step is not written
    at all and ``value`` stands in its place. ``word`` is the word of the question that misled.
    """

    left: Expression
    value: Fraction
    omitted: bool = False
    word: str = ""


Procedure = Callable[[StepContext], Iterator[Wrong]]


@dataclass(frozen=True, slots=True)
class Misconception:
    """A documented misconception, executable, with the words of those who have and who treat it.

    ``belief`` is the learner's reason, ``insight`` its dawning doubt; ``focus`` asks about the
    right spot and ``telling`` states the rule (the tutor). ``weight`` is how readily it is chosen
    where it applies: general slips yield to specific misconceptions. ``fractions`` says that its
    wrong values are fractions as written, such as 2/3.
    """

    id: str
    name: str
    source: str
    procedure: Procedure
    belief: tuple[str, ...]
    focus: tuple[str, ...]
    telling: tuple[str, ...]
    insight: tuple[str, ...]
    weight: float = 1.0
    fractions: bool = False

    def wrongs(self, step: StepContext) -> list[Wrong]:
        """Every way in which this misconception gets ``step`` wrong; empty: does not apply."""
        return [w for w in self.procedure(step) if w.omitted or w.value != step.value]

    def applies(self, step: StepContext) -> bool:
        """True when a learner with this misconception gets ``step`` wrong."""
        return bool(self.wrongs(step))


@dataclass(frozen=True, slots=True)
class Node:
    """One operation inside a step, with the exact values of its sides."""

    path: Path
    operation: Operation
    left: Fraction
    right: Fraction


def nodes(step: StepContext, operators: str) -> Iterator[Node]:
    """The operations of a step that use one of ``operators``, in reading order."""
    for path, part in parts(step.expression):
        if isinstance(part, Operation) and part.operator in operators:
            left, right = evaluate(part.left), evaluate(part.right)
            if left is not None and right is not None:
                yield Node(path, part, left, right)


def slip(step: StepContext, node: Node, wrong: Fraction | int) -> Iterator[Wrong]:
    """The right calculation, with ``wrong`` as the result of one of its operations."""
    value = evaluate(replace(step.expression, {node.path: Number(Fraction(wrong))}))
    if value is not None:
        yield Wrong(step.expression, value)


def instead(
    step: StepContext, node: Node, expression: Expression, word: str = ""
) -> Iterator[Wrong]:
    """Another calculation in the place of one operation, done without a slip."""
    left = replace(step.expression, {node.path: expression})
    value = evaluate(left)
    if value is not None:
        yield Wrong(left, value, word=word)


def whole(*values: Fraction) -> bool:
    """True when all values are whole numbers that are not negative."""
    return all(v.denominator == 1 and v >= 0 for v in values)


def columns(*values: Fraction) -> tuple[list[list[int]], int] | None:
    """The digits of numbers written below one another, units first, and their decimal places.

    Whole numbers and decimals of at most two places can be set out; None for all others.
    """
    for places in range(3):
        scaled = [value * 10**places for value in values]
        if whole(*scaled):
            written = [str(s.numerator)[::-1] for s in scaled]
            width = max(map(len, written))
            return [[int(d) for d in digits.ljust(width, "0")] for digits in written], places
    return None


def from_columns(digits: list[int], places: int) -> Fraction:
    """The number whose digits (units first) these are."""
    return Fraction(sum(d * 10**i for i, d in enumerate(digits)), 10**places)


def literal(value: Fraction | int) -> Number:
    """A number as an expression."""
    return Number(Fraction(value))


def mentions(text: str, words: tuple[str, ...]) -> str:
    """The first of ``words`` that stands in ``text`` as a word of its own; empty when none does."""
    padded = " " + "".join(c if c.isalnum() or c in "%'" else " " for c in text) + " "
    return next((word for word in words if f" {word} " in padded), "")
