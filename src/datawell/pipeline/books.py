"""The rules a ledger must keep, each recomputed from its calls."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from datawell.core.budget import NANO
from datawell.core.group_commit import sqlite_boundary
from datawell.core.ledger import LedgerReader
from datawell.core.records import Row
from datawell.teachers.base import Answer, Price, Reply, Teacher

Hold = Callable[[str | None], None]  # counts one thing; the text says how it breaks the rule

_COMMITTED = "('answered', 'settled', 'rejected')"
_ODD = """
    SELECT id, state FROM calls WHERE CASE state
      WHEN 'intended' THEN answer IS NOT NULL OR ended IS NOT NULL
      WHEN 'uncertain' THEN answer IS NOT NULL OR ended IS NOT NULL
      WHEN 'answered' THEN answer IS NULL OR ended IS NULL
      WHEN 'settled' THEN answer IS NULL OR ended IS NULL
      WHEN 'rejected' THEN answer IS NOT NULL OR cost != 0
      WHEN 'failed' THEN answer IS NOT NULL OR cost > reserved
      ELSE 1 END"""
_AGAIN = f"""
    SELECT key, count(*), max(attempt), sum(state IN {_COMMITTED}),
      min(CASE WHEN state IN {_COMMITTED} THEN attempt END)
    FROM calls GROUP BY key"""  # noqa: S608 - no word of it comes from outside


class AuditReader(LedgerReader):
    """A ledger, read for its rules."""

    def stream(self, sql: str) -> Iterator[Any]:
        """The rows of a query, one at a time."""
        with sqlite_boundary(self.path):
            yield from self._read.execute(sql)

    def one(self, sql: str, *values: Any) -> Any:
        """The first row of a query; None when there is none."""
        with sqlite_boundary(self.path):
            return self._read.execute(sql, values).fetchone()

    def unpaid(self, row: Row) -> str | None:
        """The first call of a row's lineage that the ledger does not hold as this row's."""
        for key in row.record.lineage.calls if row.record else ():
            sql = "SELECT row FROM calls WHERE key = ? AND state != 'intended' ORDER BY attempt"
            found = self.one(sql, key)
            if found is None or found[0] != row.row:
                return f"row {row.row} stands on the call {key}, which is not in the ledger as its"
        return None


def sound(books: AuditReader, hold: Hold) -> None:
    """SQLite finds no damage, and each call is in a state that fits what it holds."""
    (said,) = books.one("PRAGMA integrity_check")
    hold(None if said == "ok" else f"SQLite: {said}")
    for call, state in books.stream(_ODD):
        hold(f"call {call} is {state}, and what it holds says otherwise")


def asked_once(books: AuditReader, hold: Hold) -> None:
    """After a committed answer no call with its key was begun; attempts count up from 1."""
    for key, calls, last, committed, first in books.stream(_AGAIN):
        problem = None
        if committed > 1 or (first is not None and first < last):
            problem = f"the call {key} was asked {last} times, and answered at number {first}"
        elif calls != last:
            problem = f"the call {key} has {calls} attempts, the last is number {last}"
        hold(problem)


def within_budget(books: AuditReader, hold: Hold) -> None:
    """At the moment each request left, what was booked and held was within that session's budget.

    Moments are wall-clock times, as recorded; a call holds its whole reservation until its answer
    came, and for good when none did. Where the clock was set back, nobody can say what was still
    in flight: it is taken as over.
    """
    sessions = [
        (data.get("calls", 0), data.get("budget"))
        for _, kind, data in books.events()
        if kind == "session"
    ]
    booked, at, now = 0, 0, 0.0
    limit: int | None = None
    returns: list[tuple[float, int]] = []
    sql = "SELECT id, sent, ended, reserved, cost FROM calls ORDER BY id"
    for call, sent, ended, reserved, cost in books.stream(sql):
        while at < len(sessions) and sessions[at][0] < call:
            limit, at = sessions[at][1], at + 1
        while returns and (returns[0][0] <= sent or sent < now):
            booked -= heapq.heappop(returns)[1]
        now = sent
        booked += reserved or 0
        if ended is not None and cost is not None:
            heapq.heappush(returns, (ended, (reserved or 0) - cost))
        over = limit is not None and booked > limit
        hold(
            f"call {call}: {booked / NANO:.9f} USD booked and held, the budget was"
            f" {(limit or 0) / NANO:.9f}"
            if over
            else None
        )


def costs(books: AuditReader, teachers: Mapping[str, Teacher], hold: Hold) -> None:
    """Tokens are what the raw answer says; the cost is the price of those tokens, at a price of
    one of the run's sessions, or the whole reservation where the answer does not say."""
    prices: dict[str, set[Price]] = {}
    for _, kind, data in books.events():
        for model, price in data.get("prices", {}).items() if kind == "session" else ():
            prices.setdefault(model, set()).add(Price(*price))
    sql = (
        "SELECT id, model, answer, input_tokens, output_tokens, reserved, cost FROM calls"
        " WHERE state = 'settled'"
    )
    for call, model, answer, told_in, told_out, reserved, cost in books.stream(sql):
        if model not in teachers:
            continue
        reply = _reply(teachers[model], answer)
        used, made = reply.input_tokens, reply.output_tokens
        wanted = {reserved}
        if used is not None and made is not None and reserved is not None:
            counts = used, made, reply.cached_tokens
            wanted = {price.nano(*counts) for price in prices.get(model, ())}
        fine = (told_in, told_out) == (used, made) and cost in wanted
        said = f"call {call}: booked {cost} for {told_in} and {told_out} tokens"
        hold(None if fine else f"{said}; its answer says {used} and {made}: {sorted(wanted)}")


def _reply(teacher: Teacher, answer: str | bytes | None) -> Reply:
    """The answer read again; one that cannot be read says nothing of what it used."""
    body = answer.decode("utf-8", "surrogatepass") if isinstance(answer, bytes) else answer or ""
    try:
        return teacher.parse(Answer(body))
    except Exception:  # noqa: BLE001 - whatever it is, the run met it too, and booked accordingly
        return Reply("")
