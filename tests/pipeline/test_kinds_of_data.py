"""The shipped recipes of documents, pairs and chapters, from seed to label, with no key."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from datawell.pipeline.execute import run

ROWS = 30


@pytest.mark.parametrize(
    ("recipe", "view"),
    [
        ("qa", "trl-sft"),
        ("rewrite", "trl-prompt-completion"),
        ("preference", "trl-preference"),
        ("textbook", "trl-sft"),
    ],
)
def test_a_recipe_ends_with_a_dataset_and_a_label(recipe: str, view: str, tmp_path: Path) -> None:
    made = run(recipe, rows=ROWS, out=tmp_path / "run", overrides=["report=null"])
    folder = tmp_path / "run"
    rows = pl.concat([pl.read_parquet(path) for path in (folder / "dataset").glob("*.parquet")])
    fell = pl.read_parquet(folder / "rejected.parquet")
    assert len(rows) + len(fell) == ROWS
    assert len(rows) >= ROWS // 2
    assert rows["task"].unique().to_list() == [recipe]
    assert set(fell["stage"]) <= {"corpus", "checks"}
    assert json.loads((folder / "dataset" / "label.json").read_text())
    written = (folder / "export" / view / "train.jsonl").read_text().splitlines()
    assert all(json.loads(line) for line in written)
    assert made is not None
