"""The one door from ordinary calls into coroutines, also where a loop is already running."""

from __future__ import annotations

import asyncio
import gc
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

T = TypeVar("T")


class _Errand:
    """Work done in a thread of its own, which its waiting caller can interrupt."""

    def __init__(self) -> None:
        self.interrupted = False
        self.over = threading.Event()
        self.failure: BaseException | None = None
        self._running: tuple[asyncio.AbstractEventLoop, asyncio.Task[Any]] | None = None

    async def attend(self, work: Coroutine[Any, Any, T]) -> T:
        """Await ``work`` where :meth:`interrupt` can reach it."""
        task = asyncio.ensure_future(work)
        self._running = (asyncio.get_running_loop(), task)
        if self.interrupted:
            task.cancel()
        try:
            return await task
        finally:
            self._running = None

    def interrupt(self) -> None:
        """Cancel what is running, or what runs next."""
        self.interrupted = True
        running = self._running
        if running is not None:
            running[0].call_soon_threadsafe(running[1].cancel)


_errand: ContextVar[_Errand | None] = ContextVar("errand", default=None)


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end in a loop of its own.

    Raises:
        KeyboardInterrupt: it was interrupted, and has put its things in order.
    """
    errand = _errand.get()
    if errand is None:
        return asyncio.run(work)  # hears Ctrl-C itself: first a cancellation, then at once
    try:
        return asyncio.run(errand.attend(work))
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


SWITCH = 0.0005


@contextmanager
def brisk() -> Iterator[None]:
    """The interpreter set for making rows, and set back afterwards.

    Rows make many objects and few cycles: at the usual thresholds a fifth of the CPU of a row goes
    into looking for cycles. And each send lets go of the interpreter's lock; a thread that writes a
    part may then hold it for ten of our intervals, while calls and commits wait.
    """
    thresholds, interval = gc.get_threshold(), sys.getswitchinterval()
    gc.freeze()  # what was loaded so far stays
    gc.set_threshold(50_000, 20, 100)
    sys.setswitchinterval(SWITCH)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)
        gc.set_threshold(*thresholds)
        gc.unfreeze()


def outside_any_loop(work: Callable[[], None]) -> None:
    """Do ``work``, which may call :func:`run`, wherever the caller stands.

    In a notebook the caller stands inside a running event loop, where a second one is refused;
    there the work is done in a thread of its own while the caller waits, as for any other call.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        work()
        return
    errand = _Errand()

    def begin() -> None:
        _errand.set(errand)
        try:
            work()
        except BaseException as failure:  # noqa: BLE001 - raised again in the caller's thread
            errand.failure = failure
        finally:
            errand.over.set()

    threading.Thread(target=begin, name="datawell").start()
    while not errand.over.is_set():  # an interrupted Thread.join would take the thread for ended
        try:
            errand.over.wait()
        except KeyboardInterrupt:
            errand.interrupt()
    if errand.failure is not None:
        raise errand.failure
