"""How many right solutions the arithmetic check flags, and how many planted digit errors it finds.

    python benchmarks/arithmetic_check.py GSM8K_TRAIN.jsonl > result.json

The file has rows with ``answer`` in GSM8K's form: prose with ``<<48/2=24>>`` calculator marks and a
``####`` line, both stripped before the check reads the text. False alarms: the share of solutions
as they are with at least one equation called false. Recall: in each solution one calculator step is
drawn at random among those whose result stands in the visible text right after ``=``, one random
digit of that result is changed to another (never to a leading zero), and the error counts as caught
when an equation that holds the changed number is called false.
"""

from __future__ import annotations

import json
import math
import re
import sys
import time
from pathlib import Path
from random import Random
from typing import Any

from datawell.checks.arithmetic import Arithmetic
from datawell.core.records import Lineage, Record, Verdict

_MARK = re.compile(r"<<[^<>]*>>")
_STEP = re.compile(r"=\s*[$£€]?\s*<<[^<>]*>>(\d[\d,]*(?:\.\d+)?|\.\d+)")
_LINEAGE = Lineage("benchmark", "gsm8k", 0, "seed", "file")


def wilson(hits: int, total: int) -> list[float]:
    """95 % Wilson score interval."""
    if not total:
        return [0.0, 1.0]
    z, share = 1.959964, hits / total
    middle = share + z * z / (2 * total)
    spread = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    return [round((middle + s * spread) / (1 + z * z / total), 5) for s in (-1, 1)]


def examine(check: Arithmetic, text: str) -> Verdict:
    return check.examine(Record("0", text, {}, _LINEAGE))


def planted(marked: str, random: Random) -> tuple[str, int] | None:
    """The visible text with one digit changed, and where the changed number ends."""
    steps = list(_STEP.finditer(marked))
    if not steps:
        return None
    step = random.choice(steps)
    start, end = step.span(1)
    at = random.choice([i for i in range(start, end) if marked[i].isdigit()])
    leading = at == start and end - start > 1
    digits = [d for d in "0123456789" if d != marked[at] and not (leading and d == "0")]
    changed = marked[:at] + random.choice(digits) + marked[at + 1 :]
    return _MARK.sub("", changed), len(_MARK.sub("", changed[:end]))


def measure(path: Path) -> dict[str, Any]:
    check, random = Arithmetic(Arithmetic.Params()), Random(5)
    lines = path.read_text(encoding="utf-8").splitlines()
    solutions = [json.loads(line)["answer"].split("####")[0] for line in lines if line.strip()]
    start = time.process_time()
    verdicts = [examine(check, _MARK.sub("", solution)) for solution in solutions]
    seconds = time.process_time() - start
    flagged = [i for i, verdict in enumerate(verdicts) if not verdict.keep]
    caught = total = 0
    missed = []
    for solution in solutions:
        error = planted(solution, random)
        if error is None:
            continue
        text, end = error
        spans = examine(check, text).evidence
        hit = any(span.start < end <= span.end for span in spans)
        total, caught = total + 1, caught + hit
        if not hit:
            missed.append(text[max(0, end - 70) : end + 20])
    return {
        "solutions": len(solutions),
        "false_alarms": {
            "flagged": len(flagged),
            "share": len(flagged) / len(solutions),
            "interval_95": wilson(len(flagged), len(solutions)),
            "shown": [verdicts[i].evidence[0].note for i in flagged[:10]],
        },
        "planted_digit_errors": {
            "caught": caught,
            "planted": total,
            "share": caught / total,
            "interval_95": wilson(caught, total),
            "missed_shown": missed[:10],
        },
        "cpu_ms_per_solution": round(1000 * seconds / len(solutions), 3),
    }


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1])), indent=2, ensure_ascii=False))
