"""The loopback server with a bill: what each prompt was paid, and what a client cost until when.

    python benchmarks/engine_server.py --latency 0.1 [--prompts prompts.jsonl --texts texts.jsonl]

Prints its port. ``POST /watch`` names the session of processes that is about to ask; after
``kill_after`` answers handed out, the server kills it. A prompt is known by the text of its last
message, and is answered with the text of the same line. ``GET /bill`` gives the figures.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any, cast

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks import loopback
from benchmarks.engine_watch import cpu_seconds, kill

# Client libraries of the field want these fields too.
cast(dict[str, Any], loopback.PARTS).update(created=1_790_000_000, model="tiny")


def key_of(messages: list[dict[str, Any]]) -> str:
    """What a prompt is known by; nothing where a client only tries the door."""
    if not messages:
        return ""
    content = messages[-1]["content"]
    return content if isinstance(content, str) else "".join(part["text"] for part in content)


def _lines(path: str | None) -> list[Any]:
    return list(map(json.loads, Path(path).read_text().splitlines())) if path else []


def written(text: str) -> bytes:
    """A completion that says a text."""
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": text},
        "finish_reason": "stop",
    }
    return json.dumps({**loopback.PARTS, "choices": [choice]}).encode()


class Bill(loopback.Books):
    """Who paid for what, over all the lives of one client."""

    def __init__(self, options: argparse.Namespace) -> None:
        super().__init__(options)
        prompts, texts = map(_lines, (options.prompts, options.texts))
        self.known = {
            key_of(prompt): written(text) for prompt, text in zip(prompts, texts, strict=True)
        }
        self.paid: Counter[str] = Counter()
        self.delivered: set[str] = set()
        self.strange = self.bought_again = self.in_flight_at_kill = 0
        self.had: frozenset[str] = frozenset()
        self.session = self.kill_after = 0
        self.dead = False
        self.first: tuple[float, float] | None = None
        self.last: tuple[float, float] | None = None
        self.middle: list[float] = []

    def watch(self, orders: dict[str, int]) -> None:
        """A client begins, or begins again."""
        self.session, self.kill_after = orders["session"], orders["kill_after"]
        self.had = frozenset(self.delivered)
        self.in_flight_at_kill = len(self.paid.keys() - self.delivered)
        self.first = self.last = None
        self.dead = False

    def now(self) -> tuple[float, float]:
        """(CPU seconds of the client so far, clock)."""
        return cpu_seconds(self.session), time.perf_counter()

    def pay(self, key: str) -> None:
        """An answer is being made."""
        if self.known and key not in self.known:
            self.strange += 1
            return
        self.paid[key] += 1
        self.bought_again += key in self.had

    def deliver(self, key: str) -> None:
        """An answer was written to a client that listens."""
        if self.dead or (self.known and key not in self.known):
            return
        self.delivered.add(key)
        had, known = len(self.delivered), len(self.known)
        if had in (known // 5, known * 4 // 5):
            self.middle.append(time.perf_counter())
        if had == known:
            self.last = self.now()
        if self.kill_after and len(self.delivered) >= self.kill_after:
            kill(self.session)
            self.kill_after, self.dead = 0, True  # what is written from here on, nobody reads

    def total(self) -> dict[str, Any]:
        """The bill as plain data."""
        return {
            "requests": self.requests,
            "most_in_flight": self.most,
            "strange": self.strange,
            "prompts_paid": len(self.paid),
            "paid_twice": self.paid.total() - len(self.paid),
            "delivered_and_bought_again": self.bought_again,
            "in_flight_at_kill": self.in_flight_at_kill,
            "first": self.first,
            "last": self.last,
            "middle": self.middle,
        }


class Till(loopback.Connection):
    """A connection that keeps the bill."""

    books: Bill

    def handle(self, path: bytes, body: bytes) -> None:
        """One request: an order, a question about the bill, or a prompt."""
        bill = self.books
        if path == b"/watch":
            bill.watch(json.loads(body))
            self.answer(200, b"{}")
        elif path == b"/bill":
            self.answer(200, json.dumps(bill.total()).encode())
        else:
            key = key_of(json.loads(body)["messages"])
            if bill.first is None and (key in bill.known or not bill.known):
                bill.first = bill.now()
            bill.pay(key)
            bill.requests += 1
            bill.flying += 1
            bill.most = max(bill.most, bill.flying)
            self.later(bill.options.latency, key, bill.known.get(key) or loopback.completion(body))

    def over(self, *answer: Any) -> None:
        """Hand an answer out."""
        key, body = answer
        self.books.flying -= 1
        if not self.transport.is_closing():
            self.answer(200, body)
            self.books.deliver(key)


async def serve(options: argparse.Namespace) -> None:
    """Serve until the process is ended."""
    bill = Bill(options)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Till(bill), "127.0.0.1", 0, backlog=4096)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    async with server:
        await server.serve_forever()


def main() -> None:
    """Read the options."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds an answer takes")
    parser.add_argument("--prompts", help="messages a line: the prompts that count")
    parser.add_argument("--texts", help="a text a line: what they are answered with")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
