"""Our engine beside a bare aiohttp loop and the field's programs, on one endpoint and one set of
prompts.

    python benchmarks/engine.py [--rows 1000] [--latency 0.1] [--in-flight 256]
                                [--rivals all] [--cache FOLDER] [--only NAME]...

Ours is ``datawell run`` as a user types it: the stories task with all checks of its shipped recipe
(``--checks two``: only length and repetition; the others check nothing), ledger and budget on, rows
exported, label written. Its prompts are read once from its ledger and given to everybody else; they
are answered with the stories that the built-in teacher writes for the same rows. Every program is a
process of its own, one after the other in a round, so that the machine's noise falls on all; all
are asked for JSONL. Of each:

* CPU (user and system, all its processes): to its first request, from there to its last answer,
  and after that (export and the like), the latter two in milliseconds a row;
* rows a second between first request and last answer, and amid (without the first and the last
  fifth of the answers);
* peak memory of all its processes (proportional set sizes, looked at ten times a second);
* after kill -9 when half of the answers were handed out, and the same command again: how many
  answers were paid twice, how many of these had been written to its socket before the kill, and how
  many were paid and not yet written (in flight).

``to_raw`` is each figure over the bare loop's in the same round; medians over ``--rounds``. A rival
that cannot be installed or that fails is ``not measured``, with the reason. JSON to stdout. Linux.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.engine_rivals import RIVALS, NotInstalled, install
from benchmarks.engine_watch import cpu_seconds, kill, megabytes

from datawell.core.rundir import RunFolder

HERE = Path(__file__).parent
EXPORT = "trl-prompt-completion"
RECIPE = """
name: engine
rows: {rows}
seeds: words
task: stories
budget: {{usd: 1000}}
teachers:
  writer:
    use: openai
    with: {{model: tiny, base_url: {url}, concurrency: {flying}, max_output_tokens: 400,
           price: {{input: 1, output: 2}}}}
checks: [{checks}]
export: {{formats: [{export}]}}
student: null
report: null
"""
TWO = ("length", "repetition")
SEVEN = (*TWO, "required_words", "vocabulary", "features", "exact_duplicates", "near_duplicates")
GLANCE = 0.1  # seconds between two looks at memory


class Failed(Exception):
    """A program did not do its work; says how."""


@dataclass(frozen=True)
class Program:
    """What to start, and in which environment; ``ours`` is told a recipe and not a prompt file."""

    name: str
    command: tuple[str, ...]
    version: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)

    def line(self, url: str, options: argparse.Namespace, folder: Path) -> list[str]:
        """The command line for one piece of work; the same again continues it."""
        if self.name != "datawell":
            told = (options.prompts, url, options.in_flight, folder / "rows.jsonl", folder)
            return [*self.command, *map(str, told)]
        recipe = folder / "recipe.yaml"
        written = {"rows": options.rows, "url": url, "flying": options.in_flight}
        recipe.write_text(RECIPE.format(**written, checks=checks_of(options), export=EXPORT))
        return [*self.command, "run", str(recipe), "--out", str(folder / "run"), "--json"]

    def rows(self, folder: Path) -> int:
        """How many rows lie in the program's output."""
        if self.name != "datawell":
            return _lines(folder / "rows.jsonl")
        return sum(map(_lines, (folder / "run").glob(f"**/{EXPORT}/**/*.jsonl")))


def checks_of(options: argparse.Namespace) -> str:
    """The checks of our recipe."""
    return ", ".join(TWO if options.checks == "two" else SEVEN)


def _lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines()) if path.exists() else 0


def call(url: str, door: str, orders: dict[str, int] | None = None) -> bytes:
    """Ask the server for something that is not an answer."""
    data = None if orders is None else json.dumps(orders).encode()
    with urllib.request.urlopen(url.removesuffix("/v1") + door, data) as answer:
        told: bytes = answer.read()
    return told


