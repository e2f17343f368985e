"""A disk that keeps its promises and no more: what is not synced may be lost, torn or reordered.

Real files hold what a running process sees. Beside them this model keeps what would be on the
platter: the synced content of each file, the writes since, and the changes of names since their
folder was synced. A crash keeps a random part of what was not synced. A fault is drawn for one of
the coming operations: power goes out, the disk is full from there on, or that one operation fails.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

SECTOR = 512
CRASH, FULL, BROKEN = "crash", "full", "broken"


@dataclass(slots=True)
class File:
    """``platter`` is its synced content; ``writes`` came since: (offset, bytes), or a new length
    with None."""

    platter: bytearray = field(default_factory=bytearray)
    writes: list[tuple[int, bytes | None]] = field(default_factory=list)

    def sync(self) -> None:
        """Put all writes on the platter."""
        for at, data in self.writes:
            _apply(self.platter, at, data)
        self.writes.clear()

    def after_a_crash(self, luck: Random) -> bytes:
        """What is found when power is back."""
        content = bytearray(self.platter)
        how = luck.choice(("lost", "kept", "prefix", "scattered"))
        if how == "lost" or not self.writes:
            return bytes(content)
        until = luck.randrange(len(self.writes)) if how == "prefix" else len(self.writes)
        for at, data in self.writes[:until]:
            if how != "scattered" or data is None:
                _apply(content, at, data)
                continue
            for start in range(0, len(data), SECTOR):
                if luck.random() < 0.5:
                    _apply(content, at + start, data[start : start + SECTOR])
        if how == "prefix":
            at, data = self.writes[until]
            if data:
                _apply(content, at, data[: luck.randrange(len(data))])
        return bytes(content)


def _apply(content: bytearray, at: int, data: bytes | None) -> None:
    if data is None:
        del content[at:]
        content.extend(bytes(at - len(content)))
        return
    content.extend(bytes(max(0, at - len(content))))
    content[at : at + len(data)] = data


@dataclass(frozen=True, slots=True)
class Change:
    """A change of names not yet synced: ``file`` is now at ``now`` (None: gone) and no longer at
    ``before``."""

    folder: str
    before: str | None
    now: str | None
    file: File | None

    def apply(self, names: dict[str, File]) -> None:
        """Make it so."""
        if self.before is not None:
            names.pop(self.before, None)
        if self.now is not None and self.file is not None:
            names[self.now] = self.file


class Disk:
    """The files under ``root``.

    Args:
        root: a real folder; what is in it when the disk is made is on the platter.
        luck: decides what a crash keeps.
        fault: what goes wrong (CRASH, FULL, BROKEN or nothing) at operation ``at``.
        crashed: called when power goes out.
    """

    def __init__(
        self,
        root: Path,
        luck: Random,
        fault: str = "",
        at: int = 0,
        crashed: Callable[[], None] = lambda: None,
    ) -> None:
        self.root = str(root)
        self.operations = 0
        self.dead = False
        self._luck = luck
        self._fault = fault
        self._at = at
        self._crashed = crashed
        self._now: dict[str, File] = {}  # names as the process sees them
        self._kept: dict[str, File] = {}  # names on the platter
        self._changes: list[Change] = []
        self._image: dict[str, bytes] = {}
        self._folders: set[str] = set()
        for path in sorted(Path(root).rglob("*")):
            if path.is_file() and not _volatile(str(path)):
                self._now[str(path)] = self._kept[str(path)] = File(bytearray(path.read_bytes()))

    def holds(self, path: str | os.PathLike[str]) -> bool:
        """Whether a path is on this disk."""
        text = os.path.abspath(path)
        return text.startswith(self.root + os.sep) and not _volatile(text)

    # -- what processes do ------------------------------------------------------------------

    def create(self, path: str) -> None:
        """A new, empty file at a path, or none if there is one."""
        if path not in self._now:
            file = self._now[path] = File()
            self._changes.append(Change(os.path.dirname(path), None, path, file))

    def write(self, path: str, at: int, data: bytes) -> None:
        """Bytes into a file.

        Raises:
            OSError: the disk refused.
        """
        self.operation()
        self._now[path].writes.append((at, data))

    def truncate(self, path: str, size: int) -> None:
        """Another length for a file."""
        self.operation()
        self._now[path].writes.append((size, None))

    def sync(self, path: str) -> None:
        """A file's content to the platter. Its name is another matter: :meth:`sync_folder`."""
        self.operation()
        if path in self._now:
            self._now[path].sync()

    def sync_folder(self, folder: str) -> None:
        """The names in a folder to the platter."""
        self.operation()
        rest = []
        for change in self._changes:
            if change.folder == folder:
                change.apply(self._kept)
            else:
                rest.append(change)
        self._changes = rest

    def rename(self, before: str, now: str) -> None:
        """Another name for a file."""
        self.operation()
        file = self._now.pop(before)
        self._now[now] = file
        self._changes.append(Change(os.path.dirname(now), before, now, file))

    def remove(self, path: str) -> None:
        """A name less."""
        self.operation()
        if self._now.pop(path, None) is not None:
            self._changes.append(Change(os.path.dirname(path), path, None, None))

    def operation(self) -> None:
        """One operation: perhaps the one that goes wrong.

        Raises:
            OSError: it does.
        """
        self.operations += 1
        if self.dead:
            raise OSError(errno.EIO, "the machine is off")
        if self._fault and self.operations >= self._at:
            if self._fault == CRASH:
                self.crash()
                raise OSError(errno.EIO, "the machine is off")
            if self._fault == FULL:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            if self.operations == self._at:
                raise OSError(errno.EIO, os.strerror(errno.EIO))

    # -- power ------------------------------------------------------------------------------

    def crash(self) -> None:
        """Power goes out: decide what is left. Whatever still runs only sees errors."""
        if self.dead:
            return
        self.dead = True
        names = dict(self._kept)
        ordered = self._luck.random() < 0.5  # a journal keeps an order; not every disk has one
        until = self._luck.randint(0, len(self._changes))
        for number, change in enumerate(self._changes):
            if number < until if ordered else self._luck.random() < 0.5:
                change.apply(names)
        self._image = {path: file.after_a_crash(self._luck) for path, file in names.items()}
        self._folders = {path for path, _, _ in os.walk(self.root)}
        self._crashed()

    def power_on(self) -> None:
        """Put the folder as the crash left it."""
        shutil.rmtree(self.root)
        for folder in sorted(self._folders):
            os.makedirs(folder, exist_ok=True)
        for path, content in self._image.items():
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(content)


def _volatile(path: str) -> bool:
    """What no crash leaves anything of: SQLite's shared memory, and the lock of a process."""
    return path.endswith(("-shm", ".lock"))
