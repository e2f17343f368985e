"""How varied a text collection is: figures that expose repetition, on an equal number of words.

A *word* here is a run of letters and apostrophes, a run of digits, or one of ``. , ! ? "`` in lower
case. Most of these figures move with the amount of text, so two collections are compared only at
the same number of words. "Share of distinct texts" is deliberately absent: a form letter with a
counter in it would score 100 %.

Sources: distinct-n, Li et al. 2016 (arXiv 1510.03055); self-BLEU, Zhu et al. 2018 (arXiv
1802.01886); compression ratio, Shaib et al. 2024 (arXiv 2403.00553).
"""

from __future__ import annotations

import gzip
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from datawell.core.randomness import stream

TOKEN = re.compile(r"(?:[^\W\d_]|')+|\d+|[.,!?\"]")
BLEU_TEXTS = 150
BLEU_SCORED = 60
OPENING = 5
SHARED = 8

Ids = NDArray[np.int64]


def tokens(text: str) -> list[str]:
    """The words of a text, as counted by every measure here."""
    return TOKEN.findall(text.lower())


@dataclass(frozen=True)
class Corpus:
    """Texts as word numbers. ``ids`` has shape (words,); ``starts`` has shape (texts + 1,)."""

    texts: tuple[str, ...]
    ids: Ids
    starts: Ids

    @classmethod
    def of(cls, texts: Sequence[str]) -> Corpus:
        """Tokenise texts; the numbering follows first use, so it is the same every time."""
        known: dict[str, int] = {}
        ids: list[int] = []
        starts = [0]
        for text in texts:
            ids.extend(known.setdefault(word, len(known)) for word in tokens(text))
            starts.append(len(ids))
        return cls(tuple(texts), np.array(ids, np.int64), np.array(starts, np.int64))

    @property
    def words(self) -> int:
        """How many words there are."""
        return len(self.ids)

    def part(self, first: int, last: int) -> Corpus:
        """Texts ``first`` to ``last`` (exclusive); word numbers stay."""
        lo, hi = self.starts[first], self.starts[last]
        starts = self.starts[first : last + 1] - lo
        return Corpus(self.texts[first:last], self.ids[lo:hi], starts)

    def blocks(self, words: int) -> list[Corpus]:
        """Consecutive parts of ``words`` words or just over, in whole texts; a rest is left out."""
        parts: list[Corpus] = []
        first = 0
        while True:
            last = int(np.searchsorted(self.starts, self.starts[first] + words))
            if last >= len(self.starts):
                return parts
            parts.append(self.part(first, last))
            first = last

    def grams(self, n: int) -> tuple[Ids, Ids]:
        """Every n-gram inside a text as one number (equal n-grams, equal numbers), and its text.

        Exact, not hashed: n-grams are numbered by pairing (n-1)-grams with the next word.
        """
        owner = np.repeat(np.arange(len(self.texts)), np.diff(self.starts))
        gram = self.ids
        for width in range(2, n + 1):
            follows = self.ids[width - 1 :]
            pairs = gram[: len(follows)] * (int(self.ids.max(initial=0)) + 1) + follows
            gram = np.unique(pairs, return_inverse=True)[1].astype(np.int64)
        whole = owner[: len(gram)] == owner[n - 1 :]
        return gram[whole], owner[: len(gram)][whole]


def distinct(corpus: Corpus, n: int) -> float:
    """Distinct-n: different n-grams divided by all n-grams, from 0 (one) to 1 (no repeat)."""
    gram, _ = corpus.grams(n)
    return len(np.unique(gram)) / max(len(gram), 1)


def shared_grams(corpus: Corpus, n: int = SHARED) -> float:
    """Share of a text's n-grams that another text has too, from 0 to 1, pooled over texts."""
    gram, owner = corpus.grams(n)
    if not len(gram):
        return 0.0
    once = np.unique(np.stack([gram, owner]), axis=1)[0]
    _, inverse, texts = np.unique(once, return_inverse=True, return_counts=True)
    return float((texts[inverse] > 1).mean())


def compression(corpus: Corpus) -> float:
    """Bytes divided by gzip'd bytes (level 9), texts joined by newlines: higher is more alike."""
    raw = "\n".join(corpus.texts).encode()
    return len(raw) / len(gzip.compress(raw, 9, mtime=0))


def opening(corpus: Corpus) -> tuple[float, str]:
    """The commonest first five words of a text: its share of texts, and the words."""
    heads = Counter(" ".join(tokens(text)[:OPENING]) for text in corpus.texts)
    words, count = min(heads.items(), key=lambda item: (-item[1], item[0]))
    return count / len(corpus.texts), words


def types(corpus: Corpus) -> int:
    """How many different words there are."""
    return len(np.unique(corpus.ids))


def type_growth(corpus: Corpus, marks: Sequence[int]) -> list[tuple[int, int]]:
    """(words, different words among the first that many), for each mark the corpus reaches."""
    first_use = np.sort(np.unique(corpus.ids, return_index=True)[1])
    return [(m, int(np.searchsorted(first_use, m))) for m in marks if m <= corpus.words]


def self_bleu(corpus: Corpus, texts: int = BLEU_TEXTS) -> NDArray[np.float64]:
    """BLEU-4 of each of the first 60 texts against all others of the first ``texts``, shape (60,).

    Clipped precision of 1- to 4-grams, geometric mean, a zero match counted as 0.1, no brevity
    penalty. Fewer texts give fewer references: compare only with the same number.
    """
    sample = corpus.part(0, min(texts, len(corpus.texts)))
    scored = min(BLEU_SCORED, len(sample.texts))
    log_sum = np.zeros(scored)
    for n in (1, 2, 3, 4):
        gram, owner = sample.grams(n)
        matched, total = _clipped_matches(gram, owner, scored)
        log_sum += np.log(np.maximum(matched, 0.1) / np.maximum(total, 1))
    return np.asarray(np.exp(log_sum / 4))


def _clipped_matches(
    gram: Ids, owner: Ids, scored: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """For each scored text: n-grams matched by the other texts, each at most as often as the text
    that has it most; and its n-grams in all. The best of the *others* is the best of all, or the
    second best where the text itself is the best."""
    pairs, counts = np.unique(np.stack([gram, owner]), axis=1, return_counts=True)
    order = np.lexsort((-counts, pairs[0]))
    kind, text, count = pairs[0][order], pairs[1][order], counts[order]
    begins = np.flatnonzero(np.r_[True, kind[1:] != kind[:-1]]) if len(kind) else np.array([], int)
    size = np.diff(np.r_[begins, len(kind)])
    best = np.repeat(begins, size)
    second = np.where(size > 1, count[np.minimum(begins + 1, max(len(kind) - 1, 0))], 0)
    is_best = np.arange(len(kind)) == best
    others = np.where(is_best, np.repeat(second, size), count[best] if len(kind) else 0)
    mine = text < scored
    matched = np.bincount(text[mine], np.minimum(count, others)[mine], scored)
    total = np.bincount(text[mine], count[mine], scored)
    return matched.astype(np.float64), total.astype(np.float64)


def bootstrap(values: NDArray[np.float64], seed: int, rounds: int = 1000) -> tuple[float, float]:
    """A 95 % percentile interval of the mean, from ``rounds`` resamples of ``values``."""
    draw = np.random.default_rng(stream(seed, "label", "bootstrap").getrandbits(64))
    picks = draw.integers(0, len(values), (rounds, len(values)))
    low, high = np.quantile(values[picks].mean(axis=1), (0.025, 0.975))
    return float(low), float(high)
