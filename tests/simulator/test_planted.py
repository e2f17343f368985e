"""The simulator is no decoration: a bug of each kind it looks for is planted, and is found."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from datawell.core import group_commit, parts
from datawell.core.budget import Budget
from datawell.core.errors import storage_boundary
from datawell.core.ledger import Ledger
from datawell.generation import calls as calls_module
from datawell.generation import corpus as corpus_module
from tests.simulator.disk import Disk
from tests.simulator.life import live
from tests.simulator.money import spend
from tests.simulator.provider import Provider

MOST = 60  # seeds until it must be found


def found(words: str, life: Callable[[int], Any] = live) -> bool:
    """Whether some seed breaks a promise in these words."""
    return any(words in broken for seed in range(MOST) for broken in life(seed).breaks)


def test_a_disk_that_only_says_it_synced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Disk, "sync", lambda self, path: self.operation())
    assert found("acknowledged as answered and is lost")


def test_commits_that_are_not_synced(monkeypatch: pytest.MonkeyPatch) -> None:
    class Hasty(sqlite3.Connection):
        def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
            return super().execute(sql.replace("synchronous=FULL", "synchronous=OFF"), *values)

    monkeypatch.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=Hasty))
    assert found("is lost")


def test_an_answer_acknowledged_before_it_is_on_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    async def hasty(self: Ledger, call: int, body: str) -> None:
        sql = "UPDATE calls SET state = 'answered', answer = ?, ended = 1 WHERE id = ?"
        self._writer.commit_soon((sql, (body, call)))

    monkeypatch.setattr(Ledger, "answered", hasty)
    assert found("acknowledged as answered and is lost")


def test_a_budget_that_is_checked_and_then_spent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Budget, "fits", lambda self, amount: self.booked + amount <= self.limit)
    assert found("booked", spend)


def test_reservations_that_are_too_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls_module, "most_it_costs", lambda *_: 1000)
    assert found("billed", spend)


def test_answers_that_are_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Ledger, "lookup", lambda self, key: None)
    assert found("asked again")
    assert found("asked_once")


def test_parts_that_are_not_synced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Their digests tell, and they are made anew: so nothing is lost, but the audit sees it."""

    def hasty(path: Path, data: bytes | memoryview) -> str:
        with storage_boundary("writing", path), path.open("wb") as file:
            file.write(data)
        return hashlib.blake2b(data, digest_size=16).hexdigest()

    monkeypatch.setattr(parts, "write_durably", hasty)
    assert found("one_state_a_row")


def test_decisions_that_outlive_their_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpus_module, "_dropped", lambda *_: [["corpus", "same", 7]])
    assert found("report_equals_recomputation")


def test_an_intent_that_is_not_written_down(monkeypatch: pytest.MonkeyPatch) -> None:
    commit = group_commit.GroupCommit.commit

    async def forgetful(self: Any, *statements: Any) -> None:
        if "INSERT INTO calls" not in statements[0][0]:
            await commit(self, *statements)
        else:
            self.commit_soon(*statements)

    monkeypatch.setattr(group_commit.GroupCommit, "commit", forgetful)
    assert found("is lost") or found("of which no call tells")


def test_a_key_in_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    from datawell.teachers.wire import Secret

    monkeypatch.setattr(Secret, "hide", lambda self, text: text)
    assert found("the key stands in")


def test_rows_that_depend_on_the_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        Provider, "_fate", lambda self, name: "length" if self._luck.random() < 0.1 else ""
    )
    assert found("differs from the undisturbed run's")
