"""Live through seeds of the simulated machine, and say which break a promise.

    python scripts/simulate.py 172              one seed, everything that happened
    python scripts/simulate.py --seeds 10000    seeds 0 to 9999 of the whole engine
    python scripts/simulate.py --money 10000    the same of the budget, with 512 calls in flight

Ends with 1 when a promise was broken; the last lines then are the commands that replay it. Progress
goes to stderr, the outcome to stdout as JSON.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "generation" / "plugin")]

COUNTED = ("sessions", "crashes", "stops", "requests", "uncertain", "calls", "raised")


def lived(seed: int) -> dict[str, Any]:
    """One seed of the whole engine."""
    from tests.simulator.life import live

    return _told(seed, live)


def spent(seed: int) -> dict[str, Any]:
    """One seed of the budget."""
    from tests.simulator.money import spend

    return _told(seed, spend)


def _told(seed: int, live: Callable[[int], Any]) -> dict[str, Any]:
    """What came of a seed; a failure nobody expected is a break too."""
    began = time.process_time()
    try:
        found = asdict(live(seed))
    except Exception as error:  # noqa: BLE001 - told with its seed
        found = {"seed": seed, "breaks": [f"{type(error).__name__}: {error}"]}
    found.pop("told", None)
    return {**found, "cpu": time.process_time() - began}


def many(work: Callable[[int], dict[str, Any]], seeds: range, jobs: int, flag: str) -> int:
    """Live through seeds in several processes."""
    sums: Counter[str] = Counter()
    cpu, broken = 0.0, []
    with multiprocessing.get_context("spawn").Pool(jobs) as pool:
        for done, found in enumerate(pool.imap_unordered(work, seeds, chunksize=20), 1):
            sums.update({name: found[name] for name in COUNTED if name in found})
            cpu += found["cpu"]
            if found["breaks"]:
                broken.append(found)
                sys.stderr.write(f"seed {found['seed']}: {found['breaks'][0]}\n")
            if done % 500 == 0:
                sys.stderr.write(f"{done} of {len(seeds)} seeds, {len(broken)} broken\n")
    outcome = {
        "seeds": [seeds.start, seeds.stop],
        "broken": len(broken),
        "cpu_seconds": round(cpu, 1),
        **sums,
        "first_breaks": {found["seed"]: found["breaks"][:3] for found in broken[:20]},
    }
    sys.stdout.write(json.dumps(outcome, indent=2) + "\n")
    for found in broken[:20]:
        sys.stdout.write(f"python scripts/simulate.py {flag}{found['seed']}\n")
    return 1 if broken else 0


def one(seed: int, money: bool) -> int:
    """One seed, told from its beginning to its end."""
    from tests.simulator.life import live
    from tests.simulator.money import spend
    from tests.simulator.scenario import scenario

    if money:
        found = asdict(spend(seed))
    else:
        sys.stdout.write(json.dumps(scenario(seed).describe(), indent=2) + "\n")
        found = asdict(live(seed))
        sys.stdout.write("\n".join(found.pop("told")) + "\n")
    sys.stdout.write(json.dumps(found, indent=2) + "\n")
    return 1 if found["breaks"] else 0


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("seed", type=int, nargs="?", help="the one seed to replay")
    parser.add_argument("--seeds", type=int, default=0, help="how many seeds of the whole engine")
    parser.add_argument("--money", type=int, default=None, help="how many seeds of the budget")
    parser.add_argument("--budget", action="store_true", help="the one seed is of the budget")
    parser.add_argument("--first", type=int, default=0, help="the first of many seeds")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    options = parser.parse_args()
    if options.seed is not None:
        return one(options.seed, options.budget)
    code = 0
    if options.seeds:
        seeds = range(options.first, options.first + options.seeds)
        code = many(lived, seeds, options.jobs, "")
    if options.money:
        seeds = range(options.first, options.first + options.money)
        code = many(spent, seeds, options.jobs, "--budget ") or code
    return code


if __name__ == "__main__":
    sys.exit(main())
