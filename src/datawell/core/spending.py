"""What a run's calls came to, as the ledger adds it up: in all, by who was asked, and by row.

A call's role is the task's name for who was asked (``writer``); a check that asks a judge has its
own name behind it (``judge@story_grades``), so that money is told by role and by stage. Money is
in whole nano-dollars.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from datawell.core.budget import NANO

VOICE = "voice"  # the stage of calls a task makes


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over all calls, money in nano-dollars. ``booked`` counts against the budget: what was
    spent, and in full what may have been (answers not yet read, uncertain calls)."""

    calls: int
    uncertain: int
    unpriced: int
    input_tokens: int
    output_tokens: int
    spent: int
    booked: int

    @classmethod
    def of(cls, parts: Iterable[Spending]) -> Totals:
        """The sums over parts that are all of it."""
        own = list(parts)
        spent = sum(part.answered + part.lost for part in own)
        return cls(
            calls=sum(part.calls for part in own),
            uncertain=sum(part.uncertain_calls for part in own),
            unpriced=sum(part.unpriced for part in own),
            input_tokens=sum(part.input_tokens for part in own),
            output_tokens=sum(part.output_tokens for part in own),
            spent=spent,
            booked=spent + sum(part.uncertain for part in own),
        )


@dataclass(frozen=True, slots=True)
class Spending:
    """Sums over the calls to one model in one role. ``answers`` are calls that were answered,
    ``answered`` what those cost: the same whatever faults and crashes came between. ``lost`` was
    booked for calls that failed, ``uncertain`` at most billed for those in flight at a crash.
    ``unpriced`` counts calls whose price is not known, save those that failed."""

    asked: str
    model: str
    calls: int
    answers: int
    unpriced: int
    input_tokens: int
    output_tokens: int
    answered: int
    lost: int
    uncertain_calls: int
    uncertain: int

    @property
    def role(self) -> str:
        """Who was asked, as the recipe's ``teachers`` names it."""
        return self.asked.partition("@")[0]

    @property
    def stage(self) -> str:
        """``voice``, or the check that asked."""
        return self.asked.partition("@")[2] or VOICE

    @property
    def spent(self) -> int | None:
        """What is known to be spent; None when a price is unknown."""
        return None if self.unpriced else self.answered + self.lost


@dataclass(frozen=True, slots=True)
class Bill:
    """Sums over one row's calls to one role. ``answered`` is what its answers cost, ``booked`` all
    that counts against the budget, ``reserved`` the most that one of its calls could have cost,
    ``seconds`` the time its calls took, one after another."""

    row: int
    asked: str
    calls: int
    unpriced: int
    input_tokens: int
    output_tokens: int
    answered: int
    booked: int
    reserved: int
    seconds: float


_ANSWERED = "state IN ('answered', 'settled')"
_PAID = f"coalesce(sum(CASE WHEN {_ANSWERED} THEN coalesce(cost, reserved, 0) END), 0)"
_OPEN = "state IN ('intended', 'uncertain')"
_UNPRICED = "coalesce(sum(reserved IS NULL AND state NOT IN ('failed', 'rejected')), 0)"
_TOKENS = "coalesce(sum(input_tokens), 0), coalesce(sum(output_tokens), 0)"

SPENDING = f"""
    SELECT role, model, count(*), coalesce(sum({_ANSWERED}), 0), {_UNPRICED}, {_TOKENS}, {_PAID},
      coalesce(sum(CASE WHEN state = 'failed' THEN coalesce(cost, reserved) END), 0),
      coalesce(sum({_OPEN}), 0), coalesce(sum(CASE WHEN {_OPEN} THEN reserved END), 0)
    FROM calls GROUP BY role, model ORDER BY role, model"""  # noqa: S608 - constants above
BILLS = f"""
    SELECT row, role, count(*), {_UNPRICED}, {_TOKENS}, {_PAID}, sum(coalesce(cost, reserved, 0)),
      coalesce(max(reserved), 0), coalesce(sum(ended - sent), 0.0)
    FROM calls GROUP BY row, role ORDER BY row, role"""  # noqa: S608 - constants above
FLIGHTS = "SELECT sent, ended FROM calls WHERE ended IS NOT NULL ORDER BY id"


def time_in_flight(flights: Iterable[tuple[float, float]]) -> float:
    """Seconds in which some call was under way, from calls in nearly the order they began."""
    total, reached = 0.0, float("-inf")
    for sent, ended in flights:
        if ended > reached:
            total += ended - max(sent, reached)
            reached = ended
    return total


@dataclass(frozen=True, slots=True)
class Share:
    """What went to one role, or to one stage, in nano-dollars; None where a price is unknown.
    ``answered`` is for answers alone, ``spent`` with calls that failed and were booked."""

    name: str
    calls: int
    answers: int
    input_tokens: int
    output_tokens: int
    answered: int | None
    spent: int | None

    def describe(self, kept: int) -> dict[str, Any]:
        """As plain data, with the money for each of ``kept`` rows."""
        return {
            "name": self.name,
            "calls": self.calls,
            "answers": self.answers,
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "usd": dollars(self.spent),
            "usd_per_kept_row": per_row(self.spent, kept),
        }


def shares(parts: Iterable[Spending], by: Literal["role", "stage"]) -> list[Share]:
    """What went to each role or stage, by name."""
    found: dict[str, list[Spending]] = {}
    for part in parts:
        found.setdefault(getattr(part, by), []).append(part)
    return [
        Share(
            name,
            sum(part.calls for part in own),
            sum(part.answers for part in own),
            sum(part.input_tokens for part in own),
            sum(part.output_tokens for part in own),
            None if any(part.unpriced for part in own) else sum(part.answered for part in own),
            None if any(part.unpriced for part in own) else sum(part.spent or 0 for part in own),
        )
        for name, own in sorted(found.items())
    ]


def dollars(nano: int | None) -> float | str:
    """US dollars; the word ``unknown`` for None, which is never zero."""
    return "unknown" if nano is None else nano / NANO


def per_row(nano: int | None, kept: int) -> float | str | None:
    """US dollars a kept row; None when no row was kept."""
    return "unknown" if nano is None else nano / NANO / kept if kept else None
