"""A server nobody here wrote, driven from end to end: our student behind ``transformers serve``.

Makes stories with the built-in teacher, trains a tiny student on them, installs an ordinary
OpenAI-compatible server from the package index into an environment of its own, serves the student's
checkpoint with it, and has ``datawell run stories --teacher http://…`` ask it for rows: whole and
streamed. The student has learned stories and no instructions, so its chat template gives it the
beginning of a text and nothing else: a weak teacher, most of whose rows must fall, each with a
reason. Prints how many rows came back, were kept, and fell for which reason.

    python benchmarks/real_server.py --rows 30 --work real_server --out real_server.json
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
DATAWELL = Path(sys.executable).with_name("datawell")
START_SECONDS = 180
TEMPLATE = "{{ bos_token }}"
SAMPLING = {"do_sample": True, "temperature": 0.7}


def datawell(*words: str) -> subprocess.CompletedProcess[str]:
    """Run a verb; a run that keeps no row ends with 1, and that is an answer too."""
    done = subprocess.run([str(DATAWELL), *words], capture_output=True, text=True, check=False)
    if done.returncode != 0 and "no row was kept" not in done.stderr:
        sys.exit(f"datawell {' '.join(words)}\n{done.stdout[-500:]}\n{done.stderr[-3000:]}")
    return done


def checkpoint(work: Path, rows: int, minutes: float) -> Path:
    """A student's folder with a template and settings for drawing, as a server expects them."""
    data, student, model = work / "data", work / "student", work / "model"
    datawell("run", "stories", "--rows", str(rows), "--set", "student=null", "--out", str(data))
    few = ("probes=false", "samples=1", "pairs=1", "evaluations=2", "context=512")
    settings = [word for one in few for word in ("--set", one)]
    size = ("--preset", "300k", "--minutes", str(minutes))
    datawell("train", str(data), "--out", str(student), *size, *settings)
    shutil.rmtree(model, ignore_errors=True)
    shutil.copytree(student, model)
    (model / "chat_template.jinja").write_text(TEMPLATE)
    end = json.loads((model / "config.json").read_text())["eos_token_id"]
    ends = {"eos_token_id": end, "pad_token_id": end}
    (model / "generation_config.json").write_text(json.dumps(SAMPLING | ends))
    return model


def installed(work: Path, constraints: Path) -> tuple[Path, str]:
    """The server's command in an environment of its own, and its version."""
    home = work / "server"
    command = home / "bin" / "transformers"
    if not command.exists():
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        wanted = ["-c", str(constraints), "transformers[serving]", "torch"]
        pip = [str(home / "bin" / "pip"), "install", "-q", *wanted]
        subprocess.run(pip, check=True, stdout=sys.stderr)
    said = "from importlib.metadata import version; print(version('transformers'))"
    told = subprocess.run(
        [str(home / "bin" / "python"), "-c", said], capture_output=True, text=True, check=True
    )
    return command, f"transformers serve {told.stdout.strip()}"


@contextlib.contextmanager
def serving(command: Path, model: Path, log: Path) -> Iterator[str]:
    """The server under way; its base address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = [str(command), "serve", str(model), "--port", str(port), "--device", "cpu"]
    # One thread a request: many requests share the cores.
    quiet = {**os.environ, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    with log.open("w") as out:
        server = subprocess.Popen(words, stdout=out, stderr=out, env=quiet)
        try:
            _wait(f"http://127.0.0.1:{port}/health", server, log)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            server.terminate()
            server.wait()


def _wait(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(START_SECONDS * 2):
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=2):
            return
        if server.poll() is not None:
            break
        time.sleep(0.5)
    sys.exit(f"the server did not start\n{log.read_text()[-3000:]}")


def outcome(run: Path, done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """What a run says of itself, and whether its report says the same."""
    shown = json.loads(datawell("runs", "show", str(run), "--json").stdout)
    audit = datawell("runs", "check", str(run), "--json")
    label = json.loads(datawell("label", str(run), "--json").stdout)
    page = (run / "report.html").read_text(encoding="utf-8")
    words = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    return {
        "exit_code": done.returncode,
        "rows": shown["rows"],
        "kept": shown["kept"],
        "dropped": shown["dropped"],
        "calls": shown["calls"],
        "output_tokens": shown["output_tokens"],
        "promises_broken": json.loads(audit.stdout)["broken"],
        "pass_by_check": {
            check["check"]: check["pass"]["value"] for check in label["valid"]["checks"]
        },
        "report_tells_it": f"{shown['rows']} rows were made; {shown['kept']} were kept" in words,
    }


def main() -> None:
    """Do all of it and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--rows", type=int, default=30, help="rows asked of the server")
    parser.add_argument("--stories", type=int, default=1500, help="stories the student learns from")
    parser.add_argument("--minutes", type=float, default=1.5, help="CPU-minutes of its training")
    parser.add_argument("--work", type=Path, help="where everything is put; kept and used again")
    parser.add_argument("--constraints", type=Path, default=ROOT / "constraints.txt")
    parser.add_argument("--out", type=Path, help="also write the JSON here")
    options = parser.parse_args()
    work = (options.work or Path(tempfile.mkdtemp(prefix="datawell-real-"))).resolve()
    work.mkdir(parents=True, exist_ok=True)
    command, version = installed(work, options.constraints)
    model = checkpoint(work, options.stories, options.minutes)
    figures: dict[str, Any] = {"server": version}
    rows = ("--rows", str(options.rows), "--set", "student=null")
    with serving(command, model, work / "server.log") as address:
        spec = f"{address}#{model}"
        for name in ("whole", "streamed"):
            run = work / f"run-{name}"
            shutil.rmtree(run, ignore_errors=True)
            recipe, teacher = "stories", ["--teacher", spec]
            if name == "streamed":
                recipe, teacher = str(_streaming(work, address, model)), []
            done = datawell("run", recipe, *teacher, *rows, "--out", str(run))
            figures[name] = outcome(run, done)
    text = json.dumps(figures, indent=2)
    print(text)
    if options.out is not None:
        options.out.write_text(text + "\n")


def _streaming(work: Path, address: str, model: Path) -> Path:
    """The shipped recipe with a teacher that streams."""
    shipped = ROOT / "src" / "datawell" / "recipes" / "shipped" / "stories.yaml"
    recipe = yaml.safe_load(shipped.read_text(encoding="utf-8"))
    settings = {"base_url": address, "model": str(model), "stream": True, "concurrency": 8}
    recipe["teachers"] = {"writer": {"use": "openai", "with": settings}}
    path = work / "streamed.yaml"
    path.write_text(yaml.safe_dump(recipe, sort_keys=False))
    return path


if __name__ == "__main__":
    main()
