"""What calls came to: by role and stage, by row, and in time."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datawell.core.ledger import Intent, Ledger, LedgerReader
from datawell.core.spending import Bill, time_in_flight


async def _calls(ledger: Ledger) -> None:
    async def ask(key: str, row: int, role: str, reserved: int | None) -> int:
        return await ledger.intend(Intent(key, row, role, "m", "{}", reserved))

    settled = await ask("a", 0, "writer", 100)
    await ledger.answered(settled, "body")
    ledger.settle(settled, 30, 5, 7)
    unread = await ask("b", 1, "writer", 100)
    await ledger.answered(unread, "body")
    failed = await ask("c", 1, "writer", 100)
    await ledger.failed(failed, "timeout", 100)
    free = await ask("d", 1, "writer", 100)
    await ledger.rejected(free, "no")
    judged = await ask("e", 1, "judge@grades", 50)
    await ledger.answered(judged, "body")
    ledger.settle(judged, 20, 3, 4)
    unpriced = await ask("f", 3, "judge@grades", None)
    await ledger.answered(unpriced, "body")
    ledger.settle(unpriced, None, 3, 4)
    await ask("g", 3, "writer", 100)


@pytest.fixture
def ledger(tmp_path: Path) -> LedgerReader:
    with Ledger(tmp_path / "run.db") as ledger:
        asyncio.run(_calls(ledger))
    return LedgerReader(tmp_path / "run.db")


def test_money_is_told_by_role_and_stage(ledger: LedgerReader) -> None:
    with ledger:
        judge, writer = ledger.spending()
    assert (judge.role, judge.stage, writer.role, writer.stage) == (
        "judge",
        "grades",
        "writer",
        "voice",
    )
    assert (writer.calls, writer.answers, writer.answered) == (5, 2, 130)
    assert (writer.lost, writer.uncertain, writer.spent) == (100, 100, 230)
    assert (judge.answers, judge.unpriced, judge.answered) == (2, 1, 20)
    assert judge.spent is None  # unknown, never zero
    assert (judge.input_tokens, judge.output_tokens) == (6, 8)


def test_parts_add_up_to_the_totals(ledger: LedgerReader) -> None:
    with ledger:
        totals, parts, bills = ledger.totals(), ledger.spending(), list(ledger.bills())
    assert sum(part.calls for part in parts) == sum(b.calls for b in bills) == totals.calls
    assert sum(part.answered + part.lost for part in parts) == totals.spent
    assert sum(bill.booked for bill in bills) == totals.booked
    assert sum(bill.answered for bill in bills) == sum(part.answered for part in parts)


def test_bills_come_in_the_order_of_rows(ledger: LedgerReader) -> None:
    with ledger:
        bills = list(ledger.bills())
    assert [(bill.row, bill.asked) for bill in bills] == [
        (0, "writer"),
        (1, "judge@grades"),
        (1, "writer"),
        (3, "judge@grades"),
        (3, "writer"),
    ]
    one = bills[2]
    assert isinstance(one, Bill)
    assert (one.calls, one.answered, one.booked) == (3, 100, 200)
    assert bills[3].unpriced == 1


flights = st.lists(
    st.tuples(st.integers(0, 50), st.integers(0, 10)).map(lambda t: (t[0], t[0] + t[1])),
    max_size=12,
)


@given(flights)
def test_time_in_flight_is_the_length_of_the_union(spans: list[tuple[int, int]]) -> None:
    seconds = {second for sent, ended in spans for second in range(sent, ended)}
    assert time_in_flight(sorted(spans)) == len(seconds)
