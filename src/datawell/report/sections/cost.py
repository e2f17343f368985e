"""What the run cost, in calls, tokens, money and computing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from datawell.core.foretold import Outcome, outcomes
from datawell.core.rundir import Summary
from datawell.core.spending import dollars, per_row, shares
from datawell.report.facts import Facts
from datawell.report.sections.base import Section, is_builtin

_SHOWN = {"usd": "${:,.4f}", "seconds": "{:,.1f} s", "cpu_seconds": "{:,.2f} CPU-s"}
_NAMES = {
    "kept": "rows kept",
    "usd": "money",
    "seconds": "time with calls under way",
    "cpu_seconds": "computing",
}


def build(facts: Facts) -> Section:
    """Always there."""
    summary = facts.summary
    data = {
        "lines": [*_lines(summary), *_dropped(facts)],
        "parts": list(_parts(summary)),
        "held": [_held(outcome) for outcome in outcomes(summary)],
        "method": (summary.estimate or {}).get("method", ""),
    }
    return Section("cost", "Cost", "cost.html.j2", data)


def _parts(summary: Summary) -> Iterator[dict[str, str]]:
    """A line a role, and a line a stage where there are several."""
    by_stage = shares(summary.spending, "stage")
    for share in (*shares(summary.spending, "role"), *(by_stage if len(by_stage) > 1 else ())):
        yield {
            "name": share.name.replace("_", " ").replace(":", ", "),
            "calls": f"{share.calls:,}",
            "input": f"{share.input_tokens:,}",
            "output": f"{share.output_tokens:,}",
            "usd": _dollars(dollars(share.spent)),
            "per_row": _dollars(per_row(share.spent, summary.kept), 6),
        }


def _dropped(facts: Facts) -> Iterator[tuple[str, str, str]]:
    """What went into rows that were dropped."""
    cost = facts.label.get("cost") if facts.label else None
    if not isinstance(cost, Mapping):
        return
    for fell in cost["dropped_rows"]:
        if fell["usd"]:
            what = f"Spent on rows dropped at {fell['stage']}"
            yield what, _dollars(fell["usd"]), f"{fell['rows']:,} rows"


def _held(outcome: Outcome) -> dict[str, Any]:
    show = _SHOWN.get(outcome.quantity, "{:,.0f}").format
    told = outcome.foretold
    return {
        "name": _NAMES.get(outcome.quantity, outcome.quantity.replace("_", " ")),
        "range": f"{show(told.low)} to {show(told.high)}",
        "likely": "not known" if told.likely is None else show(told.likely),
        "actual": show(outcome.actual),
        "error": "" if outcome.error is None else f"{outcome.error:+.1%}",
        "inside": outcome.inside,
    }


def _dollars(usd: float | str | None, digits: int = 4) -> str:
    if usd is None:
        return "no row was kept"
    return usd if isinstance(usd, str) else f"${usd:,.{digits}f}"


def _lines(summary: Summary) -> Iterator[tuple[str, str, str]]:
    """(what, how much, remark)."""
    free = bool(summary.teachers) and all(map(is_builtin, summary.teachers.values()))
    yield "Calls to teachers", f"{summary.calls:,}", "none: built-in teacher" if free else ""
    if summary.uncertain_calls:
        yield (
            "Uncertain calls",
            f"{summary.uncertain_calls:,}",
            f"in flight at a crash; may have been billed, at most ${summary.uncertain_usd:,.4f}",
        )
    if not free:
        yield "Tokens read by teachers", f"{summary.input_tokens:,}", ""
        yield "Tokens written by teachers", f"{summary.output_tokens:,}", ""
    yield "Money", *_money(summary, free)
    yield "Computing", f"{summary.cpu_seconds:,.1f} CPU-s", "to make and check the rows"
    if summary.cpu_seconds > 0:
        rate = summary.rows / summary.cpu_seconds
        yield "Speed", f"{rate:,.0f} rows a CPU-second", "made and checked"


def _money(summary: Summary, free: bool) -> tuple[str, str]:
    if free:
        return "$0", "free: built-in teacher"
    if summary.spent_usd is None:
        return "unknown", "the price of some call is not known"
    if not summary.kept:
        return f"${summary.spent_usd:,.4f}", "no row was kept"
    per = f"${1000 * summary.spent_usd / summary.kept:,.4f} a thousand kept rows"
    return f"${summary.spent_usd:,.4f}", per
