"""What the answers cost that a dataset stands on: by role, by stage, by what became of the row.

Counted are answers that came, at the provider's own token counts. Calls that failed and calls in
flight at a crash are left out, so that the figures do not depend on faults; the run tells those.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from datawell.core.budget import NANO
from datawell.core.records import Row
from datawell.core.rundir import Summary
from datawell.core.spending import Bill, Share, dollars, per_row, shares

_KEPT = "kept"
_METHOD = "money for answers that came, divided by kept rows; exact, no estimate"


class Costs:
    """Bills beside their rows, in one pass over both; rows and bills must ascend."""

    def __init__(self, bills: Iterator[Bill]) -> None:
        self._bills = bills
        self._next = next(bills, None)
        self._nano: Counter[str] = Counter()
        self._rows: Counter[str] = Counter()

    def add(self, row: Row) -> None:
        """Count one row under what became of it."""
        fate = _KEPT if row.kept else row.stage
        self._rows[fate] += 1
        while (bill := self._next) is not None and bill.row <= row.row:
            if bill.row == row.row:
                self._nano[fate] += bill.answered
            self._next = next(self._bills, None)

    def describe(self, summary: Summary) -> dict[str, Any]:
        """The label's words for it; a price that is not known makes it ``unknown``, never zero."""
        parts = summary.spending
        unpriced = any(part.unpriced for part in parts)
        nano = None if unpriced else sum(part.answered for part in parts)
        dropped = sorted(set(self._rows) - {_KEPT})
        return {
            "usd": dollars(nano),
            "usd_per_kept_row": _figure(nano, summary.kept),
            "by_role": [_share(share, summary.kept) for share in shares(parts, "role")],
            "by_stage": [_share(share, summary.kept) for share in shares(parts, "stage")],
            "dropped_rows": [
                {
                    "stage": stage,
                    "rows": self._rows[stage],
                    "usd": "unknown" if unpriced else self._nano[stage] / NANO,
                }
                for stage in dropped
            ],
        }


def _share(share: Share, kept: int) -> dict[str, Any]:
    return {
        "name": share.name,
        "answers": share.answers,
        "input_tokens": share.input_tokens,
        "output_tokens": share.output_tokens,
        "usd": dollars(share.answered),
        "usd_per_kept_row": per_row(share.answered, kept),
    }


def _figure(nano: int | None, kept: int) -> dict[str, Any] | str:
    if nano is None:
        return "unknown"
    value = per_row(nano, kept)
    return {"value": value, "interval": None, "n": kept, "method": _METHOD, "seed": None}
