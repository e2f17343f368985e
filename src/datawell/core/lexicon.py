"""A closed vocabulary: base words sorted by part of speech, with every inflected form.

A lexicon is a folder of ``*.txt`` files (or one file). A line ``[noun thing toy]`` opens a group:
the part of speech, then tags every word below it carries. Words follow, parted by spaces;
``mouse=mice`` or ``sing=sang,sung`` gives irregular forms, ``word+tag`` adds a tag, ``#`` opens a
comment. The shipped one is called ``child``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from datawell.core.errors import UsageError, did_you_mean
from datawell.core.records import digest

SHIPPED = Path(__file__).parent / "words"
PARTS_OF_SPEECH = ("noun", "verb", "adjective", "adverb", "function", "name")

_TOKEN = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_VOWELS = "aeiou"
_BE = ("be", "am", "is", "are", "was", "were", "been", "being")
_IRREGULAR_THIRD = {"have": "has", "do": "does", "go": "goes", "can": "can", "will": "will"}
_MODALS = {"can", "will"}


def words(text: str) -> list[str]:
    """The word tokens of a text: lower case, apostrophes kept (curly ones made straight)."""
    return _TOKEN.findall(text.replace("’", "'").lower())


@dataclass(frozen=True, slots=True)
class Entry:
    """One base word: its part of speech, all its forms (the lemma first) and its tags."""

    lemma: str
    pos: str
    forms: tuple[str, ...]
    tags: frozenset[str]


def doubles(verb: str) -> bool:
    """True when the last consonant doubles before -ed, -ing, -er (``stop``, not ``open``)."""
    groups = re.findall(r"[aeiouy]+", verb.replace("qu", "kw"))
    return (
        len(groups) == 1
        and len(groups[0]) == 1
        and len(verb) > 2
        and verb[-1] not in _VOWELS + "wxyh"
        and verb[-2] in _VOWELS
    )


def plural(noun: str) -> str:
    """The regular plural of a noun."""
    if noun.endswith(("s", "x", "z", "ch", "sh")):
        return noun + "es"
    if noun.endswith("y") and noun[-2] not in _VOWELS:
        return noun[:-1] + "ies"
    return noun + "s"


def third_person(verb: str) -> str:
    """``try`` gives ``tries``: the form after *she*."""
    if verb in _IRREGULAR_THIRD:
        return _IRREGULAR_THIRD[verb]
    return verb + "es" if verb.endswith("o") else plural(verb)


def present_participle(verb: str) -> str:
    """``run`` gives ``running``, ``lie`` gives ``lying``."""
    if verb.endswith("ie"):
        return verb[:-2] + "ying"
    if verb.endswith("e") and not verb.endswith(("ee", "oe", "ye")):
        return verb[:-1] + "ing"
    return (verb + verb[-1] if doubles(verb) else verb) + "ing"


def regular_past(verb: str) -> str:
    """``stop`` gives ``stopped``, ``try`` gives ``tried``."""
    if verb.endswith("e"):
        return verb + "d"
    if verb.endswith("y") and verb[-2] not in _VOWELS:
        return verb[:-1] + "ied"
    return (verb + verb[-1] if doubles(verb) else verb) + "ed"


def verb_forms(verb: str, irregular: tuple[str, ...] = ()) -> tuple[str, ...]:
    """(base, third person, present participle, past, past participle).

    ``irregular`` holds the past, the past participle and the present participle, as far as given.
    """
    if verb == "be":
        return _BE
    past = irregular[0] if irregular else regular_past(verb)
    participle = irregular[1] if len(irregular) > 1 else past
    if verb in _MODALS:
        return (verb, past)
    ing = irregular[2] if len(irregular) > 2 else present_participle(verb)
    return (verb, third_person(verb), ing, past, participle)


def comparison(adjective: str, irregular: tuple[str, ...] = ()) -> tuple[str, ...]:
    """An adjective with its comparative and superlative, where English has one-word ones."""
    if irregular:
        return (adjective, *irregular)
    syllables = len(re.findall(r"[aeiouy]+", re.sub(r"e$", "", adjective)))
    if adjective.endswith("y") and adjective[-2] not in _VOWELS and syllables <= 2:
        stem = adjective[:-1] + "i"
    elif syllables == 1:
        stem = adjective[:-1] if adjective.endswith("e") else adjective
        stem += stem[-1] if doubles(adjective) else ""
    else:
        return (adjective,)
    return (adjective, stem + "er", stem + "est")


def _forms(lemma: str, pos: str, irregular: tuple[str, ...], tags: frozenset[str]) -> Iterator[str]:
    if pos == "noun":
        if "mass" in tags and "count" not in tags and not irregular:
            yield lemma
        else:
            yield from (lemma, *(irregular or (plural(lemma),)))
    elif pos == "verb":
        yield from verb_forms(lemma, irregular)
    elif pos == "adjective":
        yield from comparison(lemma, irregular)
    else:
        yield from (lemma, *irregular)


def _parse(path: Path) -> Iterator[Entry]:
    pos, tags = "", frozenset[str]()
    for number, raw in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        line = raw.split("#")[0].strip()
        if line.startswith("["):
            pos, *rest = line.strip("[]").split()
            tags = frozenset(rest)
            if pos not in PARTS_OF_SPEECH:
                raise UsageError(
                    f"{path.name}:{number}: no part of speech called {pos!r}",
                    hint=did_you_mean(pos, PARTS_OF_SPEECH),
                )
        elif line:
            if not pos:
                raise UsageError(
                    f"{path.name}:{number}: words before the first group",
                    hint="begin with a line such as [noun toy]",
                )
            for item in line.split():
                head, *more = item.split("+")
                lemma, _, irregular = head.partition("=")
                own = tags | frozenset(more)
                given = tuple(irregular.split(",")) if irregular else ()
                forms = tuple(_forms(lemma, pos, given, own))
                yield Entry(lemma, pos, forms, own)


class Lexicon:
    """A closed vocabulary with cached look-ups. Made by :meth:`load`."""

    def __init__(self, entries: Iterable[Entry], name: str = "") -> None:
        """Index the entries; several entries of one lemma and part of speech are joined."""
        self.name = name
        table: dict[tuple[str, str], Entry] = {}
        for item in entries:
            key = (item.lemma, item.pos)
            if key in table:
                old = table[key]
                # Verb forms are read by position, so the first entry's forms stand.
                union = tuple(dict.fromkeys(old.forms + item.forms))
                joined = old.forms if item.pos == "verb" else union
                item = Entry(*key, joined, old.tags | item.tags)
            table[key] = item
        self._table = table
        self.nouns = self._lemmas_of("noun")
        self.verbs = self._lemmas_of("verb")
        self.adjectives = self._lemmas_of("adjective")
        self.names = self._lemmas_of("name")
        by_form: dict[str, set[str]] = {}
        for entry in table.values():
            for form in entry.forms:
                by_form.setdefault(form.lower(), set()).add(entry.lemma)
        self._by_form = {form: frozenset(lemmas) for form, lemmas in by_form.items()}

    def _lemmas_of(self, pos: str) -> tuple[str, ...]:
        return tuple(sorted(lemma for lemma, p in self._table if p == pos))

    @staticmethod
    def load(name_or_path: str = "child") -> Lexicon:
        """The shipped lexicon of that name, or one from a file or folder; cached.

        Raises:
            UsageError: there is no such lexicon, or a line of it cannot be read.
        """
        return _load(name_or_path)

    @property
    def base_words(self) -> tuple[str, ...]:
        """All base words without the names, sorted: what a child is taken to know."""
        return tuple(sorted({lemma for lemma, pos in self._table if pos != "name"}))

    def allowed(self, token: str) -> bool:
        """True when the token is any form of a known word, a name, or a possessive of one."""
        token = token.replace("’", "'").lower()
        if token in self._by_form:
            return True
        return token.endswith("'s") and token[:-2] in self._by_form

    def lemmas(self, token: str) -> frozenset[str]:
        """The base words a token may be a form of; empty when it is unknown."""
        token = token.replace("’", "'").lower()
        found = self._by_form.get(token)
        if found is None and token.endswith("'s"):
            found = self._by_form.get(token[:-2])
        return found or frozenset()

    def entry(self, lemma: str, pos: str) -> Entry | None:
        """The entry of a base word, or None."""
        return self._table.get((lemma, pos))

    def forms(self, lemma: str, pos: str) -> tuple[str, ...]:
        """All forms of a base word, itself first.

        Raises:
            UsageError: the lexicon has no such base word.
        """
        entry = self._table.get((lemma, pos))
        if entry is None:
            raise UsageError(
                f"the lexicon {self.name!r} has no {pos} {lemma!r}",
                hint=did_you_mean(lemma, (w for w, p in self._table if p == pos)),
            )
        return entry.forms

    def tags(self, lemma: str, pos: str) -> frozenset[str]:
        """What a word is and affords (``toy``, ``light``, ``fragile`` ...); empty if unknown."""
        entry = self._table.get((lemma, pos))
        return entry.tags if entry else frozenset()

    def tagged(self, pos: str, *tags: str) -> tuple[str, ...]:
        """Base words of a part of speech that carry all the tags, sorted."""
        need = frozenset(tags)
        return tuple(sorted(w for (w, p), e in self._table.items() if p == pos and need <= e.tags))

    def digest(self) -> str:
        """A hash of every word, form and tag."""
        rows = [(e.lemma, e.pos, e.forms, sorted(e.tags)) for e in self._table.values()]
        return digest(sorted(rows))


@cache
def _load(name_or_path: str) -> Lexicon:
    shipped = SHIPPED / name_or_path
    path = shipped if re.fullmatch(r"\w+", name_or_path) and shipped.is_dir() else None
    path = path or Path(name_or_path)
    files = sorted(path.glob("*.txt")) if path.is_dir() else [path]
    if not files or not files[0].is_file():
        known = [folder.name for folder in SHIPPED.iterdir() if folder.is_dir()]
        raise UsageError(
            f"no lexicon called {name_or_path!r}",
            hint=f"shipped: {', '.join(sorted(known))}; or give a file or folder of word lists",
        )
    return Lexicon((entry for file in files for entry in _parse(file)), name_or_path)
