import asyncio
from collections.abc import Callable
from email.utils import formatdate
from itertools import pairwise
from random import Random
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datawell.core.errors import (
    AuthenticationRefused,
    BadReply,
    ProviderError,
    ProviderFault,
    ProviderTimeout,
    ProviderUnreachable,
    RateLimited,
    RequestRejected,
)
from datawell.teachers.base import Tries
from datawell.teachers.limiter import PAUSE_MOST
from datawell.teachers.limits import (
    LONG_DEAD,
    REJECTED_FROM_THE_START,
    Caller,
    Patience,
    Refused,
    classify,
    complaint,
)
from datawell.teachers.rates import retry_after, used_tokens
from tests.teachers.clock import FakeClock

WALL = 1_700_000_000.0


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7", 7.0),
        ("0.5", 0.5),
        ("-3", 0.0),
        (formatdate(WALL + 90, usegmt=True), 90.0),
        (formatdate(WALL - 90, usegmt=True), 0.0),
        ("soon", None),
        ("nan", None),
        ("inf", None),
        ("", None),
        ("9" * 400, None),
        ("Mon, 99 Foo 2020 99:99:99 GMT", None),
    ],
)
def test_retry_after_is_a_number_or_a_date(text: str, seconds: float | None) -> None:
    assert retry_after({"Retry-After": text}, WALL) == seconds


def test_retry_after_is_read_by_the_endpoint_s_own_clock() -> None:
    headers = {
        "Retry-After": formatdate(WALL + 5000, usegmt=True),
        "Date": formatdate(WALL + 4990, usegmt=True),
    }
    assert retry_after(headers, WALL) == 10.0


@given(st.text())
def test_retry_after_takes_any_text(text: str) -> None:
    found = retry_after({"Retry-After": text}, WALL)
    assert found is None or found >= 0


@given(st.text() | st.recursive(st.none() | st.text() | st.integers(), st.lists).map(repr))
def test_a_complaint_is_one_short_printable_line(body: str) -> None:
    _, line = complaint(body)
    assert line.isprintable()
    assert len(line) <= 300


def test_a_complaint_finds_the_words_of_the_usual_shapes() -> None:
    assert complaint('{"error": {"message": "no \\u001b[31m", "code": "x"}}') == ("x", "no [31m")
    assert complaint('{"error": "model not found"}') == ("", "model not found")
    assert complaint('{"detail": "Not Found"}') == ("", "Not Found")
    assert complaint("<h1>Bad\nGateway</h1>") == ("", "<h1>Bad Gateway</h1>")


STATUS = [
    (307, ProviderError, False, True),
    (400, RequestRejected, False, False),
    (401, AuthenticationRefused, False, True),
    (402, ProviderError, False, True),
    (403, AuthenticationRefused, False, True),
    (404, ProviderError, False, True),
    (408, ProviderFault, True, False),
    (409, ProviderFault, True, False),
    (413, RequestRejected, False, False),
    (422, RequestRejected, False, False),
    (425, ProviderFault, True, False),
    (429, RateLimited, True, False),
    (500, ProviderFault, True, False),
    (503, ProviderFault, True, False),
    (529, ProviderFault, True, False),
]


@pytest.mark.parametrize(("status", "kind", "again", "stop"), STATUS)
def test_what_a_status_means(
    status: int, kind: type[ProviderError], again: bool, stop: bool
) -> None:
    fault = classify(Refused(status, {}, ""), "who", proven=False, wall=WALL)
    assert (type(fault.error), fault.again, fault.stop) == (kind, again, stop)
    assert str(status) in fault.error.message
    assert fault.error.hint


def test_a_404_after_an_answer_is_about_the_one_request() -> None:
    fault = classify(Refused(404, {}, ""), "who", proven=True, wall=WALL)
    assert isinstance(fault.error, RequestRejected)
    assert not fault.stop


def test_a_spent_quota_is_not_waited_for() -> None:
    body = '{"error": {"code": "insufficient_quota", "message": "pay"}}'
    assert classify(Refused(429, {}, body), "who", proven=True, wall=WALL).stop


