"""What one call costs our client, in CPU, beside a raw socket and plain aiohttp.

All three ask the same loopback server (another process) the same prompts, 64 at a time, in turns,
so that the noise of the machine falls on all alike. Ours does what the others leave out: deadlines,
a first-byte timeout, the adaptive limit, retries, bounded bodies, the key kept out of texts, and
defensive reading. Figures are CPU-milliseconds of the client's process per answered call.

    python benchmarks/teacher_wire.py --calls 1000 --rounds 5 --out wire.json
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp

from datawell.core.records import Message
from datawell.teachers.base import Request
from datawell.teachers.openai_chat import OpenAIChat

ROOT = Path(__file__).parents[1]
IN_FLIGHT = 64
KEY = "a-key-that-is-long-enough-to-be-one"
Ask = Callable[[int], Awaitable[str]]
Close = Callable[[], Awaitable[None]]


def messages(number: int) -> list[Message]:
    """The prompt of call ``number``."""
    return [
        {"role": "system", "content": "You write stories for small children."},
        {"role": "user", "content": f'Write story number {number} with the word "kite".'},
    ]


def wanted(number: int) -> dict[str, Any]:
    """The request of call ``number`` as JSON."""
    return {"model": "tiny", "messages": messages(number), "max_tokens": 256}


def ours(base_url: str) -> tuple[Ask, Close]:
    """Our teacher: send and parse."""
    os.environ["BENCHMARK_KEY"] = KEY
    teacher = OpenAIChat(
        OpenAIChat.Params(
            model="tiny",
            base_url=base_url,
            key_env="BENCHMARK_KEY",
            max_output_tokens=256,
            concurrency=IN_FLIGHT,
        )
    )

    async def ask(number: int) -> str:
        answer = await teacher.send(Request(tuple(messages(number)), "0"))
        return teacher.parse(answer).text

    return ask, teacher.close


def plain_aiohttp(base_url: str) -> tuple[Ask, Close]:
    """What the documentation of aiohttp shows."""
    session = aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0), headers={"Authorization": f"Bearer {KEY}"}
    )

    async def ask(number: int) -> str:
        async with session.post(f"{base_url}/chat/completions", json=wanted(number)) as response:
            value = await response.json()
            return str(value["choices"][0]["message"]["content"])

    return ask, session.close


def raw_socket(base_url: str) -> tuple[Ask, Close]:
    """HTTP by hand: what is left when nothing is done but write, read and json."""
    host, port = base_url.removeprefix("http://").split("/")[0].split(":")
    idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
    head = b"POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"

    async def ask(number: int) -> str:
        reader, writer = idle.pop() if idle else await asyncio.open_connection(host, int(port))
        body = json.dumps(wanted(number)).encode()
        writer.write(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        lines = (await reader.readuntil(b"\r\n\r\n")).lower().split(b"\r\n")
        size = next(int(line[15:]) for line in lines if line.startswith(b"content-length:"))
        value = json.loads(await reader.readexactly(size))
        idle.append((reader, writer))
        return str(value["choices"][0]["message"]["content"])

    async def close() -> None:
        for _, writer in idle:
            writer.close()

    return ask, close


async def measure(ask: Ask, calls: int) -> float:
    """CPU-milliseconds a call."""
    numbers = iter(range(calls))

    async def worker() -> None:
        for number in numbers:
            assert "kite" in await ask(number)

    before = time.process_time()
    await asyncio.gather(*[worker() for _ in range(IN_FLIGHT)])
    return (time.process_time() - before) / calls * 1000


async def compare(base_url: str, calls: int, rounds: int) -> dict[str, Any]:
    """All clients in turns; medians, and ratios to plain aiohttp."""
    clients = {
        "raw socket": raw_socket(base_url),
        "plain aiohttp": plain_aiohttp(base_url),
        "datawell": ours(base_url),
    }
    times: dict[str, list[float]] = {name: [] for name in clients}
    for ask, _ in clients.values():
        await measure(ask, IN_FLIGHT)  # connections, caches
    for _ in range(rounds):
        for name, (ask, _) in clients.items():
            times[name].append(await measure(ask, calls))
    for _, close in clients.values():
        await close()
    medians = {name: statistics.median(values) for name, values in times.items()}
    base = medians["plain aiohttp"]
    return {
        "cpu_ms_per_call": {name: round(value, 4) for name, value in medians.items()},
        "calls_per_cpu_second": {name: round(1000 / value) for name, value in medians.items()},
        "ratio_to_plain_aiohttp": {name: round(v / base, 3) for name, v in medians.items()},
        "all_rounds": {name: [round(v, 4) for v in values] for name, values in times.items()},
    }


def main() -> None:
    """Start the server, compare, print and write JSON."""
    parser = argparse.ArgumentParser(description="CPU per call of the teacher's wire")
    parser.add_argument("--calls", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    command = [sys.executable, "-m", "tests.teachers.server", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            base_url = f"http://127.0.0.1:{int(server.stdout.readline())}/v1"
            found = asyncio.run(compare(base_url, options.calls, options.rounds))
        finally:
            server.terminate()
    found |= {
        "calls": options.calls,
        "rounds": options.rounds,
        "in_flight": IN_FLIGHT,
        "python": platform.python_version(),
        "aiohttp": aiohttp.__version__,
    }
    text = json.dumps(found, indent=1)
    print(text)
    if options.out:
        options.out.write_text(text + "\n")


if __name__ == "__main__":
    main()
