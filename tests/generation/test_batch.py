"""Batch files: every row as without them, every answer paid for once, whatever goes wrong."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from datawell.core.batches import BatchBooks
from datawell.core.budget import NANO
from datawell.core.errors import (
    BudgetSpent,
    DatawellError,
    ProviderFault,
    StorageError,
    UsageError,
)
from datawell.core.ledger import Ledger, LedgerReader
from datawell.core.plugins import Component
from datawell.executors.inline import Inline
from datawell.generation.batch import BatchDesk
from datawell.generation.engine import generate
from datawell.generation.job import Job, Settings
from datawell.generation.progress import Progress
from datawell.pipeline.audit import audit
from datawell.teachers.batch_files import BatchFiles
from tests.generation.batch_server import FATES, BatchServer, serving
from tests.generation.kit import SAME, bytes_of, job

ROWS = 30


def work(folder: Path, server: BatchServer, *, calls: int = 2, **changes: Any) -> Job:
    """Rows of two calls each, the second with the first's answer in view."""
    teacher = {
        "base_url": server.base_url,
        "model": "tiny",
        "price": {"input": 1.0, "output": 2.0},
        "batch": True,
        "batch_size": 12,
        "batch_files": 2,
        "batch_poll_seconds": 0.005,
        **changes.pop("teacher", {}),
    }
    facts: dict[str, Any] = {
        "task": {"calls": calls},
        "rows": ROWS,
        "checks": (Component("kit_short", {"word": "kite"}), SAME),
        "settings": Settings(concurrency=8, budget_usd=100.0),
    }
    return job(folder, Component("openai", teacher), **(facts | changes))


def do(job: Job) -> DatawellError | None:
    try:
        generate(job, Inline())
    except DatawellError as error:
        return error
    return None


def calls(job: Job) -> list[dict[str, Any]]:
    with LedgerReader(job.run.db) as ledger:
        return list(ledger.calls())


def endings(job: Job) -> set[str]:
    return {row.reason for row in job.run.rows() if not row.kept} - {"has_word", "kit_same", "same"}


PLAIN: dict[str, bytes] = {}


