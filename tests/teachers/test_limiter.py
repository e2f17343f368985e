import asyncio
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datawell.core.errors import AuthenticationRefused
from datawell.teachers.limiter import BACKOFF_MOST, GROW, SHRINK, Limiter, backoff
from tests.teachers.clock import FakeClock


def limiter(most: int = 16, clock: FakeClock | None = None) -> Limiter:
    return Limiter(most, clock or FakeClock(), Random(0))


async def enter(gate: Limiter, number: int) -> list[int]:
    return [await gate.enter() for _ in range(number)]


def test_one_round_trip_shrinks_at_most_once() -> None:
    gate = limiter()
    tickets = asyncio.run(enter(gate, 10))
    for ticket in tickets:
        gate.refused(ticket, 0.0)
    assert gate.limit == 16 * SHRINK


def test_a_refusal_of_a_later_send_shrinks_again() -> None:
    clock = FakeClock()
    gate = limiter(clock=clock)

    async def work() -> None:
        first = await gate.enter()
        gate.refused(first, 0.0)
        gate.leave()
        second = await gate.enter()
        gate.refused(second, 0.0)
        gate.leave()

    clock.run(work())
    assert gate.limit == 16 * SHRINK * SHRINK


def test_it_grows_back_by_a_share_once_a_round_trip_and_never_above_the_most() -> None:
    gate = limiter(100)

    async def work() -> None:
        (ticket,) = await enter(gate, 1)
        for _ in range(6):  # six refusals of six round trips
            gate.refused(ticket, 0.0)
            gate.leave()
            gate._until = -1.0
            ticket = await gate.enter()
        gate.leave()
        low = gate.limit
        window = await enter(gate, 5)
        for ticket in window:  # one window of answers grows it once
            gate.answered(ticket)
            gate.leave()
        assert gate.limit == pytest.approx(low * (1 + GROW))
        for _ in range(40):
            gate.answered(await gate.enter())
            gate.leave()
        assert gate.limit == 100

    asyncio.run(work())


def test_near_the_last_refusal_it_feels_its_way() -> None:
    gate = limiter(100)

    async def work() -> list[float]:
        gate.refused(await gate.enter(), 0.0)
        gate.leave()
        gate._until = -1.0
        limits = []
        for _ in range(6):
            gate.answered(await gate.enter())
            gate.leave()
            limits.append(gate.limit)
        return limits

    limits = asyncio.run(work())
    assert limits[0] == pytest.approx(87.5)  # a share, still below where the 429 came
    assert [round(b - a, 3) for a, b in pairwise(limits)] == [1, 2, 4, 5.5, 0]


def test_a_whole_refused_window_shuts_the_door_but_for_one_probe() -> None:
    clock = FakeClock()
    gate = limiter(4, clock)

    async def work() -> None:
        for ticket in await enter(gate, 4):
            gate.refused(ticket, 1.0)
            gate.leave()
        kept = gate.limit
        assert gate.shut
        probe = await gate.enter()
        assert clock.monotonic() == 1.0
        other = asyncio.create_task(gate.enter())
        await clock.sleep(100)
        assert not other.done()
        gate.refused(probe, None)
        gate.leave()
        await other
        assert gate.limit == kept  # a refused probe says nothing of concurrency
        gate.answered(2)
        assert not gate.shut

    clock.run(work())


def test_a_pause_holds_everybody_and_ends_by_itself() -> None:
    clock = FakeClock()
    gate = limiter(3, clock)

    async def one() -> float:
        await gate.enter()
        now = clock.monotonic()
        gate.leave()
        return now

    async def work() -> list[float]:
        gate.pause(5.0)
        return await asyncio.gather(*[one() for _ in range(20)])

    assert clock.run(work()) == [5.0] * 20


def test_retries_go_before_those_who_never_tried() -> None:
    gate, order = limiter(1), []

    async def one(name: str, again: bool) -> None:
        await gate.enter(again=again)
        order.append(name)
        gate.leave()

    async def work() -> None:
        await gate.enter()
        tasks = [asyncio.create_task(one(n, again=n == "retry")) for n in ("a", "b", "retry")]
        await asyncio.sleep(0)
        gate.leave()
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
        await gate.enter()
        first = asyncio.create_task(gate.enter())
        second = asyncio.create_task(gate.enter())
        await asyncio.sleep(0)
        gate.leave()  # the place goes to the first ...
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
        finally:
            gate.leave()

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
