"""Forecasts of a run: from its plans alone, or from rows that are made.

From plans nothing is known of a model, so the range is a stated one: every prompt that would be
sent is counted, answers are taken to have from one token to the most they may. From rows that were
made (a pilot's, or the run's own) it is a 95 % prediction interval.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from datawell.core.budget import NANO
from datawell.core.casting import role_of
from datawell.core.foretold import NOTHING, Range, share_total, total
from datawell.core.ledger import LedgerReader
from datawell.core.plugins import build
from datawell.core.rundir import RunFolder
from datawell.core.spending import Bill
from datawell.generation.calls import CALL_OVERHEAD, MESSAGE_OVERHEAD
from datawell.generation.job import LEAST_IN_FLIGHT, Settings
from datawell.pipeline.begin import make_job
from datawell.pipeline.estimate import NO_NEEDS, Estimate, Needs
from datawell.pipeline.plan import Blueprint
from datawell.pipeline.rehearsal import Asked, Rehearsal, rehearse
from datawell.teachers.base import Teacher

SAMPLE_ROWS = 20
MOST_ROWS = 1000  # finished rows that are looked at; more would say no more
# English has near four bytes a token in every common tokenizer, other scripts as few as two.
BYTES_PER_TOKEN = (6.0, 4.0, 2.0)
# What an endpoint may take for a call: seconds before the answer, and tokens of it a second.
WAIT = (0.1, 1.0, 10.0)
PACE = (300.0, 50.0, 5.0)


def from_plans(plan: Blueprint, folder: RunFolder) -> Estimate:
    """Estimate a run from a sample of its plans, put into words by the built-in teacher."""
    sample = min(SAMPLE_ROWS, plan.rows)
    seen = rehearse(make_job(folder, plan), sample)
    teachers = _teachers(plan)
    paid = {role: teacher for role, teacher in teachers.items() if not teacher.recomputable}
    by_seat = _by_seat(plan, seen, paid)
    by_role: dict[str, Needs] = {}
    for seat, needs in by_seat.items():
        by_role[role_of(seat)] = by_role.get(role_of(seat), NO_NEEDS) + needs
    method = f"from {sample} rows made here: 95 % prediction intervals"
    if paid:
        few, _, many = BYTES_PER_TOKEN
        method = (
            f"a stated range from {sample} plans, without one answer of a model: prompts at"
            f" {many:g} to {few:g} bytes a token, answers from one token to the most allowed (the"
            " likely one as long as the built-in teacher's), each asked once, at most"
            f" {Settings().attempts} times, at {PACE[2]:g} to {PACE[0]:g} tokens a second;"
            " --pilot narrows it"
        )
    return _estimate(
        plan,
        teachers,
        by_role,
        kept=Range(0, None, plan.rows) if paid else share_total(seen.kept, sample, plan.rows),
        seconds=_stated_time(by_seat, paid) if paid else None,
        cpu_seconds=None if paid or sample < 2 else total(seen.cpu_seconds, plan.rows),
        method=method,
        sample=sample,
        unplannable=seen.unplannable,
    )


def from_rows(plan: Blueprint, folder: RunFolder) -> Estimate | None:
    """Estimate a run from the rows that are made; None when there are fewer than two."""
    if not folder.begun():
        return None
    kept = {row.row: row.kept for row in islice(folder.rows(), MOST_ROWS) if row.row < plan.rows}
    if len(kept) < 2:
        return None
    summary, teachers = folder.summary(), _teachers(plan)
    with LedgerReader(folder.db) as ledger:
        bills = [bill for bill in ledger.bills() if bill.row in kept or bill.row < 0]
    paid = {role: teacher for role, teacher in teachers.items() if not teacher.recomputable}
    found = _estimate(
        plan,
        teachers,
        {
            role: _measured(bills, role, list(kept), plan.rows)
            for role in dict.fromkeys(map(role_of, paid))
        },
        kept=share_total(sum(kept.values()), len(kept), plan.rows),
        seconds=_measured_time(bills, list(kept), plan, paid, summary.seconds) if paid else None,
        cpu_seconds=None,
        method=f"from the first {len(kept)} rows, which are made: 95 % prediction intervals"
        " (Student's t, Wilson), with room above for what befalls 3 rows in n",
        sample=len(kept),
        unplannable=0,
    )
    return replace(found, made=summary.rows, spent_usd=summary.spent_usd)


def _estimate(
    plan: Blueprint, teachers: Mapping[str, Teacher], by_role: Mapping[str, Needs], **known: Any
) -> Estimate:
    needs = NO_NEEDS
    for own in by_role.values():
        needs += own
    return Estimate(
        name=plan.recipe.name,
        rows=plan.rows,
        made=0,
        seeds=plan.seeds.size,
        teachers={role: teacher.model for role, teacher in teachers.items()},
        needs=needs,
        by_role=by_role,
        spent_usd=0.0,
        budget_usd=plan.recipe.budget.usd if plan.recipe.budget else None,
        **known,
    )


def _teachers(plan: Blueprint) -> dict[str, Teacher]:
    return {role: build("teachers", part) for role, part in plan.teachers.items()}


# -- from plans -----------------------------------------------------------------------------


def _by_seat(plan: Blueprint, seen: Rehearsal, paid: Mapping[str, Teacher]) -> dict[str, Needs]:
    """What each paid teacher would take. Who only steps in for another is likely not asked at all,
    and at most for all that the other is."""
    found: dict[str, Needs] = {}
    for part in (part for casting in plan.castings.values() for part in casting):
        first = part.seats[0]
        rows = [row.get(first, Asked()) for row in seen.rows]
        for seat in part.seats:
            if seat in paid:
                needs = _stated(rows, seen.once.get(first), paid[seat], plan)
                found[seat] = needs if seat == first else needs.at_most()
    return found


def _stated(rows: Sequence[Asked], once: Asked | None, teacher: Teacher, plan: Blueprint) -> Needs:
    """What one role would take, from the prompts of some rows and the bounds of an answer."""
    extra = once or Asked()

    def counted(name: str) -> Range:
        more = getattr(extra, name)
        return total([getattr(row, name) for row in rows], plan.rows) + Range(more, more, more)

    calls, read, said = counted("calls"), counted("bytes_in"), counted("bytes_out")
    few, usual, many = BYTES_PER_TOKEN
    tries = Settings().attempts
    around = CALL_OVERHEAD * calls.high + MESSAGE_OVERHEAD * counted("messages").high
    read_likely, said_likely = (read.likely or 0.0) / usual, (said.likely or 0.0) / usual
    tokens_in = Range(read.low / few, read_likely, tries * (read.high / many + around))
    most = calls.high * teacher.max_output_tokens
    tokens_out = Range(calls.low, min(said_likely, most), tries * most)
    return Needs(
        Range(calls.low, calls.likely, tries * calls.high),
        tokens_in,
        tokens_out,
        _priced(teacher, tokens_in, tokens_out),
    )


def _priced(teacher: Teacher, read: Range, said: Range) -> Range | None:
    price = teacher.price
    if price is None:
        return None

    def dollars(tokens_in: float, tokens_out: float) -> float:
        return price.nano(round(tokens_in), round(tokens_out)) / NANO

    likely = dollars(read.likely or 0.0, said.likely or 0.0)
    return Range(dollars(read.low, said.low), likely, dollars(read.high, said.high))


def _stated_time(by_seat: Mapping[str, Needs], paid: Mapping[str, Teacher]) -> Range:
    """Seconds, were all that may be in flight always in flight; one teacher after the other."""
    found = NOTHING
    for seat, needs in by_seat.items():
        teacher, calls, said = paid[seat], needs.calls, needs.output_tokens
        ends = [
            (calls.low, said.low),
            (calls.likely or 0.0, said.likely or 0.0),
            (calls.high, said.high),
        ]
        waits = [n * w + t / p for (n, t), w, p in zip(ends, WAIT, PACE, strict=True)]
        own = Range(*waits).times(1 / _flying(teacher))
        found += own.at_least(_paced(teacher, calls.low))
    return found


def _flying(teacher: Teacher) -> int:
    """How many calls to a teacher can be under way at once."""
    return int(getattr(teacher, "concurrency", LEAST_IN_FLIGHT))


def _paced(teacher: Teacher, calls: float) -> float:
    """The seconds that so many calls take at least, by the teacher's own pace a minute."""
    pace = getattr(getattr(teacher, "params", None), "requests_per_minute", None)
    return calls * 60 / pace if pace else 0.0


