"""The funnel: how many rows fell where, why, and what such a row looks like."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from datawell.core.records import Row
from datawell.core.rundir import Summary
from datawell.report.facts import Facts
from datawell.report.marks import excerpt, segments
from datawell.report.sections.base import Section, verdict_marks
from datawell.report.sections.label import percent

STAGES = {
    "seeds": "reading seeds",
    "plan": "planning",
    "task": "running the task",
    "voice": "wording",
    "check": "running the checks",
    "checks": "checks on each row",
    "corpus": "comparing rows",
}
_EXCERPT = 700


def build(facts: Facts) -> Section:
    """Always there: a run that drops nothing says so."""
    summary = facts.summary
    return Section(
        "funnel",
        "Kept and dropped",
        "funnel.html.j2",
        {
            "steps": list(_steps(summary)),
            "reasons": [
                {
                    "stage": STAGES.get(stage, stage),
                    "reason": reason,
                    "count": count,
                    "share": percent(count / max(summary.rows, 1)),
                    "examples": [_example(r) for r in facts.rows.examples.get((stage, reason), ())],
                }
                for (stage, reason), count in summary.dropped.items()
            ],
        },
    )


def _steps(summary: Summary) -> Iterator[dict[str, Any]]:
    """Rows left after each stage that lost some, in the order of the flow."""
    lost: dict[str, int] = {}
    for (stage, _), count in summary.dropped.items():
        lost[stage] = lost.get(stage, 0) + count
    left = summary.rows
    yield _step("rows made", left, 0, summary.rows)
    order = list(STAGES)
    for stage in sorted(lost, key=lambda s: (order.index(s) if s in STAGES else len(order), s)):
        left -= lost[stage]
        yield _step(f"after {STAGES.get(stage, stage)}", left, lost[stage], summary.rows)
    yield _step("kept", summary.kept, 0, summary.rows)


def _step(name: str, left: int, lost: int, rows: int) -> dict[str, Any]:
    width = 100 * left / max(rows, 1)
    return {"name": name, "left": left, "lost": lost, "width": f"{width:.3f}"}


def _example(row: Row) -> dict[str, Any]:
    record = row.record
    text = record.text if record else ""
    cut, marks, before, after = excerpt(text, verdict_marks(row), _EXCERPT)
    return {
        "row": row.row,
        "seed": row.seed_id,
        "detail": row.detail,
        "segments": segments(cut, marks),
        "before": before,
        "after": after,
        "notes": [
            f"{verdict.check}: {verdict.note or verdict.reason}"
            for verdict in row.verdicts
            if not verdict.keep and verdict.note != row.detail
        ],
    }
