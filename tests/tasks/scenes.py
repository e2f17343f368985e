"""A scene without a run: the built-in voices speak, or lines that are given to a role."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

from datawell.core.randomness import stream
from datawell.core.records import Lineage, Message, Record
from datawell.tasks.base import Draft


class Stage:
    """What was asked is kept in ``asked``; a role without given lines has the built-in voice.

    A line is text, data (said as JSON), or a function of the messages that gives either.
    """

    def __init__(self, row: int = 0, **lines: Sequence[object]) -> None:
        self._row = row
        self._lines = {role: list(said) for role, said in lines.items()}
        self.asked: list[tuple[str, list[Message]]] = []

    async def ask(
        self,
        role: str,
        messages: Sequence[Message],
        voice: Callable[[Random], str],
        *,
        schema: Mapping[str, Any] | None = None,
    ) -> str:
        self.asked.append((role, list(messages)))
        if role in self._lines:
            line = self._lines[role].pop(0)
            said = line(messages) if callable(line) else line
            return said if isinstance(said, str) else json.dumps(said)
        return voice(stream(0, "voice", self._row, role, len(self.asked)))


def record_of(draft: Draft) -> Record:
    """The draft as a record, for the checks."""
    lineage = Lineage("recipe", "task", 0, "seed", "test")
    return Record("0", draft.text, draft.plan, lineage, draft.prompt, draft.turns, draft.views)
