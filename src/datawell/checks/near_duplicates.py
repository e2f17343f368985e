"""Near duplicates: the same text with a few words changed. Not: the same problem, other numbers.

Texts whose MinHash signatures share a band are candidates; a candidate is a duplicate when the
signatures agree and the numbers do too. The same words with other numbers are a *template family*:
reported, capped only on request. The defaults (word bigrams, 32 bands of 4, agreement .5) find
copies with one word in ten edited, where the web-crawl habit (5-grams, 14 bands of 8) finds one
per cent of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field as Bounded

from datawell.checks.base import Signatures
from datawell.checks.compared_text import Field, compared_text
from datawell.checks.minhash import SKETCH, MinHasher, agreement, number_overlap
from datawell.checks.union_find import Positions, UnionFind
from datawell.core.params import Params
from datawell.core.records import Record, Verdict

_PAIRS_AT_ONCE = 4096
_KEYS_AT_ONCE = 65536
_ROUNDS = 24
# Words this alike are the same words: then any other number makes it a template.
_SAME_WORDS = 0.99
# Among changed words one changed number may be one of the changes; half of them are not.
_SAME_NUMBERS = 0.5


class NearDuplicates:
    """Drops near copies of an earlier record; reports template families.

    The record with the lowest row id of each cluster is kept, and every dropped record agrees with
    a kept one (no chains). Reasons: ``near_duplicate``, ``template_family_cap``; members of a
    family that are kept carry the note ``template_family``. Score: agreement with the kept record.

    ``decide`` reads one band at a time: about 60 bytes a record, whatever the signatures weigh.
    """

    class Params(Params):
        """How alike is too alike, and what is compared."""

        threshold: float = Bounded(0.5, gt=0, le=1)
        """Share of signature slots that agree, from which a pair counts."""
        bands: int = Bounded(32, ge=1, le=256)
        """Bands of the signature; more find more distant candidates."""
        rows: int = Bounded(4, ge=1, le=16)
        """Slots in a band; more make candidates rarer."""
        shingle: int = Bounded(2, ge=1, le=10)
        """Words in an n-gram."""
        family_cap: int | None = Bounded(None, ge=1)
        """Most records kept of one template family; no limit when left out."""
        field: Field = "auto"
        """What is compared: auto (text; of a dialogue its question and learner turns), text,
        prompt, question, or instruction (the plan's own, without demands on form)."""
        numbers: Literal["auto", "all", "most"] = "auto"
        """Which numbers must agree in duplicates: all, most, or auto (all when the plan holds a
        question: there another number is another problem)."""

    name = "near_duplicates"
    version = "1"

    def __init__(self, params: NearDuplicates.Params) -> None:
        self.params = params
        slots = params.bands * params.rows
        self.dtype = np.dtype(
            [
                ("minhash", np.uint32, (slots,)),
                ("shingles", np.uint32),
                ("numbers", np.uint64),
                ("count", np.uint32),
                ("sketch", np.uint32, (SKETCH,)),
                ("strict", np.bool_),
            ]
        )
        self._hasher = MinHasher(slots, params.shingle)

    def sign(self, records: Sequence[Record]) -> NDArray[Any]:
        """Signatures, shape (len(records),)."""
        signed = self._hasher.sign([compared_text(r, self.params.field) for r in records])
        out = np.zeros(len(records), self.dtype)
        for name in ("minhash", "shingles", "numbers", "count", "sketch"):
            out[name] = getattr(signed, name)
        asked = self.params.numbers
        out["strict"] = [
            asked == "all" or (asked == "auto" and "question" in r.plan) for r in records
        ]
        return out

    def decide(self, signatures: Signatures) -> Iterator[tuple[int, Verdict]]:
        """Verdicts on duplicates and members of families, in ascending row order."""
        search = _Search(signatures, self.params)
        search.run()
        keeper, score = search.keepers()
        families = search.families.flatten()
        del search
        rows = signatures.rows()
        sizes = np.bincount(families[keeper < 0], minlength=len(rows)) if len(rows) else rows
        seen: dict[int, int] = defaultdict(int)
        # Only records with something to be said of them: a list of all would weigh the most.
        for at in np.flatnonzero((keeper >= 0) | (sizes[families] >= 2)):
            row = int(rows[at])
            if keeper[at] >= 0:
                note = f"like row {rows[keeper[at]]}"
                yield row, Verdict(self.name, False, "near_duplicate", float(score[at]), note=note)
                continue
            family = int(families[at])
            if sizes[family] < 2:
                continue
            seen[family] += 1
            note = f"template_family of row {rows[family]}, {sizes[family]} kept texts"
            cap = self.params.family_cap
            if cap is not None and seen[family] > cap:
                yield row, Verdict(self.name, False, "template_family_cap", note=note)
            else:
                yield row, Verdict(self.name, True, note=note)


class _Search:
    """Finds clusters of duplicates and families, one band at a time."""

    def __init__(self, signatures: Signatures, params: NearDuplicates.Params) -> None:
        self.signatures, self.params = signatures, params
        size = len(signatures)
        self.duplicates, self.families = UnionFind(size), UnionFind(size)
        self.compared = np.full(size, -1, np.int32)

    def run(self) -> None:
        """Go through all bands."""
        filled = self.signatures.column("shingles") > 0
        for band in range(self.params.bands):
            start = band * self.params.rows
            slots = self.signatures.column("minhash", start, start + self.params.rows)
            keys = _keys(slots)
            del slots
            several = _repeated(keys)
            several &= filled
            members, groups = _buckets(keys, np.flatnonzero(several))
            del keys, several
            # A bucket of many clusters (one template, endless numbers) is not compared all with
            # all: what the first rounds leave is compared within equal numbers only.
            members, groups = self._rounds(members, groups)
            if len(members):
                numbers = self.signatures.take("numbers", members)
                members, groups = _buckets(numbers, members, groups)
                self._rounds(members, groups)

    def _rounds(
        self, members: Positions, groups: NDArray[np.int64]
    ) -> tuple[Positions, NDArray[np.int64]]:
        """Compare each bucket with its first member, take its duplicates out, and so on."""
        for _ in range(_ROUNDS):
            if not len(members):
                break
            firsts = np.flatnonzero(np.concatenate(([True], groups[1:] != groups[:-1])))
            leaders = members[firsts][np.cumsum(_marks(firsts, len(members))) - 1]
            others = np.ones(len(members), bool)
            others[firsts] = False
            left, right = leaders[others], members[others]
            joined = self.duplicates.roots(left) == self.duplicates.roots(right)
            fresh = ~joined & (self.compared[right] != left)
            joined[fresh] = self._compare(left[fresh], right[fresh])
            self.compared[right[fresh]] = left[fresh]
            members, groups = right[~joined], groups[others][~joined]
            members, groups = _drop_singles(members, groups)
        return members, groups

    def _compare(self, left: Positions, right: Positions) -> NDArray[np.bool_]:
        """Unite duplicates and families; True for each pair of duplicates."""
        duplicate, family, _ = self.relate(left, right)
        self.duplicates.unite(left[duplicate], right[duplicate])
        either = duplicate | family
        self.families.unite(left[either], right[either])
        return duplicate

    def relate(
        self, left: Positions, right: Positions
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.float32]]:
        """For each pair: is it a duplicate, is it a family, and the agreement."""
        duplicate, family = np.zeros(len(left), bool), np.zeros(len(left), bool)
        agreed = np.zeros(len(left), np.float32)
        take = self.signatures.take
        for at in range(0, len(left), _PAIRS_AT_ONCE):
            piece = slice(at, at + _PAIRS_AT_ONCE)
            a, b = left[piece], right[piece]
            alike = agreement(take("minhash", a), take("minhash", b))
            counts = take("count", a), take("count", b)
            overlap = number_overlap(take("sketch", a), counts[0], take("sketch", b), counts[1])
            other = take("numbers", a) != take("numbers", b)
            most = (np.maximum(*counts) > 1) & (overlap < _SAME_NUMBERS)
            strict = take("strict", a) | take("strict", b)
            veto = other & ((alike >= _SAME_WORDS) | most | strict)
            near = alike >= self.params.threshold
            duplicate[piece], family[piece], agreed[piece] = near & ~veto, near & veto, alike
        return duplicate, family, agreed

    def keepers(self) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """For each position the kept position it duplicates, or -1; and their agreement.

        A cluster may be a chain whose ends are not alike: each member must be a duplicate of the
        kept one itself, else the first that is not is kept too, and so on.
        """
        roots = self.duplicates.flatten()
        keeper = np.full(len(roots), -1, np.int32)
        score = np.zeros(len(roots), np.float32)
        members = np.flatnonzero(np.bincount(roots, minlength=len(roots))[roots] > 1)
        order = np.argsort(roots[members], kind="stable")
        members, groups = members[order], roots[members][order].astype(np.int64)
        while len(members):
            firsts = np.flatnonzero(np.concatenate(([True], groups[1:] != groups[:-1])))
            leaders = members[firsts][np.cumsum(_marks(firsts, len(members))) - 1]
            others = np.ones(len(members), bool)
            others[firsts] = False
            left, right = leaders[others], members[others]
            duplicate, _, agreed = self.relate(left, right)
            keeper[right[duplicate]] = left[duplicate]
            score[right[duplicate]] = agreed[duplicate]
            members, groups = right[~duplicate], groups[others][~duplicate]
        return keeper, score


