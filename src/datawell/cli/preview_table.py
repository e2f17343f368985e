"""One row for people: the plan on the left, the text and its verdicts on the right."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from datawell.cli.console import visible

if TYPE_CHECKING:
    from rich.console import RenderableType

    from datawell.core.records import Row

LONGEST_VALUE = 240


def side_by_side(row: Row) -> RenderableType:
    """A table of two columns under a line that says what became of the row."""
    from rich.table import Table
    from rich.text import Text

    state = "kept" if row.kept else f"dropped at {row.stage}: {row.reason}"
    table = Table(title=Text(f"row {row.row} · {state}"), title_justify="left", expand=True)
    table.add_column("plan", ratio=2)
    table.add_column("text", ratio=3)
    if row.record is None:
        table.add_row(Text(visible(row.source)), Text(visible(row.detail)))
        return table
    text = f"{row.record.prompt}\n\n{row.record.text}" if row.record.prompt else row.record.text
    verdicts = "\n".join(_verdict_line(v.check, v.keep, v.reason, v.note) for v in row.verdicts)
    told = visible(f"{text}\n\n{verdicts}")
    table.add_row(Text(visible(_plan_lines(row.record.plan))), Text(told))
    return table


def _verdict_line(check: str, keep: bool, reason: str, note: str) -> str:
    mark = "pass" if keep else "drop"
    why = " · ".join(part for part in (reason, note) if part)
    return f"{mark}  {check}" + (f" · {why}" if why else "")


def _plan_lines(plan: dict[str, Any]) -> str:
    lines = []
    for key, value in plan.items():
        shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        short = shown if len(shown) <= LONGEST_VALUE else shown[:LONGEST_VALUE] + " …"
        lines.append(f"{key}: {short}")
    return "\n".join(lines)
