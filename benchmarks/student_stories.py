"""Built-in stories for a student: one JSON Lines file with texts, prompts and plans.

python benchmarks/student_stories.py OUT.jsonl [--stories 20000]

The stories are drawn as the shipped recipe draws them. Used by the other student benchmarks.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

from datawell.core.errors import RowError
from datawell.core.randomness import stream
from datawell.core.records import Message
from datawell.seeds.words import WordSeeds
from datawell.tasks.stories import Stories


class Scene:
    """A scene in which the built-in voice answers."""

    def __init__(self, random: Random) -> None:
        self.random = random

    async def ask(
        self,
        role: str,
        messages: Sequence[Message],
        voice: Callable[[Random], str],
        *,
        schema: Mapping[str, Any] | None = None,
    ) -> str:
        """The built-in voice's words."""
        return voice(self.random)


def write_stories(path: Path, count: int, seed: int = 0) -> None:
    """Write ``count`` stories, one JSON object a line."""
    task, seeds = Stories(Stories.Params()), WordSeeds(WordSeeds.Params(), seed)
    written = row = 0
    with path.open("w", encoding="utf-8") as out:
        while written < count:
            row += 1
            try:
                plan = task.plan(seeds.seed(row), stream(seed, "plan", row))
                draft = asyncio.run(task.voice(plan, Scene(stream(seed, "voice", row))))
            except RowError:
                continue
            told = {"text": draft.text, "prompt": draft.prompt, "plan": draft.plan}
            out.write(json.dumps(told) + "\n")
            written += 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--stories", type=int, default=20_000)
    given = parser.parse_args()
    write_stories(given.out, given.stories)
