"""What must hold, whatever happened: after each session, and in the end.

The auditor that ships with datawell does its part on the folder alone; the provider's own books,
and what the ledger acknowledged while it ran, say the rest.
"""

from __future__ import annotations

import json
import sqlite3
import traceback
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock

from datawell.core.budget import nano_dollars
from datawell.core.errors import BudgetSpent, DatawellError, ProviderError, StorageError
from datawell.core.ledger import Intent, Ledger, LedgerReader
from datawell.core.parts import read_part
from datawell.core.plugins import build
from datawell.core.records import Message, Row
from datawell.generation.job import Job
from datawell.pipeline.audit import audit
from datawell.teachers.base import Request
from tests.generation.kit import bytes_of
from tests.simulator.provider import name_of
from tests.simulator.scenario import Trouble
from tests.simulator.world import KEY, World

COMMITTED = ("answered", "settled", "rejected")
BOOKED = "SELECT coalesce(sum(coalesce(cost, reserved, 0)), 0) FROM calls"
UNANSWERED = ("provider_timeout", "provider_fault", "provider_unreachable", "rate_limited")
EXPECTED = (BudgetSpent, ProviderError, StorageError)


@dataclass(frozen=True, slots=True)
class Whole:
    """A run as it is when nothing goes wrong: its files, and its rows by id."""

    files: Mapping[str, bytes]
    rows: Mapping[int, Row]


def rows_of(work: Job) -> dict[int, Row]:
    """The rows of a made run as their parts hold them."""
    parts = (read_part(work.run.part(shard.number)) for shard in work.shards())
    return {row.row: row for part in parts for row in part}


