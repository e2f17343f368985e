"""The same recipe gives the same bytes: whatever the executor, the concurrency, the shards, and
however often the work was begun anew."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from datawell.core.errors import RunMismatchError, UsageError
from datawell.core.ledger import Ledger, LedgerReader
from datawell.core.plugins import Component
from datawell.core.rundir import RunFolder
from datawell.executors.inline import Inline
from datawell.executors.pool import Pool, PoolParams
from datawell.generation import shards as shards_module
from datawell.generation.engine import generate
from datawell.generation.job import LEAST_IN_FLIGHT, Job, Settings
from datawell.generation.progress import Progress
from tests.generation.kit import MADE, bytes_of, job, made, paid


def test_the_pool_makes_the_same_bytes_as_one_process(tmp_path: Path) -> None:
    alone = made(job(tmp_path / "alone", task={"calls": 2}))
    pooled = job(tmp_path / "pooled", task={"calls": 2})
    generate(pooled, Pool(PoolParams(workers=2)))
    assert bytes_of(pooled.run) == bytes_of(alone)
    assert len(bytes_of(alone)) > 12  # parts, signatures and decisions
    assert pooled.run.summary().dropped == alone.summary().dropped
    assert not list(pooled.run.path.rglob("*.tmp"))


def test_concurrency_does_not_show(tmp_path: Path) -> None:
    seen = set()
    for concurrency in (1, 3, 64):
        settings = Settings(concurrency=concurrency)
        teacher = paid(delay=0.002, faults={"9": "bad", "8": "bad_once"})
        folder = made(job(tmp_path / str(concurrency), teacher, settings=settings))
        seen.add(tuple(sorted(bytes_of(folder).items())))
    assert len(seen) == 1


def test_the_shard_size_does_not_show_in_rows(tmp_path: Path) -> None:
    few = made(job(tmp_path / "few", shard_size=1000))
    many = made(job(tmp_path / "many", shard_size=7))
    assert list(few.rows()) == list(many.rows())
    assert len(few.summary().dropped) == 3


def test_nothing_is_made_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = bytes_of(made(job(tmp_path)))
    stamps = {p: p.stat().st_mtime_ns for p in sorted(tmp_path.rglob("*.parquet"))}
    monkeypatch.setattr(shards_module, "write_part", None)  # would crash if it were called
    made(job(tmp_path))
    assert {p: p.stat().st_mtime_ns for p in sorted(tmp_path.rglob("*.parquet"))} == stamps
    assert bytes_of(RunFolder(tmp_path)) == before


def lose_a_part(folder: RunFolder) -> None:
    folder.part(1).unlink()


def spoil_a_part(folder: RunFolder) -> None:
    data = bytearray(folder.part(1).read_bytes())
    data[len(data) // 2] ^= 1
    folder.part(1).write_bytes(data)


def lose_a_signature(folder: RunFolder) -> None:
    folder.signatures(2, "kit_same").unlink()


def lose_a_decision(folder: RunFolder) -> None:
    next(iter((folder.decisions / "kit_same").iterdir())).unlink()


def spoil_a_decision(folder: RunFolder) -> None:
    next(iter((folder.decisions / "kit_family").iterdir())).write_bytes(b"PAR1")


def leave_a_torn_file(folder: RunFolder) -> None:
    (folder.parts / "00001.parquet.77.tmp").write_bytes(b"half")
    (folder.parts / "00099.parquet").write_bytes(b"of a longer plan")


def forget_a_record(folder: RunFolder) -> None:
    with Ledger(folder.db) as ledger:
        ledger.forget_shards([1])


@pytest.mark.parametrize(
    "harm",
    [
        lose_a_part,
        spoil_a_part,
        lose_a_signature,
        lose_a_decision,
        spoil_a_decision,
        leave_a_torn_file,
        forget_a_record,
    ],
)
def test_what_is_missing_or_damaged_is_made_again(
    tmp_path: Path, harm: Callable[[RunFolder], None]
) -> None:
    folder = made(job(tmp_path))
    whole, summary = bytes_of(folder), folder.summary()
    harm(folder)
    again = made(job(tmp_path))
    assert bytes_of(again) == whole
    assert again.summary().dropped == summary.dropped
    assert again.summary().complete


@pytest.mark.parametrize("rows", [16, 20, 48, 61, 100])
def test_more_or_fewer_rows(tmp_path: Path, rows: int) -> None:
    made(job(tmp_path / "a"))
    changed = made(job(tmp_path / "a", rows=rows))
    assert bytes_of(changed) == bytes_of(made(job(tmp_path / "b", rows=rows)))
    assert changed.summary().rows == rows


def test_no_rows(tmp_path: Path) -> None:
    folder = made(job(tmp_path, rows=0))
    assert list(folder.rows()) == []
    assert folder.summary().complete


def test_other_checks_make_the_parts_anew(tmp_path: Path) -> None:
    made(job(tmp_path / "a"))
    changes: dict[str, Any] = {"checks": (Component("kit_family"),), "checks_fingerprint": "c2"}
    changed = made(job(tmp_path / "a", **changes))
    assert bytes_of(changed) == bytes_of(made(job(tmp_path / "b", **changes)))
    assert changed.summary().dropped == {("corpus", "sevens"): 9}


def test_another_recipes_folder_is_refused_untouched(tmp_path: Path) -> None:
    folder = made(job(tmp_path))
    before = bytes_of(folder)
    with pytest.raises(RunMismatchError, match="fingerprint f1, this recipe's is f2") as caught:
        made(job(tmp_path, fingerprint="f2"))
    assert "another folder" in caught.value.hint
    assert bytes_of(folder) == before


def test_progress_counts_this_and_earlier_sessions(tmp_path: Path) -> None:
    said: list[Progress] = []
    generate(job(tmp_path, paid(delay=0.001)), Inline(), said.append)
    first, last = said[0], said[-1]
    assert (first.done, first.total, first.eta) == (0, 60, None)
    assert (last.done, last.kept + last.dropped, last.stage) == (60, 60, "done")
    assert last.spent_usd == job(tmp_path).run.summary().spent_usd
    assert [p.done for p in said] == sorted(p.done for p in said)
    said.clear()
    generate(job(tmp_path, paid(), rows=70), Inline(), said.append)
    assert said[0].done == 48  # the last shard was short and is made anew, from the ledger
    assert said[-1].done == 70
    with LedgerReader(tmp_path / "run.db") as ledger:
        assert ledger.totals().calls == 70
        sessions = [data["pending"] for _, kind, data in ledger.events() if kind == "session"]
    assert sessions == [4, 2]


def test_a_listener_that_fails_is_heard(tmp_path: Path) -> None:
    def fail(_: Progress) -> None:
        raise RuntimeError("a broken progress bar")

    with pytest.raises(RuntimeError, match="progress bar"):
        generate(job(tmp_path), Inline(), fail)


@pytest.mark.parametrize(
    "changes",
    [{"rows": -1}, {"shard_size": 0}],
)
def test_a_job_that_makes_no_sense(tmp_path: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        job(tmp_path, **changes)


@pytest.mark.parametrize("wrong", [{"concurrency": 0}, {"attempts": 0}])
def test_settings_that_make_no_sense(wrong: dict[str, int]) -> None:
    with pytest.raises(UsageError):
        Settings(**wrong)


def test_a_plan_covers_every_row_once(tmp_path: Path) -> None:
    for rows, size in ((0, 5), (1, 5), (5, 5), (6, 5), (60, 16)):
        plan = job(tmp_path, rows=rows, shard_size=size).shards()
        covered = [row for shard in plan for row in range(shard.start, shard.stop)]
        assert covered == list(range(rows))
        assert [shard.number for shard in plan] == list(range(len(plan)))


def test_a_job_travels(tmp_path: Path) -> None:
    work = job(tmp_path, paid(price=[1.0, 2.0]))
    assert pickle.loads(pickle.dumps(work)) == work
    assert isinstance(work, Job)


def test_rows_in_flight_follow_from_the_teachers_where_nothing_is_set(tmp_path: Path) -> None:
    remote = {"base_url": "http://127.0.0.1:9/v1", "model": "m"}
    many = Component("openai", {**remote, "concurrency": 100})
    shop = job(tmp_path, teachers={"writer": many, "judge": many, "other": MADE}).build()
    assert shop.in_flight(Settings()) == 200  # one teacher in two roles is one
    assert shop.in_flight(Settings(concurrency=3)) == 3
    assert job(tmp_path, paid()).build().in_flight(Settings()) == LEAST_IN_FLIGHT
