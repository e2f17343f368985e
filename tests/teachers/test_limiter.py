import asyncio
from bisect import bisect_left
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datawell.core.errors import AuthenticationRefused, ProviderFault
from datawell.teachers.limiter import (
    BACKOFF_MOST,
    FAILING_CALLS,
    FEEL,
    FEW,
    GROW,
    PAUSE_LEAST,
    PAUSE_MOST,
    Limiter,
    Ticket,
    backoff,
)
from tests.teachers.clock import FakeClock


def limiter(most: int = 16, clock: FakeClock | None = None, **more: Any) -> Limiter:
    return Limiter(most, clock or FakeClock(), Random(0), **more)


async def enter(gate: Limiter, number: int) -> list[Ticket]:
    return [await gate.enter() for _ in range(number)]


async def round_trip(gate: Limiter, number: int, refused: int) -> float:
    """A window of sends that come back together, ``refused`` of them, well mixed, with a 429."""
    tickets = await enter(gate, number)
    for at, ticket in enumerate(tickets):
        if (at + 1) * refused // number > at * refused // number:
            gate.refused(ticket, None)
        else:
            gate.answered(ticket)
        gate.leave(ticket)
    return gate.limit


def test_one_round_trip_shrinks_at_most_once() -> None:
    gate = limiter(64)

    async def work() -> None:
        await round_trip(gate, 64, 0)
        tickets = await enter(gate, 64)
        seen = set()
        for ticket in tickets[:60]:
            gate.refused(ticket, 0.0)
            seen.add(gate.limit)
        assert len(seen) == 1
        gate.answered(tickets[60])
        for ticket in tickets:
            gate.leave(ticket)
        gate.answered(await gate.enter())
        assert 64 * 0.5 < gate.limit < 64 * 0.6

    asyncio.run(work())


def test_refusals_by_chance_do_not_strangle_it() -> None:
    gate, luck = limiter(64), Random(1)

    async def work() -> list[float]:
        return [
            await round_trip(gate, n, sum(luck.random() < 0.05 for _ in range(n)))
            for _ in range(300)
            for n in [int(gate.limit)]
        ]

    limits = asyncio.run(work())
    assert min(limits[50:]) >= 0.85 * 64


def test_it_settles_where_too_many_calls_are_refused() -> None:
    gate = limiter(256)

    async def work() -> list[float]:
        return [
            await round_trip(gate, n, max(0, n - 40)) for _ in range(200) for n in [int(gate.limit)]
        ]

    limits = asyncio.run(work())[60:]
    assert min(limits) >= 38
    assert max(limits) <= 40 * 1.2


def test_it_grows_back_by_a_share_once_a_round_trip_and_never_above_the_most() -> None:
    gate = limiter(100)
    gate.limit = 10.0

    async def work() -> list[float]:
        return [await round_trip(gate, int(gate.limit), 0) for _ in range(20)]

    limits = asyncio.run(work())
    assert limits[:3] == pytest.approx([10 * (1 + GROW) ** n for n in (1, 2, 3)])
    assert limits[-1] == 100


def test_near_where_it_was_refused_it_feels_its_way() -> None:
    gate = limiter(200)
    gate.limit = 100.0

    async def work() -> list[float]:
        await round_trip(gate, 100, 15)
        await round_trip(gate, 10, 0)  # its first news comes with the next round trip
        return [await round_trip(gate, int(gate.limit), 0) for _ in range(3)]

    limits = asyncio.run(work())
    assert [b / a for a, b in pairwise(limits)] == pytest.approx([1 + FEEL] * 2)


def test_a_whole_refused_window_shuts_the_door_but_for_probes() -> None:
    clock = FakeClock()
    gate = limiter(4, clock)

    async def work() -> None:
        tickets = await enter(gate, 4)
        for ticket in tickets:
            gate.refused(ticket, 1.0)
            gate.leave(ticket)
        kept = gate.limit
        assert gate.shut
        probe = await gate.enter()
        assert clock.monotonic() == 1.0
        gate.refused(probe, None)
        gate.leave(probe)
        other = await gate.enter()
        assert 1.0 + PAUSE_LEAST <= clock.monotonic() <= 1.0 + PAUSE_MOST
        assert gate.limit == kept  # a refused probe says nothing of how many are too many
        gate.answered(other)
        assert not gate.shut
        assert gate.shut_for() == 0.0

    clock.run(work())


