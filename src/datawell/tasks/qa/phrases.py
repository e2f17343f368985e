"""The few phrases that questions are built from: subjects that can be trusted, and participles."""

from __future__ import annotations

import re
from dataclasses import dataclass

from datawell.core.numbers import parse_number

# A word that may stand in no subject we dare to move: it would be a clause, or point elsewhere.
_STOP_WORDS = (
    "that which who whom whose when where while if because but or and nor as than whether though"
    " is are was were be been being has have had do does did will would can cannot could may might"
    " must shall should not no only also there it he she they we you i this these those its his her"
    " their our my your him them us one ones other others such all both each every some any many"
    " more most few several much same either neither by to from in on at with without for into"
    " said says say made makes took takes gave gives went goes came comes"
)
_STOP = frozenset(_STOP_WORDS.split())
_WORD = re.compile(r"[A-Za-z][A-Za-z'’-]*|[A-Z]\.")
_VERBS = frozenset(
    ("is", "are", "was", "were", "has", "have", "had", "can", "cannot", "must", "may", "should")
)
_TITLES = ("Mr.", "Mrs.", "Ms.", "Dr.", "Prof.")
_MOST_WORDS = 5
_PARTICIPLES_WORDS = (
    "abolished accepted adopted added announced appointed approved arrested awarded banned baptised"
    " begun born bought brought broken built burned buried cancelled carried cast caught changed"
    " chosen cleaned cleared closed collected completed composed confirmed conquered constructed"
    " converted copied created crowned cut decided declared dedicated defeated delivered demolished"
    " described designed destroyed developed discovered divided documented dropped dug elected"
    " employed enlarged established executed expanded extended filmed finished forbidden forced"
    " formed fought found founded given granted held hidden hired imported improved inaugurated"
    " installed introduced invented issued joined killed kept laid launched lit lost made married"
    " measured mentioned moved named nominated observed occupied offered opened ordered organised"
    " organized painted passed patented paid performed photographed placed planned planted pressed"
    " printed produced promoted proposed proved published purchased put raised read rebuilt"
    " received recorded reduced released relocated removed renamed renovated repaired replaced"
    " reported rescued restored reopened revised saved seen selected sent set settled shot shown"
    " signed sold solved spent split started stolen stopped struck taken taught tested thrown told"
    " torn trained transferred translated turned united updated used vaccinated visited voted won"
    " written"
)
_PARTICIPLES = frozenset(_PARTICIPLES_WORDS.split())


@dataclass(frozen=True, slots=True)
class Subject:
    """The subject a sentence begins with: characters 0 to ``end``.

    ``first`` is how it is written at the start of a sentence, ``inside`` in the middle of one.
    """

    end: int
    first: str
    inside: str


def find_subject(sentence: str, passage: str) -> Subject | None:
    """The subject of a sentence, where it is a plain noun phrase or a name before a verb we know.

    None for pronouns, clauses, lists, and single capital words that may or may not be names.
    """
    words: list[str] = []
    at = 0
    for title in _TITLES:
        if sentence.startswith(title + " "):
            words, at = [title], len(title) + 1
    while len(words) <= _MOST_WORDS:
        found = _WORD.match(sentence, at)
        if found is None or found.end() >= len(sentence) or sentence[found.end()] not in " ":
            return None
        word = found.group()
        if words and word in _VERBS:
            phrase = sentence[: at - 1]
            inside = _inside(words, phrase, passage)
            return None if inside is None else Subject(at - 1, phrase, inside)
        if word.lower() in _STOP:
            return None
        words.append(word)
        at = found.end() + 1
    return None


def _inside(words: list[str], phrase: str, passage: str) -> str | None:
    """The phrase as it stands in the middle of a sentence."""
    if words[0] in ("The", "A", "An"):
        if len(words) == 1 or words[-1] in ("of", "the", "a", "an"):
            return None
        return phrase[0].lower() + phrase[1:]
    if all(word[0].isupper() for word in words) and len(words) > 1:
        return phrase
    if len(words) == 1 and re.search(rf"[a-z,] {re.escape(phrase)}\b", passage):
        return phrase
    if len(words) == 1 and re.search(rf"\b{re.escape(phrase.lower())}\b", passage):
        return phrase.lower()
    return None


def participle(word: str) -> bool:
    """True for a past participle that is surely one after ``was``."""
    return word in _PARTICIPLES


def is_number(text: str) -> bool:
    """True when ``text`` is one whole number, in digits or words."""
    value = parse_number(text)
    return value is not None and value.denominator == 1
