"""Every verb, in the order in which a newcomer meets them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from datawell.cli.main import GROUPS, VERBS
from tests.cli.conftest import ROOT, Cli


def test_the_way_of_a_newcomer(cli: Cli) -> None:
    assert cli("init", "my.yaml").code == 0
    assert cli("init", "my.yaml").code == 2  # never overwrites
    estimate = cli("validate", "my.yaml", "--json").data
    assert estimate["rows"] == 10_000
    assert estimate["calls"]["high"] == 0
    rows = cli("preview", "my.yaml", "-n", "2", "--json").data["rows"]
    assert len(rows) == 2
    assert rows[0]["record"]["plan"]["required"]["noun"]
    assert "plan" in cli("preview", "my.yaml", "-n", "1").out
    words = ("run", "my.yaml", "--rows", "40", "--set", "student=null", "--out", "runs/mine")
    done = cli(*words, "--json").data
    assert done["complete"]
    assert done["kept"] + sum(reason["rows"] for reason in done["dropped"]) == 40
    again = cli(*words)
    assert again.code == 0
    assert f"{done['kept']} of 40 rows kept" in again.out
    assert cli("runs", "list", "--json").data["runs"][0]["run"] == "runs/mine"
    assert cli("runs", "show", "runs/mine").code == 0
    assert cli("label", "runs/mine", "--json").data["useful"] == "not measured"
    assert cli("report", "runs/mine").out.strip() == "runs/mine/report.html"
    exported = cli("export", "runs/mine", "--format", "trl-sft", "--out", "views", "--json").data
    assert sum(exported["rows"].values()) == done["kept"]
    assert list(Path("views").rglob("*.jsonl"))


def test_two_runs_compared(cli: Cli) -> None:
    small = ("--set", "student=null", "--set", "report=null")
    cli("run", "stories", "--rows", "20", *small, "--out", "a")
    cli("run", "stories", "--rows", "20", *small, "--out", "b", "--set", "seed=1")
    found = cli("runs", "diff", "a", "b", "--json").data
    assert "generation" in found["fingerprint"]
    assert any(line.startswith("seed: ") for line in found["recipe"])
    same = cli("runs", "diff", "a", "a", "--json").data
    assert same == {"recipe": [], "fingerprint": [], "results": {}}


def test_more_rows_extend_a_run(cli: Cli) -> None:
    small = ("--set", "student=null", "--set", "report=null", "--out", "a")
    cli("run", "stories", "--rows", "15", *small)
    more = cli("run", "stories", "--rows", "30", *small, "--json").data
    assert more["rows"] == 30
    cli("run", "stories", "--rows", "30", *small[:4], "--out", "b")
    one, two = (sorted(Path(x, "dataset").glob("*.parquet")) for x in ("a", "b"))
    assert [p.read_bytes() for p in one] == [p.read_bytes() for p in two]


def test_a_dry_run_makes_nothing_and_a_pilot_is_part_of_the_run(cli: Cli) -> None:
    small = ("stories", "--rows", "12", "--set", "student=null", "--set", "report=null")
    told = cli("run", *small, "--dry-run", "--json").data
    assert (told["rows"], told["made"], told["usd"]["high"]) == (12, 0, 0)
    assert not Path("runs").exists()
    assert cli("run", *small, "--pilot", "1").code == 2
    pilot = cli("validate", *small, "--pilot", "4", "--out", "a", "--json").data
    assert (pilot["made"], pilot["sample_rows"]) == (4, 4)
    shown = cli("runs", "show", "a", "--json").data
    assert (shown["rows"], shown["planned"], shown["complete"]) == (4, 12, False)
    done = cli("run", *small, "--out", "a", "--json").data
    assert (done["rows"], done["complete"]) == (12, True)
    assert {held["quantity"] for held in done["estimate_held"]} == {"kept"}


def test_other_checks_keep_the_rows_they_keep(cli: Cli) -> None:
    small = ("--rows", "20", "--set", "student=null", "--set", "report=null", "--out", "a")
    cli("run", "stories", *small, "--set", "checks=[]")
    free = cli("runs", "show", "a", "--json").data
    assert all(fall["stage"] != "checks" for fall in free["dropped"])
    loose = "checks=[{use: length, with: {min_words: 100}}]"
    done = cli("run", "stories", *small, "--set", loose, "--json").data
    fallen = {fall["stage"]: fall["rows"] for fall in done["dropped"]}
    assert done["kept"] + fallen.get("checks", 0) == free["kept"]


def test_the_schema_accepts_the_shipped_recipes(cli: Cli) -> None:
    schema = cli("schema").data
    Draft202012Validator.check_schema(schema)


def test_plugins_are_listed_with_their_package(cli: Cli) -> None:
    table = cli("plugins", "list", "--json").data
    assert table["checks"]["vocabulary"].startswith("datawell ")
    shown = cli("plugins", "show", "checks", "near_duplicates")
    assert "threshold" in shown.out


@pytest.mark.parametrize("verb", [*VERBS, *GROUPS])
def test_every_verb_has_help_and_stands_in_the_readme(cli: Cli, verb: str) -> None:
    assert cli(verb, "--help").code == 0
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"`datawell {verb}" in readme


def test_json_is_one_object_and_nothing_else(cli: Cli) -> None:
    said = cli("validate", "stories", "--json")
    assert isinstance(json.loads(said.out), dict)
    assert cli("--version").out.startswith("datawell ")