@pytest.mark.parametrize(("calls", "needed"), [(1, FEW), (5, 5), (500, FAILING_CALLS)])
def test_several_calls_that_fail_without_an_answer_open_the_circuit(
    calls: int, needed: int
) -> None:
    gate = limiter()

    async def work() -> None:
        for _ in range(50):
            gate.failed(0, calls, None)  # one call may fail as often as it will
        gate.answered(await gate.enter())
        for call in range(needed - 1):
            gate.failed(call, calls, None)
            assert not gate.shut
        gate.failed(99, calls, None)
        assert gate.shut

    asyncio.run(work())


def test_in_a_hurry_nobody_waits_at_a_door_that_stays_shut() -> None:
    clock = FakeClock()
    gate = limiter(1, clock)

    async def work() -> None:
        ticket = await gate.enter()
        patient = asyncio.create_task(gate.enter())
        hurried = asyncio.create_task(gate.enter(hurry=True))
        await asyncio.sleep(0)
        gate.turn_away(ProviderFault("dead"))
        with pytest.raises(ProviderFault, match="dead"):
            await hurried
        assert not patient.done()
        gate.leave(ticket)
        gate.leave(await patient)

    clock.run(work())
    assert gate.in_flight == 0


def test_a_few_bad_results_among_good_ones_hold_nobody_but_most_hold_all() -> None:
    gate = limiter(64)

    async def work() -> None:
        for _ in range(20):
            await round_trip(gate, 20, 0)
        tickets = await enter(gate, 20)
        for ticket in tickets[:5]:
            gate.refused(ticket, 30.0)
        assert gate.paused_for() == 0.0
        for ticket in tickets[5:]:
            gate.refused(ticket, 30.0)
        assert gate.paused_for() == pytest.approx(30.0, abs=0.01)

    asyncio.run(work())