def _marks(firsts: Positions, size: int) -> NDArray[np.int64]:
    marks = np.zeros(size, np.int64)
    marks[firsts] = 1
    return marks


def _keys(slots: NDArray[np.uint32]) -> NDArray[np.uint64]:
    """One hash for each row of slots; in pieces, because temporary copies count as memory too."""
    keys = np.zeros(len(slots), np.uint64)
    for at in range(0, len(slots), _KEYS_AT_ONCE):
        piece = keys[at : at + _KEYS_AT_ONCE]
        for slot in slots[at : at + _KEYS_AT_ONCE].T:
            piece ^= slot
            piece *= np.uint64(0x9E3779B97F4A7C15)
            piece ^= piece >> np.uint64(29)
    return keys


def _repeated(keys: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """For each key, whether another is equal to it. Takes 8 bytes a key beside the keys."""
    ordered = np.sort(keys)
    twice = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    del ordered
    found = np.zeros(len(keys), bool)
    for at in range(0, len(keys) if len(twice) else 0, _KEYS_AT_ONCE):
        piece = keys[at : at + _KEYS_AT_ONCE]
        places = np.minimum(np.searchsorted(twice, piece), len(twice) - 1)
        found[at : at + _KEYS_AT_ONCE] = twice[places] == piece
    return found


def _drop_singles(
    members: Positions, groups: NDArray[np.int64]
) -> tuple[Positions, NDArray[np.int64]]:
    """Leave out buckets of one. ``groups`` must be sorted."""
    if not len(groups):
        return members, groups
    same = groups[1:] == groups[:-1]
    several = np.concatenate((same, [False])) | np.concatenate(([False], same))
    return members[several], groups[several]


def _buckets(
    keys: NDArray[np.uint64], members: Positions, groups: NDArray[np.int64] | None = None
) -> tuple[Positions, NDArray[np.int64]]:
    """Members with equal keys (within their group), bucket by bucket, ascending in each.

    ``keys`` is one a member, or one a position when there are no groups yet.
    """
    if groups is None:
        keys = keys[members]
        order = np.argsort(keys, kind="stable")
        changed = keys[order][1:] != keys[order][:-1]
    else:
        order = np.lexsort((keys, groups))
        changed = (keys[order][1:] != keys[order][:-1]) | (groups[order][1:] != groups[order][:-1])
    numbered = np.concatenate(([0], np.cumsum(changed))) if len(order) else order
    return _drop_singles(members[order], numbered)
