"""A loopback chat-completions server that misbehaves on purpose and keeps its own books.

In a test::

    async with Server(["429:1", "500", "truncated"]) as server:   # then "ok" for ever
        ... server.base_url, server.requests, server.answered ...

As a process (prints its port as the first line, so that a kill test can outlive its client)::

    python -m tests.teachers.server --port 0 --faults 0.1 --delay 0.01

``GET /stats`` gives the books, ``POST /reset`` clears them. An answer's text is a function of the
request's body alone, so any two runs that ask the same get the same.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gzip
import hashlib
import json
import re
import socket
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from email.utils import formatdate
from random import Random
from types import TracebackType
from typing import Any

from aiohttp import web

# What a request can meet. "429:2" and "503:2" send Retry-After in seconds, "429@2" as an HTTP date.
CODES = (400, 401, 402, 403, 404, 408, 409, 413, 422, 429, 500, 502, 503)
REFUSALS = (*map(str, CODES), "429:1", "429@1", "503:1", "quota", "redirect")
WIRE = ("hang", "loris", "loris-head", "cut", "bomb", "gzip", "bad-gzip", "brotli", "large")
ANSWERS = (
    "truncated",
    "html",
    "schema",
    "error-200",
    "empty",
    "null",
    "parts",
    "length",
    "thinking",
    "filter",
    "refusal",
    "no-usage",
    "liar",
    "surrogate",
)
KINDS = ("ok", "echo", *REFUSALS, *WIRE, *ANSWERS)
PASSING = ("408", "409", "429", "429:1", "500", "502", "503", "cut")  # --faults draws: retry helps

NAMES = ("Lily", "Tom", "Mia", "Ben", "Sue", "Sam", "Anna", "Max")
THINGS = ("ball", "tree", "cake", "boat", "drum", "kite", "frog", "hat", "box", "bird", "cup")
DEEDS = ("saw", "found", "held", "liked", "hid", "lost", "took", "washed", "carried", "painted")
KINDS_OF = ("red", "big", "little", "happy", "old", "shiny", "soft", "brown", "funny", "cold")
PLACES = ("park", "garden", "kitchen", "forest", "river", "house", "school", "yard")


def text_of(request: dict[str, Any]) -> str:
    """A little story that depends on the request alone and uses the words it puts in quotes."""
    shown = json.dumps(request, sort_keys=True)
    random = Random(hashlib.blake2b(shown.encode(), digest_size=8).digest())
    asked = " ".join(str(m.get("content")) for m in request.get("messages", []))
    wanted = re.findall(r'"([a-z]+)"', asked)[:12]
    name = random.choice(NAMES)
    lines = [f"One day, {name} went to the {random.choice(PLACES)}."]
    for _ in range(8):
        who = random.choice([name, "She", "He", "Mom", "Dad"])
        deed, kind, thing = (random.choice(x) for x in (DEEDS, KINDS_OF, THINGS))
        lines.append(f"{who} {deed} a {kind} {thing} in the {random.choice(PLACES)}.")
    lines.extend(f"{name} thought about the word {word}." for word in wanted)
    return " ".join(lines)


class Server:
    """The server. All of it is public: tests read the books and turn the knobs while it runs.

    Args:
        script: what the next requests meet, one each; afterwards all is well.
        faults: share of requests that meet one of ``kinds``, drawn from the body and the number
            of its try.
        kinds: what they may meet.
        delay: seconds each answer takes.
        drip: seconds between two bytes of a slow loris.
        capacity: above so many in flight it answers 429.
        key: when given, requests without this bearer key get 401.
        reply: text of an answer, from the request.
    """

    def __init__(
        self,
        script: Iterable[str] = (),
        *,
        port: int = 0,
        faults: float = 0.0,
        kinds: Sequence[str] = PASSING,
        delay: float = 0.0,
        drip: float = 1.0,
        capacity: int | None = None,
        key: str = "",
        reply: Callable[[dict[str, Any]], str] = text_of,
    ) -> None:
        self.script = list(script)
        self.faults = faults
        self.kinds = kinds
        self.delay = delay
        self.drip = drip
        self.capacity = capacity
        self.key = key
        self.reply = reply  # of the request as JSON
        self.port = port
        self.models = ["tiny"]
        self.reset()

    def reset(self) -> None:
        """Clear the books."""
        self.requests: Counter[str] = Counter()  # by body
        self.answered: Counter[str] = Counter()  # by body: an answer that would be paid for
        self.met: Counter[str] = Counter()  # by kind
        self.bodies: list[dict[str, Any]] = []
        self.times: list[float] = []
        self.in_flight = self.max_in_flight = 0

    @property
    def base_url(self) -> str:
        """The address for a client."""
        return f"http://127.0.0.1:{self.port}/v1"

    def stats(self) -> dict[str, Any]:
        """The books as JSON."""
        return {
            "requests": self.requests.total(),
            "distinct": len(self.requests),
            "answered": self.answered.total(),
            "answered_distinct": len(self.answered),
            "answered_again": self.answered.total() - len(self.answered),
            "max_in_flight": self.max_in_flight,
            "met": dict(sorted(self.met.items())),
        }

    async def __aenter__(self) -> Server:
        app = web.Application(client_max_size=2**26)
        app.router.add_post("/v1/chat/completions", self._chat)
        app.router.add_get("/v1/models", self._models)
        app.router.add_get("/stats", self._stats)
        app.router.add_post("/reset", self._reset)
        self._runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, shutdown_timeout=0.05
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, backlog=2048)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._runner.cleanup()

    async def _stats(self, request: web.Request) -> web.Response:
        return web.json_response(self.stats())

    async def _reset(self, request: web.Request) -> web.Response:
        self.reset()
        return web.json_response({})

    async def _models(self, request: web.Request) -> web.StreamResponse:
        kind = self.script.pop(0) if self.script else "ok"
        if kind == "hang":
            await asyncio.sleep(3600)
        if kind != "ok":
            return refuse(request, kind)
        return web.json_response({"object": "list", "data": [{"id": m} for m in self.models]})

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        self.in_flight += 1
        self.max_in_flight = max(self.max_in_flight, self.in_flight)
        try:
            raw = await request.read()
            body = hashlib.blake2b(raw, digest_size=12).hexdigest()
            self.requests[body] += 1
            self.times.append(time.monotonic())
            kind = self._kind(request, body)
            self.met[kind] += 1
            asked = json.loads(raw)
            self.bodies.append(asked)
            del self.bodies[:-1000]
            if self.delay:
                await asyncio.sleep(self.delay)
            return await self._answer(request, kind, body, asked)
        finally:
            self.in_flight -= 1

    def _kind(self, request: web.Request, body: str) -> str:
        if self.key and request.headers.get("Authorization") != f"Bearer {self.key}":
            return "401"
        if self.capacity is not None and self.in_flight > self.capacity:
            return "429"
        if self.script:
            return self.script.pop(0)
        random = Random(f"{body} {self.requests[body]}")
        return random.choice(self.kinds) if random.random() < self.faults else "ok"

    async def _answer(
        self, request: web.Request, kind: str, body: str, asked: dict[str, Any]
    ) -> web.StreamResponse:
        if kind == "hang":
            await asyncio.sleep(3600)
        if kind == "loris-head":
            return await self._drip_head(request)
        if kind[0].isdigit() or kind in ("quota", "redirect"):
            return refuse(request, kind)
        text = self.reply(asked)
        if kind == "echo":
            text += " " + request.headers.get("Authorization", "")
        whole = completion(text, kind)
        data = whole if isinstance(whole, bytes) else json.dumps(whole).encode()
        if kind == "loris":
            return await self._drip(request, data)
        if kind == "cut":
            return await cut(request, data)
        self.answered[body] += 1
        return packed(kind, data)

    async def _drip(self, request: web.Request, data: bytes) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        response.content_length = len(data)
        await response.prepare(request)
        with contextlib.suppress(ConnectionError):
            for at in range(len(data)):
                await response.write(data[at : at + 1])
                await asyncio.sleep(self.drip)
        return response

    async def _drip_head(self, request: web.Request) -> web.StreamResponse:
        transport = request.transport
        for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"z" * 4000:
            if transport is None or transport.is_closing():
                break
            transport.write(bytes([byte]))
            await asyncio.sleep(self.drip)
        return web.Response()


def refuse(request: web.Request, kind: str) -> web.Response:
    """An error answer. A refused key is echoed, as careless servers do."""
    headers: dict[str, str] = {}
    if kind == "redirect":
        return web.Response(status=307, headers={"Location": "http://127.0.0.1:1/v1"})
    if kind == "quota":
        error = {"message": "You exceeded your current quota", "code": "insufficient_quota"}
        return web.json_response({"error": error}, status=429)
    if ":" in kind:
        kind, headers["Retry-After"] = kind.split(":")
    if "@" in kind:
        kind, seconds = kind.split("@")
        headers["Retry-After"] = formatdate(time.time() + float(seconds), usegmt=True)
    status = int(kind)
    if status == 502:
        return web.Response(status=502, text="<html><h1>502 Bad Gateway</h1></html>")
    shown = request.headers.get("Authorization", "no key") if status in (401, 403) else ""
    message = f"said no with {status}. {shown}".strip()
    body = {"error": {"message": message, "type": "error", "code": None}}
    return web.json_response(body, status=status, headers=headers)


def completion(text: str, kind: str) -> dict[str, Any] | bytes:
    """A chat completion with ``text``, spoilt in the way ``kind`` says."""
    match kind:
        case "truncated":
            return json.dumps(_whole(text)).encode()[:-25]
        case "html":
            return b"<!doctype html><title>Sign in to the hotel network</title>"
        case "schema":
            return {"output": [{"text": text}]}
        case "error-200":
            return {"error": {"message": "upstream failed", "code": 502}}
    message, finish = SPOILT[kind](text) if kind in SPOILT else ({"content": text}, "stop")
    whole = _whole("", finish) | USAGE.get(kind, {})
    whole["choices"] = [] if kind == "empty" else whole["choices"]
    for choice in whole["choices"]:
        choice["message"] |= message
    return whole


def _whole(text: str, finish: str = "stop") -> dict[str, Any]:
    return {
        "object": "chat.completion",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": text},
                "finish_reason": finish,
            }
        ],
        "usage": {"prompt_tokens": 40, "completion_tokens": 90},
    }


# What the message holds, and why it ended, by kind.
SPOILT: dict[str, Callable[[str], tuple[dict[str, Any], str]]] = {
    "null": lambda t: ({"content": None}, "stop"),
    "parts": lambda t: ({"content": [{"type": "text", "text": t}, {"type": "image"}]}, "stop"),
    "length": lambda t: ({"content": t[:20]}, "length"),
    "thinking": lambda t: ({"content": None}, "length"),
    "filter": lambda t: ({"content": t[:20]}, "content_filter"),
    "refusal": lambda t: ({"content": None, "refusal": "I cannot help with that."}, "stop"),
    "bomb": lambda t: ({"content": "z" * (40 * 2**20)}, "stop"),
    "large": lambda t: ({"content": "z" * (17 * 2**20)}, "stop"),
    "surrogate": lambda t: ({"content": "a smile \ud83d"}, "stop"),
}
USAGE: dict[str, dict[str, Any]] = {
    "no-usage": {"usage": None},
    "liar": {"usage": {"prompt_tokens": -5, "completion_tokens": "many"}},
}


def packed(kind: str, data: bytes) -> web.Response:
    """The last layer: content type and compression."""
    headers = {"Content-Type": "text/html" if kind == "html" else "application/json"}
    if kind in ("bomb", "gzip"):
        data, headers["Content-Encoding"] = gzip.compress(data, 1), "gzip"
    elif kind == "bad-gzip":
        data, headers["Content-Encoding"] = gzip.compress(data)[:-30], "gzip"
    elif kind == "brotli":
        headers["Content-Encoding"] = "br"
    return web.Response(body=data, headers=headers)


async def cut(request: web.Request, data: bytes) -> web.StreamResponse:
    """Half an answer, then the connection is gone."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    response.content_length = len(data)
    await response.prepare(request)
    await response.write(data[: len(data) // 2])
    if request.transport is not None:
        request.transport.close()
    return response


def closed_port() -> int:
    """A port of this machine on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def _serve(options: argparse.Namespace) -> None:
    server = Server(
        options.script.split(),
        port=options.port,
        faults=options.faults,
        delay=options.delay,
        capacity=options.capacity,
        key=options.key,
    )
    async with server:
        sys.stdout.write(f"{server.port}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


def main() -> None:
    """Serve until the process is ended."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--port", type=int, default=0, help="0: any free one; it is printed")
    parser.add_argument("--script", default="", help=f"what the first requests meet: {KINDS}")
    parser.add_argument("--faults", type=float, default=0.0, help="share of passing failures")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds an answer takes")
    parser.add_argument("--capacity", type=int, default=None, help="more in flight get a 429")
    parser.add_argument("--key", default="", help="the bearer key to ask for")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(parser.parse_args()))


if __name__ == "__main__":
    main()