@settings(deadline=None, max_examples=30)
@given(
    a_minute=st.sampled_from([1, 7, 60, 600, 5000]),
    sizes=st.lists(st.integers(1, 50), min_size=1, max_size=200),
)
def test_never_more_requests_in_any_minute_than_allowed(a_minute: int, sizes: list[int]) -> None:
    clock = FakeClock()
    gate = limiter(50, clock, requests_per_minute=a_minute)
    left: list[float] = []

    async def one() -> None:
        ticket = await gate.enter()
        left.append(clock.monotonic())
        gate.leave(ticket)

    async def work() -> None:
        for size in sizes[: max(1, a_minute // 3)]:
            await asyncio.gather(*[one() for _ in range(size)])

    clock.run(work())
    for at, start in enumerate(left):
        assert bisect_left(left, start + 60 - 1e-6) - at <= a_minute
    if len(left) > a_minute:  # and not much fewer
        assert left[-1] <= 1.1 * 60 * len(left) / a_minute + 60


def test_tokens_a_minute_are_reckoned_and_settled() -> None:
    clock = FakeClock()
    gate = limiter(50, clock, tokens_per_minute=6000)

    async def work() -> None:
        first = await gate.enter(1000.0)  # more than a second's worth: it overdraws the bucket
        second = await gate.enter(100.0)
        assert clock.monotonic() == pytest.approx(10.0, rel=0.05)
        gate.answered(second, 2100.0)  # it used more than it was reckoned at
        gate.leave(first)
        gate.leave(second)
        await gate.enter(100.0)
        assert clock.monotonic() == pytest.approx(10.0 + 21.0, rel=0.05)

    clock.run(work())


def test_what_headers_say_is_left_is_not_overrun() -> None:
    clock = FakeClock()
    gate = limiter(50, clock)

    async def work() -> None:
        first = await gate.enter()
        others = await enter(gate, 3)
        headers = {"x-ratelimit-remaining-requests": "5", "x-ratelimit-reset-requests": "7s"}
        gate.heard(headers, 300.0)
        gate.leave(first)
        await enter(gate, 2)  # the three in flight may not be counted yet
        assert clock.monotonic() == 0.0
        await gate.enter()
        assert clock.monotonic() == 7.0
        headers["x-ratelimit-reset-requests"] = "12h"
        headers["x-ratelimit-remaining-requests"] = "0"
        gate.heard(headers, 300.0)  # too long to wait for: the endpoint says so itself
        await gate.enter()
        assert clock.monotonic() == 7.0
        for ticket in others:
            gate.leave(ticket)

    clock.run(work())


def test_a_pause_holds_everybody_and_ends_by_itself() -> None:
    clock = FakeClock()
    gate = limiter(3, clock)

    async def one() -> float:
        ticket = await gate.enter()
        now = clock.monotonic()
        gate.leave(ticket)
        return now

    async def work() -> list[float]:
        gate.pause(5.0)
        return await asyncio.gather(*[one() for _ in range(20)])

    assert clock.run(work()) == [5.0] * 20


def test_retries_go_before_those_who_never_tried() -> None:
    gate, order = limiter(1), []

    async def one(name: str, again: bool) -> None:
        ticket = await gate.enter(again=again)
        order.append(name)
        gate.leave(ticket)

    async def work() -> None:
        ticket = await gate.enter()
        tasks = [asyncio.create_task(one(n, again=n == "retry")) for n in ("a", "b", "retry")]
        await asyncio.sleep(0)
        gate.leave(ticket)
        await asyncio.gather(*tasks)

    asyncio.run(work())
    assert order == ["retry", "a", "b"]


def test_a_stop_reaches_all_who_wait_and_all_who_come() -> None:
    gate = limiter(1)

    async def work() -> None:
        await gate.enter()
        waiting = [asyncio.create_task(gate.enter()) for _ in range(3)]
        await asyncio.sleep(0)
        gate.stop(AuthenticationRefused("no", hint="look"))
        for task in waiting:
            with pytest.raises(AuthenticationRefused) as caught:
                await task
            assert caught.value.hint == "look"
        with pytest.raises(AuthenticationRefused):
            await gate.enter()

    asyncio.run(work())


def test_a_place_given_to_a_cancelled_call_is_handed_on() -> None:
    gate = limiter(1)

    async def work() -> None:
        ticket = await gate.enter()
        first = asyncio.create_task(gate.enter())
        second = asyncio.create_task(gate.enter())
        await asyncio.sleep(0)
        gate.leave(ticket)  # the place goes to the first ...
        first.cancel()  # ... which is cancelled in the same moment
        await second
        assert gate.in_flight == 1

    asyncio.run(work())


@settings(deadline=None, max_examples=60)
@given(
    most=st.integers(1, 12),
    events=st.lists(st.sampled_from(["answer", "refuse", "fail", "cancel"]), max_size=80),
    seed=st.integers(0, 9),
)
def test_never_above_the_most_and_never_stuck(most: int, events: list[str], seed: int) -> None:
    clock, random = FakeClock(), Random(seed)
    gate = Limiter(most, clock, Random(seed))
    seen = []

    async def call(event: str) -> None:
        ticket = await gate.enter(again=random.random() < 0.3)
        try:
            seen.append((gate.in_flight, gate.limit))
            await clock.sleep(random.random())
            if event == "answer":
                gate.answered(ticket)
            if event == "refuse":
                gate.refused(ticket, random.choice([None, 0.0, 2.0]))
            if event == "fail":
                gate.failed(len(seen), len(events), None)
        finally:
            gate.leave(ticket)

    async def work() -> None:
        tasks = [asyncio.create_task(call(event)) for event in events]
        for task, event in zip(tasks, events, strict=True):
            if event == "cancel":
                await clock.sleep(random.random() / 4)
                task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    clock.run(work())
    assert gate.in_flight == 0
    assert all(1 <= flying <= most and 1 <= limit <= most for flying, limit in seen)


@given(st.integers(1, 1000), st.integers(0, 99))
def test_backoff_is_bounded_and_never_nothing(tries: int, seed: int) -> None:
    assert 0.25 <= backoff(tries, Random(seed)) <= BACKOFF_MOST
    assert backoff(tries, Random(seed)) == backoff(tries, Random(seed))
