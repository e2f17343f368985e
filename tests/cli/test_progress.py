"""The progress line: what is spent, and what it comes to."""

from __future__ import annotations

from typing import Any

import pytest

from datawell.cli.progress import _row_words
from datawell.generation.progress import Progress


@pytest.mark.parametrize(
    ("change", "money"),
    [
        ({"spent_usd": 0.5}, "$0.5000 of about $2.0000"),
        ({"spent_usd": 0.5, "done": 0}, "$0.5000"),
        ({"spent_usd": 0.5, "done": 100}, "$0.5000"),
        ({"spent_usd": 0.0}, "$0.0000"),
        ({"spent_usd": None}, "cost unknown"),
    ],
)
def test_money_is_told_live(change: dict[str, Any], money: str) -> None:
    facts: dict[str, Any] = {"done": 25, "total": 100, "kept": 20, "dropped": 5, "rate": 5.0}
    words = _row_words(Progress(**{**facts, "eta": 15.0, "spent_usd": 0.0, **change}))
    assert f" · {money} · 0:15 left" in words
