"""The ledger of a run: every paid answer, finished shard and event, in one SQLite file.

A call goes ``intended`` (committed before the request leaves) -> ``answered`` (the raw body is on
disk, unread) -> ``settled`` (read, its cost booked). It ends as ``rejected`` when the endpoint
refuses this one request, as ``failed`` when no answer came, and as ``uncertain`` when the process
died with the request in flight: that one may have been billed, so its reservation stays booked.

One process writes, through :mod:`datawell.core.group_commit`: a commit is on disk.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datawell.core.batches import BATCHES
from datawell.core.errors import UsageError
from datawell.core.group_commit import GroupCommit, hold, sqlite_boundary
from datawell.core.records import canonical_json
from datawell.core.spending import (
    BILLS,
    FLIGHTS,
    SPENDING,
    Bill,
    Spending,
    Totals,
    time_in_flight,
)

# Script n takes a ledger from format n to n + 1, so a new ledger and an old one go the same way.
SCHEMAS = (
    """
    CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE calls (
        id INTEGER PRIMARY KEY, key TEXT NOT NULL, attempt INTEGER NOT NULL,
        row INTEGER NOT NULL, role TEXT NOT NULL, model TEXT NOT NULL, request TEXT NOT NULL,
        state TEXT NOT NULL, answer, error TEXT NOT NULL DEFAULT '',
        reserved INTEGER, cost INTEGER, input_tokens INTEGER, output_tokens INTEGER,
        sent REAL NOT NULL, ended REAL, UNIQUE (key, attempt));
    CREATE INDEX calls_open ON calls (id) WHERE state = 'intended';
    CREATE TABLE shards (
        shard INTEGER PRIMARY KEY, start INTEGER NOT NULL, stop INTEGER NOT NULL,
        fingerprint TEXT NOT NULL, counts TEXT NOT NULL, digests TEXT NOT NULL,
        cpu_seconds REAL NOT NULL);
    CREATE TABLE decisions (
        check_name TEXT NOT NULL, shard INTEGER NOT NULL, digest TEXT NOT NULL,
        PRIMARY KEY (check_name, shard)) WITHOUT ROWID;
    CREATE TABLE events (
        id INTEGER PRIMARY KEY, time REAL NOT NULL, kind TEXT NOT NULL, data TEXT NOT NULL);
    """,
    BATCHES,
)


@dataclass(frozen=True, slots=True)
class Intent:
    """A call about to be sent. ``reserved`` is the most it can cost, in nano-dollars; None when
    its price is unknown. ``batch`` is the number of the batch it leaves in."""

    key: str
    row: int
    role: str
    model: str
    request: str
    reserved: int | None
    batch: int | None = None


@dataclass(frozen=True, slots=True)
class Committed:
    """What the ledger holds for a key: a raw answer, or the endpoint's refusal in ``error``."""

    call: int
    body: str
    settled: bool
    reserved: int | None
    rejected: bool = False
    error: str = ""


@dataclass(frozen=True, slots=True)
class ShardRecord:
    """A finished shard: rows ``start`` to ``stop``, the fingerprint it was made under, counts
    (``kept`` and ``dropped``: ``[stage, reason, n]``), and the digest of each file by name."""

    shard: int
    start: int
    stop: int
    fingerprint: str
    counts: Mapping[str, Any]
    digests: Mapping[str, str]
    cpu_seconds: float


_INTEND = (
    "INSERT INTO calls (id, key, attempt, row, role, model, request, state, reserved, batch, sent)"
    " SELECT ?, ?, coalesce(max(attempt), 0) + 1, ?, ?, ?, ?, 'intended', ?, ?, ?"
    " FROM calls WHERE key = ?"
)
_ANSWERED = "UPDATE calls SET state = 'answered', answer = ?, ended = ? WHERE id = ?"
_SETTLE = (
    "UPDATE calls SET state = 'settled', cost = ?, input_tokens = ?, output_tokens = ?, error = ?"
    " WHERE id = ?"
)


