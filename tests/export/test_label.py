from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from datawell.core.errors import UsageError
from datawell.core.plugins import Component, build
from datawell.core.records import Row, Verdict
from datawell.export.card import write_card
from datawell.export.label import NOT_MEASURED, build_label
from datawell.export.write import write_dataset

SHARES = {"train": 0.6, "validation": 0.2, "test": 0.2}
ANIMALS = ["dog", "cat", "bird", "cow", "frog", "pig"]


@pytest.fixture
def rows(make: SimpleNamespace) -> list[Row]:
    """A hundred stories: 70 kept, 20 too short, 10 copies found by a corpus check."""
    made = []
    for i in range(100):
        text = f"Story {i}. The {ANIMALS[i % 6]} saw a {ANIMALS[i // 6 % 6]} and ran {i * 7} steps."
        record = make.story(i, text=text)
        if i % 10 == 0:
            row = make.dropped(record, "copy", "corpus")
            made.append(
                Row(
                    i,
                    row.seed_id,
                    "words",
                    record,
                    (
                        Verdict("vocabulary", keep=True),
                        Verdict("near_duplicates", keep=False, reason="copy"),
                    ),
                    "corpus",
                    "copy",
                )
            )
        else:
            made.append(make.dropped(record) if i % 5 == 1 else make.kept(record))
    return made


def figures(value: Any) -> list[dict[str, Any]]:
    """Every figure in a label: whatever has a value and a method."""
    if isinstance(value, dict):
        own = [value] if {"value", "method"} <= set(value) else []
        return own + [f for inner in value.values() for f in figures(inner)]
    if isinstance(value, list):
        return [f for inner in value for f in figures(inner)]
    return []


def test_a_label_has_its_five_keys_and_complete_figures(make_run: Any, rows: list[Row]) -> None:
    run = make_run(rows)
    label = build_label(run, anchor=None)
    assert json.loads((run.dataset / "label.json").read_text()) == json.loads(json.dumps(label))
    assert label["format_version"] == 1
    assert label["private"] == label["supervised"] == label["useful"] == NOT_MEASURED
    found = figures(label)
    assert len(found) > 10
    for figure in found:
        assert {"value", "interval", "n", "method", "seed"} <= set(figure)
        if figure["interval"] is not None:
            assert figure["interval"][0] <= figure["value"] <= figure["interval"][1]


def test_valid_counts_rows_and_each_checks_own_rows(make_run: Any, rows: list[Row]) -> None:
    valid = build_label(make_run(rows), anchor=None)["valid"]
    assert (valid["kept"]["value"], valid["kept"]["n"]) == (0.7, 100)
    checks = {check["check"]: check["pass"] for check in valid["checks"]}
    assert checks["vocabulary"]["value"] == 1
    assert (checks["length"]["value"], checks["length"]["n"]) == (0, 20)
    # The corpus check compared what passed the row checks, though it speaks only of the copies.
    assert checks["near_duplicates"]["n"] == 80
    assert checks["near_duplicates"]["value"] == pytest.approx(70 / 80)
    assert valid["dropped"][0] == {"stage": "check", "reason": "too_short", "rows": 20}
    assert valid["catch_rate"] == NOT_MEASURED


def test_every_diversity_figure_stands_beside_the_anchors(
    make_run: Any, rows: list[Row], tmp_path: Path
) -> None:
    anchor = tmp_path / "real.jsonl"
    anchor.write_text("\n".join(json.dumps({"text": f"a b c d e f g h {i} z"}) for i in range(30)))
    diverse = build_label(make_run(rows), anchor=anchor)["diverse"]
    assert diverse["words"] == 300  # all the anchor has
    assert diverse["anchor"]["name"] == "real.jsonl"
    expected = {
        "types",
        "distinct_1",
        "distinct_2",
        "distinct_3",
        "distinct_4",
        "compression",
        "shared_8_grams",
        "commonest_opening",
        "self_bleu_4",
    }
    assert set(diverse["figures"]) == expected
    for figure in diverse["figures"].values():
        assert figure["n"] == figure["anchor"]["n"]
    assert diverse["figures"]["shared_8_grams"]["anchor"]["value"] > 0.2
    assert "distinct texts" not in json.dumps(diverse)


def test_a_run_without_kept_rows_has_no_diversity(make_run: Any, make: SimpleNamespace) -> None:
    label = build_label(make_run([make.dropped(make.story(0))]), anchor=None)
    assert label["diverse"] == NOT_MEASURED
    assert label["valid"]["kept"]["value"] == 0


def test_the_label_is_the_same_each_time(make_run: Any, rows: list[Row]) -> None:
    one, two = make_run(rows), make_run(rows)
    build_label(one, anchor=None)
    build_label(two, anchor=None)
    first = (one.dataset / "label.json").read_bytes()
    assert first == (two.dataset / "label.json").read_bytes()


PROOF = {
    "preset": "300k",
    "bytes": 1000,
    "documents": 12,
    "method": "equal bytes",
    "data": {"bits_per_byte": 2.5, "low": 2.4, "high": 2.6},
    "real": {"bits_per_byte": 2.0, "low": 1.9, "high": 2.1},
    "difference": {"value": 0.5, "low": 0.4, "high": 0.6},
}


def test_useful_is_taken_over_from_the_students_proof(make_run: Any, rows: list[Row]) -> None:
    run = make_run(rows)
    run.student.mkdir()
    (run.student / "useful.json").write_text(json.dumps(PROOF))
    useful = build_label(run, anchor=None)["useful"]
    assert useful["bytes"] == 1000
    assert useful["data"]["value"] == 2.5
    assert useful["difference"]["interval"] == [0.4, 0.6]
    assert len(figures(useful)) == 3


@pytest.mark.parametrize("content", ["{", "[]", "{}", '"x"', json.dumps({**PROOF, "data": 3})])
def test_a_damaged_proof_is_an_error(make_run: Any, rows: list[Row], content: str) -> None:
    run = make_run(rows)
    run.student.mkdir()
    (run.student / "useful.json").write_text(content)
    with pytest.raises(UsageError, match=r"useful\.json"):
        build_label(run, anchor=None)


RECIPE = "recipe:\n  name: demo\n  export:\n    license: cc-by-4.0\n# a fence: ```\n"


def test_the_card_has_a_header_and_names_the_grammar(make_run: Any, rows: list[Row]) -> None:
    run = make_run(rows)
    counts = write_dataset(run, [build("exporters", Component("parquet"))], SHARES)
    path = write_card(run, build_label(run, anchor=None), RECIPE)
    _, header, body = path.read_text().split("---\n", 2)
    meta = yaml.safe_load(header)
    assert meta["license"] == "cc-by-4.0"
    assert meta["language"] == ["en"]
    assert meta["size_categories"] == ["n<1K"]
    assert "synthetic" in meta["tags"]
    for entry in meta["configs"][0]["data_files"]:
        assert list(path.parent.glob(entry["path"]))
    assert "a grammar, not a language model" in body
    assert all(f"| {name} | {n} |" in body for name, n in counts.items())
    assert "| check | too\\_short | 20 |" in body
    assert "**Private.** not measured" in body
    assert "````yaml\n" + RECIPE.rstrip() + "\n````" in body


@pytest.mark.parametrize("recipe", ["", "a: [", "recipe: {export: {}}", "recipe: []"])
def test_a_license_nobody_gave_is_unknown(make_run: Any, rows: list[Row], recipe: str) -> None:
    run = make_run(rows)
    path = write_card(run, build_label(run, anchor=None), recipe)
    assert yaml.safe_load(path.read_text().split("---\n")[1])["license"] == "unknown"
