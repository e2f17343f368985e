"""The budget is hard: whatever the order of calls, answers and crashes, no more is ever billed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datawell.core.budget import NANO, Budget, nano_dollars
from datawell.core.errors import BudgetSpent, UsageError


def in_a_loop(test: Callable[[], Coroutine[object, object, None]]) -> Callable[[], None]:
    @wraps(test)
    def run() -> None:
        asyncio.run(test())

    return run


class Provider:
    """Keeps its own bill, which the budget must never let pass the limit."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.bill = 0

    def charge(self, cost: int) -> None:
        self.bill += cost
        assert self.bill <= self.limit


async def session(
    budget: Budget, provider: Provider, workers: int, luck: Random, steps: int
) -> int:
    """Many workers spend at once until the budget ends or the process 'dies' after some steps; what
    was then in flight is returned: it may or may not have been billed."""
    alive = True
    left = steps

    async def worker(random: Random) -> None:
        nonlocal alive, left
        while alive:
            most = random.randint(1, 40)
            try:
                await budget.reserve(most)
            except BudgetSpent:
                return
            if not alive:
                return
            cost = random.randint(0, most)
            provider.charge(cost)
            for _ in range(random.randint(0, 3)):
                await asyncio.sleep(0)
            left -= 1
            alive = alive and left > 0
            if not alive:
                return  # died with the answer not booked: the reservation must stand
            budget.settle(most, cost)

    tasks = [asyncio.create_task(worker(Random(luck.random()))) for _ in range(workers)]
    while left > 0 and not all(task.done() for task in tasks):
        await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return budget.held


@settings(max_examples=12, deadline=None)
@given(
    limit=st.integers(0, 20_000),
    workers=st.sampled_from([1, 7, 64, 512]),
    crashes=st.lists(st.integers(1, 400), max_size=4),
    luck=st.integers(0, 2**32),
)
def test_no_overshoot_with_many_workers_and_crashes(
    limit: int, workers: int, crashes: list[int], luck: int
) -> None:
    provider, random, booked = Provider(limit), Random(luck), 0
    for steps in [*crashes, 10**9]:
        budget = Budget(limit, booked)
        held = asyncio.run(session(budget, provider, workers, random, steps))
        assert budget.booked + held <= limit
        assert provider.bill <= budget.booked + held
        booked = budget.booked + held  # uncertain after a crash: held for ever
    assert limit - booked < 40  # no call of the largest size would have fitted


@in_a_loop
async def test_spent_at_once_when_nothing_is_in_flight() -> None:
    budget = Budget(10)
    with pytest.raises(BudgetSpent, match="booked") as caught:
        await budget.reserve(11)
    assert "larger budget" in caught.value.hint
    with pytest.raises(BudgetSpent):
        await budget.reserve(1)


@in_a_loop
async def test_waits_for_calls_in_flight_before_it_gives_up() -> None:
    budget = Budget(10)
    await budget.reserve(8)
    second = asyncio.create_task(budget.reserve(8))
    await asyncio.sleep(0)
    assert not second.done()
    budget.settle(8, 2)
    await second
    assert (budget.booked, budget.held) == (2, 8)
    third, fourth = (asyncio.create_task(budget.reserve(n)) for n in (8, 1))
    await asyncio.sleep(0)
    budget.settle(8, 8)
    for task in (third, fourth):
        with pytest.raises(BudgetSpent):
            await task
    assert budget.held == 0


@in_a_loop
async def test_a_cancelled_wait_holds_nothing() -> None:
    budget = Budget(10)
    await budget.reserve(8)
    waiting = [asyncio.create_task(budget.reserve(5)) for _ in range(2)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    await asyncio.gather(waiting[0], return_exceptions=True)
    budget.settle(8, 1)
    await waiting[1]
    assert (budget.booked, budget.held) == (1, 5)


@in_a_loop
async def test_cancelled_at_the_moment_of_being_granted_gives_it_back() -> None:
    budget = Budget(10)
    await budget.reserve(10)
    waiting = asyncio.create_task(budget.reserve(5))
    await asyncio.sleep(0)
    budget.settle(10, 0)  # grants
    waiting.cancel()  # before it ran again
    await asyncio.gather(waiting, return_exceptions=True)
    assert (budget.booked, budget.held) == (0, 0)


@in_a_loop
async def test_no_limit_reserves_anything() -> None:
    budget = Budget(None)
    await budget.reserve(10**15)
    budget.settle(10**15, 7)
    assert budget.booked == 7


@pytest.mark.parametrize("usd", [-1.0, float("nan"), float("inf")])
def test_a_budget_that_is_no_amount(usd: float) -> None:
    with pytest.raises(UsageError):
        nano_dollars(usd)


def test_dollars_round_down() -> None:
    assert nano_dollars(1.5) == 1_500_000_000
    assert nano_dollars(1 / 3 / NANO) == 0