@contextmanager
def serving(options: argparse.Namespace) -> Iterator[str]:
    """The address of a fresh server."""
    command = [sys.executable, str(HERE / "engine_server.py"), "--latency", str(options.latency)]
    if options.prompts:
        command += ["--prompts", str(options.prompts), "--texts", str(options.texts)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield f"http://127.0.0.1:{int(server.stdout.readline())}/v1"
        finally:
            server.terminate()


@dataclass(frozen=True)
class Life:
    """One start to its end: exit code, CPU seconds, the clock at its start, its last words."""

    code: int
    cpu: float
    began: float
    peak_mb: float
    words: str


def live(
    program: Program, url: str, options: argparse.Namespace, folder: Path, kill_after: int = 0
) -> Life:
    """Start a program and see it to its end.

    Raises:
        Failed: it was still at work when patience ended.
    """
    line = program.line(url, options, folder)
    log = folder / "log.txt"
    environment = {**os.environ, **program.variables}
    peak, spent, began = 0.0, 0.0, time.perf_counter()
    with log.open("wb") as words:
        process = subprocess.Popen(
            line,
            stdout=words,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd=folder,
            start_new_session=True,
        )
        call(url, "/watch", {"session": process.pid, "kill_after": kill_after})
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            peak = max(peak, megabytes(process.pid))
            spent = max(spent, cpu_seconds(process.pid))
            if time.perf_counter() - began > options.patience:
                kill(process.pid)
                os.wait4(process.pid, 0)
                process.returncode = -9
                raise Failed(f"still at work after {options.patience:g} s")
            time.sleep(GLANCE)
    process.returncode = os.waitstatus_to_exitcode(status)
    kill(process.pid)  # what a killed leader left behind
    text = log.read_text(errors="replace").strip()
    # What the leader did not wait for is missing from its usage, but not from the glances.
    spent = max(spent, usage.ru_utime + usage.ru_stime)
    return Life(process.returncode, spent, began, peak, text[-400:])


def whole(program: Program, options: argparse.Namespace, folder: Path) -> dict[str, float]:
    """An undisturbed run.

    Raises:
        Failed: rows are missing.
    """
    with serving(options) as url:
        life = live(program, url, options, folder)
        bill = json.loads(call(url, "/bill"))
    rows = program.rows(folder)
    wanted = options.kept if program.name == "datawell" else options.rows
    if life.code or rows != wanted or not bill["last"]:
        raise Failed(f"exit code {life.code}, {rows} of {wanted} rows: {life.words}")
    (first_cpu, first), (last_cpu, last) = bill["first"], bill["last"]
    return {
        "cpu_ms_a_row": (life.cpu - first_cpu) / rows * 1000,
        "cpu_ms_a_row_asking": (last_cpu - first_cpu) / rows * 1000,
        "cpu_ms_a_row_afterwards": (life.cpu - last_cpu) / rows * 1000,
        "cpu_s_to_first_request": first_cpu,
        "s_to_first_request": first - life.began,
        "rows_a_second": rows / (last - first),
        "rows_a_second_amid": (rows * 4 // 5 - rows // 5)
        / (bill["middle"][-1] - bill["middle"][0]),
        "rows": rows,
        "peak_mb": life.peak_mb,
        "most_in_flight": bill["most_in_flight"],
        "requests": bill["requests"],
    }


def killed(program: Program, options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Killed at half of the answers, and started again."""
    half = options.rows // 2
    with serving(options) as url:
        life = live(program, url, options, folder, half)
        try:
            end = f"exit code {live(program, url, options, folder).code}"
        except Failed as failed:
            end = str(failed)
        bill = json.loads(call(url, "/bill"))
    if life.code != -9:
        raise Failed(f"ended before the kill, exit code {life.code}: {life.words}")
    names = ("paid_twice", "delivered_and_bought_again", "in_flight_at_kill")
    found = {name: bill[name] for name in names}
    return {"answers_before": half, "restart": end, "rows": program.rows(folder), **found}


def take_down(ours: Program, options: argparse.Namespace, folder: Path) -> None:
    """The prompts of our run, the built-in teacher's texts for them, and how many we keep."""
    with serving(options) as url:
        # More checks would drop what a server says that knows no text yet.
        made = live(ours, url, argparse.Namespace(**{**vars(options), "checks": "two"}), folder)
    if made.code:
        raise SystemExit(f"our own run failed with exit code {made.code}: {made.words}")
    with closing(sqlite3.connect(folder / "run" / "run.db")) as books:
        calls = dict(books.execute("SELECT row, request FROM calls ORDER BY row"))
    checks = f"checks=[{checks_of(options)}]"
    told = ("--teacher", "builtin", "--set", checks, "--out", str(folder / "builtin"))
    command = [*ours.command, "run", str(folder / "recipe.yaml"), *told]
    subprocess.run(command, check=True, capture_output=True)
    rows = list(RunFolder(folder / "builtin").rows())
    texts = {row.row: row.record.text for row in rows if row.record}
    options.kept = sum(row.kept for row in rows)
    prompts = [json.loads(calls[row])["messages"] for row in texts]
    for name, lines in (("prompts", prompts), ("texts", list(texts.values()))):
        setattr(options, name, folder / f"{name}.jsonl")
        getattr(options, name).write_text("".join(json.dumps(line) + "\n" for line in lines))


def contenders(options: argparse.Namespace) -> tuple[list[Program], dict[str, str]]:
    """(who is measured, who is not and why)."""
    raw = Program("raw aiohttp", (sys.executable, str(HERE / "engine_raw.py")))
    found, missing = [raw], {}
    if not options.only or "datawell" in options.only:
        found.append(Program("datawell", (str(Path(sys.executable).with_name("datawell")),)))
    for name, rival in RIVALS.items():
        if options.rivals == "none" and name not in options.only:
            missing[name] = "not asked for (--rivals all)"
        elif not options.only or name in options.only:
            try:
                python, version, variables = install(name, options.cache)
            except NotInstalled as reason:
                missing[name] = str(reason)
            else:
                command = (str(python), str(HERE / rival.script))
                found.append(Program(name, command, version, variables))
    return found, missing


def measure(programs: list[Program], options: argparse.Namespace) -> dict[str, Any]:
    """All programs in turns."""
    rounds: dict[str, list[dict[str, float]]] = {program.name: [] for program in programs}
    report: dict[str, Any] = {}
    for number in range(options.rounds):
        for program in programs:
            with tempfile.TemporaryDirectory() as place:
                try:
                    rounds[program.name].append(whole(program, options, Path(place)))
                except Failed as failed:
                    report[program.name] = {"not measured": f"round {number + 1}: {failed}"}
    raw = rounds["raw aiohttp"]
    for program in programs:
        made = rounds[program.name]
        if len(made) < options.rounds:
            continue
        told: dict[str, Any] = {
            key: round(statistics.median(each[key] for each in made), 3) for key in made[0]
        }
        told["to_raw"] = {
            key: round(
                statistics.median(a[key] / b[key] for a, b in zip(made, raw, strict=True)), 2
            )
            for key in (
                "cpu_ms_a_row",
                "cpu_ms_a_row_asking",
                "rows_a_second",
                "rows_a_second_amid",
                "peak_mb",
            )
        }
        with tempfile.TemporaryDirectory() as place:
            try:
                told["kill_9"] = killed(program, options, Path(place))
            except Failed as failed:
                told["kill_9"] = {"not measured": str(failed)}
        report[program.name] = ({"version": program.version} if program.version else {}) | told
    return report


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--latency", type=float, default=0.1, help="seconds an answer takes")
    parser.add_argument("--in-flight", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--checks", choices=("two", "all"), default="all", help="of ours")
    parser.add_argument("--only", action="append", default=[], metavar="NAME")
    parser.add_argument("--rivals", choices=("none", "all"), default="none")
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache/datawell-rivals")
    parser.add_argument("--patience", type=float, default=300.0, help="seconds one run may take")
    options = parser.parse_args()
    options.prompts = options.texts = None
    programs, missing = contenders(options)
    ours = Program("datawell", (str(Path(sys.executable).with_name("datawell")),))
    with tempfile.TemporaryDirectory() as place:
        take_down(ours, options, Path(place))
        report = measure(programs, options)
    names = ("rows", "latency", "in_flight", "rounds", "checks")
    setting = {name: getattr(options, name) for name in names}
    left_out = {name: {"not measured": reason} for name, reason in missing.items()}
    print(json.dumps({"setting": setting, **report, **left_out}, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