# -- from rows ------------------------------------------------------------------------------


def _measured(bills: Sequence[Bill], role: str, ids: Sequence[int], rows: int) -> Needs:
    """What one role would take, from the bills of some rows; rows below zero come once a run."""
    columns: dict[str, dict[int, float]] = defaultdict(dict)
    fixed: dict[str, float] = defaultdict(float)
    unpriced = reserved = 0
    for bill in bills:
        if bill.asked.partition("@")[0] != role:
            continue
        unpriced += bill.unpriced
        reserved = max(reserved, bill.reserved)
        for name in ("calls", "input_tokens", "output_tokens", "booked"):
            amount = getattr(bill, name)
            if bill.row < 0:
                fixed[name] += amount
            else:
                columns[name][bill.row] = columns[name].get(bill.row, 0) + amount

    def counted(name: str, mishap: float = 0.0) -> Range:
        told = total([columns[name].get(row, 0) for row in ids], rows, mishap)
        return told + Range(fixed[name], fixed[name], fixed[name])

    usd = None if unpriced else counted("booked", reserved).times(1 / NANO)
    return Needs(counted("calls"), counted("input_tokens"), counted("output_tokens"), usd)


def _measured_time(
    bills: Sequence[Bill],
    ids: Sequence[int],
    plan: Blueprint,
    paid: Mapping[str, Teacher],
    passed: float,
) -> Range:
    """Seconds with calls under way: ``passed`` so far, and for the rows to come from as many in
    flight as there can be to as few as there were."""
    by_row: dict[int, float] = defaultdict(float)
    for bill in bills:
        by_row[bill.row] += bill.seconds
    told = total([by_row.get(row, 0.0) for row in ids], plan.rows)
    known = sum(by_row.get(row, 0.0) for row in ids)
    most = max(_flying(teacher) for teacher in paid.values())
    were = sum(by_row.values()) / passed if passed > 0 else 1.0
    least = min(most, len(ids), max(1.0, were))  # a row asks one call after another
    likely = ((told.likely or 0.0) - known) / (most * least) ** 0.5
    rest = Range((told.low - known) / most, likely, (told.high - known) / least)
    rows = plan.rows - len(ids)
    asked: dict[str, int] = defaultdict(int)
    for bill in bills:
        asked[bill.asked.partition("@")[0]] += bill.calls if bill.row >= 0 else 0
    floors = (_paced(t, asked[role_of(seat)] / len(ids) * rows) for seat, t in paid.items())
    return rest.at_least(max(floors, default=0.0)) + Range(passed, passed, passed)