class Watch:
    """Looks over the shoulder of a life; every break of a promise goes to ``breaks``."""

    def __init__(self, world: World, breaks: list[str]) -> None:
        self.uncertain = self.unanswered = 0
        self._world = world
        self._breaks = breaks
        self._answers: dict[int, str] = {}  # acknowledged as on disk, by call
        self._intents: dict[int, str] = {}
        self._committed: set[str] = set()  # bodies of requests that need never be sent again
        self._limit: int | None = None
        self._flying = self._most_flying = 0
        world.provider.most_billed = self._billed
        world.after_commit = self._after_commit

    def hold(self, holds: bool, otherwise: str) -> None:
        """Note a break unless ``holds``."""
        if not holds:
            self._breaks.append(otherwise)

    @contextmanager
    def session(self, work: Job) -> Iterator[None]:
        """Watch what the ledger acknowledges."""
        usd = work.settings.budget_usd
        self._limit = None if usd is None else nano_dollars(usd)
        self._flying = self._most_flying = 0
        intend, answered = Ledger.intend, Ledger.answered

        async def watched_intend(ledger: Ledger, intent: Intent) -> int:
            self._flying += 1
            self._most_flying = max(self._most_flying, self._flying)
            call = await intend(ledger, intent)
            self._intents[call] = intent.key
            return call

        async def watched_answered(ledger: Ledger, call: int, body: str) -> None:
            await answered(ledger, call, body)
            self._flying -= 1
            self._answers[call] = body

        with (
            mock.patch.object(Ledger, "intend", watched_intend),
            mock.patch.object(Ledger, "answered", watched_answered),
        ):
            yield

    def _after_commit(self, connection: sqlite3.Connection) -> None:
        if self._limit is not None:
            booked = connection.execute(BOOKED).fetchone()[0]
            self.hold(booked <= self._limit, f"booked {booked} of {self._limit} after a commit")

    def _billed(self, total: int) -> None:
        if self._limit is not None:
            self.hold(total <= self._limit, f"the provider billed {total} of {self._limit}")

    # -- after a session --------------------------------------------------------------------

    def after_session(
        self, work: Job, error: DatawellError | None, dead: bool, trouble: Trouble
    ) -> None:
        """The folder as it lies there now."""
        if error is not None and not dead:
            self._stopped_as_it_should(error, trouble)
        again = self._committed & self._world.provider.books.session.keys()
        self.hold(not again, f"{len(again)} answers held by the ledger were asked again")
        self._no_key(work, error)
        if begun(work):
            self._ledger(work)
        else:
            self.hold(not self._intents, "the ledger is gone")

    def _stopped_as_it_should(self, error: DatawellError, trouble: Trouble) -> None:
        known = isinstance(error, EXPECTED)
        self.hold(known, f"stopped with {type(error).__name__}: {error}")
        if isinstance(error, StorageError):
            self.hold(bool(trouble.fault), f"a sound disk refused: {error}")
        code = 3 if isinstance(error, BudgetSpent) else 4
        self.hold(error.exit_code == code, f"exit code {error.exit_code}")
        self.hold(bool(error.hint), f"no hint: {error.message}")

    def _no_key(self, work: Job, error: DatawellError | None) -> None:
        told = "".join(traceback.format_exception(error)) if error else ""
        self.hold(KEY not in told, "the key stands in a traceback")
        for path in work.folder.rglob("*"):
            if path.is_file():
                self.hold(KEY.encode() not in path.read_bytes(), f"the key stands in {path.name}")

    def _ledger(self, work: Job) -> None:
        """Nothing acknowledged is lost; the auditor finds nothing."""
        bodies = _bodies(work)
        with LedgerReader(work.run.db) as ledger:
            calls = {call["id"]: call for call in ledger.calls()}
        for call, body in self._answers.items():
            held = calls.get(call)
            fine = held is not None and (held["answer"] or "") == body
            self.hold(fine, f"call {call} was acknowledged as answered and is lost")
        for call, key in self._intents.items():
            held = calls.get(call)
            self.hold(held is not None and held["key"] == key, f"intent {call} is lost")
        # What a crash lost of those not yet acknowledged may be told again under the same number.
        self._answers = {n: b for n, b in self._answers.items() if n in calls}
        self._committed = {bodies(call) for call in calls.values() if call["state"] in COMMITTED}
        known = Counter(bodies(call) for call in calls.values())
        for body in self._world.provider.books.requests:
            self.hold(body in known, f"the provider was asked {body}, of which no call tells")
        found = audit(work.folder, _teachers(work))
        for name, finding in found.findings.items():
            for problem in finding.breaks:
                self._breaks.append(f"{name}: {problem}")

    # -- in the end -------------------------------------------------------------------------

    def in_the_end(self, work: Job, whole: Whole) -> None:
        """The run is made: as if nothing had happened, and paid for as the provider says. Only a
        row that was never answered while others were is dropped for it."""
        summary = work.run.summary()
        self.hold(summary.complete, "not complete")
        rows, made = rows_of(work), bytes_of(work.run)
        unanswered = [at for at, row in rows.items() if row.reason in UNANSWERED]
        self.unanswered = len(unanswered)
        for at, row in whole.rows.items():
            fine = at in unanswered or rows.get(at) == row
            self.hold(fine, f"row {at} differs from the undisturbed run's")
        if not unanswered:
            differ = made.keys() ^ whole.files.keys()
            self.hold(not differ, f"files differ: {differ}")
            for name, data in whole.files.items():
                self.hold(made.get(name) == data, f"{name} differs from the undisturbed run's")
        self._bill(work)

    def _bill(self, work: Job) -> None:
        """Request by request, what was booked covers the bill; and is the bill where each of its
        calls was answered and said what it used."""
        bodies, booked, exact = _bodies(work), Counter[str](), Counter[str]()
        doubtful = set[str]()
        with LedgerReader(work.run.db) as ledger:
            totals = ledger.totals()
            for call in ledger.calls():
                body = bodies(call)
                booked[body] += call["cost"] if call["cost"] is not None else call["reserved"]
                told = call["state"] == "settled" and call["input_tokens"] is not None
                if told or call["state"] == "rejected":
                    exact[body] += call["cost"]
                else:
                    doubtful.add(body)
        self.uncertain = totals.uncertain
        billed = Counter[str]()
        for item in self._world.provider.books.bill:
            billed[item.body] += item.nano
        for body, nano in billed.items():
            self.hold(nano <= booked[body], f"{body}: billed {nano}, booked {booked[body]}")
            if body not in doubtful:
                fine = nano == exact[body]
                self.hold(fine, f"{body}: billed {nano}, the ledger says {exact[body]}")
        for body in exact.keys() - doubtful - billed.keys():
            self.hold(not exact[body], f"{body}: booked {exact[body]}, and never billed")


def begun(work: Job) -> bool:
    """Whether there is a ledger to read; a crash within its first transaction leaves one that only
    a writer can take up."""
    try:
        return work.run.begun()
    except StorageError:
        return False


def _teachers(work: Job) -> dict[str, Any]:
    teacher = build("teachers", work.teachers["writer"])
    return {teacher.model: teacher}


class _bodies:
    """The name under which the provider knows a call of the ledger."""

    def __init__(self, work: Job) -> None:
        self._teacher = build("teachers", work.teachers["writer"])
        self._known: dict[str, str] = {}

    def __call__(self, call: Mapping[str, Any]) -> str:
        name = self._known.get(call["key"])
        if name is None:
            told = json.loads(call["request"])
            said: list[Message] = [
                {"role": m["role"], "content": m["content"]} for m in told["messages"]
            ]
            request = Request(tuple(said), told["sample"], told["settings"])
            name = name_of(self._teacher.body(request))
            self._known[call["key"]] = name
        return name
