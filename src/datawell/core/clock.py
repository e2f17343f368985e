"""Time as the engine sees it. Whoever waits or looks at a clock is handed one of these, so that a
test or a simulation can let hours pass in milliseconds."""

from __future__ import annotations

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """Time and waiting."""

    def monotonic(self) -> float:
        """Seconds that never jump; for deadlines and waits."""
        ...

    def time(self) -> float:
        """Seconds since 1970; for dates in records and headers, never for waits."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class SystemClock:
    """The machine's own time, waiting on the event loop."""

    def monotonic(self) -> float:
        """Monotonic seconds, as the event loop counts them."""
        return time.monotonic()

    def time(self) -> float:
        """Seconds since 1970."""
        return time.time()

    async def sleep(self, seconds: float) -> None:
        """Wait on the event loop."""
        await asyncio.sleep(seconds)