@pytest.fixture
def plain(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The run without batch files; made once, where the kit is installed."""
    if not PLAIN:
        with serving() as server:
            one = work(tmp_path_factory.mktemp("plain"), server, teacher={"batch": False})
            assert do(one) is None
            assert not server.submissions
            PLAIN.update(bytes_of(one.run))
    return PLAIN


def test_the_rows_are_those_of_a_run_without_batches(
    tmp_path: Path, plain: dict[str, bytes]
) -> None:
    with serving() as server:
        one = work(tmp_path, server)
        assert do(one) is None
        assert bytes_of(one.run) == plain
        # 30 rows, two rounds; 12 requests a file, two files a round.
        assert server.submissions == 6
        assert set(server.billed.values()) == {1}
        assert len(server.billed) == 2 * ROWS
        assert do(one) is None
        assert server.submissions == 6
    summary = one.run.summary()
    assert (summary.calls, summary.uncertain_calls) == (2 * ROWS, 0)
    assert summary.spent_usd == pytest.approx(2 * ROWS * (40 * 1.0 + 90 * 2.0) / 1e6)
    assert list(one.run.batches.iterdir()) == []


# Fates that delay a row, and how many submissions more they take at most.
PASSING = [fate for fate in FATES if fate not in ("items-400", "never", "failed")]


@pytest.mark.parametrize("fate", PASSING)
def test_what_passes_costs_no_row_and_no_cent(
    tmp_path: Path, plain: dict[str, bytes], fate: str
) -> None:
    with serving(fate, "ok", fate) as server:
        one = work(tmp_path, server)
        assert do(one) is None
        assert bytes_of(one.run) == plain
        made = len(server.batches)
        assert made <= 6 + 4
        # Only what the provider wrote and did not tell of is bought again.
        again = sum(n - 1 for n in server.billed.values())
        assert again == (4 if fate == "missing" else 0)
        billed = server.billed.total() * (40 * 1.0 + 90 * 2.0) / 1e6
    summary = one.run.summary()
    assert summary.spent_usd is not None
    assert summary.spent_usd >= billed - 1e-12
    if fate != "missing":
        assert summary.spent_usd == pytest.approx(billed)
    assert summary.uncertain_calls == 0


def test_a_refused_request_drops_its_row_and_is_not_asked_again(tmp_path: Path) -> None:
    with serving("items-400") as server:
        one = work(tmp_path, server, calls=1)
        assert do(one) is None
        assert endings(one) == {"request_rejected"}
        assert [c["state"] for c in calls(one)].count("rejected") == 4
        again = work(tmp_path, server, calls=1, checks_fingerprint="c2")
        before = server.submissions
        assert do(again) is None
        assert server.submissions == before


def test_a_request_that_fails_in_every_batch_drops_its_row(tmp_path: Path) -> None:
    with serving(*["items-500"] * 20) as server:
        one = work(tmp_path, server, calls=1, settings=Settings(concurrency=8, attempts=2))
        assert do(one) is None
        assert endings(one) == {"unanswered"}
        failed = [call for call in calls(one) if call["state"] == "failed"]
        assert max(call["attempt"] for call in failed) == 2
        assert all(call["cost"] == 0 for call in failed)


@pytest.mark.parametrize("fate", ["failed", "never"])
def test_batches_that_bring_nothing_stop_the_run_and_cost_nothing(
    tmp_path: Path, plain: dict[str, bytes], fate: str
) -> None:
    with serving(fate, fate) as server:
        one = work(tmp_path, server)
        error = do(one)
        assert isinstance(error, ProviderFault)
        assert "no request of 2 batches was answered" in error.message
        assert error.exit_code == 4
        assert one.run.summary().spent_usd == 0
        assert do(one) is None
        assert bytes_of(one.run) == plain


def test_a_whole_batch_that_fails_uses_up_no_attempt(tmp_path: Path) -> None:
    with serving(*["failed"] * 10) as server:
        one = work(tmp_path, server, calls=1)
        for _ in range(5):
            assert isinstance(do(one), ProviderFault)
        assert do(one) is None
        assert endings(one) == set()


STEPS = {
    "begin": (BatchBooks, "begin"),
    "intend": (Ledger, "intend"),
    "upload": (BatchFiles, "upload"),
    "uploaded": (BatchBooks, "uploaded"),
    "submitting": (BatchBooks, "submitting"),
    "submit": (BatchFiles, "submit"),
    "submitted": (BatchBooks, "submitted"),
    "look": (BatchFiles, "look"),
    "download": (BatchFiles, "download"),
    "answered": (Ledger, "answered"),
    "done": (BatchBooks, "done"),
}


class Crash(StorageError):
    """Here it ends: nothing is done after this, as when the process dies."""

    def __init__(self) -> None:
        super().__init__("crash")


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_a_crash_at_any_step_pays_nothing_twice_and_loses_nothing(
    tmp_path: Path,
    plain: dict[str, bytes],
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    before: bool,
) -> None:
    """Each step dies at its first, fourth, … time, just before or just after it took place."""
    owner, name = STEPS[step]
    real = getattr(owner, name)
    count = 0

    async def dying(*args: Any, **more: Any) -> Any:
        nonlocal count
        count += 1
        mine = count
        if before and mine % 3 == 1:
            raise Crash()
        result = await real(*args, **more)
        if mine % 3 == 1:
            raise Crash()
        return result

    monkeypatch.setattr(owner, name, dying)
    crashes = 0
    with serving() as server:
        one = work(tmp_path, server, settings=Settings(concurrency=8, budget_usd=1.0))
        while crashes < 100:
            error = do(one)
            if error is None:
                break
            assert isinstance(error, Crash)
            crashes += 1
        assert crashes >= 1
        assert bytes_of(one.run) == plain
        assert set(server.billed.values()) == {1}
        assert len(server.billed) == 2 * ROWS
    summary = one.run.summary()
    assert summary.uncertain_calls == 0
    assert summary.spent_usd == pytest.approx(2 * ROWS * (40 * 1.0 + 90 * 2.0) / 1e6)
    found = audit(tmp_path, {"tiny": one.build().teachers["writer"]})
    assert not found.broken, str(found)


def test_a_submission_whose_answer_was_lost_in_a_crash_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving() as server:
        one = work(tmp_path, server, calls=1)
        real = BatchBooks.submitted

        async def dying(*args: Any) -> None:
            raise Crash()

        monkeypatch.setattr(BatchBooks, "submitted", dying)
        assert isinstance(do(one), Crash)
        monkeypatch.setattr(BatchBooks, "submitted", real)
        made = len(server.batches)
        for n in range(5):  # others' batches lie above it in the list
            server.batches[f"other-{n}"] = {"id": f"other-{n}", "input_file_id": "x"}
        assert do(one) is None
        ours = [b for b in server.batches.values() if b["input_file_id"] != "x"]
        assert made >= 1
        assert len(ours) == 3
        assert set(server.billed.values()) == {1}


def test_a_submission_that_nobody_can_find_is_uncertain_and_asked_again(
    tmp_path: Path, plain: dict[str, bytes]
) -> None:
    with serving("lost") as server:
        server.lists = False
        one = work(tmp_path, server)
        assert do(one) is None
        assert bytes_of(one.run) == plain
        billed = server.billed.total() * (40 * 1.0 + 90 * 2.0) / 1e6
    summary = one.run.summary()
    assert summary.uncertain_calls == 12
    assert summary.spent_usd == pytest.approx(2 * ROWS * (40 * 1.0 + 90 * 2.0) / 1e6)
    assert summary.spent_usd is not None
    assert summary.uncertain_usd >= billed - summary.spent_usd


def test_the_budget_holds_and_a_larger_one_goes_on(tmp_path: Path, plain: dict[str, bytes]) -> None:
    with serving() as server:
        tight = work(tmp_path, server, settings=Settings(concurrency=8, budget_usd=0.008))
        error = do(tight)
        assert isinstance(error, BudgetSpent)
        assert error.exit_code == 3
        spent = sum(c["cost"] for c in calls(tight))
        assert 0 < spent <= 0.008 * NANO
        assert server.submissions >= 2  # as much as fits leaves, and what is left over goes on
        one = work(tmp_path, server)
        assert do(one) is None
        assert bytes_of(one.run) == plain
        assert set(server.billed.values()) == {1}


def test_progress_tells_how_far_batches_are(tmp_path: Path) -> None:
    seen: list[Progress] = []
    with serving(looks=2) as server:
        generate(work(tmp_path, server, calls=1), Inline(), seen.append)
    notes = [p.note for p in seen if p.stage == "batch"]
    assert any(re.fullmatch(r"\d+ of 24 answers in 2 batches, in_progress", n) for n in notes)
    assert seen[-1].done == ROWS
    assert max(p.done for p in seen) == ROWS


def test_another_setting_goes_on_with_what_is_out(tmp_path: Path, plain: dict[str, bytes]) -> None:
    """Batches are out; the run goes on without the setting, and takes their answers first."""
    with serving() as server:
        first = work(tmp_path, server)
        server.script = ["ok", "failed", "failed", "failed"]
        assert isinstance(do(first), ProviderFault)
        one = work(tmp_path, server, teacher={"batch": False})
        assert do(one) is None
        assert bytes_of(one.run) == plain
        assert set(server.billed.values()) == {1}


def test_a_provider_without_batch_files_is_told_apart(tmp_path: Path) -> None:
    with serving() as server:
        one = work(tmp_path, server, teacher={"base_url": server.base_url + "/elsewhere"})
        error = do(one)
    assert isinstance(error, DatawellError)
    assert error.exit_code == 4
    assert "404" in error.message


def test_lines_are_the_requests_that_would_have_been_sent(tmp_path: Path) -> None:
    with serving() as server:
        assert do(work(tmp_path, server, calls=1)) is None
        lines = [json.loads(x) for d in server.files.values() for x in d.splitlines()]
    asked = [line for line in lines if "body" in line]
    assert len(asked) == ROWS
    assert all(line["url"] == "/v1/chat/completions" for line in asked)
    assert {line["body"]["model"] for line in asked} == {"tiny"}
    assert all(len(line["custom_id"]) <= 64 for line in asked)


def test_a_batch_of_a_teacher_nobody_names_is_an_error(tmp_path: Path) -> None:
    with serving("failed", "failed") as server:
        one = work(tmp_path, server)
        do(one)
        with closing(sqlite3.connect(one.run.db)) as db, db:
            db.execute("UPDATE batches SET model = 'gone', state = 'submitted'")
            db.execute("UPDATE calls SET state = 'intended' WHERE batch IS NOT NULL")
        error = do(one)
    assert isinstance(error, UsageError)
    assert "no longer names" in error.message


def test_only_teachers_that_batch_are_taken() -> None:
    assert not BatchDesk.takes(object())  # type: ignore[arg-type]
