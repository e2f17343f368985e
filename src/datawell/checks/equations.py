"""Equations in running text, and whether they hold.

``a = b = c`` is two links. A link is judged when both sides can be read whole and at least one of
them calculates something; where the text leaves a doubt (algebra, a cut-off expression, mixed
units), a link that does not hold is left unjudged rather than called false.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from datawell.checks.expressions import (
    CLAUSE_WORDS,
    READINGS,
    Parser,
    Reading,
    Token,
    is_variable,
    tokenize,
    word_set,
)


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a link: tokens ``first`` to ``last`` (exclusive)."""

    first: int
    last: int
    operators: int
    doubt: bool

    @property
    def plain(self) -> bool:
        """True for a lone number."""
        return self.operators == 0


@dataclass(frozen=True, slots=True)
class Link:
    """``left = right`` at characters ``start`` to ``end``; ``left`` and ``right`` are exact values.

    ``holds`` is None where the text leaves a doubt.
    """

    start: int
    end: int
    left: Fraction
    right: Fraction
    left_text: str
    right_text: str
    holds: bool | None


_EQUAL_WORDS = word_set("is are equals makes gives was")
_FILLERS = word_set("a total of only just exactly about approximately roughly around equal to")
_ABOUT = word_set("about approximately roughly around nearly almost")
_MULTIPLIERS = word_set(
    "twice thrice double triple quadruple half third quarter fourth fifth sixth eighth tenth than"
    " times squared square root less negative"
)
_INEXACT = ("round", "nearest", "remain", "left over", "leftover")
_LONGEST_SIDE = 60
_LOOK_AHEAD = 48

# Units that people mix in one line, and what one may be worth in the other.
_FAMILIES: tuple[tuple[frozenset[str], frozenset[int]], ...] = tuple(
    (word_set(names), frozenset(factors))
    for names, factors in (
        (
            "second seconds sec minute minutes min mins hour hours hr hrs day days week weeks month"
            " months year years decade decades",
            (60, 3600, 24, 7, 30, 31, 28, 12, 365, 52, 4, 1440, 10),
        ),
        (
            "inch inches foot feet ft yard yards mile miles cm mm m km meter meters centimeter"
            " centimeters millimeter millimeters kilometer kilometers metre metres",
            (12, 3, 36, 5280, 10, 100, 1000),
        ),
        (
            "ounce ounces oz pound pounds lb lbs ton tons gram grams g kg kilogram kilograms mg",
            (16, 2000, 1000, 10**6),
        ),
        (
            "cup cups pint pints quart quarts gallon gallons ounce ounces oz liter liters litre"
            " litres ml milliliter milliliters tablespoon tablespoons teaspoon teaspoons",
            (2, 3, 4, 8, 16, 128, 1000),
        ),
        (
            "$ dollar dollars cent cents quarter quarters dime dimes nickel nickels penny pennies",
            (100, 25, 20, 10, 5, 4, 2),
        ),
        ("dozen dozens piece pieces egg eggs", (12,)),
        ("pair pairs couple couples", (2,)),
    )
)


def _places(value: Fraction) -> int | None:
    """Digits after the point of a terminating decimal, None when it never ends."""
    rest, twos, fives = value.denominator, 0, 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    return max(twos, fives) if rest == 1 else None


def _rounds_to(exact: Fraction, shown: Fraction, unit: Fraction, approximate: bool) -> bool:
    """True when ``shown``, written to steps of ``unit``, is ``exact`` or a fair rounding of it."""
    error = abs(exact - shown)
    if error == 0:
        return True
    if error >= unit:
        return False
    half = 2 * error <= unit
    if _places(exact) is None:
        # 66.66 for 200/3: cutting off is as common as rounding, once decimals are shown.
        return half or unit < 1
    return half and (approximate or unit < 1)


