"""Small components for the engine's tests and benchmarks, found through entry points like any
third-party package: put this folder on ``sys.path``."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from datawell.checks.base import Signatures
from datawell.core import params
from datawell.core.errors import (
    AuthenticationRefused,
    BadReply,
    PlanFault,
    ProviderTimeout,
    ProviderUnreachable,
    RequestRejected,
    SeedFault,
    VoiceFault,
)
from datawell.core.records import Message, Plan, Record, Seed, Verdict, digest
from datawell.generation.structured import ask_json
from datawell.tasks.base import Draft, Scene
from datawell.teachers.base import Answer, Price, Reply, Request

WORDS = ("red", "blue", "tall", "small", "old", "new", "kind", "sad", "boat", "dog", "hill", "sun")
FORM: Mapping[str, Any] = {
    "type": "object",
    "properties": {"score": {"type": "integer", "maximum": 5}},
    "required": ["score"],
}


def _words(n: int) -> tuple[str, ...]:
    """Different words of letters alone: digits would make texts one template with other numbers."""
    letters = "aeioubcdfg"
    return tuple("".join(letters[int(digit)] for digit in str(10_000 + i)) for i in range(n))


class Numbers:
    """Seeds that are their own number."""

    class Params(params.Params):
        """How many there are, and which cannot be read."""

        size: int | None = None
        """How many; None for no end."""
        unreadable: tuple[int, ...] = ()
        """Seeds that raise :class:`SeedFault`."""

    def __init__(self, params: Params, root_seed: int) -> None:
        self.params = params
        self.size: int | None = params.size

    def seed(self, index: int) -> Seed:
        """Seed number ``index``."""
        if index in self.params.unreadable:
            raise SeedFault("unreadable", detail=f"seed {index}")
        return Seed(f"s{index}", "kit", {"n": index})

    def digest(self) -> str:
        """A hash of the parameters."""
        return digest(self.params.model_dump(mode="json"))


class Lines:
    """Asks its teacher for one or several lines about the seed's number."""

    class Params(params.Params):
        """How much to say, and which rows go wrong how."""

        form: bool = False
        """Ask for one number as data instead of lines."""
        calls: int = 1
        """Lines in a row, each asked with those before it in view."""
        words: int = 8
        """Words a line."""
        vocabulary: int = 0
        """How many different words there are; 0 for a dozen real ones."""
        faults: dict[int, str] = Field(default_factory=dict)
        """By seed number: plan, voice, crash_plan or crash_voice."""

    roles = ("writer",)
    version = "1"

    def __init__(self, params: Params) -> None:
        self.params = params
        self._words = _words(params.vocabulary) or WORDS

    def plan(self, seed: Seed, random: Random) -> Plan:
        """A topic."""
        number = seed.data["n"]
        fault = self.params.faults.get(number, "")
        if fault == "plan":
            raise PlanFault("no_plan", detail=f"seed {number}")
        if fault == "crash_plan":
            raise ZeroDivisionError("planned")
        return {"n": number, "topic": random.choice(WORDS), "fault": fault}

    async def voice(self, plan: Plan, scene: Scene) -> Draft:
        """The lines."""
        if plan["fault"] == "voice":
            raise VoiceFault("no_words")
        if plan["fault"] == "crash_voice":
            raise KeyError("voiced")
        if self.params.form:
            wanted = Message(role="user", content=f"A number for {plan['n']}")
            held = await ask_json(scene, "writer", [wanted], FORM, lambda random: {"score": 2})
            return Draft(text=str(held["score"]), plan=plan)
        said: list[Message] = [{"role": "system", "content": "You write one line."}]
        lines: list[str] = []
        for number in range(self.params.calls):
            ask = f"Line {number} for {plan['n']} about {plan['topic']}"
            said.append({"role": "user", "content": ask})
            lines.append(await scene.ask("writer", said, self._line))
            said.append({"role": "assistant", "content": lines[-1]})
        return Draft(text="\n".join(lines), plan=plan)

    def _line(self, random: Random) -> str:
        return " ".join(random.choices(self._words, k=self.params.words))


