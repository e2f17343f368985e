"""Signature files, written a shard at a time and read in pieces.

One file a shard and check: row ids, then each field of the signature type in its order, as
consecutive ``.npy`` arrays. Read by position, not mapped: pages of a map would count as this
process's memory.
"""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from datawell.core.errors import StorageError, storage_boundary
from datawell.core.parts import write_durably

PIECE = 2**20  # bytes read at once
SEEK = 4096  # reading so many bytes in a row costs about as much as one more read elsewhere


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


class StoredSignatures:
    """All signatures of one corpus check, as :class:`datawell.checks.base.Signatures`.

    They are copied once into a nameless scratch file, field by field: a check that compares pairs
    reads single records by the million, from anywhere. Use as a context; it ends with that.

    Args:
        files: one signature file a shard, by ascending row ids.
        dtype: the check's signature type.
        scratch: a folder with room for another copy of the files.

    Raises:
        StorageError: a file is damaged, or the disk refused.
    """

    def __init__(self, files: Sequence[Path], dtype: np.dtype[Any], scratch: Path) -> None:
        names = dtype.names or ()
        self._columns = {name: at for at, name in enumerate(names, start=1)}
        self._kinds = [np.dtype(np.int64), *(dtype[name] for name in names)]
        self._count = 0
        with storage_boundary("gathering signatures in", scratch):
            self._file = tempfile.TemporaryFile(dir=scratch)  # noqa: SIM115 - see __exit__
            try:
                self._offsets = self._gather(files)
            except BaseException:
                self._file.close()
                raise

    def _gather(self, files: Sequence[Path]) -> list[int]:
        places = [_find(path, self._kinds) for path in files]
        self._count = sum(count for count, _ in places)
        sizes = [kind.itemsize * self._count for kind in self._kinds]
        offsets = [sum(sizes[:which]) for which in range(len(sizes))]
        ends = list(offsets)
        for path, (count, found) in zip(files, places, strict=True):
            with path.open("rb") as file:
                for which, kind in enumerate(self._kinds):
                    piece = os.pread(file.fileno(), count * kind.itemsize, found[which])
                    self._file.seek(ends[which])
                    self._file.write(piece)
                    ends[which] += len(piece)
        self._file.flush()
        return offsets

    def __enter__(self) -> StoredSignatures:
        return self

    def __exit__(self, *exc: object) -> None:
        self._file.close()

    def __len__(self) -> int:
        """How many records were signed."""
        return self._count

    def rows(self) -> NDArray[np.int64]:
        """Row ids, ascending, shape (n,)."""
        return self._column(0, slice(None))

    def column(self, name: str, start: int = 0, stop: int | None = None) -> NDArray[Any]:
        """One field for all records: shape (n,), or (n, stop - start) of a vector field."""
        return self._column(self._columns[name], slice(start, stop))

    def take(self, name: str, positions: NDArray[np.int64]) -> NDArray[Any]:
        """One field for some records (positions into :meth:`rows`), in the order given."""
        which = self._columns[name]
        kind = self._kinds[which]
        wanted, places = np.unique(positions, return_inverse=True)
        out = np.empty((len(wanted), *kind.shape), kind.base)
        if not len(wanted):
            return out
        first, last = int(wanted[0]), int(wanted[-1])
        if (last - first) * kind.itemsize <= len(wanted) * SEEK:
            for start, piece in self._pieces(which, first, last + 1):
                here = slice(*np.searchsorted(wanted, (start, start + len(piece))))
                out[here] = piece[wanted[here] - start]
        else:
            descriptor, size, base = self._file.fileno(), kind.itemsize, self._offsets[which]
            read = b"".join(os.pread(descriptor, size, base + at * size) for at in wanted.tolist())
            out[:] = np.frombuffer(read, kind.base).reshape(out.shape)
        return out[places]

    def _column(self, which: int, part: slice) -> NDArray[Any]:
        kind = self._kinds[which]
        vector = len(kind.shape) == 1
        width = (len(range(*part.indices(kind.shape[0]))),) if vector else kind.shape
        out = np.empty((self._count, *width), kind.base)
        for start, piece in self._pieces(which, 0, self._count):
            out[start : start + len(piece)] = piece[:, part] if vector else piece
        return out

    def _pieces(self, which: int, start: int, stop: int) -> Iterator[tuple[int, NDArray[Any]]]:
        """Consecutive records of a field in pieces that fit a cache: (position, values)."""
        kind = self._kinds[which]
        step = max(1, PIECE // kind.itemsize)
        for at in range(start, stop, step):
            size = min(step, stop - at) * kind.itemsize
            offset = self._offsets[which] + at * kind.itemsize
            read = np.frombuffer(os.pread(self._file.fileno(), size, offset), kind.base)
            yield at, read.reshape(-1, *kind.shape)


def _find(path: Path, kinds: Sequence[np.dtype[Any]]) -> tuple[int, list[int]]:
    """How many records a signature file holds, and where each field's values begin."""
    offsets: list[int] = []
    count = 0
    with storage_boundary("reading signatures", path), path.open("rb") as file:
        end = path.stat().st_size
        try:
            for kind in kinds:
                npy.read_magic(file)
                (count, *shape), _, dtype = npy.read_array_header_1_0(file)
                if (dtype, tuple(shape)) != (kind.base, kind.shape):
                    raise ValueError(f"{dtype} of shape {shape} where {kind} should be")
                offsets.append(file.tell())
                file.seek(count * kind.itemsize, io.SEEK_CUR)
            if file.tell() != end:
                raise ValueError(f"it has {end} bytes and should have {file.tell()}")
        except ValueError as error:
            raise StorageError(
                f"{path} is damaged: {error}",
                hint="run the recipe again with this folder; the part is made anew",
            ) from error
    return count, offsets
