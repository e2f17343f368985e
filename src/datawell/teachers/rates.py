"""Requests and tokens a minute: what the user set, and what an endpoint says in its headers.

A :class:`Pace` is a bucket that fills steadily; it spreads requests evenly, because an endpoint
that counts by the second refuses a minute's worth at once. An :class:`Allowance` is what an answer
said is left until a moment; the calls then in flight are taken off it, counted there or not, so
that it is never overrun. All times are seconds of one monotonic clock.
"""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime

# (what is left, when it is whole again, whether it counts tokens); headers as endpoints name them:
# OpenAI and those who follow it, Anthropic, and the plain form of gateways.
FAMILIES = (
    ("x-ratelimit-remaining-requests", "x-ratelimit-reset-requests", False),
    ("x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens", True),
    ("anthropic-ratelimit-requests-remaining", "anthropic-ratelimit-requests-reset", False),
    ("anthropic-ratelimit-tokens-remaining", "anthropic-ratelimit-tokens-reset", True),
    ("x-ratelimit-remaining", "x-ratelimit-reset", False),
)
USAGE_WITHIN = 2000  # characters at the end of an answer in which its usage stands
EPOCH = 1e9  # a number of seconds above this is a date
_UNITS = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_PART = r"(\d+(?:\.\d+)?)(ms|[dhms])"


class Pace:
    """``a_minute`` units in any minute, evenly; None sets no limit.

    A second's worth may go at once. One call larger than that waits for a full bucket and then
    overdraws it.
    """

    def __init__(self, a_minute: int | None, now: float) -> None:
        self._burst = max(1, (a_minute or 0) // 60)
        self._rate = ((a_minute or 0) - self._burst + 1) / 60
        self._limited = a_minute is not None
        self._level, self._at = float(self._burst), now

    def wait(self, units: float, now: float) -> float:
        """Seconds until ``units`` may go; 0 when they may."""
        if not self._limited:
            return 0.0
        self._fill(now)
        return max(0.0, (min(units, self._burst) - self._level) / self._rate)

    def take(self, units: float, now: float) -> None:
        """They go."""
        if self._limited:
            self._fill(now)
            self._level -= units

    def _fill(self, now: float) -> None:
        self._level = min(float(self._burst), self._level + (now - self._at) * self._rate)
        self._at = now


class Allowance:
    """What an endpoint said is left."""

    def __init__(self) -> None:
        self._left = math.inf
        self._until = -math.inf

    def heard(self, left: float, until: float, flying: float) -> None:
        """An answer said ``left`` units until ``until``, with ``flying`` units in flight."""
        self._left, self._until = left - flying, until

    def wait(self, units: float, now: float) -> float:
        """Seconds until ``units`` may go; 0 when they may."""
        return 0.0 if self._left >= units or now >= self._until else self._until - now

    def take(self, units: float) -> None:
        """They go."""
        self._left -= units


def allowed(headers: Mapping[str, str], wall: float) -> list[tuple[bool, float, float]]:
    """(whether tokens are counted, units left, seconds until it is whole again) for each limit
    that the headers tell of; what cannot be read is passed over.

    Args:
        headers: of an answer; names in any case.
        wall: seconds since 1970, to read a date.
    """
    found = []
    for remaining, reset, tokens in FAMILIES:
        if remaining not in headers:
            continue
        seconds = _seconds(headers.get(reset, ""), wall)
        with contextlib.suppress(ValueError):
            left = float(headers[remaining])
            if seconds is not None and math.isfinite(left):
                found.append((tokens, max(0.0, left), seconds))
    return found


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


def used_tokens(body: str) -> tuple[int, int] | None:
    """(input, output) tokens that an answer says it used; None when it does not say."""
    found: list[int] = []
    for names in (("prompt_tokens", "input_tokens"), ("completion_tokens", "output_tokens")):
        match = re.search(rf'"(?:{"|".join(names)})"\s*:\s*(\d{{1,9}})\b', body[-USAGE_WITHIN:])
        if match is None:
            return None
        found.append(int(match[1]))
    return found[0], found[1]


def _seconds(text: str, wall: float) -> float | None:
    """A duration (``6m0s``, ``20ms``, ``1.5``) or a date (RFC 3339, or seconds or milliseconds
    since 1970) as seconds from now."""
    text = text.strip()
    with contextlib.suppress(ValueError, OverflowError):
        number = float(text)
        if not math.isfinite(number):
            return None
        if number > EPOCH * 1000:
            number /= 1000
        return max(0.0, number - wall if number > EPOCH else number)
    if re.fullmatch(f"(?:{_PART})+", text):
        return sum(float(n) * _UNITS[unit] for n, unit in re.findall(_PART, text))
    with contextlib.suppress(ValueError, OverflowError):
        return max(0.0, datetime.fromisoformat(text).timestamp() - wall)
    return None
