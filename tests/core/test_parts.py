"""Parts: what is written comes back, the same rows give the same bytes, whole or not at all."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datawell.core.errors import StorageError, UsageError
from datawell.core.parts import (
    file_digest,
    read_decisions,
    read_part,
    write_decisions,
    write_durably,
    write_part,
)
from datawell.core.records import Lineage, Message, Record, Row, Span, Turn, Verdict, View

text = st.text(st.characters(codec="utf-8"), max_size=12)
number = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
json_data = st.recursive(
    st.none() | st.booleans() | number | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=6,
)
verdict = st.builds(
    Verdict,
    check=text,
    keep=st.booleans(),
    reason=text,
    score=st.none() | st.floats(allow_nan=False),
    evidence=st.lists(
        st.builds(Span, st.integers(0, 99), st.integers(0, 99), text), max_size=2
    ).map(tuple),
    note=text,
)
# A corpus check's decision is a verdict too, but has no figures.
figures = st.lists(st.tuples(text, st.floats(allow_nan=False)), max_size=2).map(tuple)
judged = st.builds(replace, verdict, figures=figures)
verdicts = st.lists(verdict | judged, max_size=2).map(tuple)
message = st.builds(
    lambda role, content: Message(role=role, content=content),
    st.sampled_from(["system", "user", "assistant"]),
    text,
)
records = st.builds(
    Record,
    id=text,
    text=text,
    plan=st.dictionaries(text, json_data, max_size=3),
    lineage=st.builds(
        Lineage,
        recipe=text,
        task=text,
        row=st.integers(0, 2**40),
        seed_id=text,
        source=text,
        teachers=st.dictionaries(text, text, max_size=2),
        calls=st.lists(text, max_size=2).map(tuple),
    ),
    prompt=text,
    turns=st.lists(st.builds(Turn, text, text, text), max_size=2).map(tuple),
    views=st.lists(st.builds(View, text, st.lists(message, max_size=2).map(tuple)), max_size=2).map(
        tuple
    ),
)
rows = st.lists(
    st.builds(
        Row,
        row=st.integers(0, 2**40),
        seed_id=text,
        source=text,
        record=st.none() | records,
        verdicts=verdicts,
        stage=text,
        reason=text,
        detail=text,
    ),
    max_size=4,
)
in_one_folder = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@in_one_folder
@given(rows)
def test_rows_come_back_as_they_were(tmp_path: Path, some: list[Row]) -> None:
    path = tmp_path / "00000.parquet"
    first = write_part(path, some)
    assert read_part(path) == some
    assert file_digest(path) == first
    assert write_part(tmp_path / "again.parquet", read_part(path)) == first


@in_one_folder
@given(st.lists(st.tuples(st.integers(0, 2**40), verdict)))
def test_decisions_come_back_as_they_were(tmp_path: Path, some: list[tuple[int, Verdict]]) -> None:
    path = tmp_path / "00000.parquet"
    write_decisions(path, some)
    assert read_decisions(path) == some


def row(number: int, **changes: object) -> Row:
    lineage = Lineage("f", "t", number, "s", "kit")
    record = Record(f"id{number}", f"Text {number}.", {"b": 1, "a": [2]}, lineage)
    return Row(number, "s", "kit", record, (Verdict("c", True, score=0.5),))


def test_a_part_is_flat_and_readable_by_anyone(tmp_path: Path) -> None:
    write_part(tmp_path / "p.parquet", [row(3), Row(4, "s", "kit", None, (), "plan", "why", "d")])
    frame = pl.read_parquet(tmp_path / "p.parquet")
    assert all(kind in (pl.Int64, pl.String) for kind in frame.dtypes)
    kept, dropped = frame.to_dicts()
    assert (kept["row"], kept["state"], kept["text"]) == (3, "kept", "Text 3.")
    assert json.loads(kept["plan"]) == {"a": [2], "b": 1}
    assert json.loads(kept["verdicts"])[0]["score"] == 0.5
    assert (dropped["state"], dropped["stage"], dropped["reason"]) == ("dropped", "plan", "why")
    assert dropped["text"] is None


def test_text_no_file_can_hold_is_mended(tmp_path: Path) -> None:
    write_part(tmp_path / "p.parquet", [Row(1, "\ud83d", "\ud83d\ude00", None, (), "s", "r", "d")])
    (back,) = read_part(tmp_path / "p.parquet")
    assert (back.seed_id, back.source) == ("\ufffd", "\U0001f600")


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_refused_write_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = tmp_path / "p.parquet"
    write_part(path, [row(1)])

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    if step == "fsync":
        monkeypatch.setattr(os, "fsync", refuse)
    else:
        monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(StorageError, match="No space left") as caught:
        write_part(path, [row(2)])
    assert "free some space" in caught.value.hint
    assert read_part(path) == [row(1)]
    assert [p.name for p in tmp_path.iterdir()] == ["p.parquet"]


def test_data_is_synced_before_the_name_and_the_name_before_the_return(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    sync, replace = os.fsync, Path.replace

    def synced(descriptor: int) -> None:
        steps.append("folder" if os.path.isdir(f"/proc/self/fd/{descriptor}") else "data")
        sync(descriptor)

    def renamed(self: Path, target: Path) -> Path:
        steps.append("name")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", renamed)
    write_durably(tmp_path / "x", b"data")
    assert steps == ["data", "name", "folder"]


def test_damage_and_absence_are_told(tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    with pytest.raises(UsageError, match="does not exist"):
        read_part(path)
    assert file_digest(path) is None
    write_part(path, [row(n) for n in range(50)])
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(StorageError, match="damaged") as caught:
        read_part(path)
    assert "made anew" in caught.value.hint