@pytest.mark.parametrize(
    ("error", "kind", "again"),
    [
        (TimeoutError("no answer began within 1 s"), ProviderTimeout, True),
        (aiohttp.ServerDisconnectedError(), ProviderFault, True),
        (aiohttp.ClientPayloadError("cut"), ProviderFault, True),
        (aiohttp.ConnectionTimeoutError("slow"), ProviderUnreachable, True),
        (ConnectionResetError("reset"), ProviderFault, True),
        (BadReply("too large"), BadReply, False),
    ],
)
def test_what_a_broken_connection_means(
    error: Exception, kind: type[ProviderError], again: bool
) -> None:
    fault = classify(error, "who", proven=True, wall=WALL)
    assert type(fault.error) is kind
    assert fault.again is again


class Books:
    """Who keeps the books of calls, and what it was told."""

    def __init__(self, elsewhere: bool = False) -> None:
        self.elsewhere = elsewhere
        self.told: list[str] = []

    async def begin(self) -> None:
        self.told.append("begin")

    async def failed(self, error: ProviderError) -> None:
        self.told.append(type(error).__name__)


class Endpoint:
    """Answers as ``rule(now, n)`` says, after ``latency`` of fake time."""

    def __init__(
        self,
        rule: Callable[[float, int], Exception | None],
        latency: float = 0.1,
        **patience: Any,
    ) -> None:
        self.clock = FakeClock(WALL)
        self.caller = Caller("tiny at here", Patience(**patience), self.clock, Random(3))
        self.sends: list[float] = []
        self.answers: list[float] = []
        self.errors: list[ProviderError] = []
        self.rule = rule
        self.latency = latency

    async def attempt(self, left: float) -> str:
        assert left > 0
        self.sends.append(self.clock.monotonic())
        fault = self.rule(self.clock.monotonic(), len(self.sends))
        await self.clock.sleep(self.latency * (0.1 if fault else 1))
        if fault:
            raise fault
        return "done"

    async def call(self, tries: Tries | None = None) -> None:
        try:
            await self.caller.call(self.attempt, tries)
            self.answers.append(self.clock.monotonic())
        except ProviderError as error:
            self.errors.append(error)

    def calls(self, number: int) -> None:
        async def work() -> None:
            await asyncio.gather(*[self.call() for _ in range(number)])

        self.clock.run(work())

    def until(self, end: float, workers: int) -> None:
        async def one() -> None:
            while self.clock.monotonic() < end and not self.errors:
                await self.call()

        async def work() -> None:
            await asyncio.gather(*[one() for _ in range(workers)])

        self.clock.run(work())


def test_a_failure_is_tried_again_after_a_growing_wait() -> None:
    end = Endpoint(lambda now, n: Refused(500, {}, "") if n < 5 else None)
    end.calls(1)
    waits = [b - a for a, b in pairwise(end.sends)]
    assert not end.errors
    assert len(end.sends) == 5
    assert all(low <= wait for low, wait in zip([0.25, 0.5, 1.0, 2.0], waits, strict=True))


def test_retries_end_and_the_message_says_how_many_there_were() -> None:
    end = Endpoint(lambda now, n: Refused(502, {}, ""), retries=2)
    end.calls(1)
    assert len(end.sends) == 3
    assert "3 tries" in end.errors[0].message
    assert isinstance(end.errors[0], ProviderFault)


def test_no_retries_means_one_try() -> None:
    end = Endpoint(lambda now, n: TimeoutError("slow"), retries=0)
    end.calls(1)
    assert len(end.sends) == 1


def test_the_deadline_holds_over_all_tries() -> None:
    end = Endpoint(lambda now, n: Refused(500, {}, ""), retries=100, total_timeout=20.0)
    end.calls(1)
    assert end.clock.monotonic() <= 20.0
    assert isinstance(end.errors[0], ProviderFault)


