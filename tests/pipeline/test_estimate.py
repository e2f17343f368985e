"""Estimates: honest before, bought once, and held against the run after."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from datawell.core import plugins
from datawell.core.errors import BudgetSpent, RunMismatchError, UsageError
from datawell.core.ledger import LedgerReader
from datawell.core.rundir import RunFolder
from datawell.pipeline.execute import run
from datawell.pipeline.pilot import dry_run, validate
from datawell.pipeline.runs import open_run
from datawell.recipes.load import load_recipe
from datawell.recipes.model import Recipe
from tests.generation.kit import PLUGIN

CHECKS = "checks=[{use: judge_rubric, with: {keep_from: 1}}]"
RECIPE = """
name: lines
rows: {rows}
seeds: kit_numbers
task: {{use: kit_lines, with: {{calls: 2}}}}
teachers: {{writer: {{use: kit_paid, with: {teacher}}}}}
checks: [{{use: kit_short, with: {{word: boat}}}}]
export: {{formats: [parquet]}}
report: null
"""


@pytest.fixture(autouse=True)
def kit_is_installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(str(PLUGIN))
    plugins._table.cache_clear()
    yield
    plugins._table.cache_clear()


@pytest.fixture
def recipe(tmp_path: Path) -> Any:
    def make(rows: int = 60, teacher: str = "{}", extra: str = "") -> Recipe:
        file = tmp_path / f"lines-{rows}.yaml"
        file.write_text(RECIPE.format(rows=rows, teacher=teacher) + extra)
        return load_recipe(str(file))

    return make


def _with_writer(tmp_path: Path, writer: str) -> Recipe:
    file = tmp_path / "cast.yaml"
    text = RECIPE.format(rows=60, teacher="{}")
    file.write_text(text.replace("{writer: {use: kit_paid, with: {}}}", f"{{writer: {writer}}}"))
    return load_recipe(str(file))


def sent(folder: Path) -> int:
    with LedgerReader(folder / "run.db") as ledger:
        return ledger.totals().calls


def test_from_plans_alone_the_range_is_wide_and_says_so(recipe: Any, tmp_path: Path) -> None:
    told = validate(recipe())
    assert "a stated range" in told.method
    assert (told.needs.calls.low, told.needs.calls.likely) == (120, 120)
    assert told.kept is not None
    assert (told.kept.low, told.kept.likely, told.kept.high) == (0, None, 60)
    assert told.needs.usd is not None
    done = run(recipe(), out=tmp_path / "run").summary
    assert told.needs.usd.low <= (done.spent_usd or 0) <= told.needs.usd.high
    assert told.needs.input_tokens.low <= done.input_tokens <= told.needs.input_tokens.high
    assert told.needs.output_tokens.low <= done.output_tokens <= told.needs.output_tokens.high


def test_an_unknown_price_is_unknown_and_never_zero(recipe: Any, tmp_path: Path) -> None:
    unpriced = recipe(teacher="{price: null}")
    for told in (validate(unpriced), validate(unpriced, pilot=5)):
        assert told.needs.usd is None
        assert told.describe()["usd"] == "unknown"
        assert told.describe()["by_role"]["writer"]["usd"] == "unknown"
        assert "unknown: a price is not known" in str(told)
    shown = run(unpriced, out=tmp_path / "run").describe()
    assert shown["spent_usd"] is None
    assert shown["usd_per_kept_row"] is None
    assert shown["cost_by_role"][0]["usd"] == "unknown"
    assert "usd" not in [held["quantity"] for held in shown["estimate_held"]]


def test_a_pilot_is_paid_through_the_runs_own_ledger(recipe: Any, tmp_path: Path) -> None:
    out = tmp_path / "run"
    told = validate(recipe(), pilot=12, out=out)
    assert (told.made, told.sample, told.rows) == (12, 12, 60)
    assert "from the first 12 rows" in told.method
    assert sent(out) == 24
    assert told.spent_usd
    summary = RunFolder(out).summary()
    assert (summary.rows, summary.planned, summary.complete) == (12, 60, False)
    assert validate(recipe(), pilot=12, out=out) == told  # nothing is bought again
    assert sent(out) == 24
    done = run(recipe(), out=out)
    assert sent(out) == 120
    held = {one["quantity"]: one for one in done.describe()["estimate_held"]}
    assert held["calls"]["actual"] == 120
    assert held["usd"]["actual"] == done.summary.spent_usd
    assert held["usd"]["low"] < held["usd"]["likely"] < held["usd"]["high"]
    assert "estimates held" in str(open_run(out))


def test_a_pilots_rows_are_the_runs_rows(recipe: Any, tmp_path: Path) -> None:
    run(recipe(), out=tmp_path / "with", pilot=10)
    run(recipe(), out=tmp_path / "without")
    one, two = (sorted((tmp_path / n / "dataset").glob("*")) for n in ("with", "without"))
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]
    assert sent(tmp_path / "with") == sent(tmp_path / "without")


def test_a_pilot_without_a_folder_leaves_none(
    recipe: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    assert validate(recipe(rows=30), pilot=4).sample == 4
    assert dry_run(recipe(rows=30)).made == 0
    after = [path for path in sorted(tmp_path.rglob("*")) if path.suffix != ".yaml"]
    assert after == [path for path in before if path.suffix != ".yaml"]


def test_a_dry_run_reads_the_rows_that_are_there(recipe: Any, tmp_path: Path) -> None:
    out = tmp_path / "run"
    run(recipe(rows=20), out=out)
    told = dry_run(recipe(rows=200), out=out)
    assert (told.made, told.sample, told.rows) == (20, 20, 200)
    assert sent(out) == 40
    assert told.needs.usd is not None
    assert told.needs.usd.low > (told.spent_usd or 0) > 0
    whole = dry_run(recipe(rows=20), out=out)
    assert whole.needs.usd is not None
    assert whole.needs.usd.low == whole.needs.usd.high == pytest.approx(whole.spent_usd)


def test_a_dry_run_refuses_what_the_run_would(recipe: Any, tmp_path: Path) -> None:
    out = tmp_path / "run"
    run(recipe(rows=5), out=out)
    with pytest.raises(RunMismatchError):
        dry_run(recipe(rows=5, extra="seed: 9\n"), out=out)
    (tmp_path / "file").touch()
    with pytest.raises(UsageError):
        dry_run(recipe(rows=5), out=tmp_path / "file")


def test_a_pilot_never_unmakes_rows(recipe: Any, tmp_path: Path) -> None:
    out = tmp_path / "run"
    run(recipe(rows=40), out=out)
    before = sorted(path.read_bytes() for path in (out / "parts").iterdir())
    assert validate(recipe(rows=40), pilot=5, out=out).made == 40
    assert sorted(path.read_bytes() for path in (out / "parts").iterdir()) == before


def test_a_pilot_holds_to_the_budget(recipe: Any, tmp_path: Path) -> None:
    with pytest.raises(BudgetSpent):
        validate(recipe(extra="budget: {usd: 0.002}\n"), pilot=20, out=tmp_path / "run")
    with LedgerReader(tmp_path / "run" / "run.db") as ledger:
        assert ledger.totals().booked <= 2_000_000
    assert RunFolder(tmp_path / "run").summary().planned == 60


def test_the_budget_is_held_against_the_estimate(recipe: Any) -> None:
    assert "the budget of $100 suffices" in str(validate(recipe(extra="budget: {usd: 100}\n")))
    assert "may not suffice" in str(validate(recipe(extra="budget: {usd: 0.01}\n")))
    assert "does not suffice" in str(validate(recipe(extra="budget: {usd: 0.000001}\n")))


def test_a_pilot_of_one_row_is_refused(recipe: Any) -> None:
    with pytest.raises(UsageError, match="a pilot of 1 rows"):
        validate(recipe(), pilot=1)


def test_rows_that_cost_nothing_are_timed_here(tmp_path: Path) -> None:
    told = validate("stories", rows=50, overrides=["student=null"])
    assert (told.needs.calls.high, told.needs.usd and told.needs.usd.high) == (0, 0)
    assert told.seconds is None
    assert told.cpu_seconds is not None
    assert told.kept is not None
    assert told.kept.high <= 50


def test_judges_and_anchors_are_in_the_estimate(tmp_path: Path) -> None:
    real = tmp_path / "real.txt"
    story = "One day Mia lost her drum and was sad. A fox saw it. He ran to her. She was glad."
    real.write_text("\n\n".join(story.replace("Mia", f"Mia{n}") for n in range(4)))
    overrides = ["student=null", f"report.anchor={real}", "teachers.judge={use: kit_paid}"]
    checks = "checks=[{use: story_grades, with: {samples: 3, anchor_texts: 2}}]"
    told = validate("stories", rows=10, overrides=[*overrides, checks])
    assert told.by_role.keys() == {"judge"}
    assert told.needs.calls.low == 10 * 3 + 2 * 2 * 3


def test_who_steps_in_counts_at_the_high_end_alone(recipe: Any, tmp_path: Path) -> None:
    dear = "{use: kit_paid, with: {price: [100, 200], max_output_tokens: 101}}"
    one = validate(recipe())
    both = validate(_with_writer(tmp_path, f"{{fallback: [{{use: kit_paid}}, {dear}]}}"))
    assert one.needs.usd is not None
    assert both.needs.usd is not None
    assert (both.needs.usd.low, both.needs.usd.likely) == (one.needs.usd.low, one.needs.usd.likely)
    assert both.needs.usd.high > 50 * one.needs.usd.high
    assert both.by_role.keys() == {"writer"}


def test_a_mixture_is_estimated_by_its_shares(tmp_path: Path) -> None:
    dear = (
        "{teacher: {use: kit_paid, with: {price: [100, 200], max_output_tokens: 101}}, weight: 1}"
    )
    told = validate(
        _with_writer(tmp_path, f"{{mixture: [{{teacher: {{use: kit_paid}}, weight: 3}}, {dear}]}}")
    )
    assert told.needs.calls.likely == pytest.approx(120)
    assert told.by_role.keys() == {"writer"}
    assert set(told.teachers) == {"writer/1", "writer/2"}


def test_the_cost_is_told_by_role_and_stage(tmp_path: Path) -> None:
    teachers = "teachers={writer: {use: kit_paid}, judge: builtin}"
    done = run(
        "stories",
        rows=6,
        out=tmp_path / "run",
        overrides=["student=null", "report=null", teachers, CHECKS],
    ).describe()
    (writer,) = done["cost_by_role"]
    (voice,) = done["cost_by_stage"]
    assert (writer["name"], voice["name"]) == ("writer", "voice")
    assert writer["usd"] == voice["usd"] == pytest.approx(done["spent_usd"])
    assert writer["usd_per_kept_row"] == pytest.approx(done["usd_per_kept_row"])
