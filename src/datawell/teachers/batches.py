"""What the engine needs of a teacher that takes requests by the file, at a lower price."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from datawell.teachers.base import Request


@dataclass(frozen=True, slots=True)
class BatchState:
    """How far a batch is. ``over``: it came to an end, good or bad, and ``outputs`` are the files
    to read. ``began`` is false where not one of its requests was looked at (it was refused as a
    whole, or cancelled before). ``note`` says what the provider says of it."""

    over: bool
    finished: int
    total: int
    outputs: tuple[str, ...] = ()
    began: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True)
class BatchItem:
    """One request's outcome: its raw answer in ``body``, or else what ``error`` says.
    ``refused``: the endpoint refuses this request for good."""

    name: str
    body: str | None = None
    error: str = ""
    refused: bool = False


class Batches(Protocol):
    """Batch files of one endpoint. ``size`` requests and ``most_bytes`` bytes a file at most,
    ``files`` of them out at once; ``poll_seconds`` between two looks.

    Every method raises ProviderError when the endpoint fails for good.
    """

    size: int
    most_bytes: int
    files: int
    poll_seconds: float

    def line(self, name: str, request: Request) -> bytes:
        """The request as a line of a file, under a name that no other line has."""
        ...

    async def upload(self, path: Path) -> str:
        """Give the provider a file of requests; its name there. Nothing is asked yet."""
        ...

    async def submit(self, file: str, mark: str, *, perhaps: bool) -> str:
        """Have an uploaded file answered, once; the provider's name for the batch. ``perhaps`` it
        was submitted before: then it is looked for first, by its file and ``mark``. The name is
        empty where that is so and the endpoint lists no batches: nobody can know."""
        ...

    async def look(self, batch: str) -> BatchState:
        """How far a batch is."""
        ...

    async def download(self, file: str, path: Path) -> None:
        """Fetch a file of outcomes."""
        ...

    def items(self, path: Path) -> Iterator[BatchItem | None]:
        """The outcomes in a fetched file; None for a line that cannot be read."""
        ...
