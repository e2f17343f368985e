"""Several teachers for one role: dealt out by weight, stepping in for each other."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from datawell.core.casting import Part
from datawell.core.errors import AuthenticationRefused, DatawellError, UsageError
from datawell.core.ledger import LedgerReader
from datawell.core.plugins import Component
from datawell.executors.inline import Inline
from datawell.generation.engine import generate
from datawell.generation.job import Job, Settings
from tests.generation.kit import MADE, bytes_of, job, made, paid

SEATS = {"writer/1": paid(model="one"), "writer/2": paid(model="two")}
MIXED = {"writer": (Part(3.0, ("writer/1",)), Part(1.0, ("writer/2",)))}
LINE = {"writer": (Part(1.0, ("writer/1", "writer/2")),)}


def several(folder: Path, teachers: dict[str, Component], castings: Any, **more: Any) -> Job:
    facts = {"checks": (), "teachers": teachers, "castings": castings}
    return job(folder, **(facts | more))


def models(work: Job) -> list[str]:
    return [record.lineage.teachers["writer"] for record in work.run.kept()]


def test_rows_are_dealt_out_by_weight_and_always_alike(tmp_path: Path) -> None:
    work = several(tmp_path / "a", SEATS, MIXED, rows=400, task={"calls": 2})
    made(work)
    dealt = Counter(models(work))
    assert 60 <= dealt["two"] <= 140
    assert dealt.total() == 400
    with LedgerReader(work.run.db) as ledger:
        asked = Counter((call["row"], call["model"]) for call in ledger.calls())
        assert ledger.meta()["teachers"] == {"writer/1": "one", "writer/2": "two"}
    assert set(asked.values()) == {2}
    assert len(asked) == 400  # one teacher a row
    other = several(
        tmp_path / "b", SEATS, MIXED, rows=400, task={"calls": 2}, settings=Settings(concurrency=3)
    )
    assert bytes_of(made(other)) == bytes_of(work.run)


def test_free_and_paid_teachers_mix(tmp_path: Path) -> None:
    work = several(tmp_path, {"writer/1": MADE, "writer/2": paid()}, MIXED)
    made(work)
    assert set(models(work)) == {"kit-made", "kit-paid"}
    assert work.run.summary().calls == models(work).count("kit-paid")


@pytest.mark.parametrize("fault", ["refused", "down", "timeout", "rejected"])
def test_the_next_teacher_steps_in_and_is_named(tmp_path: Path, fault: str) -> None:
    first = paid(model="one", faults={"for 7": fault, "for 8": fault})
    work = several(tmp_path, {"writer/1": first, "writer/2": paid(model="two")}, LINE, rows=12)
    made(work)
    assert models(work) == ["two" if row in (7, 8) else "one" for row in range(12)]
    with LedgerReader(work.run.db) as ledger:
        held = {call["key"]: call for call in ledger.calls()}
    for record in work.run.kept():
        assert [held[key]["state"] for key in record.lineage.calls] == ["settled"]


def test_a_free_teacher_may_step_in(tmp_path: Path) -> None:
    broken = paid(faults={"Line": "down"})
    work = several(tmp_path, {"writer/1": broken, "writer/2": MADE}, LINE)
    made(work)
    assert set(models(work)) == {"kit-made"}


def test_when_the_last_fails_too_the_run_stops(tmp_path: Path) -> None:
    teachers = {
        "writer/1": paid(model="one", faults={"Line": "down"}),
        "writer/2": paid(model="two", faults={"Line": "refused"}),
    }
    with pytest.raises(AuthenticationRefused):
        made(several(tmp_path, teachers, LINE))


def test_who_stepped_in_is_not_paid_again_after_a_crash(tmp_path: Path) -> None:
    ill = {"writer/1": paid(model="one", faults={"Line": "down"}), "writer/2": SEATS["writer/2"]}
    work = several(tmp_path, ill, LINE)
    made(work)
    before = bytes_of(work.run)
    with closing(sqlite3.connect(work.run.db)) as connection, connection:
        connection.execute("DELETE FROM shards")
    well = several(tmp_path, SEATS, LINE)
    shop = well.build()
    generate(well, Inline(), workshop=shop)
    assert not shop.teachers["writer/1"].sent  # type: ignore[attr-defined]
    assert not shop.teachers["writer/2"].sent  # type: ignore[attr-defined]
    assert bytes_of(well.run) == before


def test_a_seat_without_a_teacher_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="role 'writer'"):
        several(tmp_path, {"writer/1": MADE}, MIXED).build()


def test_unpriced_and_distributed_are_refused_by_seat(tmp_path: Path) -> None:
    teachers = {"writer/1": MADE, "writer/2": paid(price=None)}
    limited = Settings(budget_usd=1.0)
    with pytest.raises(DatawellError, match=r"writer/2 \(kit-paid\)"):
        made(several(tmp_path, teachers, MIXED, settings=limited))
