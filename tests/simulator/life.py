"""One seed lived through: sessions that crash, stop and continue until the run is made.

    python scripts/simulate.py SEED

replays one. What must hold after each session and in the end is checked by ``invariants``.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from datawell.core.errors import BudgetSpent, DatawellError
from datawell.executors.inline import Inline
from datawell.generation.engine import generate
from datawell.generation.job import Job
from tests.generation.kit import bytes_of
from tests.simulator.invariants import Watch, Whole, rows_of
from tests.simulator.provider import Mood
from tests.simulator.scenario import Scenario, Shape, Trouble, scenario
from tests.simulator.world import World

MOST_SESSIONS = 60
PATIENT = 12  # sessions after which the provider is well


@dataclass(slots=True)
class Life:
    """What came of a seed: ``breaks`` must be empty. ``trace`` is a hash of all that happened."""

    seed: int
    breaks: list[str] = field(default_factory=list)
    sessions: int = 0
    crashes: int = 0
    stops: int = 0
    seconds: float = 0.0
    requests: int = 0
    operations: int = 0  # of the disk, in the last session
    uncertain: int = 0
    unanswered: int = 0
    met: dict[str, int] = field(default_factory=dict)
    trace: str = ""
    told: list[str] = field(default_factory=list)


def live(seed: int) -> Life:
    """Live through one seed."""
    return live_through(scenario(seed))


def live_through(plan: Scenario) -> Life:
    """Live through a scenario."""
    life = Life(plan.seed)
    with simulated_folder() as folder:
        _live(plan, folder, life)
    return life


def _live(plan: Scenario, folder: Path, life: Life) -> None:
    world = World(plan.seed, folder, replace(plan.mood), plan.shape.number)
    watch = Watch(world, life.breaks)
    budget = plan.budget_usd
    done = False
    while not done and life.sessions < MOST_SESSIONS:
        trouble = plan.troubles[life.sessions] if life.sessions < len(plan.troubles) else Trouble()
        if life.sessions >= PATIENT:
            world.provider.mood.faults = 0.0
        life.sessions += 1
        work = plan.shape.job(folder, plan.concurrency, budget, plan.retries, plan.stream)
        error = _session(world, work, trouble, watch)
        dead = world.disk is not None and world.disk.dead
        done = error is None and not dead
        life.operations = world.disk.operations if world.disk is not None else 0
        life.crashes += dead
        life.stops += error is not None and not dead
        watch.after_session(work, error, dead, trouble)
        if isinstance(error, BudgetSpent) and budget is not None:
            budget *= 1.5
    if not done:
        life.breaks.append(f"not finished after {life.sessions} sessions")
    else:
        watch.in_the_end(work, whole(plan.shape))
    life.seconds, life.requests = world.now, world.provider.books.requests.total()
    life.uncertain, life.unanswered = watch.uncertain, watch.unanswered
    life.met = dict(world.provider.books.met)
    life.trace, life.told = world.digest(), world.trace


def _session(world: World, work: Job, trouble: Trouble, watch: Watch) -> DatawellError | None:
    """One run of the command; why it stopped."""
    mood = world.provider.mood
    mood.outage, mood.outage_ends = trouble.outage, world.now + trouble.outage_seconds
    with world.session(trouble.fault, trouble.at, trouble.step), watch.session(work):
        try:
            generate(work, Inline())
        except DatawellError as error:
            world.note(f"stopped: {type(error).__name__}")
            return error
    return None


_whole: dict[int, Whole] = {}


def whole(made: Shape) -> Whole:
    """A shape made without any fault."""
    if made.number not in _whole:
        with simulated_folder() as folder:
            world = World(0, folder, Mood(answers=made.answers, slow=0.1), made.number)
            work = made.job(folder, 4, None)
            with world.session():
                generate(work, Inline())
            _whole[made.number] = Whole(bytes_of(work.run), rows_of(work))
    return _whole[made.number]


@contextmanager
def simulated_folder() -> Iterator[Path]:
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as place:
        folder = Path(place, "run").resolve()
        folder.mkdir()
        yield folder