class Made:
    """A recomputable teacher: the task's own wording."""

    class Params(params.Params):
        """No parameters."""

    model = "kit-made"
    recomputable = True
    native_schema = False
    price: Price | None = Price(0.0, 0.0)
    settings: Mapping[str, Any] = {}
    max_output_tokens = 0

    def __init__(self, params: Params) -> None:
        self.closed = 0

    async def send(self, request: Request) -> Answer:
        """Word the request."""
        assert request.voice is not None
        assert request.random is not None
        return Answer(request.voice(request.random()))

    def parse(self, answer: Answer) -> Reply:
        """The words as they are."""
        return Reply(answer.body)

    async def close(self) -> None:
        """Count how often it was closed."""
        self.closed += 1


class Paid:
    """A remote teacher without a network: answers follow from the request, in any order."""

    class Params(params.Params):
        """What it costs and how it fails."""

        model: str = "kit-paid"
        """Its name."""
        price: tuple[float, float] | None = (1.0, 2.0)
        """Dollars a million tokens in and out."""
        usage: bool = True
        """Whether answers say what they used."""
        faults: dict[str, str] = Field(default_factory=dict)
        """By a piece of the last message: bad (never readable), bad_once, rejected, refused
        (401), timeout, down (no connection), crash, length, surrogate, lies (bills more than
        reserved)."""
        data: dict[str, int] | None = None
        """What every answer says, as JSON."""
        native_schema: bool = False
        """Whether it has a schema mode."""
        max_output_tokens: int = 100
        """Bound of one answer."""
        delay: float = 0.0
        """Most seconds an answer takes."""

    recomputable = False

    def __init__(self, params: Params) -> None:
        self.params = params
        self.price = Price(*params.price) if params.price else None
        self.settings: Mapping[str, Any] = {"temperature": 1.0}
        self.max_output_tokens = params.max_output_tokens
        self.model = params.model
        self.native_schema = params.native_schema
        self.sent: Counter[str] = Counter()
        self.billed = 0
        self.flying = self.most_flying = 0
        self.closed = 0

    async def send(self, request: Request) -> Answer:
        """Answer in a while; which while depends on the request alone."""
        key = digest(request.messages, request.sample)
        if request.tries is not None:
            await request.tries.begin()
        self.sent[key] += 1
        fault = self._fault(request)
        if fault in _FAULTS:
            await asyncio.sleep(0)
            raise _FAULTS[fault]
        luck = int(key[:4], 16)
        self.flying += 1
        self.most_flying = max(self.flying, self.most_flying)
        await asyncio.sleep(self.params.delay * luck / 65535)
        self.flying -= 1
        size = 1 + luck % (self.max_output_tokens if fault != "lies" else 10_000)
        text = f"line {key[:12]}" + ("\ud83d" if fault == "surrogate" else "")
        if self.params.data is not None:
            text = json.dumps(self.params.data)
        body: dict[str, Any] = {"text": text, "finish": "stop"}
        if fault == "bad" or (fault == "bad_once" and request.sample.endswith("/0")):
            body = {"nothing": key}
        if fault == "length":
            body["finish"] = "length"
        if self.params.usage:
            body["usage"] = [20, size]
        if self.price:
            self.billed += self.price.nano(20, size)
        return Answer(json.dumps(body))

    def _fault(self, request: Request) -> str:
        last = f" {request.messages[-1]['content']} "
        return next((f for piece, f in self.params.faults.items() if f" {piece} " in last), "")

    def parse(self, answer: Answer) -> Reply:
        """Read an answer."""
        body = json.loads(answer.body)
        if "text" not in body:
            raise BadReply(f"no text: {answer.body[:20]}")
        return Reply(body["text"], body["finish"], *body.get("usage", (None, None)))

    async def close(self) -> None:
        """Count how often it was closed."""
        self.closed += 1


