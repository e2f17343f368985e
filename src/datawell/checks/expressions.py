"""Arithmetic written in running text: tokens, and exact values of expressions.

Text is cut into tokens by one bounded pattern and read by a small recursive-descent parser over
:class:`fractions.Fraction`. Nothing is evaluated as code. Units are allowed where people write
them (``48 clips / 2``, ``$12 x 3 hours``, ``3 people in each family * 7``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal


def word_set(words: str) -> frozenset[str]:
    """The words of a line, as a set."""
    return frozenset(words.split())


Kind = Literal["number", "op", "open", "close", "equals", "word", "break"]


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of text. ``value`` is set for numbers, as written; ``scale`` is 12 for ``2 dozen``.

    ``spoken`` marks an operator written as a word.
    """

    kind: Kind
    text: str
    start: int
    end: int
    value: Fraction = Fraction(0)
    decimals: int = 0
    percent: bool = False
    scale: int = 1
    spoken: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read what people write loosely.

    ``tight``: ``1/2 / 1/4`` divides two fractions. ``percent``: ``20%`` is 0.2, is 20, or (in
    ``80 + 20%``) a share of what stands before it. ``scaled``: ``2 dozen`` is 24.
    ``spoken``: ``1/3 of 60`` and ``6 times 2`` are products.
    """

    tight: bool = False
    percent: Literal["hundredths", "plain", "share"] = "hundredths"
    scaled: bool = True
    spoken: bool = True


READINGS = (
    Reading(),
    Reading(percent="plain"),
    Reading(percent="share"),
    Reading(tight=True),
    Reading(tight=True, percent="plain"),
    Reading(scaled=False),
    Reading(spoken=False),
)

_SCALES = {
    "dozen": 12,
    "dozens": 12,
    "hundred": 100,
    "thousand": 1000,
    "million": 10**6,
    "billion": 10**9,
}
_MAX_DIGITS = 24
_MAX_DEPTH = 12
_MAX_UNIT_WORDS = 7
_MAX_OPERATORS = 60

_NUMBER = r"(?:[0-9]{1,3}(?:(?:,[0-9]{3})+|(?:\ 000)+)(?![0-9])|[0-9]+)(?:\.[0-9]+)?|\.[0-9]+"
_TOKEN = re.compile(
    rf"""(?P<space>[^\S\n]+|(?<![0-9)])\*\*|\*\*(?![0-9(]))
      | (?P<mixed>(?:\\?[$£€¥]\s?)?(?P<whole>[0-9]{{1,9}})\ (?P<top>[0-9]{{1,4}})
          /(?P<bottom>[0-9]{{1,4}})(?![0-9/]|[.,][0-9]))
      | (?P<number>(?:\\?[$£€¥]\s?)?(?:{_NUMBER})(?P<percent>\s?\\?%|\spercent\b|\sper\ cent\b)?)
      | (?P<word>[^\W\d_]+(?:['’\-][^\W\d_]+)*['’]?)
      | (?P<relation>[<>!]=|=[>=]+|[<>])
      | (?P<equals>[=≈])
      | (?P<op>\\times|\\div|\\cdot|[+*/×÷·∗\-−–—])
      | (?P<open>[(\[{{])
      | (?P<close>[)\]}}])""",
    re.VERBOSE,
)
_GROUPS = ("space", "mixed", "number", "word", "equals", "op", "open", "close")
_OPS = {"×": "*", "·": "*", "∗": "*", "\\times": "*", "\\cdot": "*", "÷": "/", "\\div": "/"}
_OPS |= dict.fromkeys("−–—", "-")
_WORD_OPS = {"x": "*", "times": "*", "plus": "+", "minus": "-"}
_DETERMINERS = word_set("the his her their its those these all")
# A phrase that holds one of these is a clause, not the name of a unit.
CLAUSE_WORDS = word_set(
    "and or but so then if when while because since which who is are was were be has have had he"
    " she they it we you i this that therefore thus hence plus minus make makes made get gets got"
    " give gives gave equals equal twice double half triple with without than"
)


def _number(match: re.Match[str]) -> Token | None:
    if match["mixed"] is not None:
        top, bottom = int(match["top"]), int(match["bottom"])
        if not 0 < top < bottom:
            return None
        value = int(match["whole"]) + Fraction(top, bottom)
        return Token("number", match["mixed"], match.start(), match.end(), value)
    digits = re.sub(r"[^0-9.]", "", match["number"])
    clock = len(digits) > 1 and digits.isdigit() and digits[0] == "0"  # 0730 hours
    if clock or len(digits) > _MAX_DIGITS:
        return Token("break", match["number"], match.start(), match.end())
    shown = len(digits.partition(".")[2])
    value = Fraction("0" + digits)
    percent = match["percent"] is not None
    return Token("number", match["number"], match.start(), match.end(), value, shown, percent)


def _pieces(text: str) -> Iterator[Token]:
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup == "relation":
            end = at + 1 if match is None else match.end()
            yield Token("break", text[at:end], at, end)
            at = end
            continue
        group = next(name for name in _GROUPS if match[name] is not None)
        end = match.end()
        if group in ("mixed", "number"):
            token = _number(match)
            if token is None:  # "5 7/3" is no mixed number: read the first part alone
                end = match.start("whole") + len(match["whole"])
                value = Fraction(int(match["whole"]))
                token = Token("number", text[at:end], at, end, value)
            yield token
        elif group == "op":
            yield Token("op", _OPS.get(match["op"], match["op"]), at, end)
        elif group != "space":
            yield Token(group, match[group], at, end)  # type: ignore[arg-type]
        at = end


def _is_share(tokens: Sequence[Token]) -> bool:
    """True when the last tokens are ``20%`` or ``3/4``: something one takes "of" an amount."""
    if not tokens or tokens[-1].kind != "number":
        return False
    if tokens[-1].percent:
        return True
    return len(tokens) > 2 and tokens[-2].text == "/" and tokens[-3].kind == "number"


def tokenize(text: str) -> list[Token]:
    """All tokens of ``text``; words that act as operators (times, x, of) have become operators."""
    raw = list(_pieces(text))
    tokens: list[Token] = []
    i = 0
    while i < len(raw):
        token, after = raw[i], raw[i + 1] if i + 1 < len(raw) else None
        word = token.text.lower() if token.kind == "word" else ""
        step = 1
        if word in ("divided", "multiplied") and after and after.text.lower() == "by":
            token = Token(
                "op", "/" if word == "divided" else "*", token.start, after.end, spoken=True
            )
            step = 2
        elif word in _WORD_OPS and after and after.kind in ("number", "open"):
            if tokens and tokens[-1].kind in ("number", "close", "word"):
                token = Token("op", _WORD_OPS[word], token.start, token.end, spoken=word != "x")
        elif word == "of" and _is_share(tokens) and after:
            skip = 1 if after.text.lower() in _DETERMINERS else 0
            target = raw[i + 1 + skip] if i + 1 + skip < len(raw) else None
            if target is not None and target.kind in ("number", "open"):
                token = Token("op", "of", token.start, token.end, spoken=True)
                step = 1 + skip
        elif word in _SCALES and tokens and tokens[-1].kind == "number" and tokens[-1].scale == 1:
            last = tokens.pop()
            token = replace(last, end=token.end, scale=_SCALES[word])
        tokens.append(token)
        i += step
    return tokens


def is_variable(tokens: Sequence[Token], i: int) -> bool:
    """True for a letter that stands for an unknown: ``2x``, ``y``, ``(1/2)B``."""
    token = tokens[i]
    if token.kind != "word" or len(token.text) != 1:
        return False
    if i > 0 and tokens[i - 1].end == token.start and tokens[i - 1].kind in ("number", "close"):
        return True
    return token.text.islower() and token.text != "a"


class Parser:
    """Reads the expression that begins at ``at``; never looks at ``stop`` or beyond.

    After :meth:`expression`, ``at`` is where it ended, ``operators`` how many it applied.
    """

    def __init__(self, tokens: Sequence[Token], at: int, stop: int, reading: Reading) -> None:
        self.tokens, self.at, self.stop, self.reading = tokens, at, stop, reading
        self.operators = 0
        self.depth = 0

    def _peek(self, ahead: int = 0) -> Token | None:
        i = self.at + ahead
        return self.tokens[i] if i < self.stop else None

    def _operator(self, allowed: str) -> str | None:
        """The next operator when it is one of ``allowed`` and an operand follows."""
        token = self._peek()
        if token is None or token.kind != "op" or token.text not in allowed.split():
            return None
        if token.spoken and not self.reading.spoken:
            return None
        following = self._peek(1)
        signed = self._peek(2)
        if following is None:
            return None
        if following.kind in ("number", "open"):
            return token.text
        negative = following.kind == "op" and following.text == "-"
        if negative and signed is not None and signed.start == following.end:
            return token.text if signed.kind == "number" else None
        return None

    def expression(self) -> Fraction | None:
        """A sum of products, or None where no operand stands."""
        total = self._product()
        while total is not None and (op := self._operator("+ -")) is not None:
            self.at += 1
            percent = self._peek()
            share = self.reading.percent == "share" and percent is not None and percent.percent
            term = self._product()
            if term is None:
                return None
            self.operators += 1
            term = total * term if share else term
            total = total + term if op == "+" else total - term
        return total

    def _product(self) -> Fraction | None:
        value = self._factor()
        while value is not None:
            op = self._operator("* / of")
            token, last = self._peek(), self.tokens[self.at - 1]
            implied = token is not None and token.kind == "open" and token.start == last.end
            if op is None and not (implied and last.kind in ("number", "close")):
                break
            start = self.at
            self.at += 1 if op else 0
            factor = self._factor()
            if factor is None:
                self.at = start
                break
            self.operators += 1
            if op == "/":
                if factor == 0:
                    return None
                value = value / factor
            else:
                value = value * factor
        return value

    def _factor(self) -> Fraction | None:
        token = self._peek()
        if token is None:
            return None
        if token.kind == "op" and token.text == "-":
            following = self._peek(1)
            if following is None or following.start != token.end:
                return None
            self.at += 1
            value = self._factor()
            return None if value is None else -value
        value = self._group() if token.kind == "open" else self._numeral()
        if value is not None:
            self._units()
        return value if self.operators < _MAX_OPERATORS else None

    def _group(self) -> Fraction | None:
        start, self.depth = self.at, self.depth + 1
        self.at += 1
        value = self.expression() if self.depth <= _MAX_DEPTH else None
        self.depth -= 1
        closing = self._peek()
        if value is None or closing is None or closing.kind != "close":
            self.at = start
            return None
        self.at += 1
        return value

    def _numeral(self) -> Fraction | None:
        token = self._peek()
        if token is None or token.kind != "number":
            return None
        self.at += 1
        value = token.value * token.scale if self.reading.scaled else token.value
        if token.percent and self.reading.percent != "plain":
            value = value / 100
        slash, lower = self._peek(), self._peek(1)
        if (
            self.reading.tight
            and slash is not None
            and lower is not None
            and slash.text == "/"
            and lower.kind == "number"
            and token.end == slash.start
            and slash.end == lower.start
            and lower.value
        ):
            self.at += 2
            self.operators += 1
            return value / lower.value
        return value

    def _units(self) -> None:
        """Step over the name of a unit, when an operator or the end of the side follows it."""
        at, words = self.at, 0
        while at < self.stop and words <= _MAX_UNIT_WORDS:
            token = self.tokens[at]
            if token.kind == "word":
                if token.text.lower() in CLAUSE_WORDS or is_variable(self.tokens, at):
                    return
                words += 1
            elif token.kind == "open" and token.start > self.tokens[at - 1].end:
                closing = self._comment(at)
                if closing is None:
                    break
                at = closing
            elif not self._per(at):
                break
            at += 1
        here = self.at
        if at == here or words > _MAX_UNIT_WORDS:
            return
        self.at = at
        if (
            at < self.stop
            and self.tokens[at].kind != "close"
            and self._operator("+ - * / of") is None
        ):
            self.at = here

    def _per(self, at: int) -> bool:
        """True at the slash of ``$6/day``."""
        if self.tokens[at].text != "/" or at + 1 >= self.stop:
            return False
        unit = self.tokens[at + 1]
        # "km/h" is a unit, "24/y" has an unknown.
        known = len(unit.text) > 1 or self.tokens[at - 1].kind == "word"
        return unit.kind == "word" and known and not unit.text.isupper()

    def _comment(self, at: int) -> int | None:
        """The closing bracket of ``(boys)`` opened at ``at``, when only words stand between."""
        i = at + 1
        while i < self.stop and self.tokens[i].kind == "word":
            i += 1
        if i == at + 1 or i >= self.stop or self.tokens[i].kind != "close":
            return None
        return i
