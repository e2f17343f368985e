"""Batch files in a run's ledger: which calls left together, and how far each file is.

A batch goes ``planned`` (calls are intended in it, nothing has left) -> ``uploaded`` (the provider
has the file; it costs nothing yet) -> ``submitting`` (committed before it is submitted) ->
``submitted`` (the provider's name for it is known) -> ``done`` (every call in it has its outcome).
A call in a batch that is out stays ``intended`` over a crash: unlike one whose connection died with
the process, its answer can still be fetched.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datawell.core.ledger import Ledger

BATCHES = """
    ALTER TABLE calls ADD COLUMN batch INTEGER;
    CREATE INDEX calls_in_batch ON calls (batch) WHERE batch IS NOT NULL;
    CREATE TABLE batches (
        id INTEGER PRIMARY KEY, model TEXT NOT NULL, state TEXT NOT NULL,
        file TEXT NOT NULL DEFAULT '', name TEXT NOT NULL DEFAULT '', note TEXT NOT NULL DEFAULT '',
        begun REAL NOT NULL, ended REAL);
"""
# How the failure of one request begins, when the batch around it came to its end.
ITEM = "item: "


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch that is not done. ``file`` and ``name`` are the provider's names for the file of
    requests and for the batch; empty until known."""

    id: int
    model: str
    state: str
    file: str
    name: str


@dataclass(frozen=True, slots=True)
class BatchCall:
    """A call that waits in a batch. ``name`` is what the file calls it (its custom id)."""

    id: int
    key: str
    request: dict[str, Any]
    reserved: int | None

    @property
    def name(self) -> str:
        """Unlike any other, also where one key is asked again."""
        return f"{self.key}-{self.id}"


class BatchBooks:
    """What the ledger knows of batches. Every writing method returns once it is on disk."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def open(self) -> list[Batch]:
        """Batches that are not done, in order."""
        sql = "SELECT id, model, state, file, name FROM batches WHERE state != 'done' ORDER BY id"
        return [Batch(*row) for row in self._ledger._all(sql)]

    def calls(self, batch: int) -> list[BatchCall]:
        """The calls of a batch that have no outcome yet, in the order they were planned."""
        sql = (
            "SELECT id, key, request, reserved FROM calls"
            " WHERE batch = ? AND state = 'intended' ORDER BY id"
        )
        rows = self._ledger._all(sql, (batch,))
        return [BatchCall(call, key, json.loads(told), held) for call, key, told, held in rows]

    def failures(self, key: str) -> int:
        """How often a call failed in a batch that came to its end."""
        sql = (
            "SELECT count(*) FROM calls WHERE key = ? AND state = 'failed'"
            " AND batch IS NOT NULL AND error LIKE ?"
        )
        return int(self._ledger._all(sql, (key, f"{ITEM}%"))[0][0])

    def why(self, key: str) -> str:
        """What the last failure of a call said."""
        sql = "SELECT error FROM calls WHERE key = ? AND state = 'failed' ORDER BY attempt DESC"
        return str(self._ledger._all(f"{sql} LIMIT 1", (key,))[0][0]).removeprefix(ITEM)

    async def begin(self, model: str) -> int:
        """A new batch; its number."""
        number = int(self._ledger._all("SELECT coalesce(max(id), 0) + 1 FROM batches")[0][0])
        sql = "INSERT INTO batches (id, model, state, begun) VALUES (?, ?, 'planned', ?)"
        await self._ledger._writer.commit((sql, (number, model, time.time())))
        return number

    async def uploaded(self, batch: int, file: str) -> None:
        """The provider has the file."""
        await self._set(batch, "state = 'uploaded', file = ?", file)

    async def submitting(self, batch: int) -> None:
        """It is about to be submitted."""
        await self._set(batch, "state = 'submitting'")

    async def submitted(self, batch: int, name: str) -> None:
        """The provider took it, under this name."""
        await self._set(batch, "state = 'submitted', name = ?", name)

    async def lost(self, batch: int) -> None:
        """It may be under way and nobody can know: its calls may be billed, and are asked again."""
        sql = "UPDATE calls SET state = 'uncertain' WHERE batch = ? AND state = 'intended'"
        await self._ledger._writer.commit((sql, (batch,)))
        await self.done(batch, "lost: whether it was submitted cannot be known")

    async def done(self, batch: int, note: str) -> None:
        """Every call in it has its outcome."""
        await self._set(batch, "state = 'done', note = ?, ended = ?", note, time.time())

    async def _set(self, batch: int, what: str, *values: Any) -> None:
        sql = f"UPDATE batches SET {what} WHERE id = ?"  # noqa: S608 - `what` is written above
        await self._ledger._writer.commit((sql, (*values, batch)))
