"""The run folder reads back what the ledger says is there, decisions applied."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from datawell.core.errors import UsageError
from datawell.core.ledger import Intent, Ledger, ShardRecord
from datawell.core.parts import write_decisions, write_part
from datawell.core.records import Lineage, Record, Row, Verdict
from datawell.core.rundir import RunFolder


def row(number: int, reason: str = "") -> Row:
    record = Record(f"id{number}", "Text.", {}, Lineage("f", "t", number, f"s{number}", "kit"))
    stage = "checks" if reason else ""
    return Row(number, f"s{number}", "kit", record, (), stage, reason)


def write(folder: RunFolder, ledger: Ledger, shard: int, rows: Sequence[Row]) -> None:
    write_part(folder.part(shard), rows)
    kept = sum(r.kept for r in rows)
    dropped = [[r.stage, r.reason, 1] for r in rows if not r.kept]
    counts = {"kept": kept, "dropped": dropped}
    start, stop = rows[0].row, rows[-1].row + 1
    ledger.shard_done(ShardRecord(shard, start, stop, "f", counts, {}, 0.25))


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    """Six rows in two shards; row 1 fell to a row check; two corpus checks have decided."""
    folder = RunFolder(tmp_path / "run")
    folder.create()
    with Ledger(folder.db) as ledger:
        ledger.set_meta(
            recipe="r",
            fingerprint="f",
            seed=5,
            rows=6,
            teachers={"w": "m"},
            corpus_checks=["one", "two"],
        )
        write(folder, ledger, 1, [row(3), row(4), row(5)])
        write(folder, ledger, 0, [row(0), row(1, "word"), row(2)])
        decisions = {
            "one": [(2, Verdict("one", False, "twin", note="of 0")), (0, Verdict("one", True))],
            "two": [(2, Verdict("two", False, "late")), (1, Verdict("two", False, "late"))],
        }
        for name, said in decisions.items():
            folder.decision(0, name).parent.mkdir()
            write_decisions(folder.decision(0, name), said)
        ledger.decided({("one", 0): "d", ("two", 0): "d"}, {"dropped": [["corpus", "twin", 1]]})
    return folder


def test_rows_ascend_with_decisions_applied(folder: RunFolder) -> None:
    rows = list(folder.rows())
    assert [r.row for r in rows] == [0, 1, 2, 3, 4, 5]
    assert [(r.stage, r.reason) for r in rows[:3]] == [
        ("", ""),
        ("checks", "word"),  # what fell first keeps its reason
        ("corpus", "twin"),  # of two corpus checks the recipe's first names it
    ]
    assert rows[2].detail == "of 0"
    assert [v.check for v in rows[2].verdicts] == ["one", "two"]
    assert rows[0].verdicts == (Verdict("one", True),)


def test_kept_records(folder: RunFolder) -> None:
    assert [record.lineage.row for record in folder.kept()] == [0, 3, 4, 5]


def test_a_summary_from_the_ledger_alone(folder: RunFolder) -> None:
    for part in folder.parts.iterdir():
        part.unlink()
    summary = folder.summary()
    assert (summary.rows, summary.planned, summary.kept, summary.complete) == (6, 6, 4, True)
    assert summary.dropped == {("checks", "word"): 1, ("corpus", "twin"): 1}
    assert (summary.recipe, summary.fingerprint, summary.seed) == ("r", "f", 5)
    assert (summary.teachers, summary.cpu_seconds) == ({"w": "m"}, 0.5)
    assert (summary.calls, summary.spent_usd, summary.uncertain_usd) == (0, 0.0, 0.0)


def test_cost_known_unknown_and_uncertain(folder: RunFolder) -> None:
    async def call(ledger: Ledger, key: str, reserved: int | None, answered: bool) -> None:
        call = await ledger.intend(Intent(key, 0, "w", "m", "{}", reserved))
        if answered:
            await ledger.answered(call, "x")
            ledger.settle(call, 400 if reserved else None, 3, 4)

    with Ledger(folder.db) as ledger:
        asyncio.run(call(ledger, "a", 10**9, True))
        asyncio.run(call(ledger, "b", 2 * 10**9, False))
    summary = folder.summary()
    assert (summary.spent_usd, summary.uncertain_usd) == (4e-7, 2.0)
    assert (summary.calls, summary.uncertain_calls) == (2, 1)
    assert (summary.input_tokens, summary.output_tokens) == (3, 4)
    with Ledger(folder.db) as ledger:
        asyncio.run(call(ledger, "c", None, True))
    assert folder.summary().spent_usd is None


def test_an_unfinished_run_shows_what_is_done(folder: RunFolder) -> None:
    with Ledger(folder.db) as ledger:
        ledger.forget_shards([0])
    assert [r.row for r in folder.rows()] == [3, 4, 5]
    summary = folder.summary()
    assert (summary.rows, summary.kept, summary.complete) == (3, 3, False)


def test_no_run_here(tmp_path: Path) -> None:
    for reading in (lambda f: list(f.rows()), RunFolder.summary):
        with pytest.raises(UsageError, match="no run in"):
            reading(RunFolder(tmp_path))


def test_where_things_lie(tmp_path: Path) -> None:
    folder = RunFolder(str(tmp_path))
    named = {
        folder.lock: "recipe.lock.yaml", folder.db: "run.db", folder.parts: "parts",
        folder.decisions: "decisions", folder.dataset: "dataset", folder.export: "export",
        folder.student: "student", folder.report: "report.html",
        folder.rejected: "rejected.parquet", folder.part(7): "parts/00007.parquet",
        folder.signatures(7, "near"): "parts/00007.near.npy",
        folder.decision(7, "near"): "decisions/near/00007.parquet",
    }  # fmt: skip
    for path, name in named.items():
        assert path == tmp_path / name
