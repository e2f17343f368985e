"""Live progress on stderr: a bar for rows, a line for the student, a word for each stage."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from datawell.generation.progress import Progress as RowProgress
    from datawell.student.base import StudentProgress

# Where stderr is no terminal (a log file, CI) a bar is noise: one line in so many seconds instead.
PLAIN_EVERY_S = 5.0


class Watching:
    """A watcher (see ``pipeline.execute.Watcher``) that draws on stderr."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._task: Any = None
        self._last_plain = 0.0
        self._live = sys.stderr.isatty()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def stage(self, name: str, detail: str = "") -> None:
        """A new stage begins."""
        self._close()
        self._write(f"{name}: {detail}" if detail else name)

    def rows(self, progress: RowProgress) -> None:
        """Rows were finished: redraw the bar, or write a line now and then."""
        words = _row_words(progress)
        if not self._live:
            last = progress.stage == "done"
            self._plain(f"  {progress.done}/{progress.total} rows · {words}", last)
            return
        if self._bar is None:
            self._open(progress.total)
        self._bar.update(self._task, completed=progress.done, words=words)

    def student(self, progress: StudentProgress) -> None:
        """The student learned a little: one line that rewrites itself."""
        line = f"  {progress.line()}"
        if self._live:
            sys.stderr.write(f"\r\x1b[K{line}")
            sys.stderr.flush()
        else:
            self._plain(line, False)

    def _plain(self, line: str, last: bool) -> None:
        now = time.monotonic()
        if last or now - self._last_plain >= PLAIN_EVERY_S:
            self._last_plain = now
            self._write(line)

    def _open(self, total: int) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        from datawell.cli.console import error_console

        self._bar = Progress(
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[words]}", markup=False),
            console=error_console(),
            transient=False,
        )
        self._bar.start()
        self._task = self._bar.add_task("rows", total=total, words="")

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    @staticmethod
    def _write(line: str) -> None:
        sys.stderr.write(line + "\n")
        sys.stderr.flush()


def _row_words(progress: RowProgress) -> str:
    money = _money(progress)
    eta = "" if progress.eta is None else f" · {_clock(progress.eta)} left"
    note = f" · {progress.note}" if progress.note else ""
    return (
        f"{progress.kept} kept · {progress.dropped} dropped · {progress.rate:.0f} rows/s"
        f" · {money}{eta}{note}"
    )


def _money(progress: RowProgress) -> str:
    """What was spent so far, and what that comes to in all if the rest costs the same a row."""
    spent = progress.spent_usd
    if spent is None:
        return "cost unknown"
    if not spent or not progress.done or progress.done == progress.total:
        return f"${spent:.4f}"
    return f"${spent:.4f} of about ${spent * progress.total / progress.done:.4f}"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02d}"
