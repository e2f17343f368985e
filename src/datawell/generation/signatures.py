"""Signature files, written a shard at a time and read in pieces.

One file a shard and check: row ids, then each field of the signature type in its order, as
consecutive ``.npy`` arrays. So one field can be read without the others. Read by position, not
mapped: pages of a map would count as this process's memory.
"""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from datawell.core.errors import StorageError, storage_boundary
from datawell.core.parts import write_durably


def write_signatures(path: Path, rows: Sequence[int], signatures: NDArray[Any]) -> str:
    """Write the signatures, shape (n,) of a structured type, of the rows; the file's digest.

    Raises:
        StorageError: the disk refused.
    """
    buffer = io.BytesIO()
    np.save(buffer, np.asarray(rows, dtype=np.int64), allow_pickle=False)
    for name in signatures.dtype.names or ():
        np.save(buffer, np.ascontiguousarray(signatures[name]), allow_pickle=False)
    return write_durably(path, buffer.getbuffer())


@dataclass(frozen=True, slots=True)
class _Array:
    """Where one array lies in a file; ``shape`` is that of one row's value."""

    offset: int
    dtype: np.dtype[Any]
    shape: tuple[int, ...]

    @property
    def stride(self) -> int:
        return self.dtype.itemsize * int(np.prod(self.shape, dtype=np.int64))


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    count: int
    arrays: tuple[_Array, ...]

    def read(self, which: int) -> NDArray[Any]:
        """One whole array of the file."""
        array = self.arrays[which]
        with self.path.open("rb") as file:
            flat = np.fromfile(
                file,
                array.dtype,
                self.count * (array.stride // array.dtype.itemsize),
                offset=array.offset,
            )
        return flat.reshape(self.count, *array.shape)

    def pick(self, which: int, positions: NDArray[np.int64]) -> NDArray[Any]:
        """Some rows of one array: few of them one by one, many by reading it whole."""
        array = self.arrays[which]
        if len(positions) * 8 > self.count:
            return self.read(which)[positions]
        with self.path.open("rb") as file:
            pieces = [
                os.pread(file.fileno(), array.stride, array.offset + int(at) * array.stride)
                for at in positions
            ]
        return np.frombuffer(b"".join(pieces), array.dtype).reshape(len(positions), *array.shape)


class StoredSignatures:
    """All signatures of one corpus check, as :class:`datawell.checks.base.Signatures`.

    Args:
        files: one signature file a shard, by ascending row ids.
        dtype: the check's signature type.
    """

    def __init__(self, files: Sequence[Path], dtype: np.dtype[Any]) -> None:
        self._fields = {name: at for at, name in enumerate(dtype.names or (), start=1)}
        self._types = [np.dtype(np.int64), *(dtype[name] for name in dtype.names or ())]
        self._files = [file for file in map(_open, files) if file.count]
        self._starts = np.cumsum([0, *(file.count for file in self._files)], dtype=np.int64)

    def __len__(self) -> int:
        """How many records were signed."""
        return int(self._starts[-1])

    def rows(self) -> NDArray[np.int64]:
        """Row ids, ascending, shape (n,)."""
        return self._column(0, slice(None))

    def column(self, name: str, start: int = 0, stop: int | None = None) -> NDArray[Any]:
        """One field for all records: shape (n,), or (n, stop - start) of a vector field."""
        return self._column(self._fields[name], slice(start, stop))

    def take(self, name: str, positions: NDArray[np.int64]) -> NDArray[Any]:
        """One field for some records (positions into :meth:`rows`), in the order given."""
        which = self._fields[name]
        kind = self._types[which]
        out = np.empty((len(positions), *kind.shape), kind.base)
        owners = np.searchsorted(self._starts, positions, side="right") - 1
        for owner in np.unique(owners):
            mine = np.flatnonzero(owners == owner)
            local = np.asarray(positions)[mine] - self._starts[owner]
            out[mine] = self._files[owner].pick(which, local)
        return out

    def _column(self, which: int, part: slice) -> NDArray[Any]:
        kind = self._types[which]
        vector = len(kind.shape) == 1
        width = (len(range(*part.indices(kind.shape[0]))),) if vector else kind.shape
        out = np.empty((len(self), *width), kind.base)
        for file, start in zip(self._files, self._starts, strict=False):
            piece = file.read(which)
            out[start : start + file.count] = piece[:, part] if vector else piece
        return out


def _open(path: Path) -> _File:
    """Find the arrays of a file by their headers.

    Raises:
        StorageError: the file is damaged.
    """
    arrays: list[_Array] = []
    count = 0
    with storage_boundary("reading signatures", path), path.open("rb") as file:
        end = path.stat().st_size
        try:
            while file.tell() < end:
                npy.read_magic(file)
                (count, *shape), _, dtype = npy.read_array_header_1_0(file)
                arrays.append(_Array(file.tell(), dtype, tuple(shape)))
                file.seek(arrays[-1].stride * count, io.SEEK_CUR)
            if file.tell() > end:
                raise ValueError(f"it ends after {end} bytes")
        except ValueError as error:
            raise StorageError(
                f"{path} is damaged: {error}",
                hint="run the recipe again with this folder; the part is made anew",
            ) from error
    return _File(path, count, tuple(arrays))
