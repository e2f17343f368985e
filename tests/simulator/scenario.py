"""What one seed is about: the job, the provider's mood, and what goes wrong in which session."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from datawell.core.plugins import Component
from datawell.generation.job import Job, Settings
from tests.generation.kit import job
from tests.simulator.disk import BROKEN, CRASH, FULL
from tests.simulator.provider import INPUT, OUTAGES, OUTPUT, Mood
from tests.simulator.world import KEY_NAME

SHAPES = 40  # different jobs; each is made once without faults, to compare bytes with
MOST_OUTPUT = 64


@dataclass(frozen=True, slots=True)
class Shape:
    """What is to be made. The same shape gives the same bytes, whatever goes wrong."""

    number: int
    rows: int
    shard_size: int
    calls: int
    attempts: int
    answers: float
    faults: dict[int, str]

    def job(
        self,
        folder: Path,
        concurrency: int,
        budget_usd: float | None,
        retries: int = 9,
        stream: bool = False,
    ) -> Job:
        """The work in a folder."""
        teacher = {
            "base_url": "http://127.0.0.1:1/v1",
            "model": "tiny",
            "price": {"input": INPUT, "output": OUTPUT},
            "key_env": KEY_NAME,
            "max_output_tokens": MOST_OUTPUT,
            "seed": 7,  # so that each sample is a request of its own
            "retries": retries,
            "stream": stream,
            "concurrency": max(1, concurrency // 2),
        }
        return job(
            folder,
            Component("openai", teacher),
            seed=self.number,
            rows=self.rows,
            shard_size=self.shard_size,
            task={"calls": self.calls, "faults": self.faults},
            checks=(
                Component("kit_short", {"word": "sun"}),
                Component("kit_same", {"words": 1}),
                Component("kit_family"),
            ),
            settings=Settings(concurrency, self.attempts, budget_usd),
        )


@dataclass(frozen=True, slots=True)
class Trouble:
    """What goes wrong in a session: a ``fault`` of the disk at operation ``at``, death in turn
    ``step`` of the event loop, or nothing; and an ``outage`` for so many seconds."""

    fault: str = ""
    at: int = 0
    step: int = 0
    outage: str = ""
    outage_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Scenario:
    """One seed, unfolded."""

    seed: int
    shape: Shape
    concurrency: int
    mood: Mood
    budget_usd: float | None
    retries: int = 9
    stream: bool = False
    troubles: list[Trouble] = field(default_factory=list)

    def describe(self) -> dict[str, Any]:
        """As plain data, for people."""
        return {
            "seed": self.seed,
            "rows": self.shape.rows,
            "concurrency": self.concurrency,
            "faults": self.mood.faults,
            "budget_usd": self.budget_usd,
            "troubles": [f"{t.fault}@{t.at} step {t.step} {t.outage}" for t in self.troubles],
        }


def shape(number: int) -> Shape:
    """Job number ``number``."""
    luck = Random(f"{number} shape")
    rows = luck.choice((1, 5, 9, 12, 16))
    odd = ("plan", "voice", "crash_plan", "crash_voice")
    return Shape(
        number=number,
        rows=rows,
        shard_size=luck.choice((1, 3, 4, 7, 100) if rows > 1 else (1, 4)),
        calls=luck.choice((1, 1, 2)),
        attempts=luck.choice((1, 2, 3)),
        answers=luck.choice((0.0, 0.1, 0.3)),
        faults={row: luck.choice(odd) for row in range(rows) if luck.random() < 0.08},
    )


def scenario(seed: int) -> Scenario:
    """What happens under ``seed``."""
    luck = Random(f"{seed} scenario")
    made = shape(luck.randrange(SHAPES))
    calls = made.rows * made.calls
    most = (2000 * INPUT + MOST_OUTPUT * OUTPUT) / 1e6  # about what one call may cost
    troubles = [_trouble(luck, calls) for _ in range(luck.choice((0, 1, 2, 3, 4)))]
    return Scenario(
        seed=seed,
        shape=made,
        concurrency=luck.choice((1, 2, 8, 32)),
        mood=Mood(
            faults=luck.choice((0.0, 0.0, 0.05, 0.1, 0.3)),
            answers=made.answers,
            slow=luck.choice((0.01, 0.5, 5.0)),
        ),
        budget_usd=luck.choice((None, luck.uniform(0.1, 1.0) * calls * most / 4, 1.0)),
        retries=luck.choice((1, 9, 9, 9)),
        stream=luck.random() < 0.3,
        troubles=troubles,
    )


def _trouble(luck: Random, calls: int) -> Trouble:
    at = luck.randint(1, 30 + 14 * calls)
    outage, seconds = "", 0.0
    if luck.random() < 0.3:
        outage, seconds = luck.choice(OUTAGES), luck.choice((1.0, 20.0, 400.0))
    kind = luck.choice((CRASH, CRASH, CRASH, "step", "step", FULL, BROKEN, ""))
    if kind == "step":
        return Trouble(step=luck.randint(1, 40 + 12 * calls), outage=outage, outage_seconds=seconds)
    return Trouble(kind, at, 0, outage, seconds)
