"""Tutoring over real problems: how many become dialogues, and are they what was planned?

    python benchmarks/tutoring_gsm8k.py train.jsonl [--every 1] [--generated 2000] [--json OUT]

Every problem of the file, and some of our own, is planned, voiced by the built-in teacher and put
before the row checks of the shipped recipe. Then a recount reads the turns again. It shares no code
with the generator, the checks or ``core.numbers``: its own scanner, its own evaluator.

Bars: at least 95 % of the file's problems accepted, every other row with a reason, no wrong or
unreadable equation by the tutor, no dialogue in which the tutor says the final answer before the
learner, no error by the learner but the planned one.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from random import Random
from typing import Any

from datawell.core.errors import RowError
from datawell.core.plugins import load
from datawell.core.randomness import stream
from datawell.core.records import Lineage, Message, Plan, Record, Turn
from datawell.seeds.problems import ProblemSeeds
from datawell.tasks.tutoring import Tutoring

CHECKS = (
    "roles",
    "arithmetic",
    "misconception",
    "answer_leakage",
    "ending",
    "repetition",
    "length",
)
SIGNS = {"+": "+", "-": "-", "−": "-", "*": "*", "×": "*", "x": "*", "/": "/", "÷": "/"}
RANK = {"+": 1, "-": 1, "*": 2, "/": 2, "(": 0}
DIGITS = "0123456789"
WORDS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
    "twenty",
)  # fmt: skip
ROUND = ("thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety", "hundred")
NUMBER_WORDS = {word: Fraction(i) for i, word in enumerate(WORDS)} | {
    word: Fraction(10 * i) for i, word in enumerate(ROUND, start=3)
}


# --- the recount: a scanner and an evaluator of its own ------------------------------------------


def scan(text: str) -> list[tuple[str, str]]:
    """Pieces of a text by kind: n(umber), s(ign or bracket), =, w(ord), and ? for the rest."""
    pieces: list[tuple[str, str]] = []
    i = 0
    while i < len(text):
        c = text[i]
        j = i + 1
        if c in DIGITS or (c == "." and j < len(text) and text[j] in DIGITS):
            while j < len(text) and (
                text[j] in DIGITS
                or (text[j] in ".," and text[j + 1 : j + 2] and text[j + 1] in DIGITS)
            ):
                j += 1
            pieces.append(("n", text[i:j].replace(",", "")))
        elif c.isalpha():
            while j < len(text) and (text[j].isalpha() or text[j] in "'’"):
                j += 1
            word = text[i:j]
            between = word == "x" and pieces and (pieces[-1][0] == "n" or pieces[-1][1] == ")")
            pieces.append(("s", "*") if between else ("w", word.lower()))
        elif c == "%" and pieces and pieces[-1][0] == "n":
            pieces[-1] = ("n", str(Fraction(pieces[-1][1]) / 100))
        elif c == "=":
            pieces.append(("=", c))
        elif c in SIGNS or c in "()":
            pieces.append(("s", SIGNS.get(c, c)))
        elif not c.isspace() and c != "$":
            pieces.append(("?", c))
        i = j
    return pieces


def work_out(pieces: Sequence[tuple[str, str]]) -> Fraction | None:
    """The value of a calculation by two stacks (Dijkstra's shunting yard); None if it is none."""
    values: list[Fraction] = []
    waiting: list[str] = []
    expects_number = True
    for kind, piece in pieces:
        if expects_number and kind == "n":
            values.append(Fraction(piece))
            expects_number = False
        elif expects_number and piece in "(-":  # a minus sign here stands before a number
            values += [Fraction(0)] if piece == "-" else []
            waiting.append(piece)
        elif not expects_number and piece == ")":
            if not unwind(values, waiting, 1) or not waiting:
                return None
            waiting.pop()
        elif not expects_number and kind == "s" and piece != "(":
            if not unwind(values, waiting, RANK[piece]):
                return None
            waiting.append(piece)
            expects_number = True
        else:
            return None
    done = not expects_number and unwind(values, waiting, 1) and not waiting
    return values[0] if done and len(values) == 1 else None


def unwind(values: list[Fraction], waiting: list[str], rank: int) -> bool:
    """Apply the waiting signs of at least ``rank``; False when that is not possible."""
    while waiting and RANK[waiting[-1]] >= rank:
        sign = waiting.pop()
        if len(values) < 2:
            return False
        b, a = values.pop(), values.pop()
        if sign == "/":
            if b == 0:
                return False
            b, sign = 1 / b, "*"
        values.append(a * b if sign == "*" else a + b if sign == "+" else a - b)
    return True


def recount(text: str) -> Iterator[tuple[Fraction | None, Fraction | None]]:
    """Both sides of every equation of a text; None for a side that is no calculation."""
    pieces = scan(text)
    for at, (kind, _) in enumerate(pieces):
        if kind == "=":
            first = at
            while first and pieces[first - 1][0] in "ns":
                first -= 1
            end = at + 1
            while end < len(pieces) and pieces[end][0] in "ns":
                end += 1
            yield work_out(pieces[first:at]), work_out(pieces[at + 1 : end])


def said(text: str) -> set[Fraction]:
    """Every number a text says, in digits or in words."""
    found = set()
    pieces = scan(text)
    for at, (kind, piece) in enumerate(pieces):
        if kind == "n":
            subtracts = at > 1 and (pieces[at - 2][0] == "n" or pieces[at - 2][1] == ")")
            negative = at > 0 and pieces[at - 1][1] == "-" and not subtracts
            found.add(-Fraction(piece) if negative else Fraction(piece))
        elif kind == "w" and piece in NUMBER_WORDS:
            found.add(NUMBER_WORDS[piece])
    return found


# --- what a dialogue must be ---------------------------------------------------------------------


def faults(plan: Plan, turns: Sequence[Turn]) -> Iterator[str]:
    """What is wrong with a dialogue, as the recount sees it."""
    answer = work_out(scan(plan["answer"]))
    misconception = plan["misconception"]
    planned = {
        (work_out(scan(line["left"])), work_out(scan(line["value"])))
        for line in misconception["equations"]
        if not line["true"]
    }
    learner = [turn.text for turn in turns if turn.role == "learner"]
    if not {
        work_out(scan(misconception[key])) for key in ("wrong_value", "wrong_answer")
    } <= _shown(learner[0]):
        yield "planned error not shown"
    if answer not in _shown(learner[-1]):
        yield "answer not reached"
    for turn in turns:
        for left, right in recount(turn.text):
            if left is None or right is None:
                yield f"unreadable equation by the {turn.role}"
            elif left != right and turn.role == "tutor":
                yield "wrong equation by the tutor"
            elif left != right and (left, right) not in planned:
                yield "unplanned error by the learner"
    # The learner answers in its last turn; every tutor turn before that must be silent on it.
    for turn in turns[: max(i for i, t in enumerate(turns) if t.role == "learner")]:
        if turn.role == "tutor" and answer in said(turn.text):
            yield "tutor says the answer first"


def _shown(text: str) -> set[Fraction]:
    """The numbers of a text and the values of its fractions."""
    pieces = scan(text)
    fractions = (work_out(pieces[i : i + 3]) for i in range(len(pieces) - 2))
    return said(text) | {value for value in fractions if value is not None}


class Scene:
    """The built-in teacher for both roles, without a run folder."""

    def __init__(self, row: int) -> None:
        self._row, self._turn = row, 0

    async def ask(  # noqa: D102
        self,
        role: str,
        messages: Sequence[Message],
        voice: Callable[[Random], str],
        *,
        schema: Mapping[str, Any] | None = None,
    ) -> str:
        self._turn += 1
        return voice(stream(0, "voice", self._row, role, self._turn))


def measure(source: ProblemSeeds, rows: Sequence[int]) -> dict[str, Any]:
    """Plan, voice, check and recount the problems ``rows`` of a source."""
    task = Tutoring(Tutoring.Params())
    checks = [cls(cls.Params()) for cls in (load("checks", name) for name in CHECKS)]
    dropped: Counter[str] = Counter()
    found: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    lengths: Counter[int] = Counter()
    accepted = equations = 0
    start = time.process_time()
    for row in rows:
        try:
            seed = source.seed(row)
            plan = task.plan(seed, stream(0, "plan", row))
            draft = asyncio.run(task.voice(plan, Scene(row)))
        except RowError as error:
            dropped[f"{error.stage}: {error.reason}"] += 1
            continue
        lineage = Lineage("benchmark", "tutoring", row, seed.id, seed.source)
        record = Record(str(row), draft.text, plan, lineage, draft.prompt, draft.turns, draft.views)
        verdict = next((v for v in (c.examine(record) for c in checks) if not v.keep), None)
        if verdict is not None:
            dropped[f"{verdict.check}: {verdict.reason}"] += 1
            continue
        accepted += 1
        found.update(set(faults(plan, draft.turns)))
        equations += sum(1 for t in draft.turns if t.role == "tutor" for _ in recount(t.text))
        kinds[plan["misconception"]["id"]] += 1
        lengths[len(draft.turns)] += 1
    return {
        "problems": len(rows),
        "accepted": accepted,
        "accepted_share": round(accepted / len(rows), 4),
        "dropped": dict(dropped.most_common()),
        "recount_faults": dict(found.most_common()),
        "tutor_equations_recounted": equations,
        "misconceptions": dict(kinds.most_common()),
        "turns": {str(k): lengths[k] for k in sorted(lengths)},
        "cpu_seconds": round(time.process_time() - start, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("file", help="problems in GSM8K's form, one JSON object a line")
    parser.add_argument("--every", type=int, default=1, help="take every nth problem only")
    parser.add_argument("--generated", type=int, default=2000, help="problems of our own")
    parser.add_argument("--json", help="write the figures to this file")
    args = parser.parse_args()
    real = ProblemSeeds(ProblemSeeds.Params(path=args.file), 0)
    own = ProblemSeeds(ProblemSeeds.Params(), 0)
    figures = {
        "file": measure(real, range(0, real.size or 0, args.every)),
        "generated": measure(own, range(args.generated)),
    }
    bars = {
        "accepted_share >= 0.95": figures["file"]["accepted_share"] >= 0.95,
        "no fault in the recount": not any(f["recount_faults"] for f in figures.values()),
    }
    text = json.dumps({**figures, "bars": bars}, indent=2)
    if args.json:
        with open(args.json, "w", encoding="utf-8") as out:
            out.write(text + "\n")
    print(text)
    raise SystemExit(0 if all(bars.values()) else 1)


if __name__ == "__main__":
    main()