_FAULTS: dict[str, Exception] = {
    "refused": AuthenticationRefused("401: the key is refused"),
    "timeout": ProviderTimeout("no answer in 3 s"),
    "down": ProviderUnreachable("no connection"),
    "crash": RuntimeError("a bug in a teacher"),
    "rejected": RequestRejected("400: no such thing"),
}


class Short:
    """Drops texts with a word."""

    class Params(params.Params):
        """Which word."""

        word: str = "sun"
        """Texts with it fall."""

    name = "kit_short"
    version = "1"

    def __init__(self, params: Params) -> None:
        self.params = params

    def examine(self, record: Record) -> Verdict:
        """Keep unless the word is there."""
        found = self.params.word in record.text.split()
        return Verdict(self.name, not found, "has_word" if found else "", note=self.params.word)


class Crash:
    """Crashes on every third row, and on some raises what is nobody's row's fault."""

    class Params(params.Params):
        """What to raise instead."""

        raises: str = ""
        """disk: an OSError."""

    name = "kit_crash"
    version = "1"

    def __init__(self, params: Params) -> None:
        self.params = params

    def examine(self, record: Record) -> Verdict:
        """Crash, or keep."""
        if record.lineage.row % 3 == 0:
            if self.params.raises == "disk":
                raise OSError(28, "No space left on device")
            raise IndexError(record.lineage.row)
        return Verdict(self.name, True)


def _first_words(record: Record, n: int) -> int:
    return int(digest(record.text.split()[:n])[:15], 16)


class Same:
    """A corpus check: drops records whose first words came before."""

    class Params(params.Params):
        """How many words, and how it breaks its promises."""

        words: int = 2
        """First words compared."""
        misdeed: str = ""
        """descending, crash_sign, crash_decide or wrong_type."""

    name = "kit_same"
    version = "1"
    dtype: np.dtype[Any] = np.dtype([("first", "<i8"), ("lengths", "<u2", (4,))])

    def __init__(self, params: Params) -> None:
        self.params = params

    def sign(self, records: Sequence[Record]) -> NDArray[Any]:
        """A hash of the first words, and lengths of the first four."""
        if self.params.misdeed == "crash_sign":
            raise ValueError("sign")
        out = np.zeros(
            len(records), np.int64 if self.params.misdeed == "wrong_type" else self.dtype
        )
        if self.params.misdeed == "wrong_type":
            return out
        for at, record in enumerate(records):
            out["first"][at] = _first_words(record, self.params.words)
            lengths = [len(word) for word in record.text.split()[:4]]
            out["lengths"][at, : len(lengths)] = lengths
        return out

    def decide(self, signatures: Signatures) -> Iterator[tuple[int, Verdict]]:
        """Drop all but the first of each."""
        if self.params.misdeed == "crash_decide":
            raise ValueError("decide")
        rows, values = signatures.rows(), signatures.column("first")
        seen: dict[int, int] = {}
        found: list[tuple[int, Verdict]] = []
        for row, value in zip(rows.tolist(), values.tolist(), strict=True):
            if value in seen:
                found.append((row, Verdict(self.name, False, "same", note=f"as {seen[value]}")))
            seen.setdefault(value, row)
        if self.params.misdeed == "descending":
            found.reverse()
        yield from found


class Family(Same):
    """A second corpus check: notes the family of a record, and drops some that ``Same`` drops."""

    name = "kit_family"

    def decide(self, signatures: Signatures) -> Iterator[tuple[int, Verdict]]:
        """Drop rows of 7, note those of 5."""
        for row in signatures.rows().tolist():
            if row % 7 == 0:
                yield row, Verdict(self.name, False, "sevens")
            elif row % 5 == 0:
                yield row, Verdict(self.name, True, note="a five")
