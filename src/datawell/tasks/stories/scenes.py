"""Small scenes that use one given word: any noun, verb or adjective of the lexicon.

A word with a frame of its own (``data/frames``) is used by that frame; any other by its tags.
"""

from __future__ import annotations

from functools import cache
from random import Random
from typing import TYPE_CHECKING

from datawell.core.errors import PlanFault
from datawell.core.lexicon import Lexicon
from datawell.tasks.stories.library import Block, library

if TYPE_CHECKING:
    from datawell.tasks.stories.planner import Composer

_FREE = frozenset({"hobby", "chore", "social", "move"})
Scene = tuple[Block, dict[str, str]]
# Looked at in this order; the first tag a noun carries decides.
_NOUN_KINDS = (
    "food", "animal", "role", "fairy", "family", "person", "place", "body", "vehicle", "furniture",
    "house", "thing", "material", "outside", "nature",
)  # fmt: skip
_OBJECT_ADJECTIVES = ("color", "size", "worth")


@cache
def _object_adjectives() -> tuple[str, ...]:
    lexicon = Lexicon.load("child")
    found = [w for tag in _OBJECT_ADJECTIVES for w in lexicon.tagged("adjective", "thing", tag)]
    never = {"lost", "favorite", "tall", "wide", "narrow", "huge", "giant", "enormous", "large",
             "heavy",
             "good", "great", "thin", "long", "short", "thick", "flat", "round", "square", "rare",
             "amazing", "perfect", "secret", "strange", "ordinary", "simple"}  # fmt: skip
    return tuple(word for word in dict.fromkeys(found) if word not in never)


def object_adjective(wanted: str, lexicon: Lexicon, random: Random) -> str:
    """The object's adjective: the required one where any object can have it."""
    words = _object_adjectives()
    return wanted if wanted in words else words[int(random.random() * len(words))]


def _block(kind: str, composer: Composer) -> Block:
    return composer.pick(library().common.blocks[kind])


def _frame(pos: str, word: str, random: Random) -> str | None:
    frames = library().frames[pos].get(word)
    return frames[int(random.random() * len(frames))] if frames else None


def noun_scene(noun: str, lexicon: Lexicon, composer: Composer) -> Scene:
    """A scene that uses the noun."""
    frame = _frame("noun", noun, composer.random)
    if frame is not None:
        return _block("frame", composer), {"n": noun, "frame": composer.text(frame)}
    tags = lexicon.tags(noun, "noun")
    kind = next((tag for tag in _NOUN_KINDS if tag in tags), "")
    if not kind:
        raise PlanFault("unusable noun", detail=noun)
    mass = "mass" in tags and "count" not in tags
    return _block(f"noun-{kind}", composer), {"n": noun, "an": f"{'some' if mass else 'a'} {noun}"}


def adjective_scene(adjective: str, lexicon: Lexicon, composer: Composer) -> Scene:
    """A scene that uses the adjective."""
    frame = _frame("adjective", adjective, composer.random)
    if frame is not None:
        if frame[0] == "!":
            return _block("frame", composer), {"n": adjective, "frame": composer.text(frame[1:])}
        return _block("adj-thing", composer), {"n": adjective, "it": composer.text(frame)}
    tags = lexicon.tags(adjective, "adjective")
    for kind in ("color", "weather", "feeling", "trait", "food", "animal", "place"):
        if kind in tags:
            return _block(f"adj-{kind}", composer), {"n": adjective}
    raise PlanFault("unusable adjective", detail=adjective)


def verb_scene(verb: str, lexicon: Lexicon, composer: Composer) -> Scene:
    """A scene that uses the verb."""
    frame = _frame("verb", verb, composer.random)
    if frame is None:
        raise PlanFault("unusable verb", detail=verb)
    forms = lexicon.forms(verb, "verb")
    past = forms[3] if len(forms) > 3 else forms[-1]
    if "~" in frame:
        text = composer.text(frame[1:].replace("~", past))
        return _block("frame", composer), {"n": verb, "frame": text}
    own = {"v": f"{verb} {frame}", "vd": f"{past} {frame}", "ving": f"{forms[2]} {frame}"}
    own = {name: composer.text(value) for name, value in own.items()}
    own["n"] = verb
    tags = lexicon.tags(verb, "verb")
    if "hobby" in tags and not any(event["action"] == "go" for event in composer.world.events):
        return _block("hobby", composer), own
    # What goes wrong or befalls one is not done by choice.
    return _block("do-free" if tags & _FREE else "do", composer), own
