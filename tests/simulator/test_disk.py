"""The disk fails at each of its operations in turn, and the same command always recovers."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from datawell.core.errors import StorageError
from tests.simulator.disk import BROKEN, CRASH, FULL, SECTOR, Disk
from tests.simulator.life import Life, live_through, whole
from tests.simulator.provider import Mood
from tests.simulator.scenario import Scenario, Shape, Trouble

SMALL = Shape(number=99, rows=3, shard_size=2, calls=1, attempts=2, answers=0.0, faults={})


def life_with(*troubles: Trouble) -> Life:
    return live_through(Scenario(99, SMALL, 2, Mood(slow=0.1), 1.0, troubles=list(troubles)))


@pytest.mark.parametrize("fault", [CRASH, FULL, BROKEN])
def test_a_fault_at_every_operation_there_is(fault: str) -> None:
    """One life for each operation of an undisturbed one: the way SQLite tests itself."""
    operations = life_with().operations
    assert operations > 100
    felt = 0
    for at in range(1, operations + 1):
        life = life_with(Trouble(fault, at))
        assert life.breaks == [], f"{fault} at operation {at}"
        felt += life.sessions > 1
    assert felt > operations * 3 // 4  # tidying up at the end can be done without


def test_a_second_fault_while_recovering_from_the_first() -> None:
    for at in range(3, 120, 9):
        again = life_with(Trouble(CRASH, at), Trouble(CRASH, 1 + at // 3), Trouble(FULL, at // 2))
        assert again.breaks == [], f"at operation {at}"


def test_a_full_disk_is_told_with_what_to_do() -> None:
    life = life_with(Trouble(FULL, 40))
    assert any(StorageError.__name__ in told for told in life.told)
    assert life.stops == 1


# -- the model itself -----------------------------------------------------------------------


def contents(disk: Disk) -> set[bytes | None]:
    """What is found at ``a`` after many crashes at this same moment."""
    found: set[bytes | None] = set()
    for seed in range(300):
        twin = Disk(Path(disk.root), Random(seed))
        twin._now, twin._kept, twin._changes = dict(disk._now), dict(disk._kept), disk._changes
        twin.crash()
        found.add(twin._image.get(f"{disk.root}/a"))
    return found


def test_synced_bytes_stay_and_others_may_be_lost_or_torn(tmp_path: Path) -> None:
    disk, path = Disk(tmp_path, Random(0)), f"{tmp_path}/a"
    disk.create(path)
    disk.write(path, 0, b"old")
    assert contents(disk) >= {None, b"", b"old"}  # neither content nor name is safe
    disk.sync(path)
    assert contents(disk) == {None, b"old"}
    disk.sync_folder(str(tmp_path))
    assert contents(disk) == {b"old"}
    disk.write(path, 0, b"new" * SECTOR)
    found = contents(disk)
    assert {b"old", b"new" * SECTOR} < found
    assert any(text not in (b"old", b"new" * SECTOR) for text in found)
    disk.sync(path)
    assert contents(disk) == {b"new" * SECTOR}


def test_a_rename_is_safe_when_its_folder_is(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    disk, path = Disk(tmp_path, Random(0)), f"{tmp_path}/a"
    disk.create(path + ".tmp")
    disk.write(path + ".tmp", 0, b"new")
    disk.rename(path + ".tmp", path)
    assert contents(disk) >= {b"old", b"", b"new"}  # renamed before it was synced
    disk.sync(path)
    assert contents(disk) == {b"old", b"new"}
    disk.sync_folder(str(tmp_path))
    assert contents(disk) == {b"new"}
    disk.remove(path)
    assert contents(disk) == {b"new", None}


def test_a_machine_without_power_takes_nothing(tmp_path: Path) -> None:
    disk = Disk(tmp_path, Random(0), CRASH, 2)
    disk.create(f"{tmp_path}/a")
    disk.write(f"{tmp_path}/a", 0, b"x")
    for _ in range(2):
        with pytest.raises(OSError, match="off"):
            disk.sync(f"{tmp_path}/a")


def test_the_undisturbed_run_is_not_empty() -> None:
    assert any(name.endswith(".parquet") for name in whole(SMALL).files)
