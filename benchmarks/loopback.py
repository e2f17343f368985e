"""A chat-completions server that costs as little as Python allows, so that clients are measured.

    python benchmarks/loopback.py --port 0 --latency 0.1 --refuse 0.05

Prints its port as the first line. ``GET /stats`` gives its books: requests, answers, answers to a
request that was answered before (``again``, kept only with ``--books``), and the most in flight.
A share of requests (``--refuse``) gets a 429 at once, with ``Retry-After: 1``.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import sys
from random import Random
from typing import Any

WORDS = (
    *("dog", "ran", "big", "red", "ball", "sun", "warm", "bird", "sing", "kite", "sky", "fun"),
    *("mom", "said", "time", "home", "with", "one", "day", "grass", "when", "we", "see", "the"),
)
TEXTS = [" ".join(luck.choices(WORDS, k=60)) + "." for luck in map(Random, range(256))]
PARTS = {
    "id": "x",
    "object": "chat.completion",
    "choices": [
        {"index": 0, "message": {"role": "assistant", "content": ""}, "finish_reason": "stop"}
    ],
    "usage": {"prompt_tokens": 40, "completion_tokens": 90, "total_tokens": 130},
}


class Books:
    """What the server did."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.luck = Random(1)
        self.clear()

    def clear(self) -> None:
        """Begin anew."""
        self.requests = self.answered = self.again = self.flying = self.most = 0
        self.seen: set[int] = set()

    def stats(self) -> dict[str, int]:
        """The books as plain data."""
        return {
            "requests": self.requests,
            "answered": self.answered,
            "again": self.again,
            "most_in_flight": self.most,
        }


class Connection(asyncio.Protocol):
    """One keep-alive connection; requests with a Content-Length."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self.buffer = b""
        self.transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client is there."""
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer every whole request."""
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head = self.buffer[:end].lower()
            at = head.find(b"content-length:")
            size = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(self.buffer) < end + 4 + size:
                return
            body = self.buffer[end + 4 : end + 4 + size]
            self.buffer = self.buffer[end + 4 + size :]
            self.handle(head.split(b" ", 2)[1], body)

    def handle(self, path: bytes, body: bytes) -> None:
        """One request."""
        books = self.books
        if path == b"/stats":
            self.answer(200, json.dumps(books.stats()).encode())
            books.clear()
            return
        books.requests += 1
        books.flying += 1
        books.most = max(books.most, books.flying)
        options = books.options
        if options.refuse and books.luck.random() < options.refuse:
            error = b'{"error":{"message":"slow down","code":"rate_limit_exceeded"}}'
            self.later(0.0, 429, error, b"Retry-After: 1\r\n")
            return
        if options.books:
            mark = hash(body)
            books.again += mark in books.seen
            books.seen.add(mark)
        books.answered += 1
        self.later(options.latency, 200, completion(body))

    def later(self, seconds: float, *answer: Any) -> None:
        """Answer in a while."""
        if seconds:
            asyncio.get_running_loop().call_later(seconds, self.over, *answer)
        else:
            self.over(*answer)

    def over(self, *answer: Any) -> None:
        """Answer now."""
        self.books.flying -= 1
        self.answer(*answer)

    def answer(self, status: int, body: bytes, headers: bytes = b"") -> None:
        """Write an answer."""
        head = b"HTTP/1.1 %d X\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n"
        self.transport.write(head % (status, headers, len(body)) + body)


def completion(body: bytes) -> bytes:
    """An answer whose text follows from the request alone."""
    mark = f"{hash(body) & 0xFFFFFFFF:08x}"
    PARTS["choices"][0]["message"]["content"] = f"{TEXTS[int(mark[:2], 16)]} {mark}"  # type: ignore[index]
    return json.dumps(PARTS).encode()


async def serve(options: argparse.Namespace) -> None:
    """Serve until the process is ended."""
    books = Books(options)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Connection(books), "127.0.0.1", options.port, backlog=4096
    )
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    async with server:
        await server.serve_forever()


def main() -> None:
    """Read the options."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds an answer takes")
    parser.add_argument("--refuse", type=float, default=0.0, help="share of 429s")
    parser.add_argument("--books", action="store_true", help="find requests answered twice")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
