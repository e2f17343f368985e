"""How much of some texts stands in a corpus, word for word; and which document is nearest.

The texts asked about are indexed (a suffix automaton over their words, and their four-word runs as
packed integers); the corpus streams past once and is never held. Longest matches are exact at every
length. Sources: Blumer et al., "The smallest automaton recognizing the subwords of a text" (1985).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from datawell.core.errors import UsageError
from datawell.core.lexicon import words

RUN = 4
"""Words of a run for nearness."""
COPY = 8
"""Words of a run that counts as copied."""
_BATCH = 500


class Automaton:
    """All word runs of some texts, and the longest of each that a corpus was seen to hold."""

    def __init__(self, texts: Sequence[Sequence[int]]) -> None:
        self._next: list[dict[int, int]] = [{}]
        self._link = [-1]
        self._len = [0]
        self._best = [0]
        self._ends: list[list[int]] = []
        last = 0
        for number, text in enumerate(texts):
            ends = []
            for word in text:
                last = self._extend(last, word)
                ends.append(last)
            self._ends.append(ends)
            # A separator of its own after each text, so that no run crosses two of them.
            last = self._extend(last, -1 - number)

    def _state(self, length: int, link: int, follow: dict[int, int]) -> int:
        self._next.append(follow)
        self._link.append(link)
        self._len.append(length)
        self._best.append(0)
        return len(self._len) - 1

    def _extend(self, last: int, word: int) -> int:
        new = self._state(self._len[last] + 1, 0, {})
        at = last
        while at >= 0 and word not in self._next[at]:
            self._next[at][word] = new
            at = self._link[at]
        if at >= 0:
            other = self._next[at][word]
            if self._len[at] + 1 != self._len[other]:
                other = self._split(at, word, other)
            self._link[new] = other
        return new

    def _split(self, at: int, word: int, other: int) -> int:
        follow = dict(self._next[other])
        clone = self._state(self._len[at] + 1, self._link[other], follow)
        while at >= 0 and self._next[at].get(word) == other:
            self._next[at][word] = clone
            at = self._link[at]
        self._link[other] = clone
        return clone

    def read(self, text: Sequence[int | None]) -> None:
        """See one document of the corpus; None is a word no text holds."""
        follow, link, length, best = self._next, self._link, self._len, self._best
        at = size = 0
        for word in text:
            if word is None:
                at = size = 0
                continue
            there = follow[at].get(word)
            while there is None and at:
                at = link[at]
                size = length[at]
                there = follow[at].get(word)
            if there is None:
                size = 0
                continue
            at = there
            size += 1
            if size > best[at]:
                best[at] = size

    def matches(self) -> list[NDArray[np.int64]]:
        """For each text and each of its words: the longest run ending there that was seen."""
        best = list(self._best)
        for state in sorted(range(1, len(best)), key=lambda s: -self._len[s]):
            if best[state] and self._link[state] > 0:
                best[self._link[state]] = self._len[self._link[state]]
        found = []
        for ends in self._ends:
            runs = []
            for end in ends:
                state = end
                while state > 0 and not best[state]:
                    state = self._link[state]
                runs.append(best[state] if state > 0 else 0)
            found.append(np.array(runs, np.int64))
        return found


@dataclass(frozen=True, slots=True)
class Nearest:
    """A training document, its number, and the share of the text's four-word runs it holds."""

    number: int
    share: float
    text: str


class Overlap:
    """Overlap of ``texts`` with a corpus read document by document."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._ids: dict[str, int] = {}
        self.words = [words(text) for text in texts]
        coded = [[self._ids.setdefault(w, len(self._ids) + 1) for w in row] for row in self.words]
        if len(self._ids) >= 2**16:
            raise UsageError(
                "overlap: the texts asked about hold 65,536 different words or more",
                hint="ask about fewer texts",
            )
        self._automaton = Automaton(coded)
        runs = [np.unique(_runs(np.array(row, np.uint64))) for row in coded]
        self._sizes = np.array([max(1, len(r)) for r in runs])
        owners = np.repeat(np.arange(len(runs)), [len(r) for r in runs])
        flat = np.concatenate(runs) if runs else np.zeros(0, np.uint64)
        order = np.argsort(flat, kind="stable")
        self._keys, self._owners = flat[order], owners[order]
        self._nearest = [Nearest(-1, 0.0, "") for _ in texts]
        self._waiting: list[str] = []
        self._seen = 0
        self.types: set[str] = set()

    def read(self, text: str) -> None:
        """See one document of the corpus."""
        self._waiting.append(text)
        if len(self._waiting) >= _BATCH:
            self.flush()

    def flush(self) -> None:
        """Take in the documents that wait."""
        for text in self._waiting:
            tokens = words(text)
            self.types.update(tokens)
            coded = [self._ids.get(w) for w in tokens]
            self._automaton.read(coded)
            self._compare(np.array([c or 0 for c in coded], np.uint64), text)
            self._seen += 1
        self._waiting.clear()

    def _compare(self, coded: NDArray[np.uint64], text: str) -> None:
        runs = np.unique(_runs(coded))
        left = np.searchsorted(self._keys, runs, "left")
        right = np.searchsorted(self._keys, runs, "right")
        # Most runs belong to one text only; each further owner of a run is one more round.
        shared = np.zeros(len(self._nearest), np.int64)
        while (left < right).any():
            left, right = left[left < right], right[left < right]
            shared += np.bincount(self._owners[left], minlength=len(shared))
            left = left + 1
        for number in np.flatnonzero(shared):
            share = float(shared[number] / self._sizes[number])
            if share > self._nearest[number].share:
                self._nearest[number] = Nearest(self._seen, share, text)

    def matches(self) -> list[NDArray[np.int64]]:
        """For each text, the longest match that ends at each of its words."""
        self.flush()
        return self._automaton.matches()

    def nearest(self) -> list[Nearest]:
        """For each text, the document that holds most of its four-word runs."""
        self.flush()
        return list(self._nearest)


def _runs(ids: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Runs of four 16-bit ids, packed; runs with an unknown word (0) are left out."""
    if len(ids) < RUN:
        return np.zeros(0, np.uint64)
    views = [ids[i : len(ids) - RUN + 1 + i] for i in range(RUN)]
    packed = sum((v << np.uint64(16 * i) for i, v in enumerate(views)), np.zeros(1, np.uint64))
    known = np.logical_and.reduce([v > 0 for v in views])
    kept: NDArray[np.uint64] = packed[known]
    return kept


def longest(matches: NDArray[np.int64], skip: int = 0) -> int:
    """The longest match that lies after the first ``skip`` words."""
    part = matches[skip:]
    return int(np.minimum(part, np.arange(1, len(part) + 1)).max(initial=0))


def copied_share(matches: NDArray[np.int64], skip: int = 0) -> tuple[int, int]:
    """How many eight-word runs after ``skip`` words were seen, and how many there are."""
    ends = matches[skip + COPY - 1 :]
    return int((ends >= COPY).sum()), len(ends)


def is_copy(matches: NDArray[np.int64]) -> bool:
    """Whether the whole text stands inside one document."""
    return len(matches) > 0 and int(matches[-1]) == len(matches)
