"""Claim: kill -9 at random moments and at every named point changes no byte, loses no row, buys no
committed answer twice, and the next start asks its first new question within 2 seconds.

    python benchmarks/kill_and_resume.py [--kills 200] [--rows 4000] [--seed 1]

A run against a loopback chat endpoint is killed again and again and restarted with the same
command. The endpoint keeps its own count of every request. Compared with an undisturbed run; the
field's best peer measured bought 18 of 1,000 answers again after one kill, others all of them.
Then a small run is killed before and after each named step (``tests/generation/points.py``).
Writes JSON to stdout; exit 1 when the claim does not hold. The seconds are wall-clock time of a
whole start of Python on this machine, with whatever else it does.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from random import Random
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.generation.killing import Forks, begin, compare, kill_at_random, serving
from tests.generation.kit import bytes_of, job
from tests.generation.points import POINTS

from datawell.pipeline.audit import audit

IN_FLIGHT = 16  # of the killed job
SOON = 2.0  # seconds from a start to its first new request


def at_random(place: Path, rows: int, kills: int, seed: int) -> dict[str, Any]:
    """Kill real processes, start-up included."""
    resumed: list[float] = []
    with serving(delay=0.02) as server:
        killed, whole = place / "killed", place / "whole"
        done, early = kill_at_random(killed, server, rows, Random(seed), kills, resumed)
        with begin(killed, server.base_url, rows) as process:
            ends = [process.wait()]
        books = compare(killed, server)
        server.reset()
        with begin(whole, server.base_url, rows) as process:
            ends.append(process.wait())
        undisturbed = compare(whole, server)
    made = bytes_of(job(whole).run)
    same = bytes_of(job(killed).run) == made
    holds = same and ends == [0, 0] and not books.answered_again and not books.unaccounted
    holds = holds and books.distinct == undisturbed.distinct and books.repeated <= books.uncertain
    holds = holds and books.uncertain <= IN_FLIGHT * done and not audit(killed, {}).broken
    late = statistics.quantiles(resumed, n=20)[-1] if len(resumed) > 1 else None
    return {
        "holds": holds and (late is None or late < SOON),
        "kills": done,
        "ended_before_the_kill": early,
        "rows": rows,
        "files_identical": len(made) if same else 0,
        "killed_run": asdict(books),
        "undisturbed_run": asdict(undisturbed),
        "seconds_to_first_new_request": {
            "n": len(resumed),
            "median": round(statistics.median(resumed), 3) if resumed else None,
            "p95": None if late is None else round(late, 3),
        },
    }


def at_points(place: Path, rows: int) -> dict[str, Any]:
    """Kill at each named point, at its first, third and tenth time."""
    kills, broken = 0, []
    with serving(delay=0.001) as server, Forks() as forks:
        forks.run(place / "calm", server.base_url, rows)
        whole = bytes_of(job(place / "calm").run)
        for point in POINTS:
            folder = place / point.replace(" ", "-")
            server.reset()
            ends = [forks.run(folder, server.base_url, rows, point, hit) for hit in (1, 3, 10)]
            end = forks.run(folder, server.base_url, rows)
            books = compare(folder, server)
            here = sum(code == -9 for code in ends)
            kills += here
            fine = end == 0 and here and bytes_of(job(folder).run) == whole
            fine = fine and not books.answered_again and not books.unaccounted
            fine = fine and books.repeated <= books.uncertain <= IN_FLIGHT * here
            if not fine or audit(folder, {}).broken:
                broken.append(point)
    return {"holds": not broken, "points": len(POINTS), "kills": kills, "broken": broken}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--rows", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        parts = {
            "at_random": at_random(Path(place), options.rows, options.kills, options.seed),
            "at_points": at_points(Path(place), 10),
        }
    claim = "kill -9 changes no byte and buys no committed answer twice"
    print(json.dumps({"claim": claim, **parts}, indent=2))
    return 0 if all(part["holds"] for part in parts.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
