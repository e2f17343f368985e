"""What can be asked of a passage without a language model: few kinds, and each surely right.

A pattern asks only where the sentence has exactly the shape it knows; where there is a doubt (a
pronoun as subject, a clause inside the subject, a bound such as "more than"), nothing is asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from datawell.core.sentences import sentences
from datawell.tasks.qa.phrases import find_subject, is_number, participle

_GAP = "____"
_FEWEST_WORDS, _MOST_WORDS = 5, 40
_NUMBER = re.compile(r"(?<![\w.,/:-])(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?![\w/:%-]|[.,][0-9])")
_NAME = re.compile(r"(?<![\w'’-])[A-Z][a-z]+(?: [A-Z][a-z]+)*(?![\w'’-])")
_LEAD = re.compile(r"(?:The|A|An|In|On|At|By|From|Of|For) ")
_WORD = re.compile(r"(?<![\w'’-])[a-z]{6,}(?![\w'’-])")
_LITTLE_WORDS = (
    "because cannot should before without another though however through between during whether"
    " itself himself herself themselves nothing something anything nobody everybody against rather"
    " either neither already always almost enough several"
)
_LITTLE = frozenset(_LITTLE_WORDS.split())
_YEAR = r"(?:1[0-9]{3}|20[0-9]{2})"
# With these a changed number may still be true, or true in another way.
_BOUND = re.compile(
    r"\b(?:than|least|most|about|approximately|almost|nearly|over|under|between|within|up to"
    r"|around|roughly|maximum|minimum|every|only|another|half|at)\b",
    re.IGNORECASE,
)
_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
)
_DATE = re.compile(rf"(?:\b{_MONTH} $)|(?:^ {_MONTH}\b)")
_CALENDAR = re.compile(rf"(?:{_MONTH}|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?)$")
_DANGLING = re.compile(
    r"(?:It|He|She|They|We|You|I|This|That|These|Those|His|Her|Its|Their|Then|There|So|But|And|Or"
    r"|Also|However|Therefore|Such|Both|Another|Others?|Some|One|Do|Don't|Don’t|Here)\b"
)


@dataclass(frozen=True, slots=True)
class Pair:
    """A question and its answer, with the sentence that holds it: ``start`` to ``end`` of the
    passage. ``weight`` is how readily it is asked."""

    kind: str
    question: str
    answer: str
    start: int
    end: int
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a passage: its words on one line, and its place."""

    text: str
    start: int
    end: int
    passage: str

    def pair(self, kind: str, question: str, answer: str, weight: float = 1.0) -> Pair:
        """A pair with this sentence as evidence."""
        return Pair(kind, question, answer, self.start, self.end, weight)


def usable(passage: str) -> list[Sentence]:
    """The sentences that may be asked about: plain statements of a fair length."""
    found = []
    for start, end in sentences(passage):
        text = " ".join(passage[start:end].split())
        plain = text.endswith(".") and not re.search(r"[\"“”?:*_`|<>\[\]{}]", text)
        if plain and text[:1].isupper() and _FEWEST_WORDS <= len(text.split()) <= _MOST_WORDS:
            found.append(Sentence(text, start, end, passage))
    return found


def pairs(passage: str, random: Random) -> list[Pair]:
    """Everything that can be asked of a passage, in the order of its sentences."""
    return [
        pair
        for sentence in usable(passage)
        for kind in KINDS.values()
        for pair in kind(sentence, random)
    ]


def _when(sentence: Sentence, _: Random) -> Iterator[Pair]:
    """``The bridge was built in 1847 …``."""
    subject = find_subject(sentence.text, sentence.passage)
    if subject is None:
        return
    rest = sentence.text[subject.end :]
    found = re.match(
        rf" (was|were) (\w+)((?: [a-z]+){{0,3}}) in (?:the year )?({_YEAR})(?=[.,]| by| with| at)",
        rest,
    )
    if found is None or not participle(found[2]) or re.search(r"\b(?:and|or|but|not)\b", found[3]):
        return
    done = found[2] + found[3]
    question = f"In which year {found[1]} {subject.inside} {done}?"
    answer = f"{subject.first} {found[1]} {done} in {found[4]}."
    yield sentence.pair("when", question, answer, 4.0)


