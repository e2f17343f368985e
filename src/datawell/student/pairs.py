"""Minimal pairs: a held-out text and the same text with one word made wrong.

Four kinds, each decidable from what was read before, so that a perfect reader scores 1:

    agreement  ``she was`` against ``she were``: the subject stands in the sentence
    pronoun    ``he`` against ``she``, where all that was told so far goes with one of them
    object     a later definite mention (``the drum``) of an object named before, against an object
               of the same kind that the text never names
    name       a later mention of a character named before, against a name for the same pronoun
               that the text never names

The replacement has as many tokens as the word it replaces, so length is no cue. Both texts end with
the sentence of the change. Works on any corpus: objects and names come from the plans where there
are any, else from word lists and capital letters. Source: BLiMP (Warstadt et al., 2020), EWoK-style
entity pairs; a tie counts as wrong.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

from tokenizers import Tokenizer

from datawell.core.lexicon import Lexicon, words
from datawell.core.randomness import stream
from datawell.student.settings import Settings
from datawell.student.texts import Example

KINDS = ("agreement", "pronoun", "object", "name")

_NUMBER = {"was": "were", "were": "was", "is": "are", "are": "is", "has": "have", "have": "has"}
_VERB = re.compile(r"(?<=[a-z] )(?:was|were|is|are|has|have)(?= [a-z])")
_FLIPPED = {"he": "she", "she": "he", "He": "She", "She": "He"}
_DEFINITE = r"\b(?:the|his|her|my|your|their|our|its|this|that) "
_SENTENCE_END = re.compile(r"[.!?]+[\"'”’]*(?=\s|$)")
_UNREAL = re.compile(r"\b(?:if|wish|wished|you)\b", re.IGNORECASE)
_FEMALE = """she her hers herself girl girls mom mommy mother grandma grandmother woman women queen
    sister aunt princess lady daughter mrs ms miss"""
_MALE = """he him his himself boy boys dad daddy father grandpa grandfather man men king brother
    uncle prince son mr sir"""
_GENDER = {"she": frozenset(_FEMALE.split()), "he": frozenset(_MALE.split())}
_CHARACTERS_A_TOKEN = 3
_TYPES = ("thing", "food", "animal", "person", "place", "body", "nature", "furniture", "vehicle")


@dataclass(frozen=True, slots=True)
class Pair:
    """``true`` and ``false`` differ in one word; ``example`` is the text's number."""

    kind: str
    example: int
    true: str
    false: str


@dataclass(frozen=True, slots=True)
class Inventory:
    """The objects of a corpus by type, and its names by the pronoun that goes with them."""

    objects: dict[str, str]
    names: dict[str, str]

    def same_type(self, noun: str) -> list[str]:
        """Other objects of the type of ``noun``, sorted."""
        kind = self.objects.get(noun)
        return sorted(o for o, t in self.objects.items() if t == kind and o != noun)

    def same_pronoun(self, name: str) -> list[str]:
        """Other names with the pronoun of ``name``, sorted."""
        kind = self.names.get(name)
        return sorted(n for n, p in self.names.items() if p == kind and n != name)


def take_inventory(examples: Iterable[Example], lexicon: Lexicon | None) -> Inventory:
    """The objects and names of some texts: those that occur in at least two of them."""
    objects: Counter[str] = Counter()
    names: Counter[tuple[str, str]] = Counter()
    capital: Counter[str] = Counter()
    lower: Counter[str] = Counter()
    for example in examples:
        objects.update(_planned_objects(example))
        names.update(_planned_names(example))
        if example.plan is None:
            tokens = set(words(example.text))
            lower.update(re.findall(r"(?<![A-Za-z'])[a-z]+", example.text))
            capital.update(set(re.findall(r"(?<=[a-z,] )[A-Z][a-z]+\b", example.text)))
            if lexicon is not None:
                objects.update(t for t in sorted(tokens) if "thing" in lexicon.tags(t, "noun"))
    for name, count in sorted(capital.items()):
        if count > 1 and lower[name.lower()] < count:
            names[(name, _pronoun_of(name, lexicon))] += count
    found = {name: pronoun for (name, pronoun), n in sorted(names.items()) if n > 1}
    return Inventory({o: _type_of(o, lexicon) for o, n in sorted(objects.items()) if n > 1}, found)


def _planned_objects(example: Example) -> Iterator[str]:
    """The objects of a plan: its required noun and what its events are about; each once."""
    plan = example.plan or {}
    required = plan.get("required")
    found = [required.get("noun")] if isinstance(required, dict) else []
    found += [e.get("object") for e in plan.get("events") or () if isinstance(e, dict)]
    yield from dict.fromkeys(o for o in found if isinstance(o, str) and o.isalpha())


def _planned_names(example: Example) -> Iterator[tuple[str, str]]:
    for character in (example.plan or {}).get("characters") or ():
        name = character.get("name") if isinstance(character, dict) else None
        if isinstance(name, str) and name[:1].isupper() and name.isalpha():
            yield name, str(character.get("pronoun", ""))


def _pronoun_of(name: str, lexicon: Lexicon | None) -> str:
    tags = lexicon.tags(name, "name") if lexicon is not None else frozenset()
    return "she" if "she" in tags else "he" if "he" in tags else ""


def _type_of(noun: str, lexicon: Lexicon | None) -> str:
    tags = lexicon.tags(noun, "noun") if lexicon is not None else frozenset()
    return next((t for t in _TYPES if t in tags), "")


