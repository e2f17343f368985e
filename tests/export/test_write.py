from __future__ import annotations

import hashlib
import json
import resource
import signal
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from datawell.core.errors import GuardFailed, StorageError, UsageError
from datawell.core.params import Params
from datawell.core.plugins import Component, build
from datawell.core.records import Record, Row
from datawell.export import files
from datawell.export.card import write_card
from datawell.export.label import build_label
from datawell.export.write import write_dataset

SHARES = {"train": 0.6, "validation": 0.2, "test": 0.2}


def exporters(*names: str) -> list[Any]:
    return [build("exporters", Component(name)) for name in names]


ALL = ("parquet", "trl-sft", "trl-prompt-completion")


@pytest.fixture
def rows(make: SimpleNamespace) -> list[Row]:
    """Sixty rows of thirty seeds; every fifth was dropped, one fell before it had a record."""
    made = [make.story(i, seed=f"seed-{i // 2}") for i in range(60)]
    told = [make.dropped(r) if i % 5 == 0 else make.kept(r) for i, r in enumerate(made)]
    fallen = Row(60, "seed-x", "words", None, stage="seeds", reason="unreadable", detail="line 3")
    return [*told, fallen]


def hashes(folder: Path) -> dict[str, str]:
    found = [p for p in sorted(folder.rglob("*")) if p.is_file()]
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in found
        if p.suffix in {".parquet", ".jsonl"} and "parts" not in p.parts
    }


def test_every_row_is_in_exactly_one_place(make_run: Any, rows: list[Row]) -> None:
    run = make_run(rows)
    counts = write_dataset(run, exporters(*ALL), SHARES)
    frames = {
        side: pl.read_parquet(run.dataset / f"{side}-*.parquet") for side in counts if counts[side]
    }
    assert {side: len(frame) for side, frame in frames.items()} == counts
    rejected = pl.read_parquet(run.rejected)
    everywhere = [row for frame in frames.values() for row in frame["row"]] + list(rejected["row"])
    assert sorted(everywhere) == list(range(61))
    assert set(rejected["reason"]) == {"too_short", "unreadable"}
    assert rejected.filter(row=60)["id"][0] is None
    verdict = json.loads(rejected["verdicts"][0])[0]
    assert verdict["evidence"] == [{"start": 0, "end": 3, "note": "here"}]


def test_no_seed_stands_on_two_sides_in_any_format(make_run: Any, rows: list[Row]) -> None:
    run = make_run(rows)
    write_dataset(run, exporters(*ALL), SHARES)
    sides: dict[str, set[str]] = {}
    side_of_row: dict[str, str] = {}
    for path in run.dataset.glob("*.parquet"):
        side = path.name.split("-")[0]
        for id_, seed in pl.read_parquet(path).select("id", "seed_id").rows():
            sides.setdefault(seed, set()).add(side)
            side_of_row[id_] = side
    assert sides
    assert all(len(on) == 1 for on in sides.values())
    for path in run.export.rglob("*.jsonl"):
        for line in path.read_text().splitlines():
            assert side_of_row[json.loads(line)["id"]] == path.stem


def test_what_is_exported_can_be_loaded_again(make_run: Any, make: SimpleNamespace) -> None:
    talk = make.dialogue(0, ("tutor", 'Say "ü\n|".'), ("learner", "Ω?"), ("tutor", "Good."))
    tale = make.story(1, text="A tale.\n\nIt ends. 日本", prompt="Words: dog")
    run = make_run([make.kept(talk), make.kept(tale)])
    write_dataset(run, exporters("parquet", "trl-sft"), {"train": 1.0})
    back = pl.read_parquet(run.dataset / "train-00000.parquet").to_dicts()
    assert [row["text"] for row in back] == [talk.text, tale.text]
    assert back[0]["turns"] == [
        {"role": t.role, "text": t.text, "move": t.move} for t in talk.turns
    ]
    assert json.loads(back[1]["plan"]) == tale.plan
    assert back[1]["prompt"] == "Words: dog"
    assert back[1]["messages"] is None
    jsonl = (run.export / "trl-sft" / "train.jsonl").read_text().splitlines()
    assert json.loads(jsonl[0])["messages"] == back[0]["messages"]


def test_bytes_are_the_same_each_time(make_run: Any, rows: list[Row]) -> None:
    one, two = make_run(rows), make_run(rows)
    write_dataset(one, exporters(*ALL), SHARES)
    write_dataset(two, exporters(*ALL), SHARES)
    first = hashes(one.path)
    assert first == hashes(two.path)
    write_dataset(one, exporters(*ALL), SHARES)
    assert first == hashes(one.path)


