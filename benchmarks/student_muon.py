"""Claim: at equal CPU time Muon teaches a small student more than AdamW alone.

python benchmarks/student_muon.py [--data FILE] [--minutes 3.3333] [--seeds 1]

Both train the same model on the same data with the same budget in CPU-seconds of training; AdamW
with and without a lower learning rate, so that the rival has its chance. Without ``--data`` 20,000
built-in stories are written first. JSON to stdout: bits per byte on held-out stories, tokens read,
and probe scores; exit 1 when Muon's mean bits per byte is not lower than that of the best AdamW.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.student_arms import Arms, compare

RIVALS: Arms = {
    "muon": {"optimizer": "muon"},
    "adamw": {"optimizer": "adamw", "learning_rate": 4e-3},
    "adamw, half the rate": {"optimizer": "adamw", "learning_rate": 2e-3},
}


def main() -> int:
    runs, seeds = compare(RIVALS, __doc__)
    means = {
        rival: sum(r["bits_per_byte"] for r in runs if r["arm"] == rival) / seeds
        for rival in RIVALS
    }
    print(json.dumps({"bits_per_byte": means, "runs": runs}, indent=1))
    return 0 if means["muon"] < min(v for k, v in means.items() if k != "muon") else 1


if __name__ == "__main__":
    sys.exit(main())