def make_pairs(
    settings: Settings, held: Sequence[Example], tokenizer: Tokenizer, count: int
) -> dict[str, list[Pair]]:
    """At most ``count`` pairs of each kind from held-out examples, about as long as the context."""
    lexicon = None if settings.lexicon is None else Lexicon.load(settings.lexicon)

    def length(word: str) -> int:
        return len(tokenizer.encode(" " + word).ids)

    limit = _CHARACTERS_A_TOKEN * settings.context
    maker = PairMaker(take_inventory(held, lexicon), length, limit, settings.seed)
    return maker.make(held, count)


Length = Callable[[str], int]


class PairMaker:
    """Makes the pairs of one text after another.

    Args:
        inventory: what replacements are drawn from.
        length: tokens of a word with a space before it.
        limit: characters of text a pair may have.
        seed: root of the choices.
    """

    def __init__(self, inventory: Inventory, length: Length, limit: int, seed: int) -> None:
        self.inventory, self.length, self.limit, self.seed = inventory, length, limit, seed

    def make(self, examples: Iterable[Example], count: int) -> dict[str, list[Pair]]:
        """At most ``count`` pairs of each kind, at most one of a kind from a text."""
        found: dict[str, list[Pair]] = defaultdict(list)
        makers = {
            "agreement": self.agreement,
            "pronoun": self.pronoun,
            "object": self.object,
            "name": self.name,
        }
        for number, example in enumerate(examples):
            for kind in KINDS:
                if len(found[kind]) < count:
                    random = stream(self.seed, "pairs", kind, number)
                    pair = makers[kind](example, number, random)
                    if pair is not None:
                        found[kind].append(pair)
            if all(len(found[kind]) >= count for kind in KINDS):
                break
        return {kind: found[kind] for kind in KINDS}

    def agreement(self, example: Example, number: int, random: Random) -> Pair | None:
        """Break the number of one verb."""
        spots = [m.span() for m in _VERB.finditer(example.text)]
        sentences = [s for s in spots if not _UNREAL.search(_sentence(example.text, s[0]))]
        return self._pair(
            "agreement", example, number, random, sentences, lambda word: [_NUMBER[word]]
        )

    def pronoun(self, example: Example, number: int, random: Random) -> Pair | None:
        """Flip a later ``he`` or ``she`` while only one of them can be meant."""
        spots: list[tuple[int, int]] = []
        gender: str | None = None
        told = False
        for match in re.finditer(r"[A-Za-z]+", example.text):
            word = match.group()
            found = self._gender(word)
            if found and gender and found != gender:
                break
            gender = gender or found
            if told and word.lower() in ("he", "she"):
                spots.append(match.span())
            # A name alone tells a gender only to those who know it; a pronoun tells everybody.
            told = told or (found is not None and word not in self.inventory.names)
        return self._pair("pronoun", example, number, random, spots, lambda w: [_FLIPPED[w]])

    def _gender(self, word: str) -> str | None:
        known = self.inventory.names.get(word)
        if known in ("she", "he"):
            return known
        return next((g for g, group in _GENDER.items() if word.lower() in group), None)

    def object(self, example: Example, number: int, random: Random) -> Pair | None:
        """Replace a later definite mention of an object."""
        present = set(words(example.text))
        planned = list(_planned_objects(example))
        candidates = planned or sorted(o for o in self.inventory.objects if o in present)
        spots: list[tuple[int, int]] = []
        for noun in candidates:
            first = re.search(rf"\b{re.escape(noun)}\b", example.text)
            if first and noun in self.inventory.objects:
                pattern = re.compile(rf"{_DEFINITE}({re.escape(noun)})(?=[ .,!?])")
                matches = pattern.finditer(example.text, first.end())
                spots += [m.span(1) for m in matches]
        return self._pair(
            "object",
            example,
            number,
            random,
            spots,
            lambda w: [o for o in self.inventory.same_type(w) if not _mentions(present, o)],
        )

    def name(self, example: Example, number: int, random: Random) -> Pair | None:
        """Replace a later mention of a name."""
        present = set(words(example.text))
        spots: list[tuple[int, int]] = []
        seen: set[str] = set()
        for match in re.finditer(r"\b[A-Z][a-z]+\b", example.text):
            if match.group() in self.inventory.names:
                if match.group() in seen and example.text[match.start() - 1] == " ":
                    spots.append(match.span())
                seen.add(match.group())
        return self._pair(
            "name",
            example,
            number,
            random,
            spots,
            lambda w: [n for n in self.inventory.same_pronoun(w) if n.lower() not in present],
        )

    def _pair(
        self,
        kind: str,
        example: Example,
        number: int,
        random: Random,
        spots: Sequence[tuple[int, int]],
        others: Callable[[str], list[str]],
    ) -> Pair | None:
        text = example.text
        spots = [s for s in spots if _end(text, s[1]) <= self.limit]
        for start, end in random.sample(spots, len(spots)):
            size = self.length(text[start:end])
            fitting = [o for o in others(text[start:end]) if self.length(o) == size]
            if fitting:
                stop = _end(text, end)
                false = text[:start] + random.choice(fitting) + text[end:stop]
                return Pair(kind, number, text[:stop], false)
        return None


def _mentions(present: set[str], noun: str) -> bool:
    return any(form in present for form in (noun, noun + "s", noun + "es"))


def _end(text: str, at: int) -> int:
    match = _SENTENCE_END.search(text, at)
    return match.end() if match else len(text)


def _sentence(text: str, at: int) -> str:
    begin = max((m.end() for m in _SENTENCE_END.finditer(text, 0, at)), default=0)
    return text[begin : _end(text, at)]
