"""Claim: attention that copies from the start, and more weight for what the text has told, let a
student of minutes keep track of who and what a story is about.

python benchmarks/student_copying.py [--data FILE] [--minutes 3.3333] [--seeds 1]

Four students, each of the two switched on and off, on the same stories for the same CPU-seconds of
training. Without ``--data`` 20,000 built-in stories are written first. JSON to stdout: probe scores
and bits per byte on held-out stories; exit 1 when both together do not lead each other arm in the
mean of the object, pronoun and name probes.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.student_arms import Arms, compare

ARMS: Arms = {
    "both": {},
    "copying": {"emphasis": 0.0},
    "emphasis": {"copying": 0.0},
    "neither": {"copying": 0.0, "emphasis": 0.0},
}
ENTITIES = ("object", "pronoun", "name")


def main() -> int:
    runs, seeds = compare(ARMS, __doc__)
    means = {
        arm: sum(r["probes"][k]["score"] for r in runs if r["arm"] == arm for k in ENTITIES)
        / (len(ENTITIES) * seeds)
        for arm in ARMS
    }
    print(json.dumps({"entities": means, "runs": runs}, indent=1))
    return 0 if means["both"] > max(v for k, v in means.items() if k != "both") else 1


if __name__ == "__main__":
    sys.exit(main())
