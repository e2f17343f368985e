"""The server's own books and its life as a process: other tests stand on them."""

import json
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def post(base: str, value: Any) -> Any:
    request = urllib.request.Request(base, json.dumps(value).encode(), method="POST")
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def test_as_a_process_it_prints_its_port_and_keeps_books() -> None:
    command = [sys.executable, "-m", "tests.teachers.server", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            base = f"http://127.0.0.1:{int(process.stdout.readline())}"
            asked = {"model": "m", "messages": [{"role": "user", "content": 'use "kite"'}]}
            first = post(f"{base}/v1/chat/completions", asked)
            again = post(f"{base}/v1/chat/completions", asked)
            post(f"{base}/v1/chat/completions", {**asked, "seed": 2})
            assert first == again
            assert "the word kite" in first["choices"][0]["message"]["content"]
            with urllib.request.urlopen(f"{base}/stats", timeout=10) as answer:
                stats = json.load(answer)
            assert (stats["requests"], stats["distinct"], stats["answered_again"]) == (3, 2, 1)
            assert stats["max_in_flight"] == 1
        finally:
            process.terminate()
