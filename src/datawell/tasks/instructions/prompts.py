"""The exact messages a writer is sent; what others wrote stands in them as fenced data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from datawell.core.records import Message, Plan
from datawell.core.templates import shipped_template
from datawell.tasks.instructions.evolution import operators

_HOME = Path(__file__).parent / "prompts"


def _filled(name: str, **values: Any) -> str:
    return shipped_template(_HOME / f"{name}.j2").render(**values)


def new_messages(plan: Plan) -> list[Message]:
    """Ask for a new instruction, shown the seed tasks."""
    start = plan["start"]
    told = _filled(
        "new",
        tasks=plan["seed_tasks"],
        topic=start["topic"],
        domain=start["domain"],
        persona=plan["persona"],
    )
    return _asked(told)


def evolving_messages(plan: Plan, operator: str, instruction: str) -> list[Message]:
    """Ask for the instruction after one operator."""
    if operator == "breadth":
        told = _filled(
            "breadth", instruction=instruction, topic=plan["topic"], persona=plan["persona"]
        )
    else:
        told = _filled("evolve", instruction=instruction, asks=operators()[operator].asks)
    return _asked(told)


def answer_messages(request: str) -> list[Message]:
    """Ask for the answer; the request goes as it stands in the row."""
    return [
        {"role": "system", "content": _filled("system_answer")},
        {"role": "user", "content": request},
    ]


def _asked(told: str) -> list[Message]:
    return [{"role": "system", "content": _filled("system_new")}, {"role": "user", "content": told}]
