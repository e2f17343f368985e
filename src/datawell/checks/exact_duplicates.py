"""The same text twice, whatever its case, spacing or punctuation."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from datawell.checks.base import Signatures
from datawell.core.params import Params
from datawell.core.records import Record, Verdict

_WORD = re.compile(r"[^\W_]+")
_MARKS = re.compile(r"(?<=[0-9])[.,:/](?=[0-9])|[-−+*/×÷=<>%$£€]")


def normalised(text: str) -> str:
    """``text`` without case, spacing and punctuation; the marks that make numbers differ stay."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    pieces = re.finditer(f"{_WORD.pattern}|{_MARKS.pattern}", folded)
    return " ".join(piece.group() for piece in pieces)


class ExactDuplicates:
    """Drops every record but the first (lowest row id) of those with one normalised text.

    Reason: ``exact_duplicate``; the note names the row that is kept. ``decide`` sorts 16 bytes a
    record in memory.
    """

    class Params(Params):
        """What is compared."""

        field: Literal["record", "text", "prompt"] = "record"
        """record (prompt and text together), text or prompt."""

    name = "exact_duplicates"
    version = "1"
    dtype = np.dtype([("high", np.uint64), ("low", np.uint64)])

    def __init__(self, params: ExactDuplicates.Params) -> None:
        self.params = params

    def sign(self, records: Sequence[Record]) -> NDArray[Any]:
        """A 128-bit digest of each normalised text, shape (len(records),)."""
        joined = b"".join(
            hashlib.blake2b(self._text(record).encode(), digest_size=16).digest()
            for record in records
        )
        halves = np.frombuffer(joined, "<u8").reshape(len(records), 2)
        out = np.zeros(len(records), self.dtype)
        out["high"], out["low"] = halves[:, 0], halves[:, 1]
        return out

    def decide(self, signatures: Signatures) -> Iterator[tuple[int, Verdict]]:
        """A verdict for each later copy, in ascending row order."""
        # Only records whose first half occurs twice are looked at whole: memory stays small.
        high = signatures.column("high")
        ordered = np.sort(high)
        twice = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
        del ordered
        several = np.flatnonzero(np.isin(high, twice)) if len(twice) else np.empty(0, np.int64)
        del high
        high, low = signatures.take("high", several), signatures.take("low", several)
        order = np.lexsort((low, high))
        same = (high[order][1:] == high[order][:-1]) & (low[order][1:] == low[order][:-1])
        # lexsort is stable: the first of each run of equal digests has the lowest row.
        first = np.arange(len(order))
        first[1:][same] = 0
        kept = order[np.maximum.accumulate(first)] if len(order) else order
        rows = signatures.rows()[several]
        copies, originals = rows[order[1:][same]], rows[kept[1:][same]]
        for at in np.argsort(copies, kind="stable"):
            note = f"same as row {originals[at]}"
            yield int(copies[at]), Verdict(self.name, False, "exact_duplicate", note=note)

    def _text(self, record: Record) -> str:
        if self.params.field == "prompt":
            return normalised(record.prompt)
        text = normalised(record.text)
        return text if self.params.field == "text" else f"{normalised(record.prompt)}\n{text}"
