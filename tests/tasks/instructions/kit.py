"""Scenes without a run: the built-in voices, or a writer who answers what the test says."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from datawell.core.randomness import stream
from datawell.core.records import Lineage, Message, Plan, Record
from datawell.seeds.tasks import TaskSeeds
from datawell.tasks.base import Draft
from datawell.tasks.instructions import Instructions

SEEDS = TaskSeeds(TaskSeeds.Params(), 0)
LINEAGE = Lineage("recipe", "instructions", 0, "seed", "test")


class Writer:
    """Gives the answers one by one; None lets the built-in voice speak. Keeps what it was sent."""

    def __init__(self, *answers: str | None) -> None:
        self.answers = list(answers)
        self.sent: list[list[Message]] = []

    async def ask(
        self,
        role: str,
        messages: Sequence[Message],
        voice: Callable[[Random], str],
        schema: Any = None,
    ) -> str:
        assert role == "writer"
        self.sent.append(list(messages))
        answer = self.answers.pop(0) if self.answers else None
        return voice(stream(0, "voice")) if answer is None else answer


def task(**params: object) -> Instructions:
    return Instructions(Instructions.Params.model_validate(params))


def planned(row: int, made: Instructions | None = None) -> Plan:
    return (made or task()).plan(SEEDS.seed(row), stream(0, "plan", row))


def voiced(plan: Plan, writer: Writer | None = None, made: Instructions | None = None) -> Draft:
    return asyncio.run((made or task()).voice(plan, writer or Writer()))


def record(draft: Draft) -> Record:
    return Record("0", draft.text, draft.plan, LINEAGE, draft.prompt)
