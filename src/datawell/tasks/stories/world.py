"""The simulated world: facts, actions with needs and effects, and causes that follow from them.

A STRIPS-like world (Fikes and Nilsson 1971). Each fact remembers the event that made it true, so
the causes of an action are simply the events behind the facts it needs. An action whose needs do
not hold raises, so a plan that breaks the world cannot be made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from datawell.core.errors import PlanFault, UsageError

Fact = tuple[str, ...]
ACTIONS = Path(__file__).parent / "data" / "actions.txt"
# Fields that name someone: they must have come into the story before.
PEOPLE = ("actor", "with", "to", "of")
# Actions by which someone comes into the story.
ARRIVALS = {"appear": "actor", "meet": "with", "come": "actor", "take": "actor"}


@dataclass(frozen=True, slots=True)
class Action:
    """An action's needs, what it makes true and what it ends; each fact names fields."""

    name: str
    fields: tuple[str, ...]
    needs: tuple[Fact, ...]
    makes: tuple[Fact, ...]
    ends: tuple[Fact, ...]


def _facts(text: str) -> tuple[Fact, ...]:
    return tuple(tuple(part.split()) for part in text.split(",") if part.strip())


@cache
def actions() -> dict[str, Action]:
    """The action table, from ``data/actions.txt``."""
    table = {}
    for raw in ACTIONS.read_text(encoding="utf-8").splitlines():
        line = raw.split("#")[0].strip()
        if line:
            name, fields, needs, makes, ends = (part.strip() for part in line.split("|"))
            table[name] = Action(
                name, tuple(fields.split()), _facts(needs), _facts(makes), _facts(ends)
            )
    return table


def _bound(fact: Fact, values: Mapping[str, Any]) -> Fact:
    # Facts are short, and this is asked thousands of times a second.
    if len(fact) == 1:
        return fact
    if len(fact) == 2:
        return (fact[0], values.get(fact[1], fact[1]))
    return (fact[0], values.get(fact[1], fact[1]), values.get(fact[2], fact[2]))


@dataclass(slots=True)
class World:
    """What is true now, since which event, and all that happened."""

    facts: dict[Fact, int] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)

    def do(self, name: str, values: Mapping[str, str], beat: str, paragraph: int) -> dict[str, Any]:
        """Let an action happen and return its event.

        Raises:
            PlanFault: a need of the action does not hold.
            UsageError: there is no such action, or a field is missing.
        """
        action = actions().get(name)
        if action is None:
            raise UsageError(f"{beat}: no action called {name!r}")
        facts = self.facts
        causes: set[int] = set()
        for place in PEOPLE:
            person = values.get(place)
            if person is not None and ARRIVALS.get(name) != place:
                self._require(("here", person), causes, name, beat)
        for need in action.needs:
            self._require(_bound(need, values), causes, name, beat)
        number = len(self.events) + 1
        for fact in action.ends:
            facts.pop(_bound(fact, values), None)
        for fact in action.makes:
            facts[_bound(fact, values)] = number
        event = {
            "id": number,
            "action": name,
            **values,
            "because": sorted(causes),
            "beat": beat,
            "paragraph": paragraph,
        }
        self.events.append(event)
        return event

    def _require(self, fact: Fact, causes: set[int], action: str, beat: str) -> None:
        since = self.facts.get(fact)
        if since is None:
            raise PlanFault("impossible event", detail=f"{beat}: {action} needs {' '.join(fact)}")
        causes.add(since)
