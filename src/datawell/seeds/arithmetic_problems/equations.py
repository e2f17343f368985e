"""Equations in prose: ``$43 - $18 = $25``, ``4 boxes x 3 pens = 12 pens``, ``5 plus 2 equals 7``.

Text is tokenised and read, never evaluated. Units between a number and the next sign are passed
over; letters used as variables (``2x``) end a calculation. What cannot be read is not an equation.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from datawell.seeds.arithmetic_problems import expressions
from datawell.seeds.arithmetic_problems.expressions import Expression

MAX_TEXT = 20_000
_MAX_SIDE = 60  # tokens of one side that are looked at
_SPOKEN = {"plus": "+", "minus": "-", "times": "*", "equals": "=", "equal": "="}
_SIGNS = {"×": "*", "·": "*", "÷": "/", "−": "-", "–": "-", "⁄": "/"}
_IGNORED = frozenset("$€£ \t")


@dataclass(frozen=True, slots=True)
class Equation:
    """``left = right`` as written between the characters ``start`` and ``end``."""

    left: Expression
    right: Expression
    start: int
    end: int

    @property
    def values(self) -> tuple[Fraction | None, Fraction | None]:
        """What both sides come to; None for a division by zero."""
        return expressions.evaluate(self.left), expressions.evaluate(self.right)

    @property
    def holds(self) -> bool:
        """True when both sides are exactly equal."""
        left, right = self.values
        return left is not None and left == right


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # "number", "sign", "equals", "word", "variable" or "break"
    text: str
    start: int
    end: int


def equations(text: str) -> list[Equation]:
    """Every equation that can be read in ``text``; ``a = b = c`` gives two."""
    tokens = _tokens(text[:MAX_TEXT])
    marks = [i for i, token in enumerate(tokens) if token.kind == "equals"]
    found = []
    for before, mark, after in zip([-1, *marks], marks, [*marks[1:], len(tokens)], strict=False):
        left = _ending(tokens[max(before + 1, mark - _MAX_SIDE) : mark])
        right = _beginning(tokens[mark + 1 : min(after, mark + 1 + _MAX_SIDE)])
        if left is not None and right is not None:
            found.append(Equation(left[0], right[0], left[1], right[1]))
    return found


def scaled_letters(text: str) -> list[tuple[Fraction, str, Fraction]]:
    """Every ``a x = c`` (a number times one letter is a number) of the text: (a, letter, c)."""
    tokens = _tokens(text[:MAX_TEXT])
    found = []
    for i in range(1, len(tokens) - 2):
        letter, mark, right = tokens[i : i + 3]
        if len(letter.text) != 1 or not letter.text.isalpha() or mark.kind != "equals":
            continue
        before = i - 2 if tokens[i - 1].text == "*" and i > 1 else i - 1
        alone = before == 0 or tokens[before - 1].kind in ("word", "break")
        ends = i + 3 == len(tokens) or tokens[i + 3].kind in ("word", "break")
        a, c = expressions.literal(tokens[before].text), expressions.literal(right.text)
        if alone and ends and a is not None and c is not None:
            found.append((a, letter.text, c))
    return found


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    at = 0
    while at < len(text):
        char = text[at]
        end = at + 1
        if char in _IGNORED:
            at = end
            continue
        if expressions.starts_number(text, at):
            literal, end = expressions.read_literal(text, at)
            tokens.append(_Token("number", literal, at, end))
        elif char.isalpha():
            while end < len(text) and (text[end].isalpha() or text[end] in "'’"):
                end += 1
            tokens.append(_word(text, at, end))
        elif char == "=":
            tokens.append(_Token("equals", "=", at, end))
        elif char in "+-*/()%" or char in _SIGNS:
            tokens.append(_Token("sign", _SIGNS.get(char, char), at, end))
        else:
            tokens.append(_Token("break", char, at, end))
        at = end
    return tokens


def _word(text: str, at: int, end: int) -> _Token:
    word = text[at:end].lower()
    if word in _SPOKEN:
        sign = _SPOKEN[word]
        return _Token("equals" if sign == "=" else "sign", sign, at, end)
    attached = at > 0 and (text[at - 1].isdigit() or text[at - 1] == ")")
    if word == "x":
        follows = text[end : end + 2].lstrip(" $(").strip()
        if follows[:1].isdigit() or follows[:1] == "." or text[end : end + 2].strip(" $") == "(":
            return _Token("sign", "*", at, end)
        return _Token("variable", word, at, end)
    return _Token("variable" if attached and len(word) == 1 else "word", word, at, end)


def _ending(side: list[_Token]) -> tuple[Expression, int] | None:
    """The longest calculation that ends where ``side`` ends: (expression, start)."""
    first = len(side)
    while first > 0 and side[first - 1].kind not in ("break", "variable"):
        first -= 1
    for i in range(first, len(side)):
        if side[i].kind == "number" or side[i].text in ("(", "-"):
            expression = _calculation(side[i:])
            if expression is not None:
                return expression, side[i].start
    return None


def _beginning(side: list[_Token]) -> tuple[Expression, int] | None:
    """The longest calculation that begins where ``side`` begins: (expression, end)."""
    last = 0
    while last < len(side) and side[last].kind not in ("break", "variable"):
        last += 1
    if last < len(side) and side[last].kind == "variable":
        return None  # 2x + 60 = 100x: algebra, not arithmetic
    for i in range(last, 0, -1):
        if side[i - 1].kind == "number" or side[i - 1].text in (")", "%"):
            expression = _calculation(side[:i])
            if expression is not None:
                return expression, side[i - 1].end
    return None


def _calculation(tokens: list[_Token]) -> Expression | None:
    """The expression these tokens write once the units between numbers and signs are left out."""
    kept: list[str] = []
    for i, token in enumerate(tokens):
        if token.kind == "word":
            if not kept or kept[-1] in "+-*(":
                return None
            if kept[-1] == "/":  # "$5 / week": a unit, not a division
                kept.pop()
        elif token.kind in ("number", "sign"):
            if token.kind == "number" and i and tokens[i - 1].kind == "word":
                return None  # "3 pens 4": a number in prose, no calculation
            if token.text == "(" and i and tokens[i - 1].end == token.start and kept:
                kept += ["*"] if kept[-1] not in "+-*/(" else []  # 8(26) is a product
            kept.append(token.text)
        else:
            return None
    return expressions.parse(" ".join(kept))
