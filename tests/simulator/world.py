"""One machine made of a seed, swapped in under the production engine."""

from __future__ import annotations

import asyncio
import hashlib
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from random import Random
from unittest import mock

from datawell.core import ledger as ledger_module
from tests.simulator import files
from tests.simulator.disk import Disk
from tests.simulator.loop import Loop
from tests.simulator.provider import WALL, Mood, Provider
from tests.simulator.vfs import SimulatedVfs
from tests.simulator.writer import TurnWriter

PROCESS = 4242  # every session has the same process id: file names and jitter follow from it
KEY_NAME, KEY = "SIMULATOR_KEY", "sk-canary-5d41402abc4b2a76b9719d911017c592"
_vfs = SimulatedVfs()


class World:
    """Clock, network and disk of one simulated life.

    Args:
        seed: everything else follows from it.
        root: a real, empty folder for the simulated files.
        mood: the provider's.
        answers: what the provider's answers follow from, besides the requests.
    """

    def __init__(self, seed: int, root: Path, mood: Mood, answers: int = 0) -> None:
        self.now = 0.0
        self.skew = 0.0  # of the wall clock, as somebody sets it
        self.root = root
        self.trace: list[str] = []
        self.skewed = seed % 4 == 0  # some machines have their clock set, back and forth
        self.steps = 0
        self.step_of_death = 0
        self.disk: Disk | None = None
        self.after_commit: Callable[[sqlite3.Connection], None] = lambda connection: None
        self._luck = Random(f"{seed} latency")
        self._disk_luck = Random(f"{seed} disk")
        luck = Random(f"{seed} provider")
        self.provider = Provider(
            answers, luck, mood, lambda: self.now, self._later, lambda text: self.note(text)
        )

    def step(self) -> None:
        """A turn of the event loop; perhaps the last."""
        self.steps += 1
        if self.skewed and self._luck.random() < 0.01:
            self.skew = self._luck.uniform(-3600.0, 3600.0)
        if self.steps == self.step_of_death and self.disk is not None:
            self.disk.crash()

    def latency(self) -> float:
        """Seconds a commit, a thread or a connection takes to begin."""
        return self._luck.uniform(0.0005, 0.02)

    def note(self, text: str) -> None:
        """Put something that happened on record."""
        self.trace.append(f"{self.now:.6f} {text}")

    def digest(self) -> str:
        """A hash of all that happened."""
        return hashlib.blake2b("\n".join(self.trace).encode(), digest_size=12).hexdigest()

    @contextmanager
    def session(self, fault: str = "", at: int = 0, step_of_death: int = 0) -> Iterator[Disk]:
        """The machine is on; afterwards the folder is as the session, or its crash, left it."""
        self.disk = Disk(self.root, self._disk_luck, fault, at, self._died)
        self.steps, self.step_of_death = 0, step_of_death
        self.provider.dead = False
        self.provider.books.session.clear()
        try:
            with self._swapped(self.disk):
                yield self.disk
        finally:
            if self.disk.dead:
                self.disk.power_on()
            self.note(f"session ends after {self.disk.operations} operations")

    def _died(self) -> None:
        self.provider.dead = True
        self.note("power goes out")

    def _later(self, seconds: float, work: Callable[[], None]) -> None:
        asyncio.get_running_loop().call_later(seconds, work)

    @contextmanager
    def _swapped(self, disk: Disk) -> Iterator[None]:
        def committed(connection: sqlite3.Connection) -> None:
            self.note("commit")
            self.after_commit(connection)

        writer = {"latency": staticmethod(self.latency), "committed": staticmethod(committed)}
        time_is: dict[str, Callable[[], float]] = {
            "time": lambda: WALL + self.now + self.skew,
            "monotonic": lambda: self.now,
            "process_time": lambda: 0.0,
        }
        writer_type = type("Writer", (TurnWriter,), writer)
        with ExitStack() as stack:
            put = stack.enter_context
            put(_vfs.installed(disk))
            put(files.installed(disk))
            for name, clock in time_is.items():
                put(mock.patch.object(time, name, clock))
            put(mock.patch.object(asyncio.events, "new_event_loop", partial(Loop, self)))
            put(mock.patch.object(os, "getpid", return_value=PROCESS))
            put(mock.patch.dict(os.environ, {KEY_NAME: KEY}))
            put(mock.patch.object(ledger_module, "GroupCommit", writer_type))
            yield