def test_long_runs_become_several_bounded_files(
    make_run: Any, rows: list[Row], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_ROWS_PER_BLOCK", 3)
    monkeypatch.setattr(files.ParquetSink.__init__, "__kwdefaults__", {"rows_per_file": 10})
    run = make_run(rows)
    write_dataset(run, exporters("parquet"), {"train": 1.0})
    lengths = [len(pl.read_parquet(path)) for path in sorted(run.dataset.iterdir())]
    assert lengths == [10, 10, 10, 10, 8]
    ids = pl.read_parquet(run.dataset / "train-*.parquet")["row"]
    assert list(ids) == [row.row for row in rows if row.kept]


def test_a_run_that_keeps_nothing_still_says_why(make_run: Any, make: SimpleNamespace) -> None:
    run = make_run([make.dropped(make.story(0))])
    counts = write_dataset(run, exporters(*ALL), SHARES)
    assert counts == {"train": 0, "validation": 0, "test": 0}
    assert len(pl.read_parquet(run.rejected)) == 1
    assert not list(run.dataset.iterdir())


def test_rejected_rows_have_a_file_even_when_there_are_none(
    make_run: Any, make: SimpleNamespace
) -> None:
    run = make_run([make.kept(make.story(0))])
    write_dataset(run, exporters("parquet"), {"train": 1.0})
    assert pl.read_parquet(run.rejected).is_empty()


def test_files_of_a_former_export_are_gone(make_run: Any, rows: list[Row]) -> None:
    run = make_run(rows)
    write_dataset(run, exporters("parquet"), SHARES)
    write_dataset(run, exporters("parquet"), {"train": 1.0})
    assert [path.name for path in run.dataset.iterdir()] == ["train-00000.parquet"]
    assert not (run.path / ".export.staging").exists()


class Broken:
    """A third party's exporter whose second row is bad."""

    Params = Params
    name = "broken"

    def rows(self, record: Record) -> Iterator[Mapping[str, Any]]:
        content = "" if record.lineage.row > 1 else "x"
        yield {"messages": [{"role": "user", "content": content}, {"role": "assistant"}]}


def test_a_bad_row_stops_the_export_and_leaves_the_former_one(
    make_run: Any, rows: list[Row]
) -> None:
    run = make_run(rows)
    write_dataset(run, exporters("parquet"), SHARES)
    before = hashes(run.path)
    with pytest.raises(GuardFailed, match="'broken' made a bad row of record"):
        write_dataset(run, [*exporters("parquet"), Broken()], SHARES)
    assert hashes(run.path) == before
    assert not (run.path / ".export.staging").exists()


def test_a_dataset_folder_of_its_own_replaces_only_a_former_export(
    make_run: Any, rows: list[Row], tmp_path: Path
) -> None:
    run, out = make_run(rows), tmp_path / "elsewhere" / "data"
    write_dataset(run, exporters(*ALL), {"train": 1.0}, out)
    write_card(run, build_label(run, anchor=None, out=out), "", out=out)
    names = ["README.md", "label.json", "train-00000.parquet"]
    assert sorted(path.name for path in out.iterdir() if path.is_file()) == names
    assert (out / "trl-sft" / "train.jsonl").exists()
    assert not run.dataset.exists()
    write_dataset(run, exporters("parquet"), {"train": 1.0}, out)
    assert [path.name for path in out.iterdir()] == ["train-00000.parquet"]
    (out / "thesis.doc").write_text("precious")
    with pytest.raises(UsageError, match=r"thesis\.doc"):
        write_dataset(run, exporters("parquet"), {"train": 1.0}, out)
    assert (out / "thesis.doc").read_text() == "precious"
    with pytest.raises(UsageError, match="is a file"):
        write_dataset(run, exporters("parquet"), {"train": 1.0}, out / "thesis.doc")


def test_a_full_disk_is_an_error_of_storage_and_leaves_nothing(
    make_run: Any, make: SimpleNamespace
) -> None:
    long = [hashlib.shake_256(bytes([i])).hexdigest(2000) for i in range(60)]
    run = make_run([make.kept(make.story(i, text=text)) for i, text in enumerate(long)])
    write_dataset(run, exporters("parquet"), SHARES)
    before = hashes(run.path)
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, old[1]))
        with pytest.raises(StorageError, match=r"(?i)file too large"):
            write_dataset(run, exporters(*ALL), SHARES)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
        signal.signal(signal.SIGXFSZ, ignored)
    assert hashes(run.path) == before


def test_a_format_named_twice_is_refused(make_run: Any, rows: list[Row]) -> None:
    with pytest.raises(UsageError, match="twice"):
        write_dataset(make_run(rows), exporters("parquet", "parquet"), SHARES)