class _Segment:
    """The tokens between two breaks (a newline, a full stop, a comma and the like)."""

    def __init__(self, text: str, tokens: Sequence[Token], first: int, last: int) -> None:
        self.text, self.tokens, self.first, self.last = text, tokens, first, last

    def links(self) -> Iterator[Link]:
        signs = [i for i in range(self.first, self.last) if self.tokens[i].kind == "equals"]
        bounds = [self.first - 1, *signs, self.last]
        for before, at, after in zip(bounds, signs, bounds[2:], strict=False):
            link = self._link(before + 1, at, at + 1, after, chained=before in signs)
            if link is not None:
                yield link
        for i in range(self.first + 1, self.last - 1):
            token = self.tokens[i]
            if token.kind == "word" and token.text.lower() in _EQUAL_WORDS:
                before = max((s for s in signs if s < i), default=self.first - 1)
                after = min((s for s in signs if s > i), default=self.last)
                link = self._link(before + 1, i, i + 1, after, spoken=True)
                if link is not None:
                    yield link

    def _link(
        self,
        first: int,
        sign: int,
        at: int,
        last: int,
        *,
        chained: bool = False,
        spoken: bool = False,
    ) -> Link | None:
        skipped: list[str] = []
        while at < last and self.tokens[at].text.lower() in _FILLERS and len(skipped) < 4:
            skipped.append(self.tokens[at].text.lower())
            at += 1
        right = self._right(at, last)
        lefts = self._lefts(max(first, sign - _LONGEST_SIDE), sign, chained)
        if right is None or not lefts or (lefts[0].plain and (right.plain or spoken)):
            return None
        left = lefts[0]
        if spoken and (self._bare_fraction(left) or left.doubt):
            return None
        approximate = self.tokens[sign].text == "≈" or any(w in _ABOUT for w in skipped)
        holds: bool | None = self._agree(left, right, approximate)
        a, b = self._value(left, READINGS[0]), self._value(right, READINGS[0])
        if a is None or b is None:
            return None
        others = any(self._agree(side, right, approximate) for side in lefts[1:])
        if not holds and (others or self._doubtful(left, right, a, b, chained)):
            holds = None
        start, end = self.tokens[left.first].start, self.tokens[right.last - 1].end
        middle = self.tokens[sign]
        left_text = self.text[start : middle.start].strip()
        right_text = self.text[self.tokens[right.first].start : end]
        return Link(start, end, a, b, left_text, right_text, holds)

    def _parse(self, first: int, last: int, reading: Reading) -> tuple[Parser, Fraction] | None:
        parser = Parser(self.tokens, first, last, reading)
        value = parser.expression()
        return None if value is None else (parser, value)

    def _value(self, side: Side, reading: Reading, whole: bool = False) -> Fraction | None:
        parsed = self._parse(side.first, side.last, reading)
        if parsed is None or (whole and parsed[0].at != side.last):
            return None
        return parsed[1]

    def _right(self, first: int, last: int) -> Side | None:
        parsed = self._parse(first, last, READINGS[0])
        if parsed is None:
            return None
        parser = parsed[0]
        return Side(first, parser.at, parser.operators, self._cut_right(parser.at, last))

    def _lefts(self, first: int, sign: int, chained: bool) -> list[Side]:
        """The expressions that end at ``sign``: the longest, then what may be meant instead."""
        found: list[Side] = []
        for i in range(first, sign):
            token = self.tokens[i]
            begins = token.kind in ("number", "open") or (token.text == "-" and i == first)
            if not begins or (found and not self._restarts(i)):
                continue
            parsed = self._parse(i, sign, READINGS[0])
            if parsed is not None and parsed[0].at == sign:
                whole = chained and i == first
                doubt = not whole and self._cut_left(i)
                found.append(Side(i, sign, parsed[0].operators, doubt))
        return [side for k, side in enumerate(found) if k == 0 or not side.plain]

    def _restarts(self, i: int) -> bool:
        """True after ``10% of``: what share of, ``400`` or ``400 + 1580``?"""
        return self.tokens[i - 1].text == "of"

    def _cut_left(self, i: int) -> bool:
        """True when what stands before token ``i`` may belong to the expression."""
        if i == 0:
            return False
        before, here = self.tokens[i - 1], self.tokens[i]
        word = before.text.lower()
        if before.kind == "break":
            joined = before.end == here.start
            timed = word in ":," and self.text[max(before.start - 1, 0)].isdigit()
            timed = timed and (len(here.text) == 2 if word == ":" else len(here.text) > 2)
            if word == "." and i > 1 and self.tokens[i - 2].kind == "op":
                return True  # "+ . 84": a slip of the pen
            return joined and (timed or word not in "\n.,;:!?\"'“‘…")
        if before.kind == "word":
            if word == "of" and i > 1:
                origin = self.tokens[i - 2]
                return origin.kind == "number" or origin.text.lower() in _MULTIPLIERS
            labelled = before.end == here.start or is_variable(self.tokens, i - 1)
            return word in _MULTIPLIERS or labelled or self._follows_operator(i - 1)
        return before.kind in ("op", "close", "number")

    def _follows_operator(self, i: int) -> bool:
        """True when the one or two words that end with token ``i`` are an operand: ``+ Week``."""
        for at in range(i, max(i - 2, self.first), -1):
            if self.tokens[at].text.lower() in CLAUSE_WORDS:
                return False
            if self.tokens[at - 1].kind == "op":
                return True
        return False

    def _cut_right(self, at: int, last: int) -> bool:
        """True when what follows token ``at`` may belong to the expression."""
        for i in range(at, min(at + 5, len(self.tokens))):
            token = self.tokens[i]
            if i >= last:
                joined = i > 0 and self.tokens[i - 1].end == token.start
                character = self.text[token.end : token.end + 1]
                timed = token.text in ":" and character.isdigit()
                more = token.text == "." and character == "."
                return joined and (timed or more or token.text in "^!°¢")
            if token.kind == "op" or (i == at and token.kind == "number"):
                dash = token.text == "-" and i + 1 < last and len(self.tokens[i + 1].text) > 1
                following = self.tokens[i + 1] if i + 1 < last else token
                unit = token.text == "/" and following.kind == "word"
                if unit and len(following.text) == 1 and (i == at or following.text.isupper()):
                    return True  # "24/y"
                return not dash and not unit
            if token.kind == "open":
                return token.start == self.tokens[i - 1].end
            if token.kind != "word":
                return False
            if is_variable(self.tokens, i) or token.text in ("R", "remainder"):
                return True
            if token.text.lower() in CLAUSE_WORDS:
                rest = self.text[token.end : token.end + 8].strip().lower()
                return i == at and token.text == "and" and rest[:1] in tuple("(0123456789ha")
        return False

    def _bare_fraction(self, side: Side) -> bool:
        """True for ``3/4`` alone: a share that is named, not calculated."""
        slash = [t for t in self.tokens[side.first : side.last] if t.kind == "op"]
        return (
            side.operators == 1
            and len(slash) == 1
            and slash[0].text == "/"
            and (slash[0].end == self.tokens[side.first + 2].start)
        )

    def _unit(self, side: Side, reading: Reading) -> Fraction | None:
        """The step of the last shown digit when ``side`` is a lone number."""
        number = next((t for t in self.tokens[side.first : side.last] if t.kind == "number"), None)
        if number is None or not side.plain:
            return None
        unit = Fraction(number.scale if reading.scaled else 1, 10**number.decimals)
        return unit / 100 if number.percent and reading.percent != "plain" else unit

    def _agree(self, left: Side, right: Side, approximate: bool) -> bool:
        for reading in READINGS:
            a, b = self._value(left, reading, whole=True), self._value(right, reading)
            if a is None or b is None:
                continue
            if a == b:
                return True
            unit = self._unit(right, reading)
            if unit is not None and _rounds_to(a, b, unit, approximate):
                return True
            unit = self._unit(left, reading)
            if unit is not None and _rounds_to(b, a, unit, approximate):
                return True
        return False

    def _doubtful(self, left: Side, right: Side, a: Fraction, b: Fraction, chained: bool) -> bool:
        """True when a link that does not hold may still be meant well."""
        if left.doubt or right.doubt:
            return True
        united = self.tokens[left.last - 1].kind == "word"
        if left.plain and not chained and (united or self._named(left.first)):
            return True  # "1 hour = 12 * 5 minutes", "Week 2 = 35 + 35"
        if self._bare_fraction(left) and a < 1 and (b >= 1 or united):
            return True  # "3/4 of the class = 15 students"
        end = self.tokens[right.last - 1].end
        tail = self.text[end : end + _LOOK_AHEAD].lower()
        if abs(a - b) < 1 and any(word in tail for word in _INEXACT):
            return True
        return self._mixed_units(left, right, a, b)

    def _named(self, i: int) -> bool:
        """True when the number at token ``i`` is a label's: the word before it is no verb."""
        before = self.tokens[i - 1] if i > self.first else None
        return (
            before is not None and before.kind == "word" and before.text.lower() not in CLAUSE_WORDS
        )

    def _mixed_units(self, left: Side, right: Side, a: Fraction, b: Fraction) -> bool:
        pieces = self.tokens[left.first : min(right.last + 3, self.last)]
        words: set[str] = set()
        for before, token in zip((None, *pieces), pieces, strict=False):
            # "60 + 12 = 72 minutes per day": the day is not what is added.
            if before is None or before.text.lower() not in (
                "per",
                "a",
                "an",
                "each",
                "/",
                "every",
            ):
                words.add(token.text.lower())
            if "$" in token.text:
                words.add("$")
            if token.scale == 12:
                words.add("dozen")
        ratio = max(abs(a / b), abs(b / a)) if a and b else Fraction(0)
        sums = any(token.kind == "op" and token.text in "+-" for token in pieces)
        for names, factors in _FAMILIES:
            if len({_singular(word) for word in words & names}) > 1 and (sums or ratio in factors):
                return True
        return False


_SAME_UNIT = {
    "feet": "foot",
    "ft": "foot",
    "inches": "inch",
    "pennies": "penny",
    "hr": "hour",
    "hrs": "hour",
    "min": "minute",
    "mins": "minute",
    "sec": "second",
    "lb": "pound",
    "lbs": "pound",
    "oz": "ounce",
    "kg": "kilogram",
    "g": "gram",
    "$": "dollar",
    "dozens": "dozen",
}


def _singular(word: str) -> str:
    return _SAME_UNIT.get(word) or word.removesuffix("s")


# Several checks read the equations of the same turn, one after another.
@lru_cache(maxsize=1024)
def find_links(text: str) -> tuple[Link, ...]:
    """All links of all equations in ``text`` that can be read, in the order they stand."""
    if not any(character.isdigit() for character in text):
        return ()
    tokens = tokenize(text)
    links: list[Link] = []
    first = 0
    for i in range(len(tokens) + 1):
        if i == len(tokens) or tokens[i].kind == "break":
            if i - first > 2:
                links.extend(_Segment(text, tokens, first, i).links())
            first = i + 1
    return tuple(sorted(links, key=lambda link: (link.start, link.end)))
