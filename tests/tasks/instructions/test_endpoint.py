"""The shipped recipe against an endpoint: a weak model on a loopback server."""

from __future__ import annotations

import asyncio
import hashlib
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.teachers.server import Server

import datawell
from datawell.core.ledger import LedgerReader
from datawell.core.rundir import RunFolder

ROWS = 40
THINGS = ("kite", "clock", "boat", "drum")
PLACES = ("the far north", "a dry valley", "the old harbour", "your home town")


@contextmanager
def serving(reply: Callable[[dict[str, Any]], str]) -> Iterator[Server]:
    """The server, in a thread of its own, because a run brings its own event loop."""
    server = Server(reply=reply)
    ready, done = threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        async with server:
            ready.set()
            await done.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    try:
        assert ready.wait(30)
        yield server
    finally:
        loop.call_soon_threadsafe(done.set)
        thread.join(30)
        loop.close()


def weak_model(request: dict[str, Any]) -> str:
    """Knows few instructions, grows them by a clause, and answers without a look at the form."""
    system, told = (message["content"] for message in request["messages"])
    if system.startswith("You answer"):
        return "It is made of wood. Somebody glues it. That is all."
    number = int.from_bytes(hashlib.blake2b(told.encode(), digest_size=4).digest(), "big")
    thing, place = THINGS[number % 4], PLACES[number // 4 % 4]
    asked = f"Tell me how a {thing} is built and mended in {place}"
    if told.startswith("Rewrite"):
        return f"New request: {asked}, what it costs there and who has to pay for it in the end."
    return f'"{asked}."'


def test_rows_are_bought_checked_and_deduplicated(tmp_path: Path) -> None:
    out = tmp_path / "run"
    with serving(weak_model) as server:
        spec = f"{server.base_url}#tiny"
        run = datawell.run("instructions", rows=ROWS, teacher=spec, out=str(out))
        asked = server.stats()["requests"]
        again = datawell.run("instructions", rows=ROWS, teacher=spec, out=str(out))
        assert server.stats()["requests"] == asked
    rows = list(RunFolder(out).rows())
    assert len(rows) == ROWS
    reasons = Counter(row.reason for row in rows if not row.kept)
    assert reasons["near_duplicate"] > 0
    assert sum(count for why, count in reasons.items() if why.startswith("constraint_")) > 0
    kept = [row.record for row in rows if row.kept and row.record]
    assert 0 < len(kept) == len(list(run.kept)) == len(list(again.kept))
    bare = [record.plan["instruction"] for record in kept]
    assert len(set(bare)) == len(bare)
    assert all("answer" not in record.plan for record in kept)
    with LedgerReader(out / "run.db") as ledger:
        assert (
            ledger.totals().calls
            == asked
            == sum(
                2
                + sum(
                    "taken" in step and "constraint" not in step
                    for step in row.record.plan["evolution"]
                )
                for row in rows
                if row.record
            )
        )
    label = json.loads((out / "dataset" / "label.json").read_text())
    assert label["valid"]["kept"]["value"] == len(kept) / ROWS
