"""Students that differ in some settings, trained on the same stories for the same CPU-seconds.

Used by the benchmarks that compare ways of training; writes nothing by itself.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.student_stories import write_stories

from datawell.student.llama import LlamaStudent
from datawell.student.settings import Settings

Arms = Mapping[str, Mapping[str, Any]]


def train(data: Path, place: Path, name: str, **settings: Any) -> dict[str, Any]:
    """One training, and what its last evaluation point says."""
    student = LlamaStudent(Settings(threads=1, **settings))
    student.train(data, place, lambda m: print(m.line(), file=sys.stderr))
    found = json.loads((place / "training.json").read_text())
    last = found["curve"][-1]
    return {
        "arm": name,
        "seed": found["settings"]["seed"],
        "seconds": found["seconds"],
        "tokens": found["tokens"],
        "tokens_per_second": found["tokens_per_second"],
        "bits_per_byte": last["bits_per_byte"],
        "probes": last["probes"],
    }


def compare(arms: Arms, purpose: str | None) -> tuple[list[dict[str, Any]], int]:
    """Read the command line, train every arm with every seed; the runs, and how many seeds."""
    parser = argparse.ArgumentParser(
        description=purpose, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path)
    parser.add_argument("--minutes", type=float, default=200 / 60)
    parser.add_argument("--seeds", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        data = given.data or place / "stories.jsonl"
        if given.data is None:
            write_stories(data, 20_000)
        runs = [
            train(data, place / f"{at}-{seed}", arm, minutes=given.minutes, seed=seed, **settings)
            for seed in range(given.seeds)
            for at, (arm, settings) in enumerate(arms.items())
        ]
    return runs, given.seeds
