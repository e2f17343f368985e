"""Who writes: a teacher takes exact messages and gives a raw answer, which is parsed apart.

Sending and parsing are two steps so that a paid answer is on disk before anything can go wrong
with reading it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, Protocol

from datawell.core import params
from datawell.core.errors import ProviderError
from datawell.core.records import Message


class Tries(Protocol):
    """Who keeps the books of one call. A teacher that can be billed tells it of each try.

    ``elsewhere``: another teacher can be asked, so an endpoint that stays dead is not waited for.
    """

    elsewhere: bool

    async def begin(self) -> None:
        """A try is about to leave, and nothing is left to wait for: its intent is put on disk."""
        ...

    async def failed(self, error: ProviderError) -> None:
        """That try ended without an answer; another may follow."""
        ...


@dataclass(frozen=True, slots=True)
class Request:
    """One call. ``sample`` tells apart calls with equal messages; ``voice`` is the task's own
    procedural wording of the same plan, which only the built-in teacher uses, with ``random``.
    ``schema`` is a JSON schema of the answer. The messages state it too, so it is a help and not a
    need: a teacher whose ``native_schema`` is true holds the model to it, others leave it out.
    ``tries`` is told of each try by a teacher that can be billed."""

    messages: tuple[Message, ...]
    sample: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    voice: Callable[[Random], str] | None = None
    random: Callable[[], Random] | None = None
    schema: Mapping[str, Any] | None = None
    tries: Tries | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A raw answer as received: ``body`` is stored before it is read."""

    body: str


@dataclass(frozen=True, slots=True)
class Reply:
    """A parsed answer. Token counts are the provider's own; None when it did not say.
    ``cached_tokens`` of the input came from the provider's prompt cache. ``logprobs`` holds
    (token, natural log of its probability) where they were asked for and given."""

    text: str
    finish_reason: str = "stop"
    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int = 0
    logprobs: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars a million tokens; ``cached_input`` for input from the provider's prompt cache,
    None where that is not known: it then counts as any other."""

    input: float
    output: float
    cached_input: float | None = None

    def nano(self, input_tokens: int, output_tokens: int, cached_tokens: int = 0) -> int:
        """The cost in nano-dollars (1e-9 USD), rounded up; some input may be cached."""
        saved = 0.0
        if self.cached_input is not None:
            saved = min(cached_tokens, input_tokens) * max(0.0, self.input - self.cached_input)
        cost = input_tokens * self.input + output_tokens * self.output - saved
        return -int(-cost * 1000 // 1)


class Teacher(Protocol):
    """A model, or the built-in grammar, behind one call. Constructed as ``Teacher(params)``.

    ``model`` is its name in lineage and in the key of a call. ``recomputable`` is true when the
    same request always gives the same answer here, for free: such answers need no ledger.
    ``price`` is None when unknown (never zero by default). ``settings`` are sent with each call and
    are part of its key. ``max_output_tokens`` bounds one answer, for the budget's reservation.
    ``native_schema`` is true when it sends ``Request.schema`` in a mode of the endpoint's own.
    """

    model: str
    recomputable: bool
    price: Price | None
    settings: Mapping[str, Any]
    max_output_tokens: int
    native_schema: bool

    @property
    def Params(self) -> type[params.Params]:
        """The parameters a recipe may give."""
        ...

    async def send(self, request: Request) -> Answer:
        """Send one request, retrying as ``limits`` allows.

        Raises:
            ProviderError: the endpoint failed for good (see ``core.errors``).
        """
        ...

    def parse(self, answer: Answer) -> Reply:
        """Read a raw answer.

        Raises:
            BadReply: it cannot be understood; asking once more may help.
            RequestRejected: the provider withheld the text; asking again would not help.
        """
        ...

    async def close(self) -> None:
        """Release connections."""
        ...