def _how_many(sentence: Sentence, _: Random) -> Iterator[Pair]:
    """``The bridge has 7 arches …``."""
    subject = find_subject(sentence.text, sentence.passage)
    if subject is None:
        return
    found = re.match(
        r" (has|have|had) ([\w,]+)((?: [a-z]+)? (?:[a-z]+s|people|children|men|women))"
        r"(?=\.|, | and | on | in | with | for | but )",
        sentence.text[subject.end :],
    )
    if found is None or not is_number(found[2]) or found[2] in ("1", "one"):
        return
    helper = {"has": "does", "have": "do", "had": "did"}[found[1]]
    question = f"How many{found[3]} {helper} {subject.inside} have?"
    answer = f"{subject.first} {found[1]} {found[2]}{found[3]}."
    yield sentence.pair("how_many", question, answer, 4.0)


def _definition(sentence: Sentence, _: Random) -> Iterator[Pair]:
    """``A lighthouse is a tower …``."""
    subject = find_subject(sentence.text, sentence.passage)
    if subject is None or not sentence.text.startswith(("A ", "An ")):
        return
    if re.match(r" is an? [a-z]", sentence.text[subject.end :]):
        yield sentence.pair("definition", f"What is {subject.inside}?", sentence.text, 4.0)


def _why(sentence: Sentence, _: Random) -> Iterator[Pair]:
    """``The map is never lent because …``."""
    subject = find_subject(sentence.text, sentence.passage)
    if subject is None or sentence.text.count(" because ") != 1:
        return
    found = re.match(
        r" (is|are|was|were|can|cannot|must|may|should) ([^,;]+?) because ([^;]+)\.$",
        sentence.text[subject.end :],
    )
    if found is None or re.search(
        r"\b(?:and|or|but|only|partly|mainly|just|that|which)\b", found[2]
    ):
        return
    helper, rest = found[1], found[2]
    if helper == "cannot":
        helper, rest = "can", f"not {rest}"
    question = f"Why {helper} {subject.inside} {rest}?"
    yield sentence.pair("why", question, f"Because {found[3]}.", 5.0)


def _who(sentence: Sentence, _: Random) -> Iterator[Pair]:
    """``The clock was made in 1764 by a watchmaker called Josiah Penn``."""
    subject = find_subject(sentence.text, sentence.passage)
    if subject is None:
        return
    found = re.match(
        r" (was|were) (\w+)((?: [a-z]+){0,3})(?: in [0-9]{4})? by"
        r"((?: the| an?)(?: [a-z]+){1,2}(?: called| named)?)?"
        r" ([A-Z][a-z]+(?: [A-Z][a-z]+){1,2})\.$",
        sentence.text[subject.end :],
    )
    if found is None or not participle(found[2]) or re.search(r"\b(?:and|or|but)\b", found[3]):
        return
    done = found[2] + found[3]
    answer = f"{subject.first} {found[1]} {done} by{found[4] or ''} {found[5]}."
    yield sentence.pair("who", f"Who {found[1]} {subject.inside} {done} by?", answer, 4.0)


def _verify(sentence: Sentence, random: Random) -> Iterator[Pair]:
    """The sentence as it is, or with another number: is that what the passage says?"""
    if _DANGLING.match(sentence.text) or _BOUND.search(sentence.text):
        return
    places = [m for m in _NUMBER.finditer(sentence.text) if _value(m[0]) >= 3]
    if not places:
        return
    place = random.choice(places)
    right = random.random() < 0.5
    said = sentence.text
    if not right:
        other = _other(place, sentence, random)
        if other is None:
            return
        said = f"{said[: place.start()]}{other}{said[place.end() :]}"
    question = f'Does the passage say this? "{said}"'
    answer = f"{'Yes' if right else 'No'}. The passage says: {sentence.text}"
    yield sentence.pair("verify", question, answer, 1.5)


