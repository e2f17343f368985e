"""Claim: at equal CPU time Muon teaches a small student more than AdamW alone.

python benchmarks/student_muon.py [--data FILE] [--minutes 3.3333] [--seeds 1]

Both train the same model on the same data with the same budget in CPU-seconds of training; AdamW
with and without a lower learning rate, so that the rival has its chance. Without ``--data`` 20,000
built-in stories are written first. JSON to stdout: bits per byte on held-out stories, tokens read,
and probe scores; exit 1 when Muon's mean bits per byte is not lower than that of the best AdamW.
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

RIVALS: dict[str, dict[str, Any]] = {
    "muon": {"optimizer": "muon"},
    "adamw": {"optimizer": "adamw", "learning_rate": 4e-3},
    "adamw, half the rate": {"optimizer": "adamw", "learning_rate": 2e-3},
}


def run(data: Path, place: Path, minutes: float, seed: int, rival: str) -> dict[str, Any]:
    settings = Settings(minutes=minutes, seed=seed, threads=1, **RIVALS[rival])
    folder = place / f"{rival}-{seed}"
    LlamaStudent(settings).train(data, folder, lambda m: print(m.line(), file=sys.stderr))
    found = json.loads((folder / "training.json").read_text())
    last = found["curve"][-1]
    return {
        "rival": rival,
        "seed": seed,
        "seconds": found["seconds"],
        "tokens": found["tokens"],
        "tokens_per_second": found["tokens_per_second"],
        "bits_per_byte": last["bits_per_byte"],
        "probes": last["probes"],
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--minutes", type=float, default=200 / 60)
    parser.add_argument("--seeds", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        data = given.data or place / "stories.jsonl"
        if given.data is None:
            write_stories(data, 20_000)
        runs = [
            run(data, place, given.minutes, seed, rival)
            for seed in range(given.seeds)
            for rival in RIVALS
        ]
    means = {
        rival: sum(r["bits_per_byte"] for r in runs if r["rival"] == rival) / given.seeds
        for rival in RIVALS
    }
    print(json.dumps({"bits_per_byte": means, "runs": runs}, indent=1))
    return 0 if means["muon"] < min(v for k, v in means.items() if k != "muon") else 1


if __name__ == "__main__":
    sys.exit(main())
