"""A run killed while it began is begun anew by the same command, and hides no other run."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from datawell.core.errors import UsageError
from datawell.core.ledger import Ledger
from datawell.core.rundir import RunFolder
from datawell.pipeline.execute import run
from datawell.pipeline.runs import list_runs

SMALL = {"rows": 6, "overrides": ["student=null", "report=null", "checks=[]"]}


def empty_ledger(folder: RunFolder) -> None:
    folder.db.touch()


def fresh_ledger(folder: RunFolder) -> None:
    Ledger(folder.db).close()
    folder.lock.with_name(folder.lock.name + ".17.tmp").write_text("format: 1")


def half_made_ledger(folder: RunFolder) -> None:
    """Power went out within the first transaction: a rollback journal stands beside the file."""
    with closing(sqlite3.connect(folder.db, isolation_level=None)) as connection:
        connection.execute("PRAGMA cache_size=1")
        connection.execute("CREATE TABLE a (x)")
        connection.execute("BEGIN")
        connection.executemany("INSERT INTO a VALUES (?)", [("z" * 4000,)] * 20)
        for path in (folder.db, folder.db.with_name("run.db-journal")):
            path.with_name(path.name + ".copy").write_bytes(path.read_bytes())
    for copy in folder.path.glob("*.copy"):
        copy.replace(copy.with_suffix(""))


@pytest.mark.parametrize("left", [empty_ledger, fresh_ledger, half_made_ledger])
def test_what_a_killed_beginning_leaves_is_no_obstacle(tmp_path: Path, left: object) -> None:
    folder = RunFolder(tmp_path / "killed")
    folder.create()
    assert callable(left)
    left(folder)
    run("stories", out=tmp_path / "whole", **SMALL)  # type: ignore[arg-type]
    assert [found.path.name for found in list_runs(tmp_path)] == ["whole"]
    assert run("stories", out=folder.path, **SMALL).summary.complete  # type: ignore[arg-type]
    assert len(list_runs(tmp_path)) == 2


@pytest.mark.parametrize("name", ["thesis.txt", "parts/mine.parquet", "run.db"])
def test_a_folder_with_anything_else_is_left_alone(tmp_path: Path, name: str) -> None:
    folder = RunFolder(tmp_path / "mine")
    folder.create()
    if name == "run.db":
        with Ledger(folder.db) as ledger:
            ledger.set_meta(fingerprint="another")
    else:
        (folder.path / name).write_text("precious", encoding="utf-8")
    with pytest.raises(UsageError, match="is no run folder"):
        run("stories", out=folder.path, **SMALL)  # type: ignore[arg-type]
    assert (folder.path / name).exists()
    assert not folder.lock.exists()
