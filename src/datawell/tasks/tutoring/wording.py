"""Putting calculations into words, and choosing wordings that give nothing away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from random import Random

from datawell.core.numbers import find_numbers, parse_number
from datawell.core.records import Json, Plan, Turn
from datawell.seeds.arithmetic_problems.expressions import literal, numbers, parse, tokens

_TRIES = 40
_ORDINALS = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth",
    "tenth", "eleventh", "twelfth",
)  # fmt: skip


def spaced(left: str, signs: Json) -> str:
    """An expression as people write it: ``48/2`` becomes ``48 ÷ 2`` with the dialogue's signs."""
    written = ""
    operand = False  # whether a sign now would stand between two numbers
    for piece in tokens(left):
        if piece in "+-*/" and operand:
            written += f" {signs.get(piece, piece)} "
            operand = False
        else:
            written += piece
            operand = piece not in "+-*/("
    return written


def equation(line: Json, signs: Json) -> str:
    """``left = value`` of a plan's line."""
    return f"{spaced(line['left'], signs)} = {line['value']}"


def amount(value: str, unit: str) -> str:
    """A value with the unit of the answer, where it is known."""
    if not unit:
        return value
    return f"{unit}{value}" if unit in "$£€" else f"{value} {unit}"


def ordinal(index: int) -> str:
    """``first`` for 0, and so on up to twelve."""
    return _ORDINALS[index]


def pick(random: Random, choices: Sequence[str], turns: Sequence[Turn]) -> str:
    """One of ``choices``, if possible one that no turn has used."""
    fresh = [c for c in choices if all(c not in turn.text for turn in turns)]
    return random.choice(fresh or list(choices))


class Guard:
    """Keeps the tutor's words from giving the answer away before the learner has said it.

    Refused is any text in which a number equals the final answer, or in which all the operands of
    the last step occur (whoever reads them has the answer).
    """

    def __init__(self, plan: Plan) -> None:
        last = parse(plan["gold"][-1]["left"])
        self._answer = parse_number(plan["answer"]) or Fraction(0)
        self._operands = frozenset(numbers(last)) if last is not None else frozenset()

    def allows(self, text: str) -> bool:
        """True when ``text`` gives nothing away."""
        said = set()
        for number in find_numbers(text):
            said |= {number.value, number.quantity}
        said |= {value for value in map(literal, tokens(text)) if value is not None}  # 3 in 1/3
        return self._answer not in said and not (self._operands and self._operands <= said)

    def first_allowed(self, random: Random, wording: Callable[[Random], str], safe: str) -> str:
        """The first allowed wording of some tries, else ``safe``, which has no number."""
        for _ in range(_TRIES):
            text = wording(random)
            if self.allows(text):
                return text
        return safe
