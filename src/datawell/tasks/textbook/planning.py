"""What a chapter is about: concept, outline, a worked example, a mistake, exercises."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Literal

import yaml

from datawell.core.errors import PlanFault
from datawell.core.numbers import format_number
from datawell.core.records import Json, Plan, Seed
from datawell.seeds.arithmetic_problems.generator import FAMILIES, generate
from datawell.seeds.arithmetic_problems.problem import Problem
from datawell.tasks.preference.attempts import SIGNS
from datawell.tasks.tutoring.planning import derailments
from datawell.tasks.tutoring.propagation import Chain, read_chain

Audience = Literal["child", "teen", "adult"]
AUDIENCES: Mapping[Audience, str] = {
    "child": "children of nine or ten",
    "teen": "students of thirteen or fourteen",
    "adult": "adults who learn it again",
}
TITLES: Mapping[str, tuple[str, ...]] = {
    "idea": ("The idea", "What it is about", "What it means"),
    "use": ("What it is good for", "Where you need it", "In everyday life"),
    "method": ("Step by step", "How to do it", "The method"),
    "example": ("A worked example", "An example", "See how it is done"),
    "mistake": ("A common mistake", "Watch out", "What can go wrong"),
    "exercises": ("Exercises", "Now you", "Try it yourself"),
    "answers": ("Answers", "Solutions", "Check yourself"),
}
_GENERAL = "word problems"
_DRAWN = 0.75  # how likely a section is that a chapter can do without
_TRIES = 60
# A rule said to a learner about its own work is no sentence for a book.
_SPOKEN = re.compile(r"\b(?:[Yy]ou|[Yy]our|[Hh]ere|in that step|The comparison goes|Tick)\b")


@cache
def concepts() -> dict[str, dict[str, Any]]:
    """The concepts by id, as they stand in ``concepts.yaml``."""
    path = Path(__file__).with_name("concepts.yaml")
    return {entry["id"]: entry for entry in yaml.safe_load(path.read_text(encoding="utf-8"))}


@cache
def _makers() -> dict[str, Callable[[Random], Problem]]:
    """What makes problems of a family, by the family's name."""
    return {maker(Random(0)).family: maker for maker in FAMILIES}


def concept_of(family: str) -> str:
    """The concept a family of problems belongs to; solving word problems for any other."""
    return next((c["id"] for c in concepts().values() if family in c["families"]), _GENERAL)


def make_plan(seed: Seed, random: Random, audience: Audience, exercises: int) -> Plan:
    """The plan of a chapter around the problem of ``seed``.

    Raises:
        PlanFault: ``no_problem`` (the seed has no question with exact steps), or a step that does
            not hold.
    """
    data = seed.data
    if not data.get("question") or not data.get("gold"):
        raise PlanFault(
            "no_problem", detail="the seed has no exact steps; seeds: problems gives it"
        )
    concept = concepts()[concept_of(data.get("family", ""))]
    example = _task(data)
    chain = read_chain(data["gold"], data["answer"])
    mistake = _mistake(chain, data, random)
    roles = ["idea", "use", "method", "example", "mistake"]
    dropped = {role for role in ("use", "mistake") if random.random() > _DRAWN}
    if mistake is None:
        dropped.add("mistake")
    roles = [role for role in roles if role not in dropped]
    if "use" in roles and random.random() < 0.5:
        roles[:2] = ["use", "idea"]
    return {
        "kind": "textbook",
        "concept": concept["id"],
        "audience": audience,
        "family": data.get("family", ""),
        "outline": {
            "title": random.choice(concept["title"]),
            "sections": [
                {"role": role, "title": random.choice(TITLES[role])}
                for role in (*roles, "exercises", "answers")
            ],
        },
        "idea": random.choice(concept["idea"][audience]),
        "use": random.choice(concept["use"][audience]),
        "method": random.choice(concept["method"]),
        "example": example,
        "mistake": mistake if "mistake" in roles else None,
        "exercises": _exercises(concept["families"], example, exercises, random),
        "signs": random.choice(SIGNS),
    }


def _task(data: Mapping[str, Any]) -> dict[str, Json]:
    steps = [{"left": s["left"], "value": s["value"], "tail": s["tail"]} for s in data["gold"]]
    return {
        "question": " ".join(data["question"].split()),
        "gold": steps,
        "answer": data["answer"],
        "unit": data["unit"],
    }


def _exercises(families: list[str], example: Json, count: int, random: Random) -> list[Json]:
    """Problems of these families (of any, when there are none), each another one."""
    makers = [_makers()[family] for family in families] or [generate]
    made: list[Json] = []
    seen = {example["question"]}
    for _ in range(_TRIES):
        if len(made) == count:
            break
        found = _task(random.choice(makers)(random).data())
        if found["question"] not in seen:
            seen.add(found["question"])
            made.append(found)
    return made


def _mistake(chain: Chain, data: Mapping[str, Any], random: Random) -> Json | None:
    """A documented way to get the example wrong, with what it leads to and the rule against it."""
    found = [
        (way, [rule for rule in way.misconception.telling if not _SPOKEN.search(rule)])
        for way in derailments(chain, {"family": "", **data})
    ]
    found = [(way, rules) for way, rules in found if rules]
    if not found:
        return None
    way, rules = random.choices(found, [way.misconception.weight for way, _ in found])[0]
    return {
        "misconception": way.misconception.id,
        "name": way.misconception.name,
        "source": way.misconception.source,
        "wrong_answer": format_number(way.answer),
        "rule": random.choice(rules),
    }
