"""What a kind of data is: a plan that is true by construction, and a way to voice it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Protocol

from datawell.core import params
from datawell.core.records import Message, Plan, Seed, Turn, View


@dataclass(frozen=True, slots=True)
class Draft:
    """A voiced plan. ``plan`` is what was really said (a label names only what was realised)."""

    text: str
    plan: Plan
    prompt: str = ""
    turns: tuple[Turn, ...] = ()
    views: tuple[View, ...] = ()


class Scene(Protocol):
    """A task's only door to teachers; the engine behind it keeps ledger, budget and limits."""

    async def ask(
        self,
        role: str,
        messages: Sequence[Message],
        voice: Callable[[Random], str],
        *,
        schema: Mapping[str, Any] | None = None,
    ) -> str:
        """The words of the teacher who plays ``role``, given exactly these messages.

        ``voice`` is the built-in teacher's wording of the same request. For an answer as data
        there is :func:`~datawell.generation.structured.ask_json`, which gives ``schema``.
        """
        ...


class Task(Protocol):
    """A kind of data. Constructed as ``Task(params)``.

    ``roles`` are the teachers it needs, by role; ``version`` changes when its output does.
    """

    roles: tuple[str, ...]
    version: str

    @property
    def Params(self) -> type[params.Params]:
        """The parameters a recipe may give."""
        ...

    def plan(self, seed: Seed, random: Random) -> Plan:
        """The ground truth of one row as JSON data.

        Raises:
            PlanFault: no plan can be made from this seed.
        """
        ...

    async def voice(self, plan: Plan, scene: Scene) -> Draft:
        """Have the plan put into words.

        Raises:
            VoiceFault: what came back cannot become a record.
        """
        ...
