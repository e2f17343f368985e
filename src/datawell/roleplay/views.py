"""What each role is shown: its own system message, its turns as assistant, the other's as user."""

from __future__ import annotations

from collections.abc import Sequence

from datawell.core.records import Message, Turn, View
from datawell.roleplay.cast import Role


def messages(role: Role, turns: Sequence[Turn]) -> tuple[Message, ...]:
    """The exact messages that ``role`` sees of a conversation.

    The system message comes first. When the role itself speaks first, its constant opener stands
    before its first turn, so that no view begins with an assistant message.
    """
    shown: list[Message] = [{"role": "system", "content": role.system}]
    if not turns or turns[0].role == role.name:
        shown.append({"role": "user", "content": role.opener})
    for turn in turns:
        mine = turn.role == role.name
        shown.append({"role": "assistant" if mine else "user", "content": turn.text})
    return tuple(shown)


def view(role: Role, turns: Sequence[Turn]) -> View:
    """The record's view of a role: a call at some turn saw a prefix of these messages."""
    return View(role.name, messages(role, turns))
