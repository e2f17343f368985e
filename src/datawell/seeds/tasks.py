"""Seeds for new instructions: seed tasks to learn the form from, a topic and a person to be new in.

Self-Instruct (Wang et al. 2023, arXiv:2212.10560) shows a model a few seed tasks and asks for
another; the topic from a tree, and the persona (Ge et al. 2024, arXiv:2406.20094), are what keeps
the answers apart.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import Field

from datawell.core import params
from datawell.core.errors import UsageError, storage_boundary
from datawell.core.randomness import stream
from datawell.core.records import Seed, digest
from datawell.seeds.instruction_tasks.topics import SHIPPED, Topic, read_topics

_HOME = SHIPPED.parent


class TaskSeeds:
    """Seed number ``i`` is a topic, a person, and seed tasks as examples; there is no end.

    ``Seed.data``: tasks (``[{instruction, category}]``, the first is the one to be like), topic and
    sibling (another topic of the same domain; ``{domain, name, facts}`` each), persona. Topics are
    dealt like cards: all come, as often as their weight, before a new round begins. The id is the
    topic's, so that no topic is on two sides of a split.
    """

    class Params(params.Params):
        """Where tasks, topics and persons come from; left out, the shipped ones are used."""

        path: str | None = None
        """A JSONL file of seed tasks: `instruction` (a text) and, if wanted, `category`."""
        topics: str | None = None
        """A file or folder of topics (see the source of `seeds/instruction_tasks/topics.py`)."""
        personas: str | None = None
        """A text file of personas, one a line, each like "a baker who keeps bees"."""
        examples: int = Field(default=3, ge=1, le=10)
        """How many seed tasks a new instruction is shown."""

    def __init__(self, params: Params, root_seed: int) -> None:
        """Read all three.

        Raises:
            UsageError: a file is missing or empty, or a line of it cannot be read.
        """
        self._params = params
        self._root = root_seed
        self._tasks = _tasks(Path(params.path or _HOME / "seed_tasks.jsonl"))
        self._topics = read_topics(Path(params.topics) if params.topics else SHIPPED)
        self._personas = _lines(Path(params.personas or _HOME / "personas.txt"), "personas")
        self._domains: dict[str, list[Topic]] = {}
        for topic in self._topics:
            self._domains.setdefault(topic.domain, []).append(topic)
        self._cards = [at for at, topic in enumerate(self._topics) for _ in range(topic.weight)]
        self._round: tuple[int, list[int]] = (-1, [])

    @property
    def size(self) -> int | None:
        """None: they never run out."""
        return None

    def seed(self, index: int) -> Seed:
        """Seed number ``index``."""
        random = stream(self._root, "seeds.tasks", index)
        topic = self._dealt(index)
        branch = [other for other in self._domains[topic.domain] if other is not topic] or [topic]
        many = min(self._params.examples, len(self._tasks))
        data = {
            "tasks": random.sample(self._tasks, many),
            "topic": _plain(topic),
            "sibling": _plain(random.choice(branch)),
            "persona": random.choice(self._personas),
        }
        return Seed(f"topic-{topic.id}", "tasks", data)

    def digest(self) -> str:
        """A hash of all tasks, topics and personas."""
        topics = [_plain(topic) for topic in self._topics]
        return digest("tasks", self._tasks, topics, self._personas, self._params.examples)

    def _dealt(self, index: int) -> Topic:
        number, at = divmod(index, len(self._cards))
        if self._round[0] != number:
            cards = list(self._cards)
            stream(self._root, "seeds.tasks.topics", number).shuffle(cards)
            self._round = (number, cards)
        return self._topics[self._round[1][at]]


def _plain(topic: Topic) -> dict[str, Any]:
    return {"domain": topic.domain, "name": topic.name, "facts": topic.facts}


def _lines(path: Path, what: str) -> list[str]:
    if not path.is_file():
        raise UsageError(f"no {what} at {path}", hint="give a text file, or leave it out")
    with storage_boundary(f"reading {what}", path):
        text = path.read_text(encoding="utf-8")
    found = [line.strip() for line in text.splitlines() if line.strip()]
    if not found:
        raise UsageError(f"{path} is empty", hint=f"it should hold {what}, one a line")
    return found


def _tasks(path: Path) -> list[dict[str, str]]:
    found = []
    for number, line in enumerate(_lines(path, "seed tasks"), 1):
        try:
            row = json.loads(line)
        except ValueError as error:
            raise UsageError(f"{path}, task {number}: not JSON: {error}") from error
        instruction = row.get("instruction") if isinstance(row, dict) else None
        if not isinstance(instruction, str) or not instruction.strip():
            raise UsageError(
                f"{path}, task {number}: no text under 'instruction'",
                hint='one JSON object a line: {"instruction": "...", "category": "..."}',
            )
        category = row.get("category", "")
        if not isinstance(category, str):
            raise UsageError(f"{path}, task {number}: 'category' is not a text")
        found.append({"instruction": instruction.strip(), "category": category.strip()})
    return found