def test_a_retry_that_gets_its_place_too_late_is_not_sent() -> None:
    end = Endpoint(
        lambda now, n: Refused(500, {}, "") if n == 1 else None,
        latency=20.0,
        total_timeout=15.0,
        concurrency=1,
    )
    end.calls(2)  # the first fails after 2 s; the second then holds the only place for 20 s
    assert len(end.sends) == 2
    assert isinstance(end.errors[0], ProviderFault)


def test_a_long_queue_is_no_timeout() -> None:
    end = Endpoint(lambda now, n: None, latency=5.0, total_timeout=6.0, concurrency=1)
    end.calls(20)
    assert not end.errors
    assert end.clock.monotonic() == 100.0


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_holds_all_sends(status: int) -> None:
    wait = {"Retry-After": "9"}
    end = Endpoint(lambda now, n: Refused(status, wait, "") if n == 1 else None, concurrency=1)
    end.calls(5)
    assert not end.errors
    assert end.sends[1] >= 9.0


def test_a_retry_after_beyond_the_deadline_stops_at_once() -> None:
    end = Endpoint(lambda now, n: Refused(429, {"Retry-After": "86400"}, ""), concurrency=2)
    end.calls(10)
    assert len(end.sends) == 2
    assert all(isinstance(error, RateLimited) for error in end.errors)
    assert len(end.errors) == 10
    assert "86400 s" in end.errors[0].message


def test_a_refused_key_stops_at_once() -> None:
    end = Endpoint(lambda now, n: Refused(401, {}, ""), concurrency=4)
    end.calls(1000)
    assert len(end.sends) == 4
    assert len(end.errors) == 1000
    assert all(isinstance(error, AuthenticationRefused) for error in end.errors)


def test_when_every_request_is_refused_a_setting_is_wrong() -> None:
    end = Endpoint(lambda now, n: Refused(400, {}, "max_tokens is unknown"), concurrency=1)
    end.calls(50)
    assert len(end.sends) == REJECTED_FROM_THE_START
    assert sum(isinstance(error, RequestRejected) for error in end.errors) == 9
    assert "max_tokens is unknown" in end.errors[-1].message


def test_a_few_refused_requests_do_not_stop_the_others() -> None:
    end = Endpoint(lambda now, n: Refused(400, {}, "") if n % 2 else None, concurrency=1)
    end.calls(100)
    assert len(end.errors) == 50
    assert len(end.answers) == 50


def test_a_refusal_storm_is_waited_out_with_few_probes_and_left_fast() -> None:
    storm = Endpoint(
        lambda now, n: Refused(429, {}, "") if now < 60 else None, latency=0.2, concurrency=32
    )
    storm.until(80.0, workers=48)
    assert not storm.errors
    assert sum(5 < at < 60 for at in storm.sends) / 55 <= 2.0
    in_five_seconds = sum(70 <= at < 75 for at in storm.answers)
    assert in_five_seconds >= 0.9 * 5 * 32 / 0.2


@pytest.mark.parametrize("status", [500, 503, 0])
def test_a_dead_endpoint_is_left_in_peace_and_taken_up_fast(status: int) -> None:
    dead = Refused(status, {}, "") if status else aiohttp.ServerDisconnectedError()
    outage = Endpoint(
        lambda now, n: dead if 10 < now < 70 else None, latency=0.2, concurrency=32, retries=2
    )
    outage.until(90.0, workers=48)
    assert not outage.errors
    second = [sum(at <= send < at + 1 for send in outage.sends) for at in range(15, 70)]
    assert max(second) <= 2
    in_five_seconds = sum(80 <= at < 85 for at in outage.answers)
    assert in_five_seconds >= 0.9 * 5 * 32 / 0.2


def test_an_endpoint_that_was_never_there_is_not_waited_for() -> None:
    end = Endpoint(lambda now, n: aiohttp.ServerDisconnectedError(), retries=2, concurrency=4)
    end.calls(4)
    assert len(end.errors) == 4
    assert end.clock.monotonic() < 30


