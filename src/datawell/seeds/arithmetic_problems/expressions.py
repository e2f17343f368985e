"""Arithmetic expressions, read and computed exactly; text is data and is never evaluated as code.

    expression := term (("+" | "-") term)*
    term       := factor (("*" | "/") factor)*
    factor     := ("-" | "+") factor | "(" expression ")" | number ["%"]
    number     := "$"? digits ("," digits)* ("." digits)? | "." digits | "½" and its like

``×``, ``·``, ``x`` between numbers, ``÷`` and the long dashes are read as their plain signs.
Every value is a :class:`fractions.Fraction`; nothing is ever rounded.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from datawell.core.errors import SeedFault
from datawell.core.numbers import format_number

MAX_LENGTH = 200
MAX_DEPTH = 40
_SIGNS = {
    "×": "*", "·": "*", "x": "*", "X": "*", "÷": "/", "−": "-", "–": "-", "—": "-", "⁄": "/",
}  # fmt: skip
_DIGITS = frozenset("0123456789")
_OPERATORS = "+-*/"
_PRECEDENCE = {"+": 1, "-": 1, "*": 2, "/": 2}


@dataclass(frozen=True, slots=True)
class Number:
    """A literal. ``percent`` says that it was written with a per cent sign (value 20 % = 1/5)."""

    value: Fraction
    percent: bool = False


@dataclass(frozen=True, slots=True)
class Negative:
    """A minus sign before an expression."""

    inner: Expression


@dataclass(frozen=True, slots=True)
class Operation:
    """``left`` ``operator`` ``right``; the operator is one of ``+ - * /``."""

    operator: str
    left: Expression
    right: Expression


Expression = Number | Negative | Operation
Path = tuple[str, ...]
"""The way from the root of an expression to a part of it: ``left``, ``right`` or ``inner``."""


def tokens(text: str) -> list[str]:
    """Numbers (as written, without commas) and ``+ - * / ( ) %``.

    Currency signs and spaces are left out. Anything else becomes a token of its own, which no
    expression accepts.
    """
    found: list[str] = []
    at = 0
    while at < len(text):
        char = text[at]
        if char.isspace() or char in "$€£":
            at += 1
        elif starts_number(text, at):
            number, at = read_literal(text, at)
            found.append(number)
        else:
            found.append(_SIGNS.get(char, char))
            at += 1
    return found


def starts_number(text: str, at: int) -> bool:
    """True when a plain number begins at ``at``: a digit, or a point before a digit."""
    return text[at] in _DIGITS or (text[at] == "." and text[at + 1 : at + 2] in _DIGITS)


def read_literal(text: str, at: int) -> tuple[str, int]:
    """The number that starts at ``at`` without its thousands commas, and where it ends."""
    start, point = at, False
    while at < len(text):
        char = text[at]
        if char == "." and not point and text[at + 1 : at + 2] in _DIGITS:
            point = True
        elif char == "," and not point and _is_group(text, at):
            pass
        elif char not in _DIGITS:
            break
        at += 1
    return text[start:at].replace(",", ""), at


def _is_group(text: str, comma: int) -> bool:
    """True when exactly three digits follow the comma: 1,000 is one number, 3,4 is two."""
    group = text[comma + 1 : comma + 4]
    after = text[comma + 4 : comma + 5]
    return len(group) == 3 and all(c in _DIGITS for c in group) and after not in _DIGITS


def parse(text: str) -> Expression | None:
    """The expression in ``text``; None when it is not one, or is longer than 200 characters."""
    if len(text) > MAX_LENGTH:
        return None
    reader = _Reader(tokens(text))
    try:
        expression = reader.expression()
        return expression if reader.done() else None
    except SeedFault:
        return None


class _Reader:
    """Recursive descent over tokens, with a bound on nesting."""

    def __init__(self, found: list[str]) -> None:
        self._tokens = found
        self._at = 0
        self._depth = 0

    def done(self) -> bool:
        return self._at == len(self._tokens)

    def _peek(self) -> str:
        return "" if self.done() else self._tokens[self._at]

    def _take(self) -> str:
        token = self._peek()
        self._at += 1
        return token

    def expression(self) -> Expression:
        left = self._term()
        while self._peek() in ("+", "-"):
            left = Operation(self._take(), left, self._term())
        return left

    def _term(self) -> Expression:
        left = self._factor()
        while self._peek() in ("*", "/"):
            left = Operation(self._take(), left, self._factor())
        return left

    def _factor(self) -> Expression:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise SeedFault("expression_too_deep")
        taken = self._take()
        if taken in ("-", "+"):
            inner = self._factor()
            found: Expression = Negative(inner) if taken == "-" else inner
        elif taken == "(":
            found = self.expression()
            if self._take() != ")":
                raise SeedFault("bracket_open")
        else:
            found = self._number(taken)
        self._depth -= 1
        return found

    def _number(self, token: str) -> Number:
        value = literal(token)
        if value is None:
            raise SeedFault("not_a_number", detail=token)
        if self._peek() == "%":
            self._take()
            return Number(value / 100, percent=True)
        return Number(value)


def literal(written: str) -> Fraction | None:
    """The value of one plain number (``12``, ``.5``, ``½``); None when it is not one."""
    if written and all(c in _DIGITS or c == "." for c in written) and written.count(".") <= 1:
        return Fraction(written) if written != "." else None
    if (
        len(written) == 1
        and written not in _OPERATORS
        and "VULGAR FRACTION" in unicodedata.name(written, "")
    ):
        return Fraction(unicodedata.numeric(written)).limit_denominator(100)
    return None


def evaluate(expression: Expression) -> Fraction | None:
    """The exact value; None when something is divided by zero."""
    if isinstance(expression, Number):
        return expression.value
    if isinstance(expression, Negative):
        inner = evaluate(expression.inner)
        return None if inner is None else -inner
    left, right = evaluate(expression.left), evaluate(expression.right)
    return None if left is None or right is None else compute(expression.operator, left, right)


def compute(operator: str, left: Fraction, right: Fraction) -> Fraction | None:
    """One operation on exact numbers; None for a division by zero."""
    if operator == "+":
        return left + right
    if operator == "-":
        return left - right
    if operator == "*":
        return left * right
    return left / right if right else None


def numbers(expression: Expression) -> list[Fraction]:
    """The values of the literals, from left to right."""
    return [part.value for _, part in parts(expression) if isinstance(part, Number)]


def parts(expression: Expression, path: Path = ()) -> Iterator[tuple[Path, Expression]]:
    """Every part with its path, in the order in which they are written."""
    if isinstance(expression, Operation):
        yield from parts(expression.left, (*path, "left"))
        yield path, expression
        yield from parts(expression.right, (*path, "right"))
    else:
        yield path, expression
        if isinstance(expression, Negative):
            yield from parts(expression.inner, (*path, "inner"))


def replace(expression: Expression, changes: Mapping[Path, Expression]) -> Expression:
    """The expression with the parts at some paths replaced; a change above hides those below it."""
    if () in changes:
        return changes[()]

    def below(side: str) -> dict[Path, Expression]:
        return {path[1:]: new for path, new in changes.items() if path and path[0] == side}

    if isinstance(expression, Operation):
        return Operation(
            expression.operator,
            replace(expression.left, below("left")),
            replace(expression.right, below("right")),
        )
    if isinstance(expression, Negative):
        return Negative(replace(expression.inner, below("inner")))
    return expression


def render(expression: Expression) -> str:
    """The expression as text without spaces: ``48/2``, ``(3+4)*2``; :func:`parse` reads it back."""
    if isinstance(expression, Number):
        if expression.percent:
            return f"{format_number(expression.value * 100)}%"
        return _literal_text(expression.value)
    if isinstance(expression, Negative):
        return f"-{_wrapped(expression.inner, 3)}"
    level = _PRECEDENCE[expression.operator]
    # The right side of - and / binds tighter; so it is written, for exactness, on + and * alike.
    return (
        _wrapped(expression.left, level)
        + expression.operator
        + _wrapped(expression.right, level + 1)
    )


def _literal_text(value: Fraction) -> str:
    """A literal as it must be written inside an expression: a plain fraction needs brackets."""
    text = format_number(value)
    return f"({text})" if "/" in text or text.startswith("-") else text


def _wrapped(expression: Expression, level: int) -> str:
    text = render(expression)
    needs = (isinstance(expression, Operation) and _PRECEDENCE[expression.operator] < level) or (
        isinstance(expression, Negative)
    )
    return f"({text})" if needs else text
