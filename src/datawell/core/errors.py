"""The whole exception tree. Each error says what was wrong, where, and (``hint``) what to do.

    DatawellError                      exit code
    ├── UsageError                     2    wrong call, wrong option, missing file
    │   ├── RecipeError                2    a recipe that cannot be read (file and line)
    │   ├── PluginError                2    unknown name, or two packages with one name
    │   ├── MissingDependencyError     2    an extra is not installed
    │   └── RunMismatchError           2    the folder holds another recipe's run
    ├── GuardFailed                    1    a check or guard failed
    ├── BudgetSpent                    3    the hard budget is reached; resumable
    ├── ProviderError                  4    the endpoint failed; resumable
    │   ├── AuthenticationRefused      4    401 or 403: stops at once
    │   ├── RateLimited                4    429 (carries ``retry_after``)
    │   ├── ProviderUnreachable        4    no connection
    │   ├── ProviderTimeout            4    first byte or total deadline passed
    │   ├── ProviderFault              4    5xx and other failures of the endpoint
    │   ├── BadReply                   4    an answer that cannot be understood
    │   └── RequestRejected            4    the endpoint refuses this one request (4xx)
    ├── StorageError                   4    disk full, file not writable; resumable
    └── RowError                       -    one row's fault; becomes a dropped row, never a crash
        ├── SeedFault                       the seed cannot be read
        ├── PlanFault                       no plan can be made from the seed
        └── VoiceFault                      the teacher's text cannot become a record

Foreign exceptions are classified where they enter: the wire in ``teachers/limits.py``,
the disk in :func:`storage_boundary`.
"""

from __future__ import annotations

import contextlib
import difflib
from collections.abc import Iterable, Iterator
from pathlib import Path


class DatawellError(Exception):
    """Base of every error datawell raises on purpose.

    Args:
        message: what was wrong, and where.
        hint: what the reader can do about it.
    """

    exit_code: int = 1
    retryable: bool = False

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  hint: {self.hint}" if self.hint else self.message


class UsageError(DatawellError):
    """A wrong call: option, argument or missing file."""

    exit_code = 2


class RecipeError(UsageError):
    """A recipe that cannot be read, with its place: ``file:line``."""

    def __init__(
        self, message: str, *, hint: str = "", file: str | None = None, line: int | None = None
    ) -> None:
        place = "" if file is None else f"{file}:{line}: " if line else f"{file}: "
        super().__init__(place + message, hint=hint)
        self.file = file
        self.line = line


class PluginError(UsageError):
    """No component, or more than one, answers to a name."""


class MissingDependencyError(UsageError):
    """A library of an extra is not installed."""


class RunMismatchError(UsageError):
    """The run folder was made by a recipe that generates other rows."""


class GuardFailed(DatawellError):
    """A check or guard failed."""

    exit_code = 1


class BudgetSpent(DatawellError):
    """The hard budget is reached; the same command with more budget continues."""

    exit_code = 3


class ProviderError(DatawellError):
    """A teacher's endpoint failed; the same command continues the run."""

    exit_code = 4


class AuthenticationRefused(ProviderError):
    """The endpoint refused the key (401 or 403)."""


class RateLimited(ProviderError):
    """The endpoint asks for patience (429)."""

    retryable = True

    def __init__(self, message: str, *, hint: str = "", retry_after: float | None = None) -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class ProviderUnreachable(ProviderError):
    """No connection could be made."""

    retryable = True


class ProviderTimeout(ProviderError):
    """The first byte or the whole answer did not come in time."""

    retryable = True


class ProviderFault(ProviderError):
    """The endpoint failed (5xx, broken stream)."""

    retryable = True

    def __init__(self, message: str, *, hint: str = "", retry_after: float | None = None) -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class BadReply(ProviderError):
    """The endpoint answered something that is not a chat completion."""

    retryable = True


class RequestRejected(ProviderError):
    """The endpoint refuses this one request; another row may pass."""


class StorageError(DatawellError):
    """The disk is full or a file cannot be written; what was committed is safe."""

    exit_code = 4


class RowError(DatawellError):
    """One row's fault: it becomes a dropped row with ``reason`` at ``stage``."""

    stage = "row"

    def __init__(self, reason: str, *, detail: str = "", hint: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason, hint=hint)
        self.reason = reason
        self.detail = detail


class SeedFault(RowError):
    """The seed of a row cannot be read."""

    stage = "seeds"


class PlanFault(RowError):
    """No plan can be made from the seed."""

    stage = "plan"


class VoiceFault(RowError):
    """The teacher's text cannot become a record."""

    stage = "voice"


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A hint that names the nearest known words, or lists them all."""
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=3, cutoff=0.55)
    if close:
        return f"did you mean {' or '.join(repr(c) for c in close)}?"
    return f"known: {', '.join(names)}" if names else ""


@contextlib.contextmanager
def storage_boundary(what: str, path: Path | str) -> Iterator[None]:
    """Turn an operating-system failure on ``path`` into a :class:`StorageError`."""
    try:
        yield
    except FileNotFoundError as error:
        raise UsageError(
            f"{what}: {path} does not exist", hint="check the path, or leave it out"
        ) from error
    except OSError as error:
        raise StorageError(
            f"{what}: {path}: {error.strerror or error}",
            hint="free some space or choose another folder; the same command then continues",
        ) from error
