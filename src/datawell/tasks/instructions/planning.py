"""The plan of one row: what it begins with, by which operators it grows, what its answer is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from datawell.core.errors import PlanFault
from datawell.core.records import Plan, Seed, canonical_json
from datawell.tasks.instructions.drawing import draw
from datawell.tasks.instructions.forms import exercise
from datawell.tasks.instructions.forms.base import Exercise
from datawell.tasks.instructions.realise import free_layouts

_SPEAKS = (
    "I am {persona}. {ask}",
    "{ask} I am {persona}.",
    "Answer for {persona}: {ask}",
    "You are helping {persona}. {ask}",
    "{ask} Keep in mind that you are talking to {persona}.",
    "A question from {persona}: {ask}",
)


@dataclass(frozen=True, slots=True)
class Choices:
    """What the task's parameters leave open to chance."""

    operators: Sequence[str]
    evolutions: int
    breadth_share: float
    persona_share: float
    kinds: Sequence[str]
    constraints: tuple[int, int]


def make_plan(seed: Seed, random: Random, choices: Choices) -> Plan:
    """A plan.

    Raises:
        PlanFault: the seed holds no seed tasks, no topic or no persona (``incomplete_seed``).
    """
    data = seed.data
    missing = [key for key in ("tasks", "topic", "sibling", "persona") if not data.get(key)]
    if missing:
        raise PlanFault("incomplete_seed", detail=f"no {', '.join(missing)}")
    topic, sibling = data["topic"], data["sibling"]
    persona = data["persona"] if random.random() < choices.persona_share else ""
    wider = "breadth" in choices.operators and random.random() < choices.breadth_share
    made = exercise(topic["name"], topic["facts"], random)
    first = exercise(sibling["name"], sibling["facts"], random) if wider else made
    speaks = random.choice(_SPEAKS) if persona else "{ask}"
    operators = ["breadth"] * wider + _depth(made, choices, random)
    asks = [first.ask]
    for operator in operators:
        made = made.grown(operator)
        asks.append(made.ask)
    draft = _draft(made, topic["name"], random)
    count = random.randint(*choices.constraints) if "add_constraints" in choices.operators else 0
    wanted = draw(draft, _text(sibling["facts"]), choices.kinds, count, random)
    draft["asks"] = [speaks.format(persona=persona, ask=ask) for ask in asks]
    return {
        "kind": "instruction",
        "category": made.category,
        "domain": topic["domain"],
        "topic": topic["name"],
        "start": {"domain": sibling["domain"], "topic": sibling["name"]}
        if wider
        else {"domain": topic["domain"], "topic": topic["name"]},
        "persona": persona,
        "seed_tasks": list(data["tasks"]),
        "operators": operators,
        "constraints": [constraint.data() for constraint in wanted],
        "style": random.choice(("lines", "dashes", "running")),
        "draft": draft,
    }


def _depth(made: Exercise, choices: Choices, random: Random) -> list[str]:
    """Operators in depth, each at most once: rather those that the facts can follow."""
    allowed = [o for o in choices.operators if o not in ("add_constraints", "breadth")]
    able = [operator for operator in allowed if operator in made.growth] or allowed
    return random.sample(able, random.randint(0, min(choices.evolutions, len(able))))


def _draft(made: Exercise, topic: str, random: Random) -> dict[str, Any]:
    spare = [point for growth in made.growth.values() for point in growth.points]
    return {
        "points": list(made.points),
        "ordered": made.ordered,
        "result": made.result,
        "options": list(made.options),
        "spare": spare[:1],
        "topic": topic,
        "layout": random.choice(free_layouts(made.points, made.ordered)),
    }


def _text(facts: Mapping[str, Any]) -> str:
    return canonical_json(facts)
