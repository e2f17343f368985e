"""The auditor finds nothing in a sound run, and each rule finds what breaks it."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import polars as pl
import pytest

from datawell.cli.main import run as cli
from datawell.core.plugins import build
from datawell.core.rundir import RunFolder
from datawell.generation.job import Settings
from datawell.pipeline.audit import audit
from datawell.pipeline.execute import run
from tests.generation.conftest import installed
from tests.generation.kit import job, made, paid


@pytest.fixture(autouse=True)
def kit(monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunFolder]:
    """A run with everything in it: kept, dropped, judged by corpus checks, paid under a budget."""
    with pytest.MonkeyPatch.context() as patch:
        installed(patch)
        folder = tmp_path_factory.mktemp("sound")
        faults = {"3": "bad", "4": "bad_once", "5": "length", "7": "rejected"}
        work = job(folder, paid(faults=faults), settings=Settings(budget_usd=1.0))
        yield made(work)


@pytest.fixture
def folder(sound: RunFolder, tmp_path: Path) -> RunFolder:
    return RunFolder(shutil.copytree(sound.path, tmp_path / "run"))


def broken(folder: RunFolder) -> dict[str, list[str]]:
    """What is broken, by rule."""
    found = audit(folder.path, {"kit-paid": build("teachers", paid())})
    assert found.describe()["broken"] == found.broken
    return {name: rule.breaks for name, rule in found.findings.items() if rule.broken}


def change(folder: RunFolder, sql: str) -> None:
    with closing(sqlite3.connect(folder.db)) as connection, connection:
        assert connection.execute(sql).rowcount > 0


def test_a_sound_run_passes_and_everything_was_looked_at(folder: RunFolder) -> None:
    assert broken(folder) == {}
    found = audit(folder.path, {"kit-paid": build("teachers", paid())})
    assert found.findings["one_state_a_row"].checked >= 60
    assert all(rule.checked for rule in found.findings.values())
    assert "all rules hold" in str(found)


SETTLED = "WHERE row = 20"


@pytest.mark.parametrize(
    ("sql", "rule", "words"),
    [
        ("UPDATE calls SET answer = NULL " + SETTLED, "ledger_is_sound", "is settled"),
        ("UPDATE calls SET state = 'odd' " + SETTLED, "ledger_is_sound", "is odd"),
        ("UPDATE calls SET state = 'intended' " + SETTLED, "ledger_is_sound", "is intended"),
        ("UPDATE calls SET attempt = 3 " + SETTLED, "asked_once", "1 attempts"),
        ("UPDATE calls SET cost = cost + 1 " + SETTLED, "cost_follows_from_answers", "booked"),
        ("UPDATE calls SET input_tokens = 1 " + SETTLED, "cost_follows_from_answers", "booked"),
        ("UPDATE calls SET reserved = 2000000000 " + SETTLED, "within_budget", "USD booked"),
        ("DELETE FROM calls " + SETTLED, "lineage_is_paid_for", "is not in the ledger"),
        ("UPDATE calls SET row = 999 " + SETTLED, "lineage_is_paid_for", "is not in the ledger"),
        ("UPDATE shards SET stop = stop + 1 WHERE shard = 0", "one_state_a_row", "the plan has"),
        (
            """UPDATE shards SET counts = '{"kept":16,"dropped":[]}' WHERE shard = 0""",
            "report_equals_recomputation",
            "kept: told",
        ),
        ("UPDATE meta SET value = 70 WHERE name = 'rows'", "", ""),
        ("""UPDATE meta SET value = '"f2"' WHERE name = 'fingerprint'""", "one_state_a_row", "f1"),
    ],
)
def test_a_ledger_that_was_tampered_with(
    folder: RunFolder, sql: str, rule: str, words: str
) -> None:
    change(folder, sql)
    found = broken(folder)
    if rule:
        assert any(words in problem for problem in found[rule])
    else:  # more rows planned than made: an unfinished run, which is no break
        assert found == {}


def test_an_answer_asked_for_again(folder: RunFolder) -> None:
    with closing(sqlite3.connect(folder.db)) as connection, connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(calls)")]
        changed = {"id": "id + 1000", "attempt": "attempt + 1"}
        values = ", ".join(changed.get(name, name) for name in columns)
        sql = f"INSERT INTO calls SELECT {values} FROM calls WHERE id = 9"
        connection.execute(sql)
    assert any("was asked 2 times" in problem for problem in broken(folder)["asked_once"])


def lose_a_part(folder: RunFolder) -> None:
    folder.part(1).unlink()


def flip_a_bit(folder: RunFolder) -> None:
    data = bytearray(folder.part(1).read_bytes())
    data[len(data) // 2] ^= 1
    folder.part(1).write_bytes(data)


def lose_a_row(folder: RunFolder) -> None:
    pl.read_parquet(folder.part(1)).slice(1).write_parquet(folder.part(1))


def lose_decisions(folder: RunFolder) -> None:
    folder.decision(0, "kit_family").unlink()


def lose_a_reason(folder: RunFolder) -> None:
    frame = pl.read_parquet(folder.part(0))
    frame.with_columns(stage=pl.lit("")).write_parquet(folder.part(0))


def change_an_id(folder: RunFolder) -> None:
    frame = pl.read_parquet(folder.part(1))
    frame.with_columns(id=pl.lit("ff")).write_parquet(folder.part(1))


@pytest.mark.parametrize(
    "damage",
    [lose_a_part, flip_a_bit, lose_a_row, lose_decisions, lose_a_reason, change_an_id],
)
def test_files_that_were_damaged(folder: RunFolder, damage: Callable[[RunFolder], None]) -> None:
    damage(folder)
    assert broken(folder)["one_state_a_row"]


def test_an_export_is_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small = ["student=null", "report=null", "checks=[{use: length, with: {min_words: 60}}]"]
    done = run("stories", rows=30, out=tmp_path / "r", overrides=small)
    assert cli(["runs", "check", str(done.path)]) == 0
    assert "all rules hold" in capsys.readouterr().out
    (file,) = list(done.folder.dataset.glob("train*.parquet"))
    pl.read_parquet(file).slice(1).write_parquet(file)
    assert cli(["runs", "check", str(done.path), "--json"]) == 1
    assert "dataset holds" in capsys.readouterr().out