def _value(number: str) -> int:
    return int(number.replace(",", ""))


def _other(place: re.Match[str], sentence: Sentence, random: Random) -> str | None:
    """Another number of the same kind that the passage does not have."""
    value, text = _value(place[0]), sentence.text
    before, after = text[max(0, place.start() - 12) : place.start()], text[place.end() :]
    if re.fullmatch(_YEAR, place[0]):
        low, high = value - 30, value - 2
    elif _DATE.search(before) or _DATE.search(after):
        low, high = 3, 28
    else:
        room = next((limit for limit in (12, 28, 100) if value <= limit), value * 2)
        low, high = max(3, value // 2), min(value * 2, room)
    taken = {_value(m[0]) for m in _NUMBER.finditer(sentence.passage)}
    step = 10 ** (len(str(value)) - len(str(value).rstrip("0"))) if value >= 100 else 1
    pool = [n for n in range(low - low % step, high + 1, step) if n >= low and n not in taken]
    if not pool:
        return None
    chosen = random.choice(pool)
    return f"{chosen:,}" if "," in place[0] else str(chosen)


def _gap(kind: str, sentence: Sentence, place: re.Match[str], weight: float) -> Iterator[Pair]:
    """The sentence with ``place`` left out."""
    if sentence.passage.count(place[0]) != 1:
        return
    left = f"{sentence.text[: place.start()]}{_GAP}{sentence.text[place.end() :]}"
    asked = {"number": "Which number", "name": "Which words", "word": "Which word"}[kind]
    if kind == "name" and " " not in place[0]:
        asked = "Which word"
    question = f'{asked} of the passage should stand in the gap? "{left}"'
    yield sentence.pair(f"gap_{kind}", question, place[0], weight)


def _gap_number(sentence: Sentence, _: Random) -> Iterator[Pair]:
    for place in _NUMBER.finditer(sentence.text):
        yield from _gap("number", sentence, place, 0.5)


def _names(text: str) -> Iterator[re.Match[str]]:
    """Names inside a sentence, whole; a capital at its very start may be no name."""
    for place in _NAME.finditer(text):
        lead = None if place.start() else _LEAD.match(place[0])
        if lead is not None:
            inner = _NAME.match(text, lead.end())
            if inner is not None:
                yield inner
        elif place.start():
            yield place


def _gap_name(sentence: Sentence, _: Random) -> Iterator[Pair]:
    for place in _names(sentence.text):
        yield from _gap("name", sentence, place, 0.7)


def _gap_word(sentence: Sentence, _: Random) -> Iterator[Pair]:
    for place in _WORD.finditer(sentence.text):
        if place[0] in _LITTLE:
            continue
        yield from _gap("word", sentence, place, 0.1)


def _about(sentence: Sentence, _: Random) -> Iterator[Pair]:
    """A name or year that stands in this sentence alone."""
    names = [m for m in _names(sentence.text) if not _CALENDAR.match(m[0])]
    for place in (*names, *re.finditer(rf"(?<= ){_YEAR}\b", sentence.text)):
        if re.match(r" [0-9]", sentence.text[place.end() :]):  # Pier 3, Room 12
            continue
        if re.search(r"\b[Tt]he $", sentence.text[: place.start()]) and " " not in place[0]:
            continue  # the Harrowby school
        alone = all(sentence.passage.count(word) == 1 for word in place[0].split())
        if alone and not _DANGLING.match(sentence.text):
            question = f"What does the passage say about {place[0]}?"
            yield sentence.pair("about", question, sentence.text, 1.0)


KINDS: dict[str, Callable[[Sentence, Random], Iterator[Pair]]] = {
    "when": _when,
    "who": _who,
    "how_many": _how_many,
    "definition": _definition,
    "why": _why,
    "verify": _verify,
    "about": _about,
    "gap_number": _gap_number,
    "gap_name": _gap_name,
    "gap_word": _gap_word,
}
"""The kinds of question, by name."""
