"""Everything a user can get wrong, and what the world can: a clear message, the right exit code,
no traceback, nothing lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT, Cli

SMALL = ("--rows", "12", "--set", "student=null", "--set", "report=null", "--set", "checks=[]")

RECIPE = """\
name: mine
rows: 5
seeds:
  use: words
task:
  use: stories
checks:
  - vocabulary
student: null
"""


def write(text: str) -> str:
    Path("mine.yaml").write_text(text, encoding="utf-8")
    return "mine.yaml"


@pytest.mark.parametrize(
    ("change", "line", "words"),
    [
        (("rows: 5", "rowz: 5"), 2, ["rowz", "rows"]),
        (("rows: 5", "rows: many"), 2, ["rows"]),
        (("rows: 5", "rows: 0"), 2, ["rows"]),
        (("use: words", "use: wordz"), 4, ["wordz", "words"]),
        (("use: stories", "use: storis"), 6, ["storis", "stories"]),
        (("- vocabulary", "- vocabulry"), 8, ["vocabulry", "vocabulary"]),
        (("- vocabulary", "- {use: length, with: {minimun: 3}}"), 8, ["minimun"]),
        (("student: null", "student: [1"), 10, []),
    ],
)
def test_a_bad_recipe_names_file_line_and_remedy(
    cli: Cli, change: tuple[str, str], line: int, words: list[str]
) -> None:
    recipe = write(RECIPE.replace(*change))
    for verb in ("validate", "run"):
        said = cli(verb, recipe)
        assert said.code == 2
        assert f"mine.yaml:{line}" in said.err
        assert all(word in said.err for word in words), said.err
    assert not Path("runs").exists()


@pytest.mark.parametrize(
    "words",
    [
        ("run", "nothing.yaml"),
        ("run", "storys"),
        ("run", "tutoring", "--set", "seeds.with.path=gone.jsonl"),
        ("run", "stories", "--teacher", "openay:gpt"),
        ("run", "stories", "--teacher", "replay:gone.jsonl"),
        ("run", "stories", "--teacher", "reader=builtin"),
        ("run", "stories", "--set", "rows"),
        ("run", "stories", "--set", "checks.nothing.with.x=1"),
        ("run", "stories", "--executor", "rai"),
        ("run", "stories", "--rows", "none"),
        ("run", "stories", "--wrong"),
        ("report", "nowhere"),
        ("label", "nowhere"),
        ("runs", "list", "nowhere"),
        ("runs", "show", "nowhere"),
        ("export", "nowhere"),
        ("train", "nowhere", "--out", "student"),
        ("evaluate", "nowhere"),
        ("plugins", "list", "chekcs"),
        ("plugins", "show", "checks", "lenght"),
        ("nothing",),
    ],
)
def test_a_wrong_call_is_exit_code_2(cli: Cli, words: tuple[str, ...]) -> None:
    said = cli(*words)
    assert said.code == 2
    assert said.err.startswith("error: ")
    assert said.out == ""
    as_json = cli(*words, "--json")
    assert as_json.code == 2
    assert as_json.data["error"]["exit_code"] == 2


def test_a_run_folder_of_another_recipe_is_refused(cli: Cli) -> None:
    assert cli("run", "stories", *SMALL, "--out", "a").code == 0
    said = cli("run", "stories", *SMALL, "--out", "a", "--set", "seed=9")
    assert said.code == 2
    assert "seed" in said.err
    assert cli("runs", "show", "a", "--json").data["kept"] > 0


def test_a_folder_that_is_no_run_is_not_touched(cli: Cli) -> None:
    Path("mine").mkdir()
    Path("mine/thesis.txt").write_text("precious", encoding="utf-8")
    assert cli("run", "stories", *SMALL, "--out", "mine").code == 2
    assert sorted(path.name for path in Path("mine").iterdir()) == ["thesis.txt"]


def openai(url: str, **settings: object) -> str:
    """A --set for a patient writer at ``url`` that gives up soon."""
    chosen = {"model": "tiny", "base_url": url, "retries": 1, "total_timeout": 3, **settings}
    inside = ", ".join(f"{key}: {value}" for key, value in chosen.items())
    return f"teachers.writer={{use: openai, with: {{{inside}}}}}"


def test_an_unreachable_endpoint_is_exit_code_4(cli: Cli) -> None:
    said = cli("run", "stories", *SMALL, "--set", openai("http://127.0.0.1:9/v1"))
    assert said.code == 4
    assert "127.0.0.1:9" in said.err
    assert cli("validate", "stories", "--probe", "--set", openai("http://127.0.0.1:9/v1")).code == 4


def test_a_refused_key_stops_at_once_and_the_run_can_continue(
    cli: Cli, server: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = server("--key", "right-key-123")
    chosen = openai(url, key_env="DW_TEST_KEY")
    missing = cli("run", "stories", *SMALL, "--out", "r", "--set", chosen)
    assert missing.code == 2
    assert "DW_TEST_KEY" in missing.err
    monkeypatch.setenv("DW_TEST_KEY", "wrong-key-456")
    refused = cli("run", "stories", *SMALL, "--out", "r", "--set", chosen)
    assert refused.code == 4
    assert "wrong-key-456" not in refused.err + refused.out
    monkeypatch.setenv("DW_TEST_KEY", "right-key-123")
    assert cli("run", "stories", *SMALL, "--out", "r", "--set", chosen).code == 0
    stored = b"".join(path.read_bytes() for path in Path("r").rglob("*") if path.is_file())
    assert b"key-123" not in stored
    assert b"key-456" not in stored


def test_a_spent_budget_is_exit_code_3_and_more_money_continues(
    cli: Cli, server: Callable[..., str]
) -> None:
    chosen = openai(server(), max_output_tokens=200, price="{input: 1, output: 10}")
    said = cli("run", "stories", *SMALL, "--out", "r", "--set", chosen, "--budget-usd", "0.006")
    assert said.code == 3
    spent = cli("runs", "show", "r", "--json").data
    assert 0 < spent["calls"] < 12
    assert spent["spent_usd"] <= 0.006
    done = cli(
        "run", "stories", *SMALL, "--out", "r", "--set", chosen, "--budget-usd", "5", "--json"
    )
    assert done.code == 0
    assert done.data["complete"]
    assert done.data["calls"] == 12


def test_a_run_that_keeps_nothing_fails(cli: Cli) -> None:
    strict = "checks=[{use: length, with: {min_words: 100000}}]"
    said = cli("run", "stories", *SMALL, "--set", strict, "--out", "r")
    assert said.code == 1
    assert "no row was kept" in said.err
    assert "too_short" in said.err
    assert cli("runs", "show", "r", "--json").data["kept"] == 0
    assert Path("r/rejected.parquet").exists()


def test_a_file_is_no_run_folder(cli: Cli) -> None:
    Path("taken").write_text("mine", encoding="utf-8")
    assert cli("run", "stories", *SMALL, "--out", "taken").code == 2
    assert Path("taken").read_text(encoding="utf-8") == "mine"


def test_a_missing_anchor_is_found_before_the_work(cli: Cli) -> None:
    said = cli("run", "stories", "--rows", "5", "--set", "report.anchor=gone.txt", "--out", "r")
    assert said.code == 2
    assert "gone.txt" in said.err
    assert not Path("r").exists()


def test_a_refused_start_does_not_hide_other_runs(cli: Cli, server: Callable[..., str]) -> None:
    assert cli("run", "stories", *SMALL, "--out", "runs/good").code == 0
    refused = ("run", "stories", *SMALL, "--out", "runs/bad", "--budget-usd", "1")
    assert cli(*refused, "--set", openai(server())).code == 2
    assert len(cli("runs", "list", "--json").data["runs"]) == 1


def test_a_budget_without_a_price_is_refused(cli: Cli, server: Callable[..., str]) -> None:
    said = cli("run", "stories", *SMALL, "--set", openai(server()), "--budget-usd", "1")
    assert said.code == 2
    assert "price" in said.err


def start(*words: str, setup: str = "pass", cwd: Path) -> subprocess.Popen[str]:
    code = f"import sys; {setup}; from datawell.cli.main import main; main(sys.argv[1:])"
    return subprocess.Popen(
        [sys.executable, "-c", code, *words],
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def test_a_full_disk_is_exit_code_4_and_nothing_is_lost(cli: Cli, tmp_path: Path) -> None:
    words = ("run", "stories", "--rows", "300", "--set", "student=null", "--set", "report=null")
    limit = (
        "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, resource.RLIM_INFINITY))"
    )
    process = start(*words, "--out", "full", setup=limit, cwd=tmp_path)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 4, err
    assert "Traceback" not in err
    assert "hint: " in err
    assert cli(*words, "--out", "full").code == 0
    assert cli(*words, "--out", "free").code == 0
    assert files("full/dataset") == files("free/dataset")


def files(folder: str) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in sorted(Path(folder).glob("*.parquet"))}


def test_interrupted_is_exit_code_130_and_resumable(
    cli: Cli, server: Callable[..., str], tmp_path: Path
) -> None:
    words = (
        "run",
        "stories",
        *SMALL,
        "--out",
        "r",
        "--set",
        openai(server("--delay", "0.3"), concurrency=1),
    )
    process = start(*words, cwd=tmp_path)
    deadline = time.monotonic() + 30
    while not (tmp_path / "r" / "run.db").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.8)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "the same command continues" in err
    assert "Traceback" not in err
    assert cli(*words).code == 0
    assert cli("runs", "show", "r", "--json").data["calls"] == 12
