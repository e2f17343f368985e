"""What a dataset cost, in its label: by role, by stage, by what became of the row; its grades."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from datawell.core import plugins
from datawell.core.ledger import LedgerReader
from datawell.pipeline.execute import run
from datawell.pipeline.runs import Run, label
from datawell.recipes.load import load_recipe
from tests.generation.kit import PLUGIN

RECIPE = """
name: lines
rows: 40
seeds: kit_numbers
task: kit_lines
teachers: {{writer: {{use: kit_paid, with: {teacher}}}}}
checks: {checks}
export: {{formats: [parquet]}}
report: {report}
"""


@pytest.fixture(autouse=True)
def kit_is_installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(str(PLUGIN))
    plugins._table.cache_clear()
    yield
    plugins._table.cache_clear()


def made(
    folder: Path, teacher: str = "{}", checks: str = "[kit_crash]", report: str = "null"
) -> Run:
    folder.mkdir()
    file = folder / "lines.yaml"
    file.write_text(RECIPE.format(teacher=teacher, checks=checks, report=report))
    return run(load_recipe(str(file)), out=folder / "run")


def test_every_cent_of_an_answer_is_in_the_label_once(tmp_path: Path) -> None:
    done = made(tmp_path / "a")
    cost = label(done.path)["cost"]
    summary = done.summary
    assert cost["usd"] == pytest.approx(summary.spent_usd)
    figure = cost["usd_per_kept_row"]
    assert figure["value"] == pytest.approx(cost["usd"] / summary.kept)
    assert (figure["interval"], figure["n"]) == (None, summary.kept)
    assert [part["name"] for part in cost["by_role"]] == ["writer"]
    assert [part["name"] for part in cost["by_stage"]] == ["voice"]
    (fell,) = cost["dropped_rows"]
    assert (fell["stage"], fell["rows"]) == ("check", 14)  # every third row crashes the check
    with LedgerReader(done.folder.db) as ledger:
        lost = sum(bill.answered for bill in ledger.bills() if bill.row % 3 == 0)
    assert fell["usd"] == pytest.approx(lost / 1e9)


def test_the_cost_in_the_label_does_not_depend_on_faults(tmp_path: Path) -> None:
    faulty = made(tmp_path / "faulty", '{faults: {"7": timeout}}')
    smooth = made(tmp_path / "smooth")
    with LedgerReader(faulty.folder.db) as ledger:
        assert any(part.lost for part in ledger.spending())
    one, two = (label(done.path)["cost"]["by_role"][0] for done in (faulty, smooth))
    assert one["answers"] == two["answers"] - 1
    lost = faulty.describe()["cost_by_role"][0]
    assert lost["usd"] > one["usd"]  # the run tells what was booked for the call that failed


def test_an_unknown_price_makes_the_cost_unknown(tmp_path: Path) -> None:
    cost = label(made(tmp_path / "a", "{price: null}").path)["cost"]
    assert cost["usd"] == cost["usd_per_kept_row"] == "unknown"
    assert cost["by_role"][0]["usd"] == cost["dropped_rows"][0]["usd"] == "unknown"


def test_what_is_made_here_costs_nothing_and_says_so(tmp_path: Path) -> None:
    done = run("stories", rows=4, out=tmp_path / "run", overrides=["student=null", "report=null"])
    cost = label(done.path)["cost"]
    assert (cost["usd"], cost["usd_per_kept_row"]["value"]) == (0, 0)
    assert cost["by_role"] == []


def test_grades_their_spread_and_anchors_are_in_the_label(tmp_path: Path) -> None:
    real = tmp_path / "real.txt"
    story = "One day Mia lost her drum and was sad. A fox saw it. He ran to her. She was glad."
    real.write_text("\n\n".join(story.replace("Mia", f"Mia{n}") for n in range(4)))
    checks = "checks=[{use: story_grades, with: {samples: 2}}]"
    done = run(
        "stories",
        rows=5,
        out=tmp_path / "run",
        overrides=["student=null", f"report.anchor={real}", checks],
    )
    (check,) = label(done.path)["valid"]["checks"]
    assert check["grades"]["score"]["n"] == 5
    assert check["grades"]["spread"]["value"] == 0
    assert set(check["anchors"]) == {"real endings", "shuffled endings"}
    assert check["anchors"]["real endings"]["grades"]["score"]["n"] == 4
    page = done.folder.report.read_text()
    for told in ("story grades", "real endings", "shuffled endings", "grammar", "does not tell"):
        assert told in page


def test_the_page_tells_cost_by_role_and_how_the_estimate_held(tmp_path: Path) -> None:
    done = made(tmp_path / "a", report="{}")
    page = done.folder.report.read_text()
    for told in ("writer", "voice", "a kept row", "Estimate", "rows dropped at check"):
        assert told in page
    held: Any = done.describe()["estimate_held"]
    assert json.dumps(held)
