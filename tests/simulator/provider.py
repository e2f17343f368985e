"""An endpoint of chat completions that answers, fails and bills as endpoints do, over bytes.

What an answer *is* follows from the request and the world's seed alone: its words, its tokens, and
whether it is one of ``ANSWERS`` (cut off, no JSON, refused for good, …), so that a run without
faults meets the same. Whether an answer *arrives* is luck of the moment: ``FAULTS``, and outages
in which everything fails alike. Work that was done is billed, also when nobody got the answer.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from random import Random
from typing import Any

from tests.simulator.loop import Connection

# Of the moment. The first group is refused before any work is done, so nothing is billed.
REFUSED = ("401", "403", "408", "429", "429:2", "429@3", "500", "502", "503:1", "connect")
BROKEN = ("hang", "loris", "cut", "reset")
FAULTS = (*REFUSED, *BROKEN)
# Of the request: what this endpoint always makes of it.
ANSWERS = (
    "400",
    "422",
    "truncated",
    "html",
    "schema",
    "empty",
    "length",
    "filter",
    "bomb",
    "no-usage",
    "liar",
)
OUTAGES = ("429", "429:2", "503", "connect", "hang", "401", "404")
INPUT, OUTPUT = 1.0, 2.0  # dollars a million tokens


@dataclass(frozen=True, slots=True)
class Billed:
    """One piece of work: when, for which request, how much, and whether the answer was sent."""

    when: float
    body: str
    nano: int
    sent: bool


@dataclass(slots=True)
class Mood:
    """How likely what is: ``faults`` and ``answers`` are shares of requests, ``outage`` what
    everything meets until ``outage_ends``, ``slow`` the mean seconds of an answer."""

    faults: float = 0.0
    answers: float = 0.0
    slow: float = 0.5
    outage: str = ""
    outage_ends: float = 0.0


@dataclass(slots=True)
class Books:
    """What the provider knows of its own: ``requests`` by body, ``bill``, ``met`` by kind."""

    requests: Counter[str] = field(default_factory=Counter)
    session: Counter[str] = field(default_factory=Counter)  # by body, since the last restart
    met: Counter[str] = field(default_factory=Counter)
    bill: list[Billed] = field(default_factory=list)
    total: int = 0


class Provider:
    """The endpoint. ``seed`` sets its answers, ``luck`` its faults. ``most_billed`` hears the
    total of its bill whenever that grows."""

    def __init__(
        self,
        seed: int,
        luck: Random,
        mood: Mood,
        now: Callable[[], float],
        later: Callable[[float, Callable[[], None]], None],
        note: Callable[[str], None],
    ) -> None:
        self.books = Books()
        self.mood = mood
        self.dead = False
        self.most_billed: Callable[[int], None] = lambda total: None
        self._seed = seed
        self._luck = luck
        self._now = now
        self._later = later
        self._note = note

    # -- connections ------------------------------------------------------------------------

    def accepts(self) -> bool:
        """Whether a connection is taken up now."""
        if self.dead or self._outage() == "connect":
            return False
        return self._luck.random() >= self.mood.faults / 8

    def received(self, connection: Connection, head: bytes, body: bytes) -> None:
        """Answer, fail, or bill for nothing."""
        if self.dead:
            connection.lose(ConnectionResetError(104, "Connection reset by peer"))
            return
        name = name_of(body)
        self.books.requests[name] += 1
        self.books.session[name] += 1
        asked = json.loads(body)
        kind = self._fault() or self._fate(name)
        self.books.met[kind or "ok"] += 1
        self._note(f"asked {name} {kind or 'ok'}")
        wait = self._luck.expovariate(1.0 / self.mood.slow)
        if kind in (*ANSWERS, "cut", "loris", ""):
            self._later(wait, lambda: self._serve(connection, name, asked, kind))
        elif kind in ("hang", "connect"):
            self._bill(name, asked, sent=False)
        elif kind == "reset":
            self._bill(name, asked, sent=False)
            reset = ConnectionResetError(104, "Connection reset by peer")
            self._later(wait, lambda: connection.lose(reset))
        else:
            self._later(wait / 4, lambda: connection.feed(self._refusal(kind, head)))

    def _fault(self) -> str:
        outage = self._outage()
        if outage and outage != "connect":
            return outage
        if self._luck.random() >= self.mood.faults:
            return ""
        return self._luck.choice([kind for kind in FAULTS if kind != "connect"])

    def _outage(self) -> str:
        if self.mood.outage and self._now() >= self.mood.outage_ends:
            self.mood.outage = ""
        return self.mood.outage

    # -- answers ----------------------------------------------------------------------------

    def _fate(self, name: str) -> str:
        fate = Random(f"{self._seed} {name} fate")
        return fate.choice(ANSWERS) if fate.random() < self.mood.answers else ""

    def _tokens(self, name: str, asked: dict[str, Any]) -> tuple[int, int]:
        """What the work uses: random, and never more than the request allows."""
        size = Random(f"{self._seed} {name} size")
        letters = sum(len(message["content"]) for message in asked["messages"])
        most = int(asked.get("max_tokens") or asked.get("max_completion_tokens") or 64)
        return 1 + size.randrange(1 + letters // 2), 1 + size.randrange(most)

    def _bill(self, name: str, asked: dict[str, Any], *, sent: bool) -> None:
        tokens = self._tokens(name, asked)
        nano = -int(-(tokens[0] * INPUT + tokens[1] * OUTPUT) * 1000 // 1)
        self.books.bill.append(Billed(self._now(), name, nano, sent))
        self.books.total += nano
        self.most_billed(self.books.total)

    def _completion(self, name: str, asked: dict[str, Any], kind: str) -> bytes:
        used, made = self._tokens(name, asked)
        words = " ".join(Random(f"{self._seed} {name} words").choices(WORDS, k=8))
        text = words[:10] if kind in ("length", "filter") else words
        finish = {"length": "length", "filter": "content_filter"}.get(kind, "stop")
        message = {"role": "assistant", "content": text}
        choice = {"index": 0, "message": message, "finish_reason": finish}
        usage: Any = {"prompt_tokens": used, "completion_tokens": made}
        usage = {"no-usage": None, "liar": {"prompt_tokens": -7}}.get(kind, usage)
        choices = [] if kind == "empty" else [choice]
        whole = {"object": "chat.completion", "choices": choices, "usage": usage}
        return json.dumps({"output": text} if kind == "schema" else whole).encode()

    def _answer(self, name: str, asked: dict[str, Any]) -> bytes:
        """All bytes of what this endpoint makes of a request."""
        kind = self._fate(name)
        if kind in ("400", "422"):
            return self._refusal(kind, b"")
        data = self._completion(name, asked, kind)
        headers = {"Content-Type": "application/json"}
        if kind == "html":
            data = b"<!doctype html><title>Sign in to the hotel network</title>"
        elif kind == "truncated":
            data = data[:-25]
        elif kind == "bomb":
            data, headers["Content-Encoding"] = BOMB, "gzip"
        elif asked.get("stream") and kind not in ("schema", "empty"):  # these come whole
            data, headers["Content-Type"] = as_stream(data), "text/event-stream"
        return response(200, data, headers)

    def _serve(self, connection: Connection, name: str, asked: dict[str, Any], kind: str) -> None:
        """The answer: whole, half of it, or one byte a second."""
        if self.dead or connection.is_closing():
            return
        if self._fate(name) not in ("400", "422"):
            self._bill(name, asked, sent=kind != "cut")
        data = self._answer(name, asked)

        def drip(at: int) -> None:
            if not (self.dead or connection.is_closing()):
                connection.feed(data[at : at + 1])
                if at + 1 < len(data):
                    self._later(1.0, lambda: drip(at + 1))

        if kind == "loris":
            drip(0)
        elif kind == "cut":
            connection.feed(data[: self._luck.randrange(1, len(data) - 1)])
            connection.lose(None)
        else:
            connection.feed(data)

    def _refusal(self, kind: str, head: bytes) -> bytes:
        """An error answer; a refused key is echoed, as careless servers do."""
        headers = {}
        if ":" in kind:
            kind, headers["Retry-After"] = kind.split(":")
        if "@" in kind:
            kind, seconds = kind.split("@")
            headers["Retry-After"] = formatdate(WALL + self._now() + float(seconds), usegmt=True)
            headers["Date"] = formatdate(WALL + self._now(), usegmt=True)
        message = f"said no with {kind}"
        if kind in ("401", "403", "500"):
            message += " to " + head.decode("latin-1")
        if kind == "502":
            return response(502, b"<html><h1>502 Bad Gateway</h1></html>", headers)
        error = {"error": {"message": message, "type": "error", "code": None}}
        return response(int(kind), json.dumps(error).encode(), headers)


WALL = 1_700_000_000.0  # what the wall clock shows when virtual time is 0
WORDS = ("red", "blue", "tall", "small", "old", "new", "kind", "sad", "boat", "dog", "hill", "sun")
BOMB = gzip.compress(b"z" * (17 * 2**20), 1)


def name_of(body: bytes) -> str:
    """What tells requests apart: all of a request but whether its answer is streamed."""
    asked = json.loads(body)
    told = {key: value for key, value in asked.items() if not key.startswith("stream")}
    return hashlib.blake2b(json.dumps(told).encode(), digest_size=12).hexdigest()


def response(status: int, data: bytes, headers: dict[str, str]) -> bytes:
    """An HTTP response as bytes."""
    lines = [f"HTTP/1.1 {status} Because", f"Content-Length: {len(data)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + data


def as_stream(completion: bytes) -> bytes:
    """The same completion as server-sent events."""
    whole = json.loads(completion)
    events = []
    for choice in whole["choices"]:
        words = choice["message"]["content"]
        for part in (words[:5], words[5:]):
            events.append({"choices": [{"index": 0, "delta": {"content": part}}]})
        end = {"index": 0, "delta": {}, "finish_reason": choice["finish_reason"]}
        events.append({"choices": [end]})
    events.append({"choices": [], "usage": whole["usage"]})
    lines = [f"data: {json.dumps(event)}\n\n" for event in events]
    return "".join([*lines, "data: [DONE]\n\n"]).encode()
