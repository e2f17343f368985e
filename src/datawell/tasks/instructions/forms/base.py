"""What a form makes: an instruction with its right answer, and what would make it harder."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Growth:
    """What one operator adds: words to the instruction, sentences to the answer."""

    ask: str
    points: tuple[str, ...]
    first: bool = False
    """Whether the sentences come before the others."""
    result: str | None = None
    """The short answer afterwards, where it is another."""


@dataclass(frozen=True, slots=True)
class Exercise:
    """An instruction that can be answered from facts.

    ``points`` are the sentences of the right answer, ``ordered`` when their order is part of it.
    ``result`` is the short answer, where there is one, and ``options`` what it was chosen from.
    ``growth`` is what each operator in depth would add.
    """

    category: str
    ask: str
    points: tuple[str, ...]
    ordered: bool = False
    result: str = ""
    options: tuple[str, ...] = ()
    growth: Mapping[str, Growth] = field(default_factory=dict)

    def grown(self, operator: str) -> Exercise:
        """The exercise after an operator; itself when it cannot grow that way."""
        more = self.growth.get(operator)
        if more is None:
            return self
        points = (*more.points, *self.points) if more.first else (*self.points, *more.points)
        rest = {name: growth for name, growth in self.growth.items() if name != operator}
        return Exercise(
            self.category,
            f"{self.ask} {more.ask}",
            points,
            self.ordered,
            self.result if more.result is None else more.result,
            (),
            rest,
        )


Form = Callable[[str, Facts, Random], Exercise]


def pick(ways: Sequence[str], random: Random, **values: str) -> str:
    """One of several wordings, filled in."""
    return random.choice(ways).format(**values)


def listed(items: Sequence[str], last: str = "and") -> str:
    """``a, b and c``."""
    *most, end = items
    return f"{', '.join(most)} {last} {end}" if most else end


def sentence(text: str) -> str:
    """The text with a capital at its beginning and a full stop at its end."""
    done = text[:1].upper() + text[1:]
    return done if done.endswith((".", "!", "?")) else done + "."
