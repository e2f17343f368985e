"""Buying answers: each once, within the budget; whatever goes wrong has a place in the books."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datawell.core.budget import NANO, Budget
from datawell.core.errors import (
    AuthenticationRefused,
    BudgetSpent,
    DatawellError,
    ProviderTimeout,
    ProviderUnreachable,
    UsageError,
)
from datawell.core.ledger import Intent, Ledger, LedgerReader
from datawell.core.plugins import Component, build
from datawell.core.records import Message, canonical_json, digest
from datawell.executors.inline import Inline
from datawell.executors.pool import Pool
from datawell.generation.calls import Calls, most_it_costs
from datawell.generation.engine import generate
from datawell.generation.job import Job, Settings, Workshop
from datawell.generation.scene import RowScene
from datawell.teachers.base import Request
from tests.generation.kit import MADE, bytes_of, job, made, paid


def do(job: Job) -> tuple[Any, Workshop, DatawellError | None]:
    """Run; the teacher, whose books are its own, and why the run stopped."""
    shop = job.build()
    try:
        generate(job, Inline(), workshop=shop)
    except DatawellError as error:
        return shop.teachers["writer"], shop, error
    return shop.teachers["writer"], shop, None


def states(job: Job) -> dict[str, int]:
    with LedgerReader(job.run.db) as ledger:
        found = [call["state"] for call in ledger.calls()]
    return {state: found.count(state) for state in sorted(set(found))}


def endings(job: Job) -> dict[int, str]:
    return {row.row: row.reason for row in job.run.rows() if not row.kept}


def test_each_answer_is_bought_once_and_costs_what_it_cost(tmp_path: Path) -> None:
    work = job(tmp_path, paid(), checks=(), task={"calls": 2})
    teacher, _, _ = do(work)
    assert set(teacher.sent.values()) == {1}
    summary = work.run.summary()
    assert (summary.calls, summary.uncertain_calls) == (120, 0)
    assert summary.spent_usd == teacher.billed / NANO
    again, _, _ = do(work)
    assert not again.sent
    assert teacher.closed == 1


def test_a_finished_run_made_anew_for_other_checks_costs_nothing(tmp_path: Path) -> None:
    do(job(tmp_path, paid()))
    teacher, _, error = do(job(tmp_path, paid(), checks=(), checks_fingerprint="c2"))
    assert (dict(teacher.sent), error) == ({}, None)


def test_unreadable_answers_are_paid_and_sampled_anew_up_to_the_limit(tmp_path: Path) -> None:
    work = job(tmp_path, paid(faults={"3": "bad", "4": "bad_once", "5": "length"}), checks=())
    teacher, _, _ = do(work)
    assert endings(work) == {3: "bad_reply", 5: "truncated"}
    assert teacher.sent.total() == 60 + 2 + 1 + 2
    summary = work.run.summary()
    assert summary.calls == 65
    with LedgerReader(work.run.db) as ledger:
        bad = [call for call in ledger.calls() if call["error"]]
    # What cannot be read does not say what it cost: its whole reservation is booked.
    assert sorted(call["row"] for call in bad) == [3, 3, 3, 4]
    assert all(call["cost"] == call["reserved"] for call in bad)
    assert len({row.record.lineage.calls for row in work.run.rows() if row.record}) == 58


def test_attempts_can_be_one(tmp_path: Path) -> None:
    work = job(tmp_path, paid(faults={"4": "bad_once"}), checks=(), settings=Settings(attempts=1))
    do(work)
    assert endings(work) == {4: "bad_reply"}


def test_a_refused_request_drops_its_row_and_is_not_asked_again(tmp_path: Path) -> None:
    work = job(tmp_path, paid(faults={"7": "rejected"}), checks=())
    do(work)
    assert endings(work) == {7: "request_rejected"}
    assert states(work) == {"rejected": 1, "settled": 59}
    teacher, _, _ = do(job(tmp_path, paid(), checks=(), checks_fingerprint="c2"))
    assert not teacher.sent
    assert endings(work) == {7: "request_rejected"}


def test_a_bug_in_a_teacher_drops_the_row_at_full_price(tmp_path: Path) -> None:
    work = job(tmp_path, paid(faults={"7": "crash"}), checks=())
    teacher, _, error = do(work)
    assert error is None
    assert endings(work) == {7: "crashed:RuntimeError"}
    summary = work.run.summary()
    assert summary.spent_usd is not None
    assert summary.spent_usd > teacher.billed / NANO


def test_half_a_surrogate_pair_is_mended(tmp_path: Path) -> None:
    work = job(tmp_path, paid(faults={"7": "surrogate"}), checks=(), rows=9)
    do(work)
    assert [r.text[-1] for r in work.run.kept() if r.lineage.row == 7] == ["\ufffd"]


def test_a_row_that_is_never_answered_falls_and_stops_nobody(tmp_path: Path) -> None:
    few = Settings(concurrency=4)
    work = job(tmp_path, paid(faults={"30": "timeout", "31": "down"}), checks=(), settings=few)
    _, _, error = do(work)
    assert error is None
    assert endings(work) == {30: "provider_timeout", 31: "provider_unreachable"}
    with LedgerReader(work.run.db) as ledger:
        failed = [call for call in ledger.calls() if call["state"] == "failed"]
    # What timed out may have been billed, what was never connected was not.
    assert {(c["row"], c["cost"] == c["reserved"], c["cost"] == 0) for c in failed} == {
        (30, True, False),
        (31, False, True),
    }


@pytest.mark.parametrize("rows", [1, 40])
def test_one_at_a_time_a_row_is_blamed_only_after_others_were_answered(
    tmp_path: Path, rows: int
) -> None:
    one = Settings(concurrency=1)
    work = job(tmp_path, paid(faults={"for 0": "timeout"}), checks=(), settings=one, rows=rows)
    teacher, _, error = do(work)
    if rows == 1:  # nothing shows that the endpoint is well
        assert isinstance(error, ProviderTimeout)
    else:
        assert error is None
        assert endings(work) == {0: "provider_timeout"}
        assert teacher.sent.total() == 41
        assert set(teacher.sent.values()) == {1, 2}


def test_a_dead_endpoint_stops_the_run_and_blames_no_row(tmp_path: Path) -> None:
    few = Settings(concurrency=1)
    work = job(tmp_path, paid(faults={"Line": "down"}), checks=(), settings=few)
    teacher, _, error = do(work)
    assert isinstance(error, ProviderUnreachable)
    assert teacher.sent.total() == 2
    with LedgerReader(work.run.db) as ledger:
        assert not ledger.shards()
    assert made(job(tmp_path, paid(), checks=())).summary().kept == 60


def test_a_teacher_that_does_not_tell_of_its_tries_is_found_out(tmp_path: Path) -> None:
    shop = job(tmp_path, paid(), checks=()).build()
    teacher = shop.teachers["writer"]
    send = teacher.send
    teacher.send = lambda request: send(replace(request, tries=None))  # type: ignore[method-assign]
    generate(job(tmp_path, paid(), checks=()), Inline(), workshop=shop)
    assert set(endings(job(tmp_path)).values()) == {"crashed:RuntimeError"}


def test_a_failing_endpoint_stops_the_run_and_keeps_what_was_bought(tmp_path: Path) -> None:
    fault, kind, booked = "refused", AuthenticationRefused, False
    few = Settings(concurrency=4)
    work = job(tmp_path, paid(faults={"30": fault}), checks=(), settings=few)
    teacher, _, error = do(work)
    assert isinstance(error, kind)
    before = states(work)
    assert before["failed"] == 1
    assert before["settled"] == teacher.sent.total() - 1  # calls in flight were awaited
    with LedgerReader(work.run.db) as ledger:
        (failed,) = [call for call in ledger.calls() if call["state"] == "failed"]
        assert failed["cost"] == (failed["reserved"] if booked else 0)
        assert list(ledger.shards()) == [0]
    healed = job(tmp_path, paid(), checks=(), settings=few)
    again, _, error = do(healed)
    assert error is None
    assert teacher.sent.total() - 1 + again.sent.total() == 60
    other = made(job(tmp_path / "other", paid(), checks=()))
    assert bytes_of(healed.run) == bytes_of(other)


def test_budget_ends_the_run_and_more_continues_it(tmp_path: Path) -> None:
    def work(usd: float | None) -> Job:
        limits = Settings(concurrency=8, budget_usd=usd)
        return job(tmp_path, paid(delay=0.002), checks=(), settings=limits, rows=200)

    billed = 0
    for usd in (0.002, 0.005, 0.011):
        teacher, _, error = do(work(usd))
        billed += teacher.billed
        assert isinstance(error, BudgetSpent)
        assert error.exit_code == 3
        assert billed <= usd * NANO
        assert billed > (usd - 0.002) * NANO  # and it does not stop long before
    teacher, _, error = do(work(None))
    assert error is None
    assert work(None).run.summary().spent_usd == (billed + teacher.billed) / NANO
    assert work(None).run.summary().calls == 200


def test_what_was_in_flight_at_a_crash_counts_against_the_budget_for_good(tmp_path: Path) -> None:
    work = job(tmp_path, paid(), checks=(), settings=Settings(budget_usd=0.01))
    work.run.create()
    with Ledger(work.run.db) as ledger:
        lost = Intent("lost", 0, "writer", "kit-paid", "{}", NANO // 100 - 1)
        asyncio.run(ledger.intend(lost))
    teacher, _, error = do(work)
    assert isinstance(error, BudgetSpent)
    assert not teacher.sent
    summary = work.run.summary()
    assert (summary.uncertain_calls, summary.spent_usd) == (1, 0.0)
    assert summary.uncertain_usd == pytest.approx(0.01)


def test_an_answer_not_yet_read_at_a_crash_is_read_and_booked_on_resuming(tmp_path: Path) -> None:
    do(job(tmp_path, paid(), checks=()))
    before = job(tmp_path).run.summary()
    with closing(sqlite3.connect(tmp_path / "run.db")) as connection, connection:
        connection.execute(
            "UPDATE calls SET state = 'answered', cost = NULL, input_tokens = NULL,"
            " output_tokens = NULL WHERE row % 2"
        )
    assert job(tmp_path).run.summary().spent_usd != before.spent_usd
    again = job(tmp_path, paid(), checks=(), checks_fingerprint="c2")
    said: list[float | None] = []
    generate(again, Inline(), lambda p: said.append(p.spent_usd))
    after = again.run.summary()
    assert (after.spent_usd, after.output_tokens) == (before.spent_usd, before.output_tokens)
    assert said[-1] == before.spent_usd
    assert states(again) == {"settled": 60}


def test_a_missing_key_stops_the_run_and_costs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KIT_NO_SUCH_KEY", raising=False)
    asked = {"base_url": "http://127.0.0.1:9/v1", "model": "m", "key_env": "KIT_NO_SUCH_KEY"}
    work = job(tmp_path, Component("openai", {**asked, "price": {"input": 1, "output": 1}}))
    with pytest.raises(UsageError, match="KIT_NO_SUCH_KEY"):
        made(work)
    assert states(work) == {}  # nothing was sent
    assert work.run.summary().spent_usd == 0.0


def test_no_usage_books_the_whole_reservation(tmp_path: Path) -> None:
    work = job(tmp_path, paid(usage=False), checks=(), rows=5)
    do(work)
    with LedgerReader(work.run.db) as ledger:
        assert all(call["cost"] == call["reserved"] for call in ledger.calls())


def test_unknown_price_is_unknown_cost_and_refuses_a_budget(tmp_path: Path) -> None:
    work = job(tmp_path, paid(price=None), checks=(), rows=5)
    do(work)
    assert work.run.summary().spent_usd is None
    limited = Settings(budget_usd=1.0)
    _, _, error = do(job(tmp_path / "b", paid(price=None), settings=limited))
    assert isinstance(error, UsageError)
    assert "price" in error.hint
    _, _, error = do(job(tmp_path, paid(), checks=(), rows=9, settings=limited))
    assert isinstance(error, UsageError)
    assert "was not known" in error.message


def test_remote_teachers_stay_in_this_process(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="remote") as caught:
        generate(job(tmp_path, paid()), Pool())
    assert "inline" in caught.value.hint
    with pytest.raises(UsageError, match="cannot travel"):
        generate(job(tmp_path), Pool(), workshop=job(tmp_path).build())


def test_never_more_rows_in_flight_than_asked(tmp_path: Path) -> None:
    limits = Settings(concurrency=5)
    teacher, _, _ = do(job(tmp_path, paid(delay=0.001), settings=limits))
    assert teacher.most_flying == 5


def test_equal_teachers_are_one(tmp_path: Path) -> None:
    shop = job(tmp_path, teachers={"writer": paid(), "judge": paid(), "third": MADE}).build()
    assert shop.teachers["writer"] is shop.teachers["judge"]
    assert shop.teachers["writer"] is not shop.teachers["third"]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(max_size=50), min_size=1, max_size=5))
def test_a_reservation_bounds_any_tokenizer_of_bytes(contents: list[str]) -> None:
    teacher = Component("kit_paid", {"price": [1.0, 0.0]})
    request = Request(tuple({"role": "user", "content": c} for c in contents), "0")
    told = canonical_json({"messages": request.messages})
    bound = most_it_costs(build("teachers", teacher), request, told)
    assert bound is not None
    assert bound >= 1000 * sum(len(c.encode()) for c in contents)


def test_calls_that_run_together_in_one_row(tmp_path: Path) -> None:
    """Names of calls do not depend on the order in which a row's concurrent calls finish."""
    scene = RowScene(job(tmp_path).build(), 1, 4, None)

    async def ask(text: str) -> str:
        return await scene.ask("writer", [{"role": "user", "content": text}], lambda r: text)

    async def together() -> list[str]:
        return list(await asyncio.gather(ask("a"), ask("b"), ask("a")))

    assert asyncio.run(together()) == ["a", "b", "a"]
    with pytest.raises(UsageError, match="no teacher"):
        asyncio.run(scene.ask("judge", [], str))


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.text(max_size=30), min_size=1, max_size=3),
    st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5), max_size=3),
    st.text(max_size=9),
    st.booleans(),
)
def test_a_call_is_named_by_the_canonical_json_of_its_parts(
    contents: list[str], choices: dict[str, Any], sample: str, native: bool
) -> None:
    teacher = build("teachers", paid(native_schema=native))
    schema = {"type": "object", "é": choices}
    said = tuple(Message(role="user", content=c) for c in contents)
    with contextlib.ExitStack() as stack:
        ledger = Ledger(Path(stack.enter_context(tempfile.TemporaryDirectory()), "run.db"))
        stack.enter_context(ledger)
        calls = Calls(ledger, Budget(None), 1)
        for _ in range(2):
            told, key = calls._named(teacher, Request(said, sample, choices, schema=schema))
    parts: dict[str, Any] = {"settings": choices, "messages": said, "sample": sample}
    parts |= {"schema": schema} if native else {}
    assert told == canonical_json(parts)
    assert key == digest("kit-paid", *parts.values())
