"""The one file that waits, retries and limits; and the boundary where foreign failures enter.

A call gets as many tries as fit into its total deadline and its ``retries``. What each failure
means is decided in one place, :func:`classify`:

    answer                                         what happens
    401, 403                                       stop all calls, no retry
    402, quota spent, redirect, bad certificate    stop all calls, no retry
    404 before any answer came                     stop all calls: wrong path or wrong model
    429                                            pause all sends, shrink the limit, try again
    408, 409, 425, 5xx, broken or silent socket    this call waits and tries again
    400, 404, 413, 422 and other 4xx               this request is refused, others go on

Waiting is exponential backoff with jitter, and never less than ``Retry-After`` asks for. A 429 is
patience asked for, not a failure: it uses up time, never ``retries``. Time, sleep and jitter are
handed in, so that tests run hours in milliseconds. How many calls may be in flight is kept by
``limiter``.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from random import Random
from typing import TypeVar

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
from datawell.teachers.limiter import Limiter, backoff

T = TypeVar("T")

REJECTED_FROM_THE_START = 10
QUOTA_CODES = frozenset({"insufficient_quota", "billing_hard_limit_reached", "quota_exceeded"})


@dataclass(frozen=True, slots=True)
class Patience:
    """How long and how often: seconds a call over all tries, seconds to the first byte of a try,
    tries after failures, calls in flight at most."""

    total_timeout: float = 300.0
    first_byte_timeout: float = 120.0
    retries: int = 5
    concurrency: int = 32


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


def retry_after(headers: Mapping[str, str], wall: float) -> float | None:
    """The seconds a ``Retry-After`` header asks for: a number or an HTTP date; None when absent or
    unreadable. A date is read against the endpoint's own ``Date`` where it sends one."""
    text = headers.get("Retry-After", "").strip()
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        try:
            until = parsedate_to_datetime(text).timestamp()
            with contextlib.suppress(ValueError):
                wall = parsedate_to_datetime(headers.get("Date", "")).timestamp()
        except (ValueError, OverflowError):
            return None
        seconds = until - wall
    return max(0.0, seconds) if math.isfinite(seconds) else None


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
    """

    def __init__(self, who: str, patience: Patience, clock: Clock, random: Random) -> None:
        self.limiter = Limiter(patience.concurrency, clock, random)
        self._who = who
        self._patience = patience
        self._clock = clock
        self._random = random
        self._proven = False
        self._rejected = 0

    async def call(self, attempt: Callable[[float], Awaitable[T]]) -> T:
        """Run ``attempt(seconds_left)`` under the limits and return what it returns.

        The deadline begins when the call first gets a place, so a long queue is not a timeout.

        Raises:
            ProviderError: see :func:`classify`.
        """
        ticket = await self.limiter.enter()
        began = self._clock.monotonic()
        left = self._patience.total_timeout
        tries = failures = 0
        while True:
            try:
                result = await attempt(left)
                self.limiter.answered(ticket)
                self._proven = True
                return result
            except FOREIGN as error:
                fault = self._read(error, ticket)
            finally:
                self.limiter.leave()
            tries += 1
            wait = 0.0
            if not isinstance(fault.error, RateLimited):
                failures += 1
                wait = backoff(failures, self._random)
            left = began + self._patience.total_timeout - self._clock.monotonic()
            again = fault.again and failures <= self._patience.retries
            if again and max(wait, self.limiter.paused_for()) < left:
                await self._clock.sleep(wait)
                again_ticket = await self._reenter(began)
                if again_ticket is not None:
                    ticket = again_ticket
                    left = began + self._patience.total_timeout - self._clock.monotonic()
                    continue
            raise self._final(fault, tries, self._clock.monotonic() - began)

    async def _reenter(self, began: float) -> int | None:
        """A place for another try, before those who never tried; None when time ran out first."""
        end = began + self._patience.total_timeout
        try:
            async with asyncio.timeout(end - self._clock.monotonic()):
                ticket = await self.limiter.enter(again=True)
        except TimeoutError:
            return None
        if self._clock.monotonic() < end:
            return ticket
        self.limiter.leave()
        return None

    def _read(self, error: Exception, ticket: int) -> Fault:
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
        elif told is not None:
            self.limiter.pause(told)
        return fault

    def _final(self, fault: Fault, tries: int, seconds: float) -> ProviderError:
        if fault.again:
            many = "1 try" if tries == 1 else f"{tries} tries"
            fault.error.message += f" ({many} in {seconds:.1f} s)"
        return fault.error
