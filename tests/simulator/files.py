"""Python's own file calls on a simulated disk: ``open`` for writing, fsync, rename, unlink."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from tests.simulator.disk import Disk


class _Raw(io.FileIO):
    """A real file whose writes the disk is asked for first."""

    def __init__(self, disk: Disk, path: str) -> None:
        disk.create(path)
        disk.truncate(path, 0)
        super().__init__(path, "wb")
        self._disk = disk
        self._path = path

    def write(self, data: Any) -> int:
        written = bytes(data)
        self._disk.write(self._path, self.tell(), written)
        return super().write(written)


@contextmanager
def installed(disk: Disk) -> Iterator[None]:
    """Every file of this process that lies under the disk's root lies on the disk."""
    real = {name: getattr(os, name) for name in ("fsync", "replace", "unlink")}
    path_open: Callable[..., Any] = Path.open

    def opened(self: Path, mode: str = "r", *args: Any, **named: Any) -> Any:
        if not disk.holds(self) or mode not in ("wb", "w"):
            return path_open(self, mode, *args, **named)
        raw = io.BufferedWriter(_Raw(disk, os.path.abspath(self)))
        return raw if mode == "wb" else io.TextIOWrapper(raw, encoding="utf-8")

    def fsync(descriptor: int) -> None:
        place = os.readlink(f"/proc/self/fd/{descriptor}")
        if os.path.isdir(place):
            if place == disk.root or disk.holds(place):
                disk.sync_folder(place)
        elif disk.holds(place):
            disk.sync(place)
        else:
            real["fsync"](descriptor)

    def replace(before: Any, now: Any, **named: Any) -> None:
        if disk.holds(now):
            disk.rename(os.path.abspath(before), os.path.abspath(now))
        real["replace"](before, now, **named)

    def unlink(path: Any, *, dir_fd: int | None = None) -> None:
        base = "" if dir_fd is None else os.readlink(f"/proc/self/fd/{dir_fd}")
        whole = os.path.abspath(os.path.join(base, path))
        if disk.holds(whole) and os.path.lexists(whole):
            disk.remove(whole)
        real["unlink"](path, dir_fd=dir_fd)

    with ExitStack() as stack:
        stack.enter_context(mock.patch.object(Path, "open", opened))
        for name, call in (("fsync", fsync), ("replace", replace), ("unlink", unlink)):
            stack.enter_context(mock.patch.object(os, name, call))
        yield
