"""Rewriting sentences: another tense, a question, a denial, more than one person."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from datawell.core.lexicon import plural, present_participle, third_person, verb_forms
from datawell.tasks.instructions.forms.base import Exercise, Facts, Growth, listed, pick

_PEOPLE = (
    *("baker", "teacher", "farmer", "gardener", "painter", "doctor", "driver", "singer"),
    *("neighbour", "student", "waiter", "dancer", "plumber", "librarian", "visitor", "tailor"),
    *("captain", "carpenter", "nurse", "pilot", "tourist", "shepherd", "cook", "sculptor"),
)
# A verb (with its irregular forms), and what may follow it.
_DOINGS = (
    ("open", (), ("the shop", "the windows", "a letter", "the old gate")),
    ("carry", (), ("a heavy box", "the chairs", "two baskets", "a ladder")),
    ("clean", (), ("the kitchen", "the tools", "both rooms", "the lamp")),
    ("paint", (), ("the fence", "a portrait", "the front door", "a blue boat")),
    ("repair", (), ("the roof", "a clock", "the bicycle", "an old radio")),
    ("water", (), ("the roses", "the young trees", "the garden", "the plants")),
    ("visit", (), ("a museum", "the castle", "an old friend", "the market")),
    ("plan", (), ("a journey", "the party", "a new bridge", "the week")),
    ("write", ("wrote", "written"), ("a report", "a long letter", "the programme", "a song")),
    ("bring", ("brought",), ("fresh bread", "the newspaper", "a bunch of flowers", "good news")),
    ("choose", ("chose", "chosen"), ("a red scarf", "the best seats", "a book", "the colours")),
    ("find", ("found",), ("a silver coin", "the right road", "the lost key", "a mistake")),
    ("sing", ("sang", "sung"), ("an old ballad", "a cheerful tune", "the second part", "a duet")),
    ("buy", ("bought",), ("six apples", "a wooden table", "the tickets", "warm gloves")),
    ("draw", ("drew", "drawn"), ("a map", "the harbour", "a plan of the house", "a horse")),
    ("teach", ("taught",), ("a class of beginners", "the new rules", "an evening course", "chess")),
    ("read", ("read", "read"), ("the instructions", "a travel guide", "the menu", "a fairy tale")),
    ("keep", ("kept",), ("a diary", "the receipts", "two goats", "a secret")),
)
_WHEN = (
    *("before sunrise", "after lunch", "in the evening", "on Sundays", "during the break"),
    *("at the end of the week", "without any help", "with great care", "as quietly as possible"),
    *("near the station", "behind the house", "in the rain"),
)
_CHANGES = {
    "past": ("in the past tense", "as if it had happened yesterday", "in the simple past"),
    "future": ("in the future tense with will", "as something that will happen"),
    "perfect": ("in the present perfect", "with has and a participle"),
    "continuous": ("in the present continuous", "as something that is going on right now"),
    "question": ("as a question", "as a question that can be answered with yes or no"),
    "denial": ("so that it says the opposite, with not", "as a negative sentence"),
    "several": ("with more than one person doing it", "in the plural"),
}
_TENSES = ("past", "future", "perfect", "continuous")
_OTHERS = ("question", "denial", "several")
_ASK = (
    'Rewrite this sentence {change}: "{said}"',
    'Put the following sentence {change}: "{said}"',
    'Here is a sentence: "{said}" Say it {change}.',
    'How does this sentence read when you put it {change}? "{said}"',
    '"{said}" Write that {change}.',
)
_ASK_ALL = (
    "Rewrite each of these sentences {change}: {said}",
    "Put all of the following sentences {change}: {said}",
    "Take these sentences one by one and write each {change}: {said}",
)


@dataclass(frozen=True, slots=True)
class _Sentence:
    """Somebody does something, some time."""

    who: str
    verb: str
    irregular: tuple[str, ...]
    what: str
    when: str

    def said(self, change: str = "present") -> str:
        """The sentence after a change."""
        base, _, _, past, participle = verb_forms(self.verb, self.irregular)
        rest = f"{self.what} {self.when}"
        return {
            "present": f"The {self.who} {third_person(base)} {rest}.",
            "past": f"The {self.who} {past} {rest}.",
            "future": f"The {self.who} will {base} {rest}.",
            "perfect": f"The {self.who} has {participle} {rest}.",
            "continuous": f"The {self.who} is {present_participle(base)} {rest}.",
            "question": f"Does the {self.who} {base} {rest}?",
            "denial": f"The {self.who} does not {base} {rest}.",
            "several": f"The {plural(self.who)} {base} {rest}.",
        }[change]


def _made(random: Random) -> _Sentence:
    verb, irregular, things = random.choice(_DOINGS)
    return _Sentence(
        random.choice(_PEOPLE), verb, irregular, random.choice(things), random.choice(_WHEN)
    )


def _rewrite(changes: tuple[str, ...], random: Random) -> Exercise:
    """One to four sentences, changed in one way."""
    many = random.choice((1, 1, 2, 3, 4))
    sentences = [_made(random) for _ in range(many)]
    change, other = random.sample(changes, 2)
    told = {"change": random.choice(_CHANGES[change])}
    if many == 1:
        ask = pick(_ASK, random, said=sentences[0].said(), **told)
    else:
        shown = listed([f'"{sentence.said()}"' for sentence in sentences])
        ask = pick(_ASK_ALL, random, said=shown, **told)
    more = _made(random)
    second = random.choice(_CHANGES[other])
    growth = {
        "deepen": Growth(
            f"Then write it also {second}." if many == 1 else f"Then write each also {second}.",
            tuple(sentence.said(other) for sentence in sentences),
        ),
        "complicate_input": Growth(
            f'Do the same with this one: "{more.said()}"', (more.said(change),)
        ),
        "increase_reasoning": Growth(
            "Name the verb you had to work on in each case.",
            tuple(f"The verb is {sentence.verb}." for sentence in sentences),
        ),
    }
    points = tuple(sentence.said(change) for sentence in sentences)
    return Exercise("rewriting", ask, points, ordered=True, growth=growth)


def tenses(name: str, facts: Facts, random: Random) -> Exercise:
    """Another tense."""
    return _rewrite(_TENSES, random)


def turns(name: str, facts: Facts, random: Random) -> Exercise:
    """A question, a denial, the plural."""
    return _rewrite(_OTHERS, random)
