"""Claim: kill -9 at random moments changes no byte and buys no committed answer twice.

    python benchmarks/kill_and_resume.py [--kills 20] [--rows 600] [--seed 1]

A run against a loopback chat endpoint is killed again and again and restarted with the same
command. The endpoint keeps its own count of every request. Compared with an undisturbed run; the
field's best peer measured bought 18 of 1,000 answers again after one kill, others all of them.
Writes JSON to stdout; exit 1 when the claim does not hold.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.generation.killing import begin, compare, kill_at_random, serving
from tests.generation.kit import bytes_of, job


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--rows", type=int, default=600)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rows, luck = options.rows, Random(options.seed)
    with tempfile.TemporaryDirectory() as place, serving(delay=0.02) as server:
        killed, whole = Path(place) / "killed", Path(place) / "whole"
        kills, early = kill_at_random(killed, server, rows, luck, options.kills)
        with begin(killed, server.base_url, rows) as process:
            ends = [process.wait()]
        books = compare(killed, server)
        server.reset()
        with begin(whole, server.base_url, rows) as process:
            ends.append(process.wait())
        undisturbed = compare(whole, server)
        same = bytes_of(job(killed).run) == bytes_of(job(whole).run)
        files = len(bytes_of(job(whole).run))
    holds = same and ends == [0, 0] and not books.answered_again and not books.unaccounted
    holds = holds and books.distinct == undisturbed.distinct and books.repeated <= books.uncertain
    report = {
        "claim": "kill -9 changes no byte and buys no committed answer twice",
        "holds": holds,
        "kills": kills,
        "ended_before_the_kill": early,
        "rows": rows,
        "files_identical": files if same else 0,
        "killed_run": asdict(books),
        "undisturbed_run": asdict(undisturbed),
    }
    print(json.dumps(report, indent=2))
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
