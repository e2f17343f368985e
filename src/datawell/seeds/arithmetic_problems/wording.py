"""Names, objects and places for problems, and a builder that computes every step it is given."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from random import Random

from datawell.core.errors import SeedFault
from datawell.core.numbers import format_number
from datawell.seeds.arithmetic_problems.expressions import evaluate, parse, render
from datawell.seeds.arithmetic_problems.problem import Problem, Step

SHE = (
    "Aisha", "Bianca", "Clara", "Dunya", "Eva", "Fatima", "Gloria", "Hannah", "Isla", "Jade",
    "Keiko", "Leila", "Maya", "Nora", "Olga", "Priya", "Rania", "Sofia", "Thea", "Valentina",
)  # fmt: skip
HE = (
    "Adam", "Ben", "Cyrus", "Diego", "Ethan", "Felix", "Gabriel", "Hiro", "Isaac", "Jamal",
    "Karim", "Leo", "Marco", "Nico", "Otto", "Pablo", "Rafael", "Sven", "Tariq", "Walid",
)  # fmt: skip
THINGS = (
    "marbles", "stickers", "stamps", "shells", "beads", "postcards", "coins", "cards", "buttons",
    "badges", "pebbles", "magnets", "crayons", "puzzle pieces",
)  # fmt: skip
GOODS = (
    "notebooks", "pencils", "erasers", "folders", "markers", "paintbrushes", "candles", "mugs",
    "plates", "bowls", "scarves", "caps", "socks", "toy cars", "kites", "books",
)  # fmt: skip
FRUIT = ("apples", "pears", "plums", "peaches", "oranges", "lemons", "mangoes", "melons", "figs")
DEAR = (
    "jacket", "bicycle", "lamp", "backpack", "guitar", "chair", "clock", "tent", "camera", "radio",
    "skateboard", "desk",
)  # fmt: skip
PACKS = ("boxes", "bags", "crates", "baskets", "packets", "trays", "jars")
PLACES = ("school", "club", "library", "museum", "camp", "theatre", "sports centre", "zoo")


@dataclass(frozen=True, slots=True)
class Person:
    """A name with its pronouns."""

    name: str
    she: str
    her: str


def person(random: Random) -> Person:
    """Someone to tell the story of."""
    if random.random() < 0.5:
        return Person(random.choice(SHE), "she", "her")
    return Person(random.choice(HE), "he", "his")


def two_people(random: Random) -> tuple[Person, Person]:
    """Two people with different names."""
    first = person(random)
    while (second := person(random)).name == first.name:
        pass
    return first, second


def two(random: Random, pool: tuple[str, ...]) -> tuple[str, str]:
    """Two different words of a pool."""
    first, second = random.sample(pool, 2)
    return first, second


@dataclass(slots=True)
class Solution:
    """Collects steps; each is computed exactly from its own expression."""

    steps: list[Step] = field(default_factory=list)

    def step(self, left: str, tail: str = "", says: str = "") -> Fraction:
        """Add the step ``left`` and return its value; ``says`` introduces it in the solution."""
        expression = parse(left)
        value = None if expression is None else evaluate(expression)
        if expression is None or value is None:
            raise SeedFault("no_calculation", detail=left)
        written = f"{left} = {format_number(value)}" + (f" {tail}" if tail else "")
        text = f"{says} {written}." if says else f"{written}."
        self.steps.append(Step(text.lstrip(), render(expression), value, tail))
        return value

    def problem(self, family: str, question: str, unit: str = "") -> Problem:
        """The finished problem; its answer is the value of the last step."""
        question = question[0].upper() + question[1:]
        return Problem(question, tuple(self.steps), self.steps[-1].value, unit, family)


def number(value: Fraction | int) -> str:
    """A number inside an expression or a question."""
    return format_number(Fraction(value))
