"""Each measure against a slow, plain definition of it."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datawell.export import measures
from datawell.export.measures import Corpus, tokens

TEXTS = st.lists(
    st.lists(st.sampled_from(["a", "dog", "ran", ".", "it's", "42"]), max_size=30).map(" ".join),
    min_size=1,
    max_size=8,
)


def grams(text: str, n: int) -> list[tuple[str, ...]]:
    words = tokens(text)
    return list(zip(*(words[i:] for i in range(n)), strict=False))


def plain_bleu(texts: list[str], i: int) -> float:
    total = 0.0
    for n in (1, 2, 3, 4):
        mine, most = Counter(grams(texts[i], n)), Counter[Any]()
        for j, other in enumerate(texts):
            if j != i:
                most |= Counter(grams(other, n))
        matched = sum(min(c, most[g]) for g, c in mine.items())
        total += math.log(max(matched, 0.1) / max(sum(mine.values()), 1))
    return math.exp(total / 4)


def test_words_are_letters_digits_and_marks() -> None:
    assert tokens('"It\'s 42," said Zoë.') == ['"', "it's", "42", ",", '"', "said", "zoë", "."]


@given(TEXTS)
def test_distinct_n_is_its_definition(texts: list[str]) -> None:
    corpus = Corpus.of(texts)
    for n in (1, 2, 4):
        every = [g for text in texts for g in grams(text, n)]
        assert measures.distinct(corpus, n) == pytest.approx(len(set(every)) / max(len(every), 1))


@given(TEXTS)
def test_shared_grams_are_their_definition(texts: list[str]) -> None:
    having = Counter(g for text in texts for g in set(grams(text, 3)))
    shared = sum(c for c in having.values() if c > 1) / max(sum(having.values()), 1)
    assert measures.shared_grams(Corpus.of(texts), 3) == pytest.approx(shared)


@given(TEXTS)
def test_self_bleu_is_its_definition(texts: list[str]) -> None:
    scores = measures.self_bleu(Corpus.of(texts))
    assert scores == pytest.approx([plain_bleu(texts, i) for i in range(len(texts))])


@given(TEXTS, st.integers(1, 40))
def test_type_growth_counts_first_uses(texts: list[str], mark: int) -> None:
    words = [w for text in texts for w in tokens(text)]
    told = measures.type_growth(Corpus.of(texts), [mark])
    assert told == ([(mark, len(set(words[:mark])))] if mark <= len(words) else [])


@given(TEXTS, st.integers(1, 40))
def test_blocks_are_disjoint_consecutive_and_long_enough(texts: list[str], words: int) -> None:
    corpus = Corpus.of(texts)
    parts = corpus.blocks(words)
    joined = [text for part in parts for text in part.texts]
    assert joined == texts[: len(joined)]
    assert all(part.words >= words for part in parts)
    assert (corpus.words >= words) == bool(parts)


def test_repetition_shows_in_every_figure() -> None:
    same = Corpus.of(["Once upon a time there was a small dog who ran to the hill."] * 40)
    mixed = Corpus.of([" ".join(f"word{i}x{j}" for j in range(14)) for i in range(40)])
    assert measures.compression(same) > 5 * measures.compression(mixed)
    assert measures.shared_grams(same) == 1
    assert measures.shared_grams(mixed) == 0
    assert measures.self_bleu(same).min() == pytest.approx(1)
    assert measures.opening(same) == (1, "once upon a time there")
    assert measures.types(same) < measures.types(mixed)


def test_an_empty_corpus_has_no_repetition() -> None:
    empty = Corpus.of([""])
    assert measures.shared_grams(empty) == 0
    assert measures.distinct(empty, 2) == 0
    assert measures.types(empty) == 0


def test_bootstrap_is_seeded_and_holds_the_mean() -> None:
    values = np.linspace(0, 1, 50)
    assert measures.bootstrap(values, 3) == measures.bootstrap(values, 3)
    assert measures.bootstrap(values, 3) != measures.bootstrap(values, 4)
    low, high = measures.bootstrap(values, 3)
    assert low < 0.5 < high
