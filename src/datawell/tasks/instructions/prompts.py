"""The exact messages a writer is sent; what others wrote stands in them as fenced data."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from datawell.core.records import Message, Plan
from datawell.core.templates import PromptTemplate, shipped_template
from datawell.tasks.instructions.evolution import operators

_HOME = Path(__file__).parent / "prompts"


@cache
def _template(name: str) -> PromptTemplate:
    return shipped_template(_HOME / f"{name}.j2")


@cache
def _fixed(name: str) -> str:
    return _template(name).render()


def new_messages(plan: Plan) -> list[Message]:
    """Ask for a new instruction, shown the seed tasks."""
    start = plan["start"]
    told = _template("new").render(
        tasks=plan["seed_tasks"],
        topic=start["topic"],
        domain=start["domain"],
        persona=plan["persona"],
    )
    return _asked(told)


def evolving_messages(plan: Plan, operator: str, instruction: str) -> list[Message]:
    """Ask for the instruction after one operator."""
    if operator == "breadth":
        told = _template("breadth").render(
            instruction=instruction, topic=plan["topic"], persona=plan["persona"]
        )
    else:
        told = _template("evolve").render(instruction=instruction, asks=operators()[operator].asks)
    return _asked(told)


def answer_messages(request: str) -> list[Message]:
    """Ask for the answer; the request goes as it stands in the row."""
    return [
        {"role": "system", "content": _fixed("system_answer")},
        {"role": "user", "content": request},
    ]


def _asked(told: str) -> list[Message]:
    return [{"role": "system", "content": _fixed("system_new")}, {"role": "user", "content": told}]
