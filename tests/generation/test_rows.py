"""A bad row is data: it ends with a stage and a reason, and its neighbours do not notice."""

from __future__ import annotations

from pathlib import Path

import pytest

from datawell.core.errors import StorageError, UsageError
from datawell.core.plugins import Component
from datawell.core.records import Row, record_id
from tests.generation.kit import job, made, paid


def ending(row: Row) -> tuple[str, str]:
    return row.stage, row.reason


def test_every_kind_of_fault_has_its_stage_and_reason(tmp_path: Path) -> None:
    faults = {2: "plan", 3: "voice", 4: "crash_plan", 5: "crash_voice"}
    folder = made(
        job(tmp_path, seeds={"unreadable": [1]}, task={"faults": faults}, checks=(), rows=7)
    )
    rows = list(folder.rows())
    assert [ending(row) for row in rows] == [
        ("", ""),
        ("seeds", "unreadable"),
        ("plan", "no_plan"),
        ("voice", "no_words"),
        ("task", "crashed:ZeroDivisionError"),
        ("task", "crashed:KeyError"),
        ("", ""),
    ]
    assert rows[1].seed_id == ""
    assert (rows[2].seed_id, rows[2].record, rows[2].detail) == ("s2", None, "seed 2")
    assert rows[4].detail == "planning: planned"
    assert folder.summary().dropped[("voice", "no_words")] == 1


def test_all_checks_speak_and_the_first_that_fails_names_the_reason(tmp_path: Path) -> None:
    checks = (
        Component("kit_short", {"word": "boat"}),
        Component("kit_crash"),
        Component("kit_short", {"word": "sun"}),
    )
    for row in made(job(tmp_path, checks=checks)).rows():
        assert row.record is not None
        words, crashed = row.record.text.split(), row.row % 3 == 0
        assert len(row.verdicts) == 3 - crashed
        if "boat" in words:
            assert (ending(row), row.detail) == (("checks", "has_word"), "boat")
        elif crashed:
            assert (ending(row), row.detail) == (
                ("check", "crashed:IndexError"),
                f"kit_crash: {row.row}",
            )
        else:
            assert ending(row) == (("checks", "has_word") if "sun" in words else ("", ""))


def test_a_failing_machine_is_nobodys_row(tmp_path: Path) -> None:
    broken = (Component("kit_crash", {"raises": "disk"}),)
    with pytest.raises(StorageError, match="No space left"):
        made(job(tmp_path, checks=broken))
    assert made(job(tmp_path, checks=())).summary().kept == 60


def test_a_record_tells_where_it_comes_from(tmp_path: Path) -> None:
    (record, *_) = made(job(tmp_path, paid(), checks=(), task={"calls": 2})).kept()
    lineage = record.lineage
    assert record.id == record_id("f1", "kit_lines", "s0", 0)
    assert (lineage.recipe, lineage.task, lineage.row) == ("f1", "kit_lines", 0)
    assert (lineage.seed_id, lineage.source) == ("s0", "kit")
    assert lineage.teachers == {"writer": "kit-paid"}
    assert len(lineage.calls) == 2


def test_rows_beyond_the_seeds_begin_again_with_other_plans(tmp_path: Path) -> None:
    rows = list(made(job(tmp_path, seeds={"size": 7}, checks=(), rows=21)).rows())
    assert [row.seed_id for row in rows] == [f"s{n % 7}" for n in range(21)]
    assert len({row.record.id for row in rows if row.record}) == 21
    assert len({row.record.text for row in rows if row.record}) == 21


def test_turns_of_one_row_draw_other_words(tmp_path: Path) -> None:
    for record in made(job(tmp_path, checks=(), task={"calls": 4})).kept():
        assert len(set(record.text.splitlines())) == 4


def test_no_seeds_and_missing_roles_are_told_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="seeds are empty"):
        made(job(tmp_path, seeds={"size": 0}))
    with pytest.raises(UsageError, match="role 'writer'") as caught:
        made(job(tmp_path, teachers={"writers": Component("kit_made")}))
    assert "writers" in caught.value.hint
    assert not (tmp_path / "run.db").exists()
