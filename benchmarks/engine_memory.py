"""Claim: rows stream. Peak memory of 1,000,000 rows is at most 1.3 times that of 50,000, and the
engine itself costs at most 150 CPU microseconds a row.

    python benchmarks/engine_memory.py [--large 1000000] [--small 50000] [--stories]

Each run is a process of its own (``ru_maxrss`` of it), in one process and one after the other.
Rows are about 600 characters of words made by a recomputable teacher, with a row check and both
shipped corpus checks; with ``--stories`` they are the shipped story task and its checks. The
engine's own cost is measured on a task that says eight words, without corpus checks. JSON to
stdout; exit 1 when the claim does not hold.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.generation.kit import PLUGIN, job

from datawell.core.plugins import Component
from datawell.executors.inline import Inline
from datawell.generation.engine import generate
from datawell.generation.job import Job

sys.path.insert(0, str(PLUGIN))

CORPUS = ("exact_duplicates", "near_duplicates")
STORY = ("required_words", "vocabulary", "features", "repetition", "length")
RATIO, MICROSECONDS = 1.3, 150.0


def work(kind: str, folder: Path, rows: int) -> Job:
    changes: dict[str, Any] = {"rows": rows, "shard_size": 1000}
    if kind == "engine":
        return job(folder, checks=(Component("kit_short"),), **changes)
    checks = tuple(Component(name) for name in (*STORY, *CORPUS))
    if kind == "stories":
        parts = {"seeds": "words", "task": "stories"}
        made = job(folder, Component("builtin"), checks=checks, **changes)
        built = {name: Component(use) for name, use in parts.items()}
        return Job(**{**{f: getattr(made, f) for f in made.__dataclass_fields__}, **built})
    task = {"words": 115, "vocabulary": 5000}
    checks = (Component("kit_short"), *checks[len(STORY) :])
    return job(folder, task=task, checks=checks, **changes)


def alone(kind: str, rows: int) -> None:
    """One run in this process; its figures as one line of JSON."""
    with tempfile.TemporaryDirectory() as place:
        done = work(kind, Path(place), rows)
        shop = done.build()
        start = time.process_time()
        generate(done, Inline(), workshop=shop)
        cpu = time.process_time() - start
        summary = done.run.summary()
    figures = {
        "rows": summary.rows,
        "kept": summary.kept,
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        "cpu_seconds": round(cpu, 1),
        "cpu_microseconds_per_row": round(cpu / rows * 1e6, 1),
    }
    print(json.dumps(figures))


def apart(kind: str, rows: int) -> dict[str, Any]:
    command = [sys.executable, __file__, "--alone", kind, "--small", str(rows)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", type=int, default=1_000_000)
    parser.add_argument("--small", type=int, default=50_000)
    parser.add_argument("--stories", action="store_true", help="the shipped task and checks")
    parser.add_argument("--alone", choices=("engine", "lines", "stories"), help="one run, here")
    options = parser.parse_args()
    if options.alone:
        alone(options.alone, options.small)
        return 0
    kind = "stories" if options.stories else "lines"
    engine = apart("engine", options.small)
    small, large = apart(kind, options.small), apart(kind, options.large)
    ratio = large["peak_mb"] / small["peak_mb"]
    holds = ratio <= RATIO and engine["cpu_microseconds_per_row"] <= MICROSECONDS
    report = {
        "claim": f"memory ratio at most {RATIO}, engine at most {MICROSECONDS} microseconds a row",
        "holds": holds,
        "memory_ratio": round(ratio, 3),
        "engine_alone": engine,
        "task": kind,
        "small": small,
        "large": large,
    }
    print(json.dumps(report, indent=2))
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
