"""The budget under pressure: 512 calls in flight, costs nobody can foresee, power cuts between.

    python scripts/simulate.py --budget SEED

replays one seed. The teacher bills what it finishes, also when nobody is left to hear of it.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random

from datawell.core.budget import nano_dollars
from datawell.core.errors import BudgetSpent, DatawellError
from datawell.core.ledger import LedgerReader
from datawell.executors.inline import Inline
from datawell.generation.engine import generate
from datawell.generation.job import Job, Settings
from tests.generation.kit import job, paid
from tests.simulator.disk import CRASH
from tests.simulator.invariants import BOOKED, begun
from tests.simulator.life import simulated_folder
from tests.simulator.provider import Mood
from tests.simulator.world import World

WORKERS = 512
MOST_OUTPUT = 2000  # tokens of the dearest answer; the cheapest has one
SESSIONS = 4


@dataclass(slots=True)
class Purse:
    """What came of a seed: ``breaks`` must be empty."""

    seed: int
    breaks: list[str] = field(default_factory=list)
    sessions: int = 0
    crashes: int = 0
    stops: int = 0
    raised: int = 0
    calls: int = 0
    left: list[float] = field(default_factory=list)  # share of the budget not booked at a stop


def spend(seed: int) -> Purse:
    """Live through one seed."""
    purse = Purse(seed)
    with simulated_folder() as folder:
        _spend(Random(f"{seed} money"), folder, purse)
    return purse


def _spend(luck: Random, folder: Path, purse: Purse) -> None:
    world = World(purse.seed, folder, Mood())
    rows = luck.randint(WORKERS, WORKERS + 100)
    usd = luck.uniform(0.02, 0.9) * rows * MOST_OUTPUT / 1e6
    work = _work(folder, rows, usd)
    billed, bought, just_raised = 0, 0, False
    for _ in range(SESSIONS):
        purse.sessions += 1
        limit = nano_dollars(usd)
        world.after_commit = partial(_within, purse, limit)
        shop = work.build()
        crash = luck.random() < 0.4
        error: DatawellError | None = None
        with world.session(CRASH if crash else "", luck.randint(1, 1500)) as disk:
            try:
                generate(work, Inline(), workshop=shop)
            except DatawellError as stopped:
                error = stopped
        billed += getattr(
            shop.teachers["writer"], "billed", 0
        )  # what the kit's teacher did, it bills
        _hold(purse, billed <= limit, f"billed {billed} of {limit}")
        before, bought = bought, _calls(work)
        if just_raised and not disk.dead:
            _hold(purse, bought > before or error is None, "more money bought nothing more")
        just_raised = False
        purse.crashes += disk.dead
        if disk.dead:
            continue
        if error is None:
            break
        purse.stops += 1
        _hold(purse, isinstance(error, BudgetSpent) and error.exit_code == 3, str(error))
        purse.left.append(1 - _booked(work) / limit)
        usd *= luck.uniform(1.2, 3.0)
        purse.raised, just_raised = purse.raised + 1, True
        work = _work(folder, rows, usd)
    purse.calls = bought


def _work(folder: Path, rows: int, usd: float) -> Job:
    teacher = paid(price=(1.0, 1.0), max_output_tokens=MOST_OUTPUT, delay=30.0)
    settings = Settings(concurrency=WORKERS, budget_usd=usd)
    return job(folder, teacher, rows=rows, shard_size=10_000, checks=(), settings=settings)


def _hold(purse: Purse, holds: bool, otherwise: str) -> None:
    if not holds:
        purse.breaks.append(otherwise)


def _within(purse: Purse, limit: int, connection: sqlite3.Connection) -> None:
    booked = connection.execute(BOOKED).fetchone()[0]
    _hold(purse, booked <= limit, f"booked {booked} of {limit} after a commit")


def _calls(work: Job) -> int:
    if not begun(work):
        return 0
    with LedgerReader(work.run.db) as ledger:
        return ledger.totals().calls


def _booked(work: Job) -> int:
    with LedgerReader(work.run.db) as ledger:
        return ledger.totals().booked