def test_who_has_another_teacher_does_not_wait_for_a_dead_one() -> None:
    outage = Endpoint(lambda now, n: Refused(500, {}, "") if now > 10 else None, concurrency=32)
    books = Books(elsewhere=True)

    async def work() -> None:
        while outage.clock.monotonic() < 40 and not outage.errors:
            await outage.call(books)

    async def all_work() -> None:
        await asyncio.gather(*[work() for _ in range(48)])

    outage.clock.run(all_work())
    assert len(outage.errors) >= 40
    assert outage.clock.monotonic() <= 10 + LONG_DEAD + 2 * PAUSE_MOST


def test_each_try_is_told_to_who_keeps_the_books() -> None:
    books = Books()
    end = Endpoint(lambda now, n: Refused(429 if n == 1 else 500, {}, "") if n < 4 else None)
    end.clock.run(end.call(books))
    assert books.told == ["begin", "RateLimited", *["begin", "ProviderFault"] * 2, "begin"]
    assert len(end.answers) == 1
    end = Endpoint(lambda now, n: Refused(401, {}, ""))
    books = Books()
    end.clock.run(end.call(books))
    assert books.told == ["begin", "AuthenticationRefused"]


def test_random_429s_cost_little_even_with_a_retry_after() -> None:
    draw = Random(7)
    refusal = Refused(429, {"Retry-After": "1"}, "")
    end = Endpoint(
        lambda now, n: refusal if draw.random() < 0.05 else None, latency=0.02, concurrency=64
    )
    end.until(4.0, workers=400)  # rows that wait give their place to others
    assert not end.errors
    assert sum(2 <= at < 4 for at in end.answers) >= 0.85 * 64 / 0.02 * 2
    assert len(end.sends) <= 1.2 * len(end.answers)


@pytest.mark.parametrize(
    ("body", "used"),
    [
        ('{"usage": {"prompt_tokens": 40, "completion_tokens": 90}}', (40, 90)),
        ('{"usage":{"input_tokens":4,"output_tokens":9}}', (4, 9)),
        ('{"usage": {"prompt_tokens": 40}}', None),
        ('{"usage": {"prompt_tokens": -4, "completion_tokens": "many"}}', None),
        ("", None),
    ],
)
def test_what_an_answer_says_it_used(body: str, used: tuple[int, int] | None) -> None:
    assert used_tokens(body) == used


def test_a_429_is_no_failure() -> None:
    end = Endpoint(lambda now, n: Refused(429, {}, "") if n < 20 else None, retries=0)
    end.calls(1)
    assert not end.errors


def test_it_finds_the_concurrency_an_endpoint_allows() -> None:
    flying = 0

    def rule(now: float, n: int) -> Exception | None:
        return Refused(429, {}, "") if flying > 20 else None

    end = Endpoint(rule, latency=1.0, concurrency=64)
    inner = end.attempt

    async def counted(left: float) -> str:
        nonlocal flying
        flying += 1
        try:
            return await inner(left)
        finally:
            flying -= 1

    end.attempt = counted  # type: ignore[method-assign]
    end.until(60.0, workers=80)
    late = [at for at in end.answers if 30 <= at < 60]
    tried = [at for at in end.sends if 30 <= at < 60]
    assert not end.errors
    assert len(late) >= 0.85 * 20 * 30
    assert len(tried) <= 1.2 * len(late)


def test_a_tenth_of_passing_faults_costs_little() -> None:
    draw = Random(5)
    end = Endpoint(
        lambda now, n: Refused(500, {}, "") if draw.random() < 0.1 else None,
        latency=1.0,
        concurrency=16,
    )
    end.until(60.0, workers=32)
    assert not end.errors
    assert len(end.sends) <= 1.2 * len(end.answers)
    assert len(end.answers) >= 0.85 * 16 * 60


def test_equal_streams_give_equal_waits() -> None:
    def waits() -> list[float]:
        end = Endpoint(lambda now, n: Refused(500, {}, "") if n < 4 else None)
        end.calls(1)
        return end.sends

    assert waits() == waits()
