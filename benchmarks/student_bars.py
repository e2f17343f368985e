"""Claim: a student of 1M parameters learns the built-in stories in 200 CPU-seconds.

python benchmarks/student_bars.py [--stories 20000] [--minutes 3.3333] [--out FOLDER]

Held-out minimal pairs (a tie is wrong): agreement >= .98, object and pronoun >= .95, name >= .85;
every generated word inside the vocabulary; no exact copy; 8-grams shared with training at most the
teacher's own plus 10 points; training at >= 50 % of the measured fp32 matrix-product rate.
JSON to stdout; exit 1 when a bar is missed.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.student_stories import write_stories

from datawell.student.llama import LlamaStudent
from datawell.student.settings import Settings

PAIRS = {"agreement": 0.98, "object": 0.95, "pronoun": 0.95, "name": 0.85}


def figures(folder: Path) -> dict[str, Any]:
    training = json.loads((folder / "training.json").read_text())
    found = json.loads((folder / "evaluation.json").read_text())
    student, teacher = found["overlap"]["student"], found["overlap"]["held_out"]
    pairs = {kind: found["minimal_pairs"][kind] for kind in PAIRS}
    return {
        "seconds": training["seconds"],
        "tokens": training["tokens"],
        "tokens_per_second": training["tokens_per_second"],
        "machine": training["machine"],
        "share_of_peak": training["share_of_peak"],
        "bits_per_byte": found["bits_per_byte"]["held_out"]["value"],
        "pairs": {
            k: {key: v[key] for key in ("score", "low", "high", "n")} for k, v in pairs.items()
        },
        "in_lexicon": found["vocabulary"]["in_lexicon"],
        "exact_copies": student["exact_copies"],
        "eight_grams": {"student": student["eight_grams"], "teacher": teacher["eight_grams"]},
        "curve": [
            {k: p[k] for k in ("seconds", "tokens", "bits_per_byte", "probes")}
            for p in training["curve"]
        ],
    }


def bars(found: dict[str, Any]) -> dict[str, bool]:
    shared = found["eight_grams"]
    kept = {
        "seconds": found["seconds"] <= 201,
        "in_lexicon": found["in_lexicon"] == 1.0,
        "exact_copies": found["exact_copies"] == 0,
        "eight_grams": shared["student"] <= shared["teacher"] + 0.10,
        "share_of_peak": found["share_of_peak"] >= 0.5,
    }
    return kept | {k: (found["pairs"][k]["score"] or 0.0) >= least for k, least in PAIRS.items()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stories", type=int, default=20_000)
    parser.add_argument("--minutes", type=float, default=200 / 60)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = given.out or Path(place) / "student"
        data = Path(place) / "stories.jsonl"
        write_stories(data, given.stories)
        student = LlamaStudent(Settings(preset="1m", minutes=given.minutes))
        student.train(data, folder, lambda m: print(m.line(), file=sys.stderr))
        student.evaluate(folder, data)
        found = figures(folder)
    held = bars(found)
    print(json.dumps({**found, "held": held}, indent=1))
    return 0 if all(held.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
