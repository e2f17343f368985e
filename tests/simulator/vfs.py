"""SQLite on a simulated disk: the library that production uses, with its writes seen and refused.

SQLite reaches files through a table of functions (https://sqlite.org/vfs.html). The table of the
system is copied here, and the entries that change files are replaced by ones that ask the disk
first; reading and locking stay the system's own.
"""

from __future__ import annotations

import _sqlite3
import ctypes
import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ctypes import CFUNCTYPE, POINTER, c_char_p, c_int, c_int64, c_void_p
from typing import Any

from tests.simulator.disk import Disk

OK, FULL = 0, 13
IOERR_WRITE, IOERR_FSYNC, IOERR_TRUNCATE, IOERR_DELETE = 778, 1034, 1546, 2570
CREATE, JOURNAL, WAL = 0x4, 0x800, 0x80000

_Close = CFUNCTYPE(c_int, c_void_p)
_Write = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
_Truncate = CFUNCTYPE(c_int, c_void_p, c_int64)
_Sync = CFUNCTYPE(c_int, c_void_p, c_int)
_Open = CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, POINTER(c_int))
_Delete = CFUNCTYPE(c_int, c_void_p, c_char_p, c_int)


class _Methods(ctypes.Structure):
    """``sqlite3_io_methods``, version 3."""

    _fields_ = (
        ("iVersion", c_int),
        ("xClose", _Close),
        ("xRead", c_void_p),
        ("xWrite", _Write),
        ("xTruncate", _Truncate),
        ("xSync", _Sync),
        ("rest", c_void_p * 13),
    )


class _File(ctypes.Structure):
    """``sqlite3_file``."""

    _fields_ = (("methods", POINTER(_Methods)),)


class _Vfs(ctypes.Structure):
    """``sqlite3_vfs``, version 3."""

    _fields_ = (
        ("iVersion", c_int),
        ("szOsFile", c_int),
        ("mxPathname", c_int),
        ("pNext", c_void_p),
        ("zName", c_char_p),
        ("pAppData", c_void_p),
        ("xOpen", _Open),
        ("xDelete", _Delete),
        ("rest", c_void_p * 14),
    )


def _library() -> ctypes.CDLL:
    """The SQLite that the ``sqlite3`` module is linked with."""
    library = ctypes.CDLL(getattr(_sqlite3, "__file__", None))
    library.sqlite3_vfs_find.restype = POINTER(_Vfs)
    library.sqlite3_vfs_find.argtypes = (c_char_p,)
    library.sqlite3_vfs_register.argtypes = (POINTER(_Vfs), c_int)
    library.sqlite3_vfs_unregister.argtypes = (POINTER(_Vfs),)
    return library


class SimulatedVfs:
    """The table of functions, in place while :meth:`installed`."""

    def __init__(self) -> None:
        self.disk: Disk | None = None
        self._library = _library()
        self._system = self._library.sqlite3_vfs_find(None)
        self._paths: dict[int, str] = {}
        self._originals: dict[int, _Methods] = {}
        self._new: set[str] = set()  # journals whose folder is synced with them, once
        self._tables: dict[int, _Methods] = {}
        self._vfs = _Vfs.from_buffer_copy(self._system.contents)
        self._vfs.zName = b"simulated"
        self._vfs.xOpen = _Open(self._open)
        self._vfs.xDelete = _Delete(self._delete)

    @contextmanager
    def installed(self, disk: Disk) -> Iterator[None]:
        """Every connection opened meanwhile lies on ``disk`` if its path does."""
        self.disk = disk
        self._library.sqlite3_vfs_register(ctypes.byref(self._vfs), 1)
        try:
            yield
        finally:
            self._library.sqlite3_vfs_register(self._system, 1)
            self._library.sqlite3_vfs_unregister(ctypes.byref(self._vfs))
            self.disk = None
            self._paths.clear()
            self._new.clear()

    def _open(self, vfs: int, name: int, file: int, flags: int, out: Any) -> int:
        path = None if not name else os.fsdecode(ctypes.string_at(name))
        new = path is not None and not os.path.exists(path)
        code: int = self._system.contents.xOpen(
            ctypes.cast(self._system, c_void_p), name, file, flags, out
        )
        if code != OK or path is None or self.disk is None or not self.disk.holds(path):
            return code
        if new and flags & CREATE:
            self.disk.create(path)
            if flags & (JOURNAL | WAL):
                self._new.add(path)
        self._paths[file] = path
        opened = _File.from_address(file)
        place = ctypes.addressof(opened.methods.contents)
        if place not in self._tables:
            self._originals[place] = opened.methods.contents
            self._tables[place] = self._table(place)
        opened.methods = ctypes.pointer(self._tables[place])
        return code

    def _table(self, place: int) -> _Methods:
        original = self._originals[place]
        table = _Methods.from_buffer_copy(original)

        def write(file: int, data: int, size: int, at: int) -> int:
            path = self._paths[file]
            code = self._asked(
                lambda disk: disk.write(path, at, ctypes.string_at(data, size)), IOERR_WRITE
            )
            return code or int(original.xWrite(file, data, size, at))

        def truncate(file: int, size: int) -> int:
            path = self._paths[file]
            code = self._asked(lambda disk: disk.truncate(path, size), IOERR_TRUNCATE)
            return code or int(original.xTruncate(file, size))

        def sync(file: int, flags: int) -> int:
            path = self._paths[file]
            code = self._asked(lambda disk: disk.sync(path), IOERR_FSYNC)
            if code == OK and path in self._new:
                self._new.discard(path)
                folder = os.path.dirname(path)
                code = self._asked(lambda disk: disk.sync_folder(folder), IOERR_FSYNC)
            return code

        table.xWrite, table.xTruncate, table.xSync = _Write(write), _Truncate(truncate), _Sync(sync)
        return table

    def _delete(self, vfs: int, name: bytes, sync_folder: int) -> int:
        path = os.fsdecode(name)
        if self.disk is not None and self.disk.holds(path):
            code = self._asked(lambda disk: disk.remove(path), IOERR_DELETE)
            if code:
                return code
            if sync_folder:
                folder = os.path.dirname(path)
                self._asked(lambda disk: disk.sync_folder(folder), IOERR_DELETE)
            sync_folder = 0  # the model's word holds; the real disk need not be waited for
        system = ctypes.cast(self._system, c_void_p)
        return int(self._system.contents.xDelete(system, name, sync_folder))

    def _asked(self, operation: Callable[[Disk], None], otherwise: int) -> int:
        """The disk's answer as SQLite's code."""
        assert self.disk is not None
        try:
            operation(self.disk)
        except OSError as error:
            return FULL if error.errno == errno.ENOSPC else otherwise
        return OK
