"""What the engine needs of a task. Tasks stand above the engine and know it only as a scene;
``datawell/tasks/base.py`` says what a task is, and every task fits the shapes here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any, Protocol

from datawell.core.records import Message, Plan, Seed, Turn, View


class Voiced(Protocol):
    """A plan put into words."""

    @property
    def text(self) -> str:
        """What checks read and a student learns."""
        ...

    @property
    def plan(self) -> Plan:
        """What was really said."""
        ...

    @property
    def prompt(self) -> str:
        """What a reader is asked, when the row is an instruction."""
        ...

    @property
    def turns(self) -> tuple[Turn, ...]:
        """The turns, when the row is a conversation."""
        ...

    @property
    def views(self) -> tuple[View, ...]:
        """What each role was shown, when the row is a conversation."""
        ...


class Asking(Protocol):
    """A task's only door to teachers."""

    async def ask(
        self,
        role: str,
        messages: Sequence[Message],
        voice: Callable[[Random], str],
        *,
        schema: Mapping[str, Any] | None = None,
    ) -> str:
        """The words of the teacher who plays ``role``, given exactly these messages; a teacher
        with a schema mode of its own holds its answer to ``schema``."""
        ...


class Making(Protocol):
    """A kind of data: plans rows and has them voiced."""

    @property
    def roles(self) -> tuple[str, ...]:
        """The teachers it needs, by role."""
        ...

    def plan(self, seed: Seed, random: Random) -> Plan:
        """The ground truth of one row."""
        ...

    async def voice(self, plan: Plan, scene: Asking) -> Voiced:
        """Have the plan put into words."""
        ...
