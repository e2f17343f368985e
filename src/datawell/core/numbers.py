"""Numbers in text, read exactly: digits and number words become :class:`fractions.Fraction`.

Text is data: it is tokenised with bounded patterns, never evaluated. Read are integers with or
without thousands commas (``1,200``), decimals (``.5``, ``3.25``), fractions (``3/4``), mixed
numbers (``1 1/2``, ``2 and a half``), number words (``twenty-four``, ``two hundred and five``,
``three quarters``, ``half a dozen``), numerals with a scale (``2.5 million``), each with an
optional sign, currency sign and percent mark. Not read are ordinals (``3rd``, ``the second``) and
digits inside a word (``H2O``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Literal

Kind = Literal["integer", "decimal", "fraction", "mixed", "words"]

CURRENCY = "$£€¥₹"
MINUS = "-−"


@dataclass(frozen=True, slots=True)
class NumberSpan:
    """One number: characters ``start`` to ``end`` of the text (sign, currency and ``%`` included).

    ``value`` is the number as written: ``25%`` has the value 25 and ``percent`` set.
    ``decimals`` counts the digits shown after the point.
    """

    start: int
    end: int
    value: Fraction
    kind: Kind
    decimals: int = 0
    percent: bool = False
    currency: str = ""

    @property
    def quantity(self) -> Fraction:
        """The value with its percent mark applied: ``25%`` is 1/4."""
        return self.value / 100 if self.percent else self.value


_UNIT_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
    " sixteen seventeen eighteen nineteen"
)
_TEN_WORDS = "twenty thirty forty fifty sixty seventy eighty ninety"
_SMALL = {word: value for value, word in enumerate(_UNIT_WORDS.split())}
_TEN = {word: 10 * value for value, word in enumerate(_TEN_WORDS.split(), start=2)}
_SCALE = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_MULTIPLES = {"hundred": 100, "dozen": 12, **_SCALE}
# "second" is left out on purpose: it is an ordinal or a unit of time, hardly ever a denominator.
_PARTS = {
    "half": 2,
    "third": 3,
    "quarter": 4,
    "fourth": 4,
    "fifth": 5,
    "sixth": 6,
    "seventh": 7,
    "eighth": 8,
    "ninth": 9,
    "tenth": 10,
    "twelfth": 12,
    "sixteenth": 16,
    "twentieth": 20,
    "hundredth": 100,
    "thousandth": 1000,
}
_PART_PLURALS = {"halves" if part == "half" else part + "s": n for part, n in _PARTS.items()}

_INTEGER = r"(?:[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]+)"
_NUMERAL = re.compile(
    rf"""(?P<mixed>[0-9]+)(?:\ |-|\ and\ )(?P<top>[0-9]+)/(?P<bottom>[0-9]+)(?![0-9/]|[.,][0-9])
      | (?P<upper>[0-9]+)/(?P<lower>[0-9]+)(?![0-9/]|[.,][0-9])
      | (?P<decimal>{_INTEGER}?\.[0-9]+)
      | (?P<integer>{_INTEGER})""",
    re.VERBOSE,
)
_START_WORDS = "|".join((*_SMALL, *_TEN, *_PARTS, *_MULTIPLES, "an", "a"))
_CANDIDATE = re.compile(
    rf"(?P<numeral>(?<![A-Za-z0-9_])(?:[0-9]|\.[0-9]))|\b(?P<word>{_START_WORDS})\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[A-Za-z]+")
_LINK = re.compile(r"\s?-\s?|\s{1,2}")
_ORDINAL = re.compile(r"(?:st|nd|rd|th)\b", re.IGNORECASE)
_PERCENT = re.compile(r"\s?%|\s(?:percent|per cent)\b|-percent\b", re.IGNORECASE)
_SIGN_WORD = re.compile(r"(?:negative|minus)\s$", re.IGNORECASE)
_MAX_DIGITS = 60
_LONGEST = 28  # words of the longest number below a quadrillion, with every "and"


class _Words:
    """A cursor over the words of a text that are joined by one space or hyphen."""

    def __init__(self, text: str, at: int) -> None:
        self.text = text
        self.words: list[str] = []
        self.ends: list[int] = []
        for _ in range(_LONGEST):
            match = _WORD.match(text, at)
            if match is None:
                break
            self.words.append(match.group().lower())
            self.ends.append(match.end())
            link = _LINK.match(text, match.end())
            if link is None:
                break
            at = link.end()

    def get(self, index: int) -> str:
        """The word at ``index``, or an empty string after the last."""
        return self.words[index] if index < len(self.words) else ""


def _small(words: _Words, i: int) -> tuple[int, int] | None:
    """A number below one hundred: (value, next index)."""
    word = words.get(i)
    if word in _SMALL:
        return _SMALL[word], i + 1
    if word in _TEN:
        unit = _SMALL.get(words.get(i + 1), 0)
        return (_TEN[word] + unit, i + 2) if 0 < unit < 10 else (_TEN[word], i + 1)
    return None


def _group(words: _Words, i: int) -> tuple[int, int] | None:
    """A number below one thousand, ``a hundred`` included."""
    if words.get(i) in ("a", "an"):
        if words.get(i + 1) not in _MULTIPLES:
            return None
        value, i = 1, i + 1
    elif (found := _small(words, i)) is not None:
        value, i = found
    elif words.get(i) in _MULTIPLES:
        value = 1
    else:
        return None
    if words.get(i) != "hundred":
        return value, i
    value, i = value * 100, i + 1
    rest = _small(words, i + 1 if words.get(i) == "and" else i)
    return (value + rest[0], rest[1]) if rest else (value, i)


def _cardinal(words: _Words, i: int) -> tuple[int, int] | None:
    """A whole number in words, up to trillions, dozens included."""
    found = _group(words, i)
    if found is None:
        return None
    (value, i), total, ceiling = found, 0, 10**15
    while words.get(i) in _SCALE and _SCALE[words.get(i)] < ceiling:
        ceiling = _SCALE[words.get(i)]
        total, value, i = total + value * ceiling, 0, i + 1
        rest = _group(words, i + 1 if words.get(i) == "and" else i)
        if rest is None or rest[0] >= ceiling or words.get(i) in ("a", "an", "dozen"):
            break
        value, i = rest
    if words.get(i) == "dozen" and value:
        value, i = value * 12, i + 1
    return total + value, i


def _part(words: _Words, i: int) -> tuple[Fraction, int] | None:
    """A fraction in words: ``half``, ``a third of``, ``three quarters``."""
    word = words.get(i)
    if word == "half":
        if words.get(i + 1) in ("a", "an") and words.get(i + 2) in _MULTIPLES:
            return Fraction(_MULTIPLES[words.get(i + 2)], 2), i + 3
        return Fraction(1, 2), i + 1
    if word in ("a", "an"):
        # "a fifth grader" is no fraction, "a fifth of" is.
        part = words.get(i + 1)
        if part in ("half", "quarter") or (part in _PARTS and words.get(i + 2) == "of"):
            return Fraction(1, _PARTS[part]), i + 2
        return None
    found = _small(words, i)
    if found is None or found[0] == 0:
        return None
    names = _PARTS if found[0] == 1 else _PART_PLURALS
    part = words.get(found[1])
    return (Fraction(found[0], names[part]), found[1] + 1) if part in names else None


def _read_words(text: str, at: int) -> tuple[int, Fraction] | None:
    """The number words that begin at ``at``: (end, value)."""
    words = _Words(text, at)
    part = _part(words, 0)
    if part is not None:
        return words.ends[part[1] - 1], part[0]
    whole = _cardinal(words, 0)
    if whole is None or whole[1] == 0:
        return None
    value, i = Fraction(whole[0]), whole[1]
    if words.get(i) == "and" and (extra := _part(words, i + 1)) is not None and extra[0] < 1:
        value, i = value + extra[0], extra[1]
    return words.ends[i - 1], value


def _plain(digits: str) -> Fraction:
    return Fraction(digits.replace(",", "") if digits[0] != "." else "0" + digits)


def _read_numeral(text: str, at: int) -> tuple[int, Fraction, Kind, int] | None:
    """The digits that begin at ``at``: (end, value, kind, decimals shown)."""
    match = _NUMERAL.match(text, at)
    if match is None or match.end() - at > _MAX_DIGITS:
        return None
    if match["mixed"] is not None:
        top, bottom = int(match["top"]), int(match["bottom"])
        if 0 < top < bottom:
            return match.end(), int(match["mixed"]) + Fraction(top, bottom), "mixed", 0
        whole = match["mixed"]
        return at + len(whole), Fraction(whole), "integer", 0
    if match["upper"] is not None:
        # In a date (1/2/2020) or after another slash the pieces are not one fraction.
        dated = at > 1 and text[at - 1] == "/" and text[at - 2].isdigit()
        if int(match["lower"]) and not dated:
            value = Fraction(int(match["upper"]), int(match["lower"]))
            return match.end(), value, "fraction", 0
        return at + len(match["upper"]), Fraction(match["upper"]), "integer", 0
    if match["decimal"] is not None:
        shown = len(match["decimal"].rpartition(".")[2])
        return match.end(), _plain(match["decimal"]), "decimal", shown
    return match.end(), _plain(match["integer"]), "integer", 0


def _scale_after(text: str, end: int) -> tuple[int, Fraction, Fraction]:
    """What follows a numeral: (end, factor, addend) for ``2.5 million``, ``2 and a half``."""
    link = _LINK.match(text, end)
    words = _Words(text, link.end()) if link else None
    if words is None or not words.words:
        return end, Fraction(1), Fraction(0)
    if (factor := _MULTIPLES.get(words.get(0))) is not None:
        return words.ends[0], Fraction(factor), Fraction(0)
    if words.get(0) == "and" and (part := _part(words, 1)) is not None and part[0] < 1:
        return words.ends[part[1] - 1], Fraction(1), part[0]
    return end, Fraction(1), Fraction(0)


def _before(text: str, start: int, floor: int) -> tuple[int, int, str]:
    """Sign and currency before a number: (start, sign, currency).

    ``floor`` is where the number before ended.
    """
    currency = ""
    if start > floor and text[start - 1] in CURRENCY:
        start, currency = start - 1, text[start - 1]
    elif start - 1 > floor and text[start - 1] == " " and text[start - 2] in CURRENCY:
        start, currency = start - 2, text[start - 2]
    if start > floor and text[start - 1] in MINUS:
        left = text[floor : start - 1]
        bare = left.rstrip()
        # "5 -3" and "(2) -3" subtract, "8-3" and "x-3" too; "is -3" and "= -3" are negative.
        subtracts = (bare == "" and floor > 0) or bare.endswith((")", "%", *"0123456789"))
        attached = bare == left and left != "" and (left[-1].isalnum() or left[-1] in MINUS)
        if not subtracts and not attached:
            start -= 1
            if not currency and start > floor and text[start - 1] in CURRENCY:
                start, currency = start - 1, text[start - 1]
            return start, -1, currency
    match = _SIGN_WORD.search(text, max(floor, start - 9), start)
    if match is not None and (floor == 0 or text[floor : match.start()].strip()):
        return match.start(), -1, currency
    return start, 1, currency


def _iterate(text: str) -> Iterator[NumberSpan]:
    at, floor = 0, 0
    while (candidate := _CANDIDATE.search(text, at)) is not None:
        start, at = candidate.start(), candidate.end()
        kind: Kind = "words"
        decimals = 0
        if candidate["numeral"] is not None:
            numeral = _read_numeral(text, start)
            if numeral is None:
                at = start + _MAX_DIGITS
                continue
            end, value, kind, decimals = numeral
            if _ORDINAL.match(text, end):
                at = end
                continue
            if kind in ("integer", "decimal"):
                end, factor, addend = _scale_after(text, end)
                value = value * factor + addend
        else:
            read = _read_words(text, start)
            if read is None:
                continue
            end, value = read
        percent = _PERCENT.match(text, end)
        end = percent.end() if percent else end
        begin, sign, currency = _before(text, start, floor)
        if not currency and end < len(text) and text[end] in CURRENCY and kind != "words":
            following = text[end + 1 : end + 2]
            if not following.isdigit():
                currency, end = text[end], end + 1
        yield NumberSpan(begin, end, sign * value, kind, decimals, percent is not None, currency)
        at = floor = end


# Several checks ask for the numbers of the same turn, one after another.
@lru_cache(maxsize=1024)
def find_numbers(text: str) -> tuple[NumberSpan, ...]:
    """All numbers of ``text``, left to right, never overlapping."""
    return tuple(_iterate(text))


def parse_number(text: str) -> Fraction | None:
    """The value of ``text`` when it is one number and nothing else, else None.

    A percent mark is allowed and left out of the value: ``25%`` gives 25.
    """
    stripped = text.strip()
    spans = find_numbers(stripped)
    if len(spans) == 1 and spans[0].start == 0 and spans[0].end == len(stripped):
        return spans[0].value
    return None


def format_number(value: Fraction, *, commas: bool = False) -> str:
    """The shortest usual writing that :func:`parse_number` reads back exactly.

    Whole numbers as digits, fractions that end within six places as decimals, others as ``a/b``.
    """
    if value.denominator == 1:
        return f"{value.numerator:,}" if commas else str(value.numerator)
    scaled = value * 10**6
    if scaled.denominator != 1:
        return f"{value.numerator}/{value.denominator}"
    whole, rest = divmod(abs(scaled.numerator), 10**6)
    written = f"{whole:,}" if commas else str(whole)
    return f"{'-' if value < 0 else ''}{written}.{rest:06d}".rstrip("0")
