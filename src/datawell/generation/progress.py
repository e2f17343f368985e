"""How far a run is, told at most ten times a second. Nothing here prints."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

INTERVAL = 0.1  # seconds between two reports


@dataclass(frozen=True, slots=True)
class Progress:
    """``done``, ``kept`` and ``dropped`` count rows (earlier sessions' too), ``kept`` before the
    corpus checks have spoken. ``rate`` is rows a second in this session; ``eta`` seconds, None
    while unknown; ``spent_usd`` None when some price is unknown. ``stage`` is ``rows``,
    ``batch`` (batch files are waited for; ``note`` says how far they are), ``corpus`` (the corpus
    checks are deciding) or ``done``."""

    done: int
    total: int
    kept: int
    dropped: int
    rate: float
    spent_usd: float | None
    eta: float | None
    stage: str = "rows"
    note: str = ""


class Meter:
    """Counts rows and reports to ``listener``; None listens to nothing."""

    def __init__(
        self,
        total: int,
        listener: Callable[[Progress], None] | None,
        spent: Callable[[], float | None],
    ) -> None:
        self._total = total
        self._listener = listener
        self._spent = spent
        self._done = self._kept = self._fresh = 0
        self._began = self._told = time.monotonic()

    def resumed(self, done: int, kept: int) -> None:
        """Count rows an earlier session made; they do not count for the rate."""
        self._done += done
        self._kept += kept

    def add(self, done: int, kept: int) -> None:
        """Count rows just made."""
        self._done += done
        self._kept += kept
        self._fresh += done
        if self._listener is not None and time.monotonic() - self._told >= INTERVAL:
            self.report()

    def report(self, stage: str = "rows", note: str = "") -> None:
        """Report now."""
        self._told = time.monotonic()
        if self._listener is None:
            return
        elapsed = self._told - self._began
        rate = self._fresh / elapsed if elapsed > 0 else 0.0
        left = self._total - self._done
        self._listener(
            Progress(
                done=self._done,
                total=self._total,
                kept=self._kept,
                dropped=self._done - self._kept,
                rate=rate,
                spent_usd=self._spent(),
                eta=left / rate if rate else None,
                stage=stage,
                note=note,
            )
        )