class LedgerReader:
    """The reading half: safe beside a running writer and after any crash."""

    def __init__(self, path: Path) -> None:
        """Open the ledger at ``path`` for reading only.

        Raises:
            UsageError: there is no ledger, or a newer datawell made it.
            StorageError: it cannot be read.
        """
        self.path = path
        none = UsageError(f"no run in {path.parent}", hint="run a recipe with this folder first")
        if not path.exists():
            raise none
        # SQLite must write beside a WAL file to read it; in a read-only folder nobody else can
        # be writing either, so the file may be taken as it stands.
        mode = "mode=ro" if os.access(path.parent, os.W_OK) else "immutable=1"
        with sqlite_boundary(path):
            self._read = sqlite3.connect(
                f"{path.absolute().as_uri()}?{mode}", uri=True, check_same_thread=False, timeout=30
            )
            if not _refuse_newer(self._read, path):  # killed before it wrote anything
                self._read.close()
                raise none

    def meta(self) -> dict[str, Any]:
        """The run's named facts (recipe, seed, fingerprint, plan of shards, ...)."""
        rows = self._all("SELECT name, value FROM meta")
        return {name: json.loads(value) for name, value in rows if name != "format"}

    def lookup(self, key: str) -> Committed | None:
        """The committed outcome of the call ``key``; None when it must be (re-)asked."""
        found = self._all(
            "SELECT id, answer, state, reserved, error FROM calls WHERE key = ? AND state IN"
            " ('answered', 'settled', 'rejected') ORDER BY attempt LIMIT 1",
            (key,),
        )
        if not found:
            return None
        call, answer, state, reserved, error = found[0]
        body = answer.decode("utf-8", "surrogatepass") if isinstance(answer, bytes) else answer
        rejected = state == "rejected"
        return Committed(call, body or "", state != "answered", reserved, rejected, error)

    def calls(self) -> Iterator[dict[str, Any]]:
        """All calls in the order they were intended, as plain data (``request`` is JSON with
        ``messages``, ``settings`` and ``sample``; ``answer`` the raw body). Streams."""
        with sqlite_boundary(self.path):
            cursor = self._read.execute("SELECT * FROM calls ORDER BY id")
            columns = [column[0] for column in cursor.description]
            for values in cursor:
                yield dict(zip(columns, values, strict=True))

    def shards(self) -> dict[int, ShardRecord]:
        """Finished shards by number, ascending."""
        rows = self._all("SELECT * FROM shards ORDER BY shard")
        return {
            r[0]: ShardRecord(r[0], r[1], r[2], r[3], json.loads(r[4]), json.loads(r[5]), r[6])
            for r in rows
        }

    def decisions(self) -> dict[tuple[str, int], str]:
        """Digests of the corpus checks' decision files by (check, shard); empty until decided."""
        rows = self._all("SELECT check_name, shard, digest FROM decisions ORDER BY 1, 2")
        return {(name, shard): value for name, shard, value in rows}

    def events(self) -> list[tuple[float, str, Any]]:
        """(wall-clock time, kind, data) in order."""
        rows = self._all("SELECT time, kind, data FROM events ORDER BY id")
        return [(when, kind, json.loads(data)) for when, kind, data in rows]

    def totals(self) -> Totals:
        """Sums over all calls."""
        return Totals.of(self.spending())

    def spending(self) -> list[Spending]:
        """Sums by role and model."""
        return [Spending(*row) for row in self._all(SPENDING)]

    def bills(self) -> Iterator[Bill]:
        """Sums by row and role, rows ascending; those without a call are left out. Streams."""
        with sqlite_boundary(self.path):
            for row in self._read.execute(BILLS):
                yield Bill(*row)

    def seconds_in_flight(self) -> float:
        """Seconds of wall-clock time in which some call was under way."""
        with sqlite_boundary(self.path):
            return time_in_flight(self._read.execute(FLIGHTS))

    def close(self) -> None:
        """Close the file."""
        self._read.close()

    def __enter__(self) -> LedgerReader:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _all(self, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        with sqlite_boundary(self.path):
            return self._read.execute(sql, values).fetchall()


class Ledger(LedgerReader):
    """The ledger, open for writing by this process alone.

    Methods that return an awaitable or block return only once their facts are on disk.

    Raises:
        StorageError: from any method, when the disk refused; nothing committed is lost, and the
            ledger accepts no more until it is opened anew.
    """

    def __init__(self, path: Path) -> None:
        """Create or open the ledger; calls in flight at a crash become ``uncertain``.

        Raises:
            UsageError: another process is at work on this run, or a newer datawell made it.
            StorageError: the disk refused.
        """
        self.path = path
        self._lock = hold(path.with_name(path.name + ".lock"))
        try:
            connection = self._open_for_writing()
            super().__init__(path)
        except BaseException:
            self._lock.close()
            raise
        self._last_call = int(self._all("SELECT coalesce(max(id), 0) FROM calls")[0][0])
        self.fresh = self._last_call == 0  # no earlier session asked anything
        self._writer = GroupCommit(connection, path)

    def _open_for_writing(self) -> sqlite3.Connection:
        with sqlite_boundary(self.path):
            write = sqlite3.connect(
                self.path, isolation_level=None, check_same_thread=False, timeout=30
            )
            try:
                write.execute("PRAGMA journal_mode=WAL")
                write.execute("PRAGMA synchronous=FULL")
                _upgrade(write, self.path)
                lost = "state = 'intended' AND batch IS NULL"  # a batch goes on without us
                write.execute(f"UPDATE calls SET state = 'uncertain' WHERE {lost}")  # noqa: S608
            except BaseException:
                write.close()
                raise
        return write

    # -- calls ------------------------------------------------------------------------------

    async def intend(self, intent: Intent) -> int:
        """Commit that a request is about to leave; its number for the methods below."""
        self._last_call += 1
        call = self._last_call
        i = intent
        told = (i.key, i.row, i.role, i.model, i.request, i.reserved, i.batch)
        values = (call, *told, time.time(), i.key)
        await self._writer.commit((_INTEND, values))
        return call

    async def answered(self, call: int, body: str) -> None:
        """Commit a raw answer, before anybody reads it."""
        await self._writer.commit((_ANSWERED, (_storable(body), time.time(), call)))

    async def rejected(self, call: int, error: str) -> None:
        """Commit that the endpoint refuses this request for good; it will not be asked again."""
        await self._writer.commit(
            (
                "UPDATE calls SET state = 'rejected', error = ?, cost = 0, ended = ? WHERE id = ?",
                (_storable(error), time.time(), call),
            )
        )

    async def failed(self, call: int, error: str, cost: int | None) -> None:
        """Commit that no answer came. ``cost`` is what must be booked all the same."""
        await self._writer.commit(
            (
                "UPDATE calls SET state = 'failed', error = ?, cost = ?, ended = ? WHERE id = ?",
                (_storable(error), cost, time.time(), call),
            )
        )

    def settle(
        self,
        call: int,
        cost: int | None,
        input_tokens: int | None,
        output_tokens: int | None,
        error: str = "",
    ) -> None:
        """Book what a committed answer cost. Not waited for: until it is on disk the whole
        reservation counts, and the answer can be read again."""
        values = (cost, input_tokens, output_tokens, _storable(error), call)
        self._writer.commit_soon((_SETTLE, values))

    # -- the run ----------------------------------------------------------------------------

    def set_meta(self, **facts: Any) -> None:
        """Commit named facts about the run."""
        sql = "INSERT OR REPLACE INTO meta VALUES (?, ?)"
        self._writer.commit_now(*((sql, (name, canonical_json(v))) for name, v in facts.items()))

    def event(self, kind: str, **data: Any) -> None:
        """Commit that something happened to the run, with the wall-clock time."""
        sql = "INSERT INTO events (time, kind, data) VALUES (?, ?, ?)"
        self._writer.commit_now((sql, (time.time(), kind, canonical_json(data))))

    def shard_done(self, record: ShardRecord) -> None:
        """Commit a finished shard; its files must be on disk already."""
        r = record
        counts, digests = canonical_json(dict(r.counts)), canonical_json(dict(r.digests))
        values = (r.shard, r.start, r.stop, r.fingerprint, counts, digests, r.cpu_seconds)
        self._writer.commit_now(
            ("INSERT OR REPLACE INTO shards VALUES (?, ?, ?, ?, ?, ?, ?)", values)
        )

    def forget_shards(self, shards: Sequence[int]) -> None:
        """Commit that these shards must be made again, and so the corpus decided anew."""
        self._writer.commit_now(
            *(("DELETE FROM shards WHERE shard = ?", (s,)) for s in shards),
            ("DELETE FROM decisions", ()),
            ("DELETE FROM meta WHERE name = 'decided'", ()),
        )

    def decided(self, digests: Mapping[tuple[str, int], str], outcome: Any) -> None:
        """Commit the corpus checks' decisions, all at once, with their counts."""
        insert = "INSERT OR REPLACE INTO decisions VALUES (?, ?, ?)"
        self._writer.commit_now(
            ("DELETE FROM decisions", ()),
            *((insert, (name, shard, value)) for (name, shard), value in digests.items()),
            ("INSERT OR REPLACE INTO meta VALUES ('decided', ?)", (canonical_json(outcome),)),
        )

    def close(self) -> None:
        """Commit what is queued and close. Never raises; a failed commit was already reported."""
        self._read.close()
        self._writer.close()  # the last to close, and able to write, so it tidies the WAL away
        self._lock.close()

    def __enter__(self) -> Ledger:
        return self


def _storable(text: str) -> str | bytes:
    """Text as SQLite can hold it: half surrogate pairs, which JSON may carry, go in as bytes."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
    return text


def _format(connection: sqlite3.Connection) -> int:
    known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone()
    if known is None:
        return 0
    row = connection.execute("SELECT value FROM meta WHERE name = 'format'").fetchone()
    return int(row[0])


def _refuse_newer(connection: sqlite3.Connection, path: Path) -> int:
    found = _format(connection)
    if found > len(SCHEMAS):
        raise UsageError(
            f"{path} has format {found}; this datawell knows formats up to {len(SCHEMAS)}",
            hint="upgrade datawell",
        )
    return found


def _upgrade(connection: sqlite3.Connection, path: Path) -> None:
    """Bring the ledger to today's format, in one transaction."""
    found = _refuse_newer(connection, path)
    if found == len(SCHEMAS):
        return
    connection.execute("BEGIN IMMEDIATE")
    for script in SCHEMAS[found:]:
        for statement in filter(str.strip, script.split(";")):
            connection.execute(statement)
    connection.execute("INSERT OR REPLACE INTO meta VALUES ('format', ?)", (str(len(SCHEMAS)),))
    connection.execute("COMMIT")
