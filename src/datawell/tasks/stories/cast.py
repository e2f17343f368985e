"""Who is in a story: a hero and a friend who never share a pronoun, a grown-up, and their wants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any

from datawell.core.lexicon import Lexicon
from datawell.tasks.stories.grammar import mend
from datawell.tasks.stories.library import Family, Library

_PRONOUNS = {
    "she": ("she", "her", "her", "herself", "hers"),
    "he": ("he", "him", "his", "himself", "his"),
}
_PARENTS = {
    "mom": "she", "dad": "he", "grandma": "she", "grandpa": "he", "aunt": "she", "uncle": "he",
}  # fmt: skip


@cache
def _words(pos: str, *tags: str) -> tuple[str, ...]:
    return Lexicon.load("child").tagged(pos, *tags)


def _choose(random: Random, words: tuple[str, ...], *never: str) -> str:
    at = int(random.random() * len(words))
    while words[at] in never:
        at = (at + 1) % len(words)
    return words[at]


@dataclass(slots=True)
class Cast:
    """The slots that name the characters, and the pronoun of each."""

    slots: dict[str, str]
    hero_pronoun: str

    def characters(
        self, family: Family, slots: Mapping[str, str], people: set[Any]
    ) -> list[dict[str, str]]:
        """The characters who take part, each with kind, pronoun and want."""
        friend = "he" if self.hero_pronoun == "she" else "she"
        wants = family.note("want") or ["keep the $o safe"]
        want = wants[0]
        for name in sorted(slots, key=len, reverse=True):
            want = want.replace("$" + name, slots[name])
        found = [
            {"name": slots["H"], "kind": slots["Hk"], "pronoun": self.hero_pronoun,
             "want": mend(want)},
            {"name": slots["F"], "kind": slots["Fk"], "pronoun": friend,
             "want": f"help {slots['H']}"},
        ]  # fmt: skip
        for who, pronoun in ((slots["G"], friend), (slots["P"], _PARENTS[slots["P"]])):
            if who in people:
                found.append({"name": who, "kind": who, "pronoun": pronoun, "want": "be of help"})
        return found


def cast(
    random: Random, lexicon: Lexicon, lib: Library, topic: Family, seed: Mapping[str, Any]
) -> Cast:
    """Draw the characters; required words that can be a character often are."""
    noun, adjective = seed["noun"], seed["adjective"]
    she = random.random() < 0.5
    hero, friend = ("she", "he") if she else ("he", "she")
    kinds = _words("noun", "animal", "kind")
    child = {"she": "girl", "he": "boy"}
    hero_kind = child[hero] if random.random() < 0.55 else _choose(random, kinds)
    friend_kind = child[friend] if random.random() < 0.45 else _choose(random, kinds, hero_kind)
    if noun in kinds and hero_kind != noun:
        if random.random() < 0.5:
            hero_kind = noun
            friend_kind = friend_kind if friend_kind != noun else child[friend]
        else:
            friend_kind = noun
    traits = _words("adjective", "person", "trait")
    hero_trait = adjective if adjective in traits else _choose(random, traits)
    helpers = tuple(topic.note("helper"))
    name = {hero: _choose(random, _words("name", hero))}
    alike = tuple(n for n in _words("name", friend) if n[:2] == name[hero][:2])
    name[friend] = _choose(random, _words("name", friend), *alike)
    slots = {
        "H": name[hero],
        "F": name[friend],
        "Hk": hero_kind,
        "Fk": friend_kind,
        "Ha": hero_trait,
        "Fa": _choose(random, traits, hero_trait),
        "P": _choose(random, tuple(_PARENTS), noun),
        "G": _choose(random, helpers, noun),
    }
    for prefix, pronoun in (("", hero), ("f", friend)):
        for slot, word in zip(
            ("he", "him", "his", "himself", "hers"), _PRONOUNS[pronoun], strict=True
        ):
            slots[prefix + slot] = word
    return Cast(slots, hero)
