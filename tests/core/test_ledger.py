"""The ledger: what was acknowledged is on disk, whatever happens next."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from datawell.core import ledger as module
from datawell.core.errors import StorageError, UsageError
from datawell.core.ledger import Intent, Ledger, LedgerReader, ShardRecord
from datawell.core.spending import Totals


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.db"


@pytest.fixture
def ledger(path: Path) -> Iterator[Ledger]:
    with Ledger(path) as ledger:
        yield ledger


def intent(key: str, reserved: int | None = 100) -> Intent:
    return Intent(key, 1, "writer", "m", '{"messages":[]}', reserved)


def run(ledger: Ledger, *keys: str) -> list[int]:
    async def buy(key: str) -> int:
        call = await ledger.intend(intent(key))
        await ledger.answered(call, f"body of {key}")
        return call

    async def all_of_them() -> list[int]:
        return list(await asyncio.gather(*map(buy, keys)))

    return asyncio.run(all_of_them())


def integrity(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection, connection:
        return str(connection.execute("PRAGMA integrity_check").fetchone()[0])


def test_an_answer_is_found_by_its_key_at_once_and_after_reopening(path: Path) -> None:
    with Ledger(path) as ledger:
        run(ledger, "a", "b")
        found = ledger.lookup("a")
        assert found is not None
        assert (found.body, found.settled, found.reserved) == ("body of a", False, 100)
        assert ledger.lookup("c") is None
    with Ledger(path) as ledger:
        again = ledger.lookup("a")
        assert again == found


def test_states_of_a_call_and_the_sums(path: Path) -> None:
    async def calls(ledger: Ledger) -> None:
        answered = await ledger.intend(intent("a", 100))
        await ledger.answered(answered, "x")
        ledger.settle(answered, 30, 5, 7)
        unread = await ledger.intend(intent("b", 100))
        await ledger.answered(unread, "y")
        refused = await ledger.intend(intent("c", 100))
        await ledger.rejected(refused, "no")
        failed = await ledger.intend(intent("d", 100))
        await ledger.failed(failed, "timeout", 100)
        await ledger.intend(intent("e", 100))
        await ledger.intend(intent("f", None))

    with Ledger(path) as ledger:
        asyncio.run(calls(ledger))
        rejected = ledger.lookup("c")
        assert rejected is not None
        assert (rejected.rejected, rejected.error) == (True, "no")
        assert ledger.lookup("d") is None
        assert ledger.lookup("e") is None
    with LedgerReader(path) as reader:
        totals = reader.totals()
    assert totals == Totals(
        calls=6, uncertain=2, unpriced=1, input_tokens=5, output_tokens=7, spent=230, booked=330
    )


def test_in_flight_at_a_crash_is_uncertain_and_a_new_ask_is_a_new_attempt(path: Path) -> None:
    with Ledger(path) as ledger:
        asyncio.run(ledger.intend(intent("a")))
    with Ledger(path) as ledger:
        assert ledger.lookup("a") is None
        assert ledger.totals().uncertain == 1
        run(ledger, "a")
        assert ledger.lookup("a") is not None
        states = [(c["attempt"], c["state"]) for c in ledger.calls()]
        assert states == [(1, "uncertain"), (2, "answered")]
        assert ledger.totals().booked == 200


KILLED = """
import asyncio, sys
from pathlib import Path
from datawell.core.ledger import Intent, Ledger
async def buy(ledger, key):
    call = await ledger.intend(Intent(key, 0, "w", "m", "{}", 1))
    print("intended", key, flush=True)
    await ledger.answered(call, "body of " + key)
    print("answered", key, flush=True)
async def main():
    ledger = Ledger(Path(sys.argv[1]))
    for n in range(10**6):
        await asyncio.gather(*(buy(ledger, f"{n}-{i}") for i in range(8)))
