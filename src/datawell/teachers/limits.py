"""The one file that waits, retries and limits; and the boundary where foreign failures enter.

A call gets as many tries as fit into its total deadline and its ``retries``. What each failure
means is decided in one place, :func:`classify`:

    answer                                         what happens
    401, 403                                       stop all calls, no retry
    402, quota spent, redirect, bad certificate    stop all calls, no retry
    404 before any answer came                     stop all calls: wrong path or wrong model
    429                                            this call waits, the limit feels it, try again
    408, 409, 425, 5xx, broken or silent socket    this call waits and tries again
    400, 404, 413, 422 and other 4xx               this request is refused, others go on

Waiting is exponential backoff with jitter, and never less than ``Retry-After`` asks for. A 429 is
patience asked for, not a failure: it uses up time, never ``retries``; nor does a failure while the
circuit is open, because it says nothing of the one request. Time, sleep and jitter are handed in,
so that tests run hours in milliseconds. How many calls may be in flight, how fast they leave and
when the circuit opens is kept by ``limiter``; each try is told to whoever keeps the books.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from random import Random

import aiohttp

from datawell.core.clock import Clock
from datawell.core.errors import (
    AuthenticationRefused,
    ProviderError,
    ProviderFault,
    ProviderTimeout,
    ProviderUnreachable,
    RateLimited,
    RequestRejected,
)
from datawell.teachers.base import Tries
from datawell.teachers.limiter import PAUSE_MOST, Limiter, Ticket, backoff
from datawell.teachers.rates import retry_after, used_tokens

REJECTED_FROM_THE_START = 10
LONG_DEAD = (
    10.0  # seconds without an answer after which calls go to another teacher, if there is one
)
BYTES_PER_TOKEN = 4
EXPECTED_OVER = 16  # answers over which their mean size is reckoned
QUOTA_CODES = frozenset({"insufficient_quota", "billing_hard_limit_reached", "quota_exceeded"})


@dataclass(frozen=True, slots=True)
class Patience:
    """How long and how often: seconds a call over all tries, seconds to the first byte of a try,
    tries after failures, calls in flight at most, requests and tokens a minute at most (None: no
    limit of our own)."""

    total_timeout: float = 300.0
    first_byte_timeout: float = 120.0
    retries: int = 5
    concurrency: int = 32
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None


class Refused(Exception):
    """An HTTP answer other than 2xx, as it came; :func:`classify` says what it means."""

    def __init__(self, status: int, headers: Mapping[str, str], body: str) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status
        self.headers = headers
        self.body = body


@dataclass(frozen=True, slots=True)
class Fault:
    """What a failed try means. ``again``: this call may try again. ``stop``: no later call of this
    teacher can pass either."""

    error: ProviderError
    again: bool = False
    stop: bool = False


def complaint(body: str) -> tuple[str, str]:
    """(code, message) of an error body, fit for one line of a terminal."""
    code, message = "", body
    with contextlib.suppress(ValueError, RecursionError):
        value = json.loads(body)
        if isinstance(value, dict):
            inner = value.get("error", value)
            if isinstance(inner, dict):
                code = str(inner.get("code") or inner.get("type") or "")
                message = str(inner.get("message") or inner.get("detail") or body)
            else:
                message = str(inner)
    line = " ".join("".join(c if c.isprintable() else " " for c in message[:2000]).split())
    return code, line if len(line) <= 300 else line[:299] + "…"


def _by_status(refused: Refused, who: str, proven: bool, wall: float) -> Fault:
    """The meaning of an HTTP status."""
    status, wait = refused.status, retry_after(refused.headers, wall)
    code, said = complaint(refused.body)
    message = f"{who} answered {status}" + (f": {said}" if said else "")
    if status in (401, 403):
        hint = "check the key: key_env names the environment variable that holds it"
        return Fault(AuthenticationRefused(message, hint=hint), stop=True)
    if status == 402 or (status == 429 and code in QUOTA_CODES):
        hint = "the account has no credit left; top it up, then the same command continues"
        return Fault(ProviderError(message, hint=hint), stop=True)
    if 300 <= status < 400:
        place = refused.headers.get("Location", "elsewhere")
        hint = f"it redirects to {place}; name that address in base_url"
        return Fault(ProviderError(message, hint=hint), stop=True)
    if status == 404 and not proven:
        hint = "check base_url (most end in /v1) and the name of the model"
        return Fault(ProviderError(message, hint=hint), stop=True)
    if status == 429:
        hint = "lower `concurrency`, or wait: the same command continues"
        return Fault(RateLimited(message, hint=hint, retry_after=wait), again=True)
    if status in (408, 409, 425) or status >= 500:
        hint = "the endpoint is failing; the same command continues later"
        return Fault(ProviderFault(message, hint=hint, retry_after=wait), again=True)
    return Fault(RequestRejected(message, hint="this request is refused; others may pass"))


def classify(error: Exception, who: str, *, proven: bool, wall: float) -> Fault:
    """Turn a failed try into one of our errors, and say what to do about it.

    Args:
        error: what the try raised; see ``FOREIGN``.
        who: the teacher and its address, for the message.
        proven: whether this endpoint has answered at least once.
        wall: seconds since 1970, to read an HTTP date.
    """
    why = " ".join(str(error).split())[:300] or type(error).__name__
    match error:
        case Refused():
            return _by_status(error, who, proven, wall)
        case ProviderError():
            return Fault(error)
        case aiohttp.ClientSSLError():  # certificate errors are among them
            hint = "the address must have a certificate this machine trusts"
            return Fault(
                ProviderUnreachable(f"{who}: no trusted link: {why}", hint=hint), stop=True
            )
        case aiohttp.ClientConnectorError() | aiohttp.ConnectionTimeoutError():
            hint = "is the server running, and is base_url right?"
            return Fault(ProviderUnreachable(f"{who}: no connection: {why}", hint=hint), again=True)
        case TimeoutError():
            hint = "raise first_byte_timeout or total_timeout if the model is just slow"
            return Fault(ProviderTimeout(f"{who}: {why}", hint=hint), again=True)
        case _:
            hint = "the connection broke; the same command continues later"
            return Fault(ProviderFault(f"{who}: {why}", hint=hint), again=True)


FOREIGN = (Refused, ProviderError, aiohttp.ClientError, OSError)


class Caller:
    """Makes a call until it is answered, refused for good, or out of patience.

    Args:
        who: the teacher and its address, for messages.
        patience: the limits.
        clock: time and sleep.
        random: jitter; a named stream.
        answer_tokens: the most tokens of one answer, as a first guess for the tokens a minute.
    """

    def __init__(
        self,
        who: str,
        patience: Patience,
        clock: Clock,
        random: Random,
        answer_tokens: int = 0,
    ) -> None:
        self.limiter = Limiter(
            patience.concurrency,
            clock,
            random,
            requests_per_minute=patience.requests_per_minute,
            tokens_per_minute=patience.tokens_per_minute,
        )
        self._who = who
        self._patience = patience
        self._clock = clock
        self._random = random
        self._expected = float(answer_tokens)
        self._proven = False
        self._rejected = 0
        self._calls = self._under_way = 0

    async def call(
        self,
        attempt: Callable[[float], Awaitable[str]],
        tries: Tries | None = None,
        request_bytes: int = 0,
    ) -> str:
        """Run ``attempt(seconds_left)`` under the limits and return what it returns.

        The deadline begins when the call first gets a place, so a long queue is not a timeout.

        Args:
            attempt: one try; it raises what the wire met.
            tries: who keeps books of each try.
            request_bytes: the size of the request, to reckon its tokens.

        Raises:
            ProviderError: see :func:`classify`; or ``tries.elsewhere`` and the endpoint stays dead.
        """
        self._calls += 1
        self._under_way += 1
        try:
            return await _Call(self, self._calls, attempt, tries, request_bytes).run()
        finally:
            self._under_way -= 1

    def heard(self, headers: Mapping[str, str]) -> None:
        """Keep to what the headers of an answer say is left of a minute's requests and tokens."""
        self.limiter.heard(headers, self._patience.total_timeout)

    def tokens(self, request_bytes: int) -> float:
        """What a call is reckoned at, before it is answered."""
        return request_bytes / BYTES_PER_TOKEN + self._expected

    def answered(self, ticket: Ticket, body: str) -> None:
        """Take note of an answer."""
        used = used_tokens(body) if self._patience.tokens_per_minute is not None else None
        if used is not None:
            self._expected += (used[1] - self._expected) / EXPECTED_OVER
        self.limiter.answered(ticket, sum(used) if used else None)
        self._proven = True

    def read(self, error: Exception, ticket: Ticket, call: int) -> Fault:
        """Classify, and tell the limiter, before the place is given back."""
        fault = classify(error, self._who, proven=self._proven, wall=self._clock.time())
        told = getattr(fault.error, "retry_after", None)
        if isinstance(fault.error, RequestRejected) and not self._proven:
            self._rejected += 1
            if self._rejected >= REJECTED_FROM_THE_START:
                hint = "a setting of the teacher is wrong rather than a row; see its words above"
                message = f"every request so far is refused: {fault.error.message}"
                fault = Fault(ProviderError(message, hint=hint), stop=True)
        if told is not None and told > self._patience.total_timeout:
            fault.error.message += f"; it asks to wait {told:.0f} s, longer than total_timeout"
            fault = Fault(fault.error, stop=True)
        if fault.stop:
            self.limiter.stop(fault.error)
        elif isinstance(fault.error, RateLimited):
            self.limiter.refused(ticket, told)
        elif fault.again:
            self.limiter.failed(call, self._under_way, told)
            if self.limiter.shut_for() > LONG_DEAD:
                self.limiter.turn_away(fault.error)
        else:  # it answered, if only to say no to this request
            self.limiter.answered(ticket)
        return fault

    @property
    def dead(self) -> bool:
        """Whether an endpoint that did answer gives no answers at all now: a failure then says
        nothing of the request."""
        return self.limiter.shut and self._proven


