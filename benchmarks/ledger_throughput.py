"""Claim: grouped commits make durable answers cheap: at least 10 times one commit an answer.

    python benchmarks/ledger_throughput.py [--answers 5000] [--flying 64]

The rival is the same SQLite (WAL, synchronous=FULL) with one transaction for each fact, as
durable-execution libraries do it. Both commit an intent and an answer of 1 kB for each call. CPU
seconds are of this process, all threads; wall seconds only for what waits on the disk. JSON to
stdout; exit 1 when the claim does not hold.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from datawell.core.ledger import Intent, Ledger

BODY = "a" * 1000


async def _grouped(ledger: Ledger, answers: int, flying: int) -> None:
    todo = iter(range(answers))

    async def worker() -> None:
        for n in todo:
            key = f"{n:032x}"
            if ledger.lookup(key) is None:
                call = await ledger.intend(Intent(key, n, "writer", "m", BODY, 100))
                await ledger.answered(call, BODY)
                ledger.settle(call, 10, 5, 5)

    await asyncio.gather(*(worker() for _ in range(flying)))


def grouped(path: Path, answers: int, flying: int) -> None:
    with Ledger(path) as ledger:
        asyncio.run(_grouped(ledger, answers, flying))


def single(path: Path, answers: int, flying: int) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE calls (id INTEGER PRIMARY KEY, key TEXT UNIQUE, q, a, cost)")
    for n in range(answers):
        insert = "INSERT INTO calls (id, key, q) VALUES (?, ?, ?)"
        connection.execute(insert, (n, f"{n:032x}", BODY))
        connection.execute("UPDATE calls SET a = ? WHERE id = ?", (BODY, n))
        connection.execute("UPDATE calls SET cost = ? WHERE id = ?", (10, n))
    connection.close()


def measure(work: Callable[[Path, int, int], None], answers: int, flying: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as place:
        cpu, wall = time.process_time(), time.perf_counter()
        work(Path(place) / "run.db", answers, flying)
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    return {
        "answers": answers,
        "answers_per_second": round(answers / wall),
        "cpu_microseconds_per_answer": round(cpu / answers * 1e6, 1),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=5000)
    parser.add_argument("--flying", type=int, default=64)
    options = parser.parse_args()
    ours = measure(grouped, options.answers, options.flying)
    wide = measure(grouped, options.answers, 512)
    rival = measure(single, max(100, options.answers // 20), 1)
    ratio = wide["answers_per_second"] / rival["answers_per_second"]
    report = {
        "claim": "grouped durable answers are at least 10 times as fast as one commit each",
        "holds": ratio >= 10,
        "grouped": ours,
        "grouped_512_in_flight": wide,
        "one_commit_each": rival,
        "ratio": round(ratio, 1),
    }
    print(json.dumps(report, indent=2))
    return 0 if report["holds"] else 1


if __name__ == "__main__":
    sys.exit(main())
