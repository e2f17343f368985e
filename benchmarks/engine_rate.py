"""Claim: with ledger, budget, checks and parts on, a kept row costs at most 1.0 ms of CPU, and the
engine makes at least 85 % of the rows a bare aiohttp loop makes.

    python benchmarks/engine_rate.py [--rows 6000] [--rounds 3]

Both ask one loopback server (``loopback.py``, another process): at 100 ms with 256 in flight, and
at 0 ms with 64. The bare loop posts with aiohttp, reads JSON and writes a line a row; ours makes a
run: plan, prompt, budget, ledger (WAL, FULL), checks, parts. ``plain`` are one-line prompts, as
the bare loop's; ``stories`` the shipped task, whose planned world is most of its CPU. In turns, so
that the noise of the machine falls on both. CPU is that of the client's process, all threads, its
start included; rows a second are wall time from the first call to the last part, told as a share of
the bare loop's in the same round. JSON to stdout; exit 1 when the claim does not hold.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SETTINGS = ((0.1, 256), (0.0, 64))
PLUGIN = HERE.parent / "tests" / "generation" / "plugin"  # small components, for plain prompts
JOBS = {"plain": ("kit_numbers", "kit_lines"), "stories": ("words", "stories")}


@contextmanager
def serving(*options: str) -> Iterator[str]:
    """A loopback server's address."""
    command = [sys.executable, str(HERE / "loopback.py"), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield f"http://127.0.0.1:{int(server.stdout.readline())}/v1"
        finally:
            server.terminate()


BARE = """
import asyncio, json, sys, time
import aiohttp
url, rows, flying, out = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]

async def main():
    numbers = iter(range(rows))
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        with open(out, "w") as file:
            async def worker():
                for n in numbers:
                    body = {"model": "tiny", "max_tokens": 400, "messages": [
                        {"role": "user", "content": WORDS + str(n)}]}
                    async with session.post(url + "/chat/completions", json=body) as response:
                        text = (await response.json())["choices"][0]["message"]["content"]
                    file.write(json.dumps({"n": n, "text": text}) + "\\n")
            cpu, wall = time.process_time(), time.perf_counter()
            await asyncio.gather(*(worker() for _ in range(flying)))
            return time.process_time() - cpu, time.perf_counter() - wall

WORDS = "Write a short story for a small child, with simple words. " * 12
cpu, wall = asyncio.run(main())
print(json.dumps({"cpu": cpu, "wall": wall}))
"""
OURS = """
import json, resource, sys, time
sys.path.insert(0, sys.argv[6])
from pathlib import Path
from datawell.core.plugins import Component, build
from datawell.generation.engine import generate
from datawell.generation.job import Job, Settings
url, rows, flying, folder, (seeds, task) = *sys.argv[1:5], sys.argv[5].split("/")
teacher = {"model": "tiny", "base_url": url, "concurrency": int(flying), "max_output_tokens": 400,
           "price": {"input": 1, "output": 2}}
work = Job(Path(folder), "rate", "f", "c", 1, int(rows), Component(seeds), Component(task),
           {"writer": Component("openai", teacher)}, (Component("length"), Component("repetition")),
           settings=Settings(budget_usd=1000.0))
told = []
generate(work, build("executors", Component("inline")),
         lambda p: told.append((time.perf_counter(), p.done, p.stage)))
first = next(when for when, done, stage in told if done)
last = next(when for when, done, stage in told if stage == "corpus")
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
summary = work.run.summary()
print(json.dumps({"cpu": time.process_time(), "wall": last - first, "kept": summary.kept,
                  "calls": summary.calls, "peak_mb": round(peak)}))
"""


def run(code: str, *arguments: str) -> dict[str, Any]:
    """A client in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def one_round(url: str, rows: int, flying: int, job: str, folder: Path) -> dict[str, Any]:
    """The bare loop, then ours."""
    bare = run(BARE, url, str(rows), str(flying), str(folder / "bare.jsonl"))
    parts = "/".join(JOBS[job])
    ours = run(OURS, url, str(rows), str(flying), str(folder / "run"), parts, str(PLUGIN))
    with urllib.request.urlopen(url.removesuffix("/v1") + "/stats") as answer:
        books = json.load(answer)
    return {
        "bare_cpu_ms": bare["cpu"] / rows * 1000,
        "cpu_ms_a_kept_row": ours["cpu"] / max(1, ours["kept"]) * 1000,
        "share_of_bare_rate": bare["wall"] / ours["wall"],
        "bare_rows_a_second": rows / bare["wall"],
        "kept": ours["kept"],
        "calls": ours["calls"],
        "peak_mb": ours["peak_mb"],
        "most_in_flight": books["most_in_flight"],
    }


def main() -> int:
    """Measure, print, and say whether it holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=6000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    report: dict[str, Any] = {"rows": options.rows, "rounds": options.rounds}
    holds = True
    for latency, flying in SETTINGS:
        for job in JOBS:
            rounds = []
            with serving("--latency", str(latency)) as url:
                for _ in range(options.rounds):
                    with tempfile.TemporaryDirectory() as place:
                        rounds.append(one_round(url, options.rows, flying, job, Path(place)))
            median = {k: round(statistics.median(r[k] for r in rounds), 3) for k in rounds[0]}
            holds &= median["cpu_ms_a_kept_row"] <= 1.0
            holds &= job != "plain" or median["share_of_bare_rate"] >= 0.85
            report[f"{job}, {latency * 1000:g} ms, {flying} in flight"] = median
    report["holds"] = holds
    print(json.dumps(report, indent=2))
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