asyncio.run(main())
"""


def test_kill_9_loses_nothing_that_was_acknowledged(path: Path) -> None:
    for lines in (3, 40, 200):
        command = [sys.executable, "-c", KILLED, str(path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            said = [process.stdout.readline().split() for _ in range(lines)]
            os.kill(process.pid, signal.SIGKILL)
            rest = [line.split() for line in process.stdout.read().splitlines()]
        said += [words for words in rest if len(words) == 2]
        with Ledger(path) as ledger:
            for state, key in said:
                if state == "answered":
                    found = ledger.lookup(key)
                    assert found is not None
                    assert found.body == f"body of {key}"
            held = {call["key"] for call in ledger.calls()}
            assert {key for _, key in said} <= held
        assert integrity(path) == "ok"
        path.unlink()


def test_concurrent_answers_share_commits(ledger: Ledger) -> None:
    commits: list[str] = []
    ledger._writer.connection.set_trace_callback(
        lambda sql: commits.append(sql) if sql == "COMMIT" else None
    )
    run(ledger, *(str(n) for n in range(300)))
    ledger._writer.connection.set_trace_callback(None)
    assert 1 <= len(commits) <= 30  # of 600 facts


def test_commits_are_synced(ledger: Ledger) -> None:
    assert ledger._writer.connection.execute("PRAGMA synchronous").fetchone() == (2,)
    assert ledger._writer.connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_full_disk_is_a_storage_error_and_loses_nothing(path: Path) -> None:
    with Ledger(path) as ledger:
        run(ledger, "before")
        pages = ledger._writer.connection.execute("PRAGMA page_count").fetchone()[0]
        ledger._writer.connection.execute(f"PRAGMA max_page_count={pages + 4}")
        with pytest.raises(StorageError, match="full") as caught:
            run(ledger, *("x" * 500 + str(n) for n in range(200)))
        assert "same command continues" in caught.value.hint
        with pytest.raises(StorageError):  # closed for good: order of facts must hold
            ledger.set_meta(a=1)
    assert integrity(path) == "ok"
    with Ledger(path) as ledger:
        assert ledger.lookup("before") is not None
        run(ledger, "after")
        assert ledger.lookup("after") is not None


def test_a_fact_that_cannot_be_written_is_told_to_all_of_its_group(ledger: Ledger) -> None:
    async def both() -> list[object]:
        bad = Intent("k", "no number", "w", "m", "{}", None)  # type: ignore[arg-type]
        bad_call = ledger.intend(bad)
        good = ledger.intend(intent("a"))
        ledger._writer.connection.execute(
            "CREATE TRIGGER no BEFORE INSERT ON calls BEGIN SELECT raise(FAIL, 'no'); END"
        )
        return list(await asyncio.gather(bad_call, good, return_exceptions=True))

    outcomes = asyncio.run(both())
    assert all(isinstance(outcome, StorageError) for outcome in outcomes)


def test_one_process_at_a_time(path: Path) -> None:
    with Ledger(path), pytest.raises(UsageError, match="another process"):
        Ledger(path)
    Ledger(path).close()


def test_reading_beside_a_writer(path: Path, ledger: Ledger) -> None:
    run(ledger, "a")
    with LedgerReader(path) as reader:
        assert reader.lookup("a") is not None
        run(ledger, "b")
        assert reader.lookup("b") is not None


def test_a_closed_ledger_is_one_file_and_takes_nothing(path: Path) -> None:
    ledger = Ledger(path)
    run(ledger, "a")
    ledger.close()
    assert sorted(p.name for p in path.parent.iterdir()) == ["run.db", "run.db.lock"]
    with pytest.raises(StorageError, match="closed"):
        ledger.set_meta(a=1)


def test_a_newer_format_is_refused_and_nothing_is_touched(path: Path) -> None:
    Ledger(path).close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE meta SET value = '99' WHERE name = 'format'")
    for opening in (Ledger, LedgerReader):
        with pytest.raises(UsageError, match="format 99") as caught:
            opening(path)
        assert "upgrade" in caught.value.hint


def test_an_older_format_opens_and_is_upgraded(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Ledger(path) as ledger:
        run(ledger, "a")
    newer = "ALTER TABLE calls ADD COLUMN more TEXT; CREATE TABLE extra (x);"
    monkeypatch.setattr(module, "SCHEMAS", (*module.SCHEMAS, newer))
    with LedgerReader(path) as reader:  # reading needs no upgrade
        assert reader.lookup("a") is not None
    with Ledger(path) as ledger:
        assert ledger.lookup("a") is not None
        run(ledger, "b")
    with closing(sqlite3.connect(path)) as connection, connection:
        (found,) = connection.execute("SELECT value FROM meta WHERE name='format'").fetchone()
        assert int(found) == len(module.SCHEMAS)
        connection.execute("SELECT x FROM extra")


def test_what_is_no_ledger(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no run in"):
        LedgerReader(tmp_path / "run.db")
    (tmp_path / "run.db").write_text("a text, long enough to be taken for a header " * 5)
    for opening in (Ledger, LedgerReader):
        with pytest.raises(UsageError, match="cannot be read"):
            opening(tmp_path / "run.db")
    with pytest.raises(StorageError):
        Ledger(tmp_path / "run.db" / "in a file" / "run.db")


def test_half_a_surrogate_pair_comes_back(ledger: Ledger) -> None:
    async def buy() -> None:
        call = await ledger.intend(intent("a"))
        await ledger.answered(call, "sm\ud83d")
        ledger.settle(call, 1, 1, 1, error="\udc00")

    asyncio.run(buy())
    found = ledger.lookup("a")
    assert found is not None
    assert found.body == "sm\ud83d"


def test_shards_decisions_meta_and_events(ledger: Ledger) -> None:
    counts = {"kept": 1, "dropped": [["checks", "why", 2]]}
    first = ShardRecord(0, 0, 3, "f", counts, {"00000.parquet": "d"}, 0.5)
    second = ShardRecord(1, 3, 6, "f", counts, {}, 0.5)
    ledger.shard_done(second)
    ledger.shard_done(first)
    assert ledger.shards() == {0: first, 1: second}
    ledger.decided({("near", 1): "d"}, {"dropped": []})
    assert ledger.decisions() == {("near", 1): "d"}
    assert ledger.meta() == {"decided": {"dropped": []}}
    ledger.forget_shards([0])
    assert ledger.shards() == {1: second}
    assert ledger.decisions() == {}
    assert ledger.meta() == {}
    ledger.set_meta(seed=3, teachers={"a": "b"})
    assert ledger.meta() == {"seed": 3, "teachers": {"a": "b"}}
    ledger.event("session", rows=1)
    assert [(kind, data) for _, kind, data in ledger.events()] == [("session", {"rows": 1})]


def test_calls_are_plain_data(ledger: Ledger) -> None:
    run(ledger, "a")
    (call,) = ledger.calls()
    assert json.loads(call["request"]) == {"messages": []}
    assert (call["role"], call["answer"], call["state"]) == ("writer", "body of a", "answered")