class _Call:
    """One call of a :class:`Caller`, over all its tries."""

    def __init__(
        self,
        caller: Caller,
        number: int,
        attempt: Callable[[float], Awaitable[str]],
        tries: Tries | None,
        request_bytes: int,
    ) -> None:
        self._caller = caller
        self._number = number
        self._attempt = attempt
        self._books = tries
        self._bytes = request_bytes
        self._hurry = tries is not None and tries.elsewhere
        self._began: float | None = None
        self._tries = self._refusals = self._failures = 0

    async def run(self) -> str:
        """The answer."""
        caller = self._caller
        ticket = await caller.limiter.enter(caller.tokens(self._bytes), hurry=self._hurry)
        self._began = caller._clock.monotonic()
        while True:
            try:
                if self._books is not None:
                    await self._books.begin()
                body = await self._attempt(max(0.001, self._left()))
                caller.answered(ticket, body)
                return body
            except FOREIGN as error:
                fault = caller.read(error, ticket, self._number)
            finally:
                caller.limiter.leave(ticket)
            if self._books is not None:
                await self._books.failed(fault.error)
            again = await self._wait(fault)
            if again is None:
                raise self._final(fault)
            ticket = again

    async def _wait(self, fault: Fault) -> Ticket | None:
        """Wait out a fault, for as long as it asks; a place for another try, before those who
        never tried, or None when there is no time or no use."""
        caller = self._caller
        self._tries += 1
        wait = self._pause(fault.error)
        dead_long = self._hurry and caller.limiter.shut_for() > LONG_DEAD
        if not fault.again or dead_long or self._failures > caller._patience.retries:
            return None
        if max(wait, caller.limiter.paused_for()) >= self._left():
            return None
        await caller._clock.sleep(wait)
        return await self._reenter()

    def _pause(self, error: ProviderError) -> float:
        """Seconds this call waits. A failure counts against it unless all calls fail now."""
        told = getattr(error, "retry_after", None) or 0.0
        if isinstance(error, RateLimited):
            self._refusals += 1
            if told:
                return float(told)
            return backoff(self._refusals, self._caller._random, PAUSE_MOST)
        if not self._caller.dead:
            self._failures += 1
        return max(float(told), backoff(max(1, self._failures), self._caller._random))

    async def _reenter(self) -> Ticket | None:
        """A place for another try; None when time ran out first."""
        caller = self._caller
        try:
            async with asyncio.timeout(self._left()):
                ticket = await caller.limiter.enter(
                    caller.tokens(self._bytes), again=True, hurry=self._hurry
                )
        except TimeoutError:
            return None
        if self._left() > 0:
            return ticket
        caller.limiter.leave(ticket)
        return None

    def _left(self) -> float:
        """Seconds of the total deadline that are left."""
        now, total = self._caller._clock.monotonic(), self._caller._patience.total_timeout
        return total if self._began is None else self._began + total - now

    def _final(self, fault: Fault) -> ProviderError:
        if fault.again and self._began is not None:
            seconds = self._caller._clock.monotonic() - self._began
            many = "1 try" if self._tries == 1 else f"{self._tries} tries"
            fault.error.message += f" ({many} in {seconds:.1f} s)"
        return fault.error
