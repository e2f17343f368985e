"""What the run cost, in calls, tokens, money and computing."""

from __future__ import annotations

from collections.abc import Iterator

from datawell.core.rundir import Summary
from datawell.report.facts import Facts
from datawell.report.sections.base import Section, is_builtin


def build(facts: Facts) -> Section:
    """Always there."""
    return Section("cost", "Cost", "cost.html.j2", {"lines": list(_lines(facts.summary))})


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
