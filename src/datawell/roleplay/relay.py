"""The relay: two roles speak in turn, each from its own view, until the ending says stop."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Protocol

from datawell.core.errors import VoiceFault
from datawell.core.records import Message, Turn, View
from datawell.roleplay import views
from datawell.roleplay.cast import Role
from datawell.roleplay.endings import Ending


@dataclass(frozen=True, slots=True)
class Utterance:
    """What the built-in voice of a role would say now: its move, and its words when asked."""

    move: str
    words: Callable[[Random], str]


Voice = Callable[[Sequence[Turn]], Utterance]
"""The built-in voice of a role: the turns so far → what it would say next."""


class Door(Protocol):
    """The way to whoever plays a role (the engine's scene)."""

    async def ask(
        self, role: str, messages: Sequence[Message], voice: Callable[[Random], str]
    ) -> str:
        """The words of the teacher who plays ``role``, given exactly these messages."""
        ...


@dataclass(frozen=True, slots=True)
class Conversation:
    """What was said, and each role's view of it."""

    turns: tuple[Turn, ...]
    views: tuple[View, ...]


async def relay(
    cast: Sequence[Role], voices: Mapping[str, Voice], door: Door, ending: Ending
) -> Conversation:
    """Let the roles of ``cast`` speak in turn, the first one first, until ``ending`` is complete.

    Raises:
        VoiceFault: an empty turn (``empty_turn``), or no ending (see :class:`Ending`).
    """
    turns: list[Turn] = []
    while not ending.complete(turns):
        role = cast[len(turns) % len(cast)]
        turns.append(await _turn(role, voices[role.name](turns), turns, door))
    return Conversation(tuple(turns), tuple(views.view(role, turns) for role in cast))


async def _turn(role: Role, utterance: Utterance, turns: Sequence[Turn], door: Door) -> Turn:
    """One turn. Its move is known only when the built-in voice spoke the words."""
    spoken: list[str] = []

    def words(random: Random) -> str:
        spoken.append(utterance.words(random))
        return spoken[-1]

    text = (await door.ask(role.name, views.messages(role, turns), words)).strip()
    if not text:
        raise VoiceFault("empty_turn", detail=f"{role.name}, turn {len(turns) + 1}")
    own = bool(spoken) and spoken[-1].strip() == text
    return Turn(role.name, text, utterance.move if own else "")
