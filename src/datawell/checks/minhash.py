"""MinHash signatures of word n-grams, for many texts at once, in numpy alone.

Words are lower-cased; every number stands as one and the same word, so that the signature is over
the words and the numbers are kept beside it (:class:`Signed`). A. Broder, "On the resemblance and
containment of documents", 1997.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

UInt32 = NDArray[np.uint32]
UInt64 = NDArray[np.uint64]

SKETCH = 16
EMPTY = np.uint32(0xFFFFFFFF)

_WORD = re.compile(r"[0-9]+(?:[.,][0-9]+)*|[^\W\d_]+(?:['’][^\W\d_]+)*")
_NUMBER_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
    " sixteen seventeen eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
# "one" is left out: far more often it is a pronoun ("this one") than a quantity that matters.
_VALUES = {word: str(n) for n, word in enumerate(_NUMBER_WORDS.split()) if word != "one"}
_VALUES |= {word: str(10 * value) for value, word in enumerate(_TENS.split(), start=2)}
_VALUES |= {"hundred": "100", "thousand": "1000", "million": "1000000"}

_ODD = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xD6E8FEB86659FD93)
_HALF = np.uint64(32)
_MAX_VOCABULARY = 300_000
_CHUNK = 1 << 16


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


def _number(word: str) -> str | None:
    """The canonical writing of a number: ``1,200.50`` is ``1200.5``, ``four`` is ``4``."""
    if not word[0].isdigit():
        return _VALUES.get(word)
    digits = word.replace(",", "").lstrip("0") or "0"
    return digits.rstrip("0").rstrip(".") if digits.count(".") == 1 else digits


class _Vocabulary(dict[str, int]):
    """word -> index into two growing columns: its hash, and its hash as a number (0 for none)."""

    def __init__(self) -> None:
        self.hashes: list[int] = []
        self.numbers: list[int] = []

    def __missing__(self, word: str) -> int:
        number = _number(word)
        self.hashes.append(_hash("\x00number" if number is not None else word))
        self.numbers.append(_hash("\x01" + number) | 1 if number is not None else 0)
        self[word] = len(self.hashes) - 1
        return self[word]


@dataclass(frozen=True, slots=True)
class Signed:
    """Signatures of n texts.

    ``minhash`` (n, slots) uint32; ``shingles`` (n,) uint32, 0 for a text without words; ``numbers``
    (n,) uint64, a digest of the sequence of numbers; ``count`` (n,) uint32, how many there are;
    ``sketch`` (n, 16) uint32, the 16 smallest hashes of the numbers (each occurrence its own).
    """

    minhash: UInt32
    shingles: UInt32
    numbers: UInt64
    count: UInt32
    sketch: UInt32


class MinHasher:
    """``slots`` hash functions over n-grams of ``size`` words; the same in every process."""

    def __init__(self, slots: int, size: int) -> None:
        self.size = size
        # Constants only name the functions; any fixed odd multipliers do.
        names = [
            hashlib.blake2b(f"slot {k}".encode(), digest_size=8).digest() for k in range(slots)
        ]
        draws = np.frombuffer(b"".join(names), dtype="<u4").reshape(slots, 2).astype(np.uint32)
        self._first = draws[:, 0] | np.uint32(1)
        self._second = draws[:, 1] | np.uint32(1)
        self._vocabulary = _Vocabulary()

    def sign(self, texts: Sequence[str]) -> Signed:
        """Signatures of ``texts``."""
        if len(self._vocabulary) > _MAX_VOCABULARY:
            self._vocabulary = _Vocabulary()
        index = self._vocabulary.__getitem__
        # A text shorter than one n-gram is its own only n-gram: it is filled up with its last word.
        rows: list[list[int]] = []
        for text in texts:
            row = list(map(index, _WORD.findall(text.lower())))
            rows.append(row + row[-1:] * (self.size - len(row)))
        lengths = np.fromiter(map(len, rows), np.int64, len(rows))
        flat = np.fromiter((word for row in rows for word in row), np.int64, int(lengths.sum()))
        hashes = np.array(self._vocabulary.hashes or [0], np.uint64)[flat]
        numbers = np.array(self._vocabulary.numbers or [0], np.uint64)[flat]
        shingles = np.maximum(lengths - self.size + 1, 0)
        minhash = self._minhash(hashes, lengths, shingles)
        digests, count, sketch = _sign_numbers(numbers, lengths)
        return Signed(minhash, shingles.astype(np.uint32), digests, count, sketch)

    def _minhash(
        self, hashes: UInt64, lengths: NDArray[np.int64], shingles: NDArray[np.int64]
    ) -> UInt32:
        out = np.full((len(lengths), len(self._first)), EMPTY, np.uint32)
        filled = np.flatnonzero(shingles)
        if not len(filled):
            return out
        keys = self._keys(hashes, lengths)
        ends = np.cumsum(shingles[filled])
        # Pieces of whole texts that stay in the processor's cache.
        cuts = np.unique(np.searchsorted(ends, np.arange(0, ends[-1], _CHUNK), side="left"))
        for a, b in zip(cuts, [*cuts[1:], len(filled)], strict=True):
            first = ends[a - 1] if a else 0
            piece = keys[first : ends[b - 1]]
            starts = ends[a:b] - shingles[filled[a:b]] - first
            value = np.empty_like(piece)
            shifted = np.empty_like(piece)
            for slot, (multiplier, finisher) in enumerate(
                zip(self._first, self._second, strict=True)
            ):
                np.multiply(piece, multiplier, out=value)
                np.right_shift(value, np.uint32(15), out=shifted)
                np.bitwise_xor(value, shifted, out=value)
                np.multiply(value, finisher, out=value)
                out[filled[a:b], slot] = np.minimum.reduceat(value, starts)
        return out

    def _keys(self, hashes: UInt64, lengths: NDArray[np.int64]) -> UInt32:
        """One 32-bit key for each n-gram; none reaches over the end of a text."""
        total = len(hashes) - self.size + 1
        keys = hashes[:total].copy()
        for j in range(1, self.size):
            keys = keys * _ODD + hashes[j : j + total]
        keys ^= keys >> _HALF
        keys *= _MIX
        ends = np.cumsum(lengths)
        inside = np.ones(len(hashes), bool)
        for j in range(1, self.size):
            inside[ends[lengths > 0] - j] = False
        return (keys >> _HALF).astype(np.uint32)[inside[:total]]


def _sign_numbers(numbers: UInt64, lengths: NDArray[np.int64]) -> tuple[UInt64, UInt32, UInt32]:
    at = np.flatnonzero(numbers)
    found = numbers[at]
    edges = np.searchsorted(at, np.concatenate(([0], np.cumsum(lengths))))
    digests = np.zeros(len(lengths), np.uint64)
    count = np.diff(edges).astype(np.uint32)
    sketch = np.full((len(lengths), SKETCH), EMPTY, np.uint32)
    for row in np.flatnonzero(count):
        values = found[edges[row] : edges[row + 1]]
        digest = hashlib.blake2b(values.tobytes(), digest_size=8).digest()
        digests[row] = int.from_bytes(digest, "little")
        ordered = np.sort(values)
        # The second 5 of a text is another element than the first, so that this is a multiset.
        run = np.arange(len(ordered)) - np.searchsorted(ordered, ordered, side="left")
        keys = (ordered + run.astype(np.uint64)) * _MIX
        small = np.sort(((keys ^ (keys >> _HALF)) * _ODD >> _HALF).astype(np.uint32))[:SKETCH]
        sketch[row, : len(small)] = np.minimum(small, EMPTY - np.uint32(1))
    return digests, count, sketch


def agreement(left: UInt32, right: UInt32) -> NDArray[np.float64]:
    """Share of equal slots, shape (n,): an estimate of the Jaccard similarity of the n-grams."""
    shares: NDArray[np.float64] = (left == right).mean(axis=1)
    return shares


def number_overlap(
    left: UInt32, left_count: UInt32, right: UInt32, right_count: UInt32
) -> NDArray[np.float64]:
    """Share of the numbers two texts have in common, shape (n,); 1 where neither has any.

    Exact for up to 16 numbers a text, estimated from the smallest hashes beyond.
    """
    # Below the last hash of a full sketch both sketches are complete.
    limit = np.minimum(
        np.where(left_count > SKETCH, left[:, -1], EMPTY),
        np.where(right_count > SKETCH, right[:, -1], EMPTY),
    )[:, None]
    a = np.where((left <= limit) & (left != EMPTY), left, EMPTY)
    b = np.where((right <= limit) & (right != EMPTY), right, EMPTY)
    both = np.sort(np.concatenate((a, b), axis=1), axis=1)
    shared = ((both[:, 1:] == both[:, :-1]) & (both[:, 1:] != EMPTY)).sum(axis=1)
    larger = np.maximum((a != EMPTY).sum(axis=1), (b != EMPTY).sum(axis=1))
    return np.where(larger == 0, 1.0, shared / np.maximum(larger, 1))
