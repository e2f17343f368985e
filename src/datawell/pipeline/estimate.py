"""What a run would take: rows, calls, tokens, money and time, each as a range with its method."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from datawell.core.foretold import NOTHING, UNKNOWN, Range


@dataclass(frozen=True, slots=True)
class Needs:
    """What one role, or all together, would take. ``usd`` is None where a price is unknown, never
    zero for that reason."""

    calls: Range
    input_tokens: Range
    output_tokens: Range
    usd: Range | None

    def __add__(self, other: Needs) -> Needs:
        usd = None if self.usd is None or other.usd is None else self.usd + other.usd
        return Needs(
            self.calls + other.calls,
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            usd,
        )

    def at_most(self) -> Needs:
        """Likely none of it, and at most all."""

        def none_to_all(told: Range) -> Range:
            return Range(0.0, 0.0, told.high)

        return Needs(
            none_to_all(self.calls),
            none_to_all(self.input_tokens),
            none_to_all(self.output_tokens),
            None if self.usd is None else none_to_all(self.usd),
        )

    def describe(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "calls": self.calls.describe(),
            "input_tokens": self.input_tokens.describe(),
            "output_tokens": self.output_tokens.describe(),
            "usd": UNKNOWN if self.usd is None else self.usd.describe(),
        }


NO_NEEDS = Needs(NOTHING, NOTHING, NOTHING, NOTHING)


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run would take, from its first row to its last, ``made`` rows of which are made.

    ``kept`` leaves the corpus checks out, which a few rows cannot foretell. ``seconds`` is time
    with calls under way; ``cpu_seconds`` is None where rows wait for answers. ``method`` says where
    the ranges are from, and ``sample`` from how many rows.
    """

    name: str
    rows: int
    made: int
    seeds: int | None
    teachers: Mapping[str, str]
    kept: Range | None
    needs: Needs
    seconds: Range | None
    cpu_seconds: Range | None
    by_role: Mapping[str, Needs]
    spent_usd: float | None
    budget_usd: float | None
    method: str
    sample: int
    unplannable: int

    def describe(self) -> dict[str, Any]:
        """The estimate as plain data."""
        return {
            "name": self.name,
            "rows": self.rows,
            "made": self.made,
            "seeds": self.seeds,
            "teachers": dict(self.teachers),
            "kept": self.kept.describe() if self.kept else UNKNOWN,
            **self.needs.describe(),
            "seconds": self.seconds.describe() if self.seconds else UNKNOWN,
            "cpu_seconds": self.cpu_seconds.describe() if self.cpu_seconds else UNKNOWN,
            "by_role": {role: needs.describe() for role, needs in self.by_role.items()},
            "spent_usd": UNKNOWN if self.spent_usd is None else self.spent_usd,
            "budget_usd": self.budget_usd,
            "method": self.method,
            "sample_rows": self.sample,
            "sample_rows_without_plan": self.unplannable,
        }

    def __str__(self) -> str:
        who = ", ".join(f"{role}: {model}" for role, model in self.teachers.items())
        seeds = "endless seeds" if self.seeds is None else f"{self.seeds} seeds"
        lines = [f"{self.name}: valid · {self.rows} rows from {seeds} · {who}"]
        if self.made:
            spent = "at a cost that is not known" if self.spent_usd is None else self._spent()
            lines.append(f"{self.made} rows are made, {spent}; the figures are for the whole run")
        needs = self.needs
        if not needs.calls.high:
            lines.append("no paid call: every answer is computed here")
        else:
            lines.append(
                f"calls {_span(needs.calls)} · tokens in {_span(needs.input_tokens)},"
                f" out {_span(needs.output_tokens)}"
            )
            lines.append(f"money {_money(needs.usd)}{self._fits()}")
            lines += [
                f"  {role}: {_span(own.calls)} calls, {_money(own.usd)}"
                for role, own in self.by_role.items()
                if len(self.by_role) > 1
            ]
        if self.seconds is not None:
            lines.append(f"time {_span(self.seconds, _clock)}")
        if self.cpu_seconds is not None:
            lines.append(f"computing {_span(self.cpu_seconds, _clock)} of CPU time")
        if self.kept is not None:
            lines.append(f"kept {_span(self.kept)} rows, before rows are compared with each other")
        lines.append(f"({self.method})")
        if self.unplannable:
            lines.append(f"{self.unplannable} of {self.sample} sampled seeds gave no plan")
        return "\n".join(lines)

    def _spent(self) -> str:
        return f"${self.spent_usd:.4f} spent"

    def _fits(self) -> str:
        """How the money stands to the budget."""
        usd, budget = self.needs.usd, self.budget_usd
        if usd is None or budget is None:
            return ""
        if usd.high <= budget:
            return f"; the budget of ${budget:g} suffices"
        short = "does not suffice" if usd.low > budget else "may not suffice"
        rows = f", likely for {int(self.rows * budget / usd.likely)} rows" if usd.likely else ""
        return f"; the budget of ${budget:g} {short}{rows}"


def _span(told: Range, show: Callable[[float], str] = lambda value: f"{value:,.0f}") -> str:
    low, high = show(told.low), show(told.high)
    if low == high:
        return low
    likely = "" if told.likely is None else f", likely {show(told.likely)}"
    return f"{low} to {high}{likely}"


def _money(usd: Range | None) -> str:
    return "unknown: a price is not known" if usd is None else _span(usd, _dollars)


def _dollars(usd: float) -> str:
    return f"${usd:,.2f}" if usd >= 1 else f"${usd:.4f}"


def _clock(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d} h" if hours else f"{minutes}:{rest:02d} min"
