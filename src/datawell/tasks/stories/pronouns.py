"""Who was just named is *he* or *she* in the next clause, as a person would tell it.

Hero and friend never share a pronoun. A name gives way to its pronoun only where it is the subject
of a clause, where the same character was spoken of in this paragraph, and where nobody else it
could mean was spoken of since; quotes are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Mapping, Sequence
from functools import cache

from datawell.core.lexicon import Lexicon

_CHANCE = 0.7
_MARKS = str.maketrans(dict.fromkeys('.,:;!?"', " "))
# What may stand before a name that is the subject of its clause.
_BEFORE = (
    r"(^(?:[A-Z][a-z]+(?: [a-z]+){0,5}, |(?:Then|Now|So|But|Soon|But then|And then|But soon) )?"
    r"|, (?:and|but|so|for) | (?:because|when|until|before|after|that|as|while|where|since) )"
)
# After it: not another subject (*and Lisa*), a part of the name (*the goose*), an owner.
_AFTER = r"(?= (?!and [A-Z]|the |a |an )[a-z])"
_SHE = {"mom", "mother", "grandma", "grandmother", "aunt", "sister", "queen", "princess"}
_SHE |= {"woman", "lady", "girl", "witch"}
_HE = {"dad", "father", "grandpa", "grandfather", "uncle", "brother", "king", "prince"}
_HE |= {"man", "boy", "wizard", "fisherman"}


@cache
def _somebody(pronoun: str) -> frozenset[str]:
    """All nouns that this pronoun could mean, in any form."""
    lexicon = Lexicon.load("child")
    nouns = {*lexicon.tagged("noun", "person"), *lexicon.tagged("noun", "animal")}
    nouns -= _SHE if pronoun == "he" else _HE
    # A guide is in the lexicon as a verb alone.
    return frozenset(["guide", *(f for noun in nouns for f in lexicon.forms(noun, "noun"))])


@cache
def _subject(name: str) -> re.Pattern[str]:
    return re.compile(_BEFORE + re.escape(name) + _AFTER)


class Pronouns:
    """Replaces names in the sentences of one story.

    Args:
        pronouns: of hero and friend, by name.
        kinds: what the two are (*girl*, *mole*), by name: such a noun means nobody else.
        draw: a number from 0 to 1.
    """

    __slots__ = ("_draw", "_known", "_others", "_pronouns")

    def __init__(
        self, pronouns: Mapping[str, str], kinds: Sequence[str], draw: Callable[[], float]
    ) -> None:
        self._pronouns, self._draw = pronouns, draw
        own = frozenset(kinds)
        # Those whom the next pronoun can mean without doubt.
        self._known: set[str] = set()
        self._others = {name: _somebody(p) - own for name, p in pronouns.items()}

    def paragraph(self) -> None:
        """A new paragraph begins: whom it speaks of is named first."""
        self._known.clear()

    def told(self, sentence: str, people: Container[str | None]) -> str:
        """The next sentence of the paragraph; only ``people`` may go unnamed in it."""
        told, spoken = sentence, None
        for name, others in self._others.items():
            named = name in sentence
            if not named and name not in self._known:
                continue
            spoken = spoken or sentence.translate(_MARKS).split()
            if not others.isdisjoint(spoken):
                self._known.discard(name)
            elif named:
                again = name in self._known
                if (again or sentence.count(name) > 1) and name in people and '"' not in sentence:
                    told = self._replaced(told, name, again)
                self._known.add(name)
        return told

    def _replaced(self, sentence: str, name: str, known: bool) -> str:
        pronoun = self._pronouns[name]

        def choose(match: re.Match[str]) -> str:
            before = match.group(1)
            told = known or name in sentence[: match.start()]
            if not told or self._draw() > _CHANCE:
                return match.group()
            return before + (pronoun if before else pronoun.capitalize())

        return _subject(name).sub(choose, sentence)
