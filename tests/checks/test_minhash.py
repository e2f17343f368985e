from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datawell.checks.minhash import MinHasher, agreement, number_overlap

WORDS = st.lists(
    st.sampled_from(["a", "b", "red", "dog", "ran", "4", "12", "four", "1,200", "x"]), max_size=40
)


def bigrams(text: str) -> set[tuple[str, str]]:
    words = text.split()
    return {(words[i], words[i + 1]) for i in range(len(words) - 1)}


def test_agreement_estimates_the_jaccard_similarity() -> None:
    draw = np.random.default_rng(3)
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    vocabulary = ["".join(draw.choice(letters, 6)) for _ in range(400)]
    first = list(draw.choice(vocabulary, 120))
    texts = [" ".join(first)]
    for changed in (6, 12, 30, 60):
        words = list(first)
        for at in draw.choice(120, changed, replace=False):
            words[at] = str(draw.choice(vocabulary))
        texts.append(" ".join(words))
    signed = MinHasher(512, 2).sign(texts)
    for i in range(1, 5):
        a, b = bigrams(texts[0]), bigrams(texts[i])
        estimate = agreement(signed.minhash[:1], signed.minhash[i : i + 1])[0]
        assert estimate == pytest.approx(len(a & b) / len(a | b), abs=0.09)


@given(st.lists(WORDS, max_size=6), st.integers(1, 4))
def test_a_signature_depends_on_its_own_text_alone(texts: list[list[str]], size: int) -> None:
    joined = [" ".join(words) for words in texts]
    together = MinHasher(16, size).sign(joined)
    for i, text in enumerate(joined):
        alone = MinHasher(16, size).sign([text])
        for name in ("minhash", "shingles", "numbers", "count", "sketch"):
            assert np.array_equal(getattr(together, name)[i], getattr(alone, name)[0]), name


def test_case_and_punctuation_do_not_matter() -> None:
    signed = MinHasher(32, 2).sign(["The dog ran home.", "the DOG, ran -- home!"])
    assert np.array_equal(signed.minhash[0], signed.minhash[1])


def test_numbers_are_kept_beside_the_words() -> None:
    texts = [
        "He has 12 red pens",
        "He has 1,200 red pens",
        "he has twelve red pens",
        "He has 12.0 red pens",
    ]
    signed = MinHasher(32, 2).sign(texts)
    assert (signed.minhash == signed.minhash[0]).all()
    assert signed.numbers[0] != signed.numbers[1]
    assert signed.numbers[0] == signed.numbers[2] == signed.numbers[3]
    assert signed.count.tolist() == [1, 1, 1, 1]


def test_the_order_of_numbers_is_part_of_their_digest() -> None:
    signed = MinHasher(8, 2).sign(["3 red and 5 blue", "5 red and 3 blue"])
    assert signed.numbers[0] != signed.numbers[1]
    assert np.array_equal(signed.sketch[0], signed.sketch[1])


def test_texts_without_words_have_no_shingles() -> None:
    signed = MinHasher(8, 3).sign(["", "?!", "one", "one two"])
    assert signed.shingles.tolist() == [0, 0, 1, 1]
    assert (signed.minhash[0] == signed.minhash[1]).all()


@given(
    st.lists(st.integers(2, 30), max_size=12),
    st.lists(st.integers(2, 30), max_size=12),
)
def test_overlap_of_few_numbers_is_exact(a: list[int], b: list[int]) -> None:
    texts = [" ".join(f"a {n}" for n in numbers) or "a" for numbers in (a, b)]
    s = MinHasher(4, 2).sign(texts)
    found = number_overlap(s.sketch[:1], s.count[:1], s.sketch[1:], s.count[1:])[0]
    shared = sum(min(a.count(n), b.count(n)) for n in set(a))
    expected = shared / max(len(a), len(b)) if a or b else 1.0
    assert found == pytest.approx(expected)


def test_overlap_of_many_numbers_is_estimated() -> None:
    texts = [" ".join(map(str, range(low, low + 400))) for low in (100, 200)]
    s = MinHasher(4, 2).sign(texts)
    found = number_overlap(s.sketch[:1], s.count[:1], s.sketch[1:], s.count[1:])[0]
    assert found == pytest.approx(0.75, abs=0.3)


def test_signatures_are_the_same_in_every_process() -> None:
    code = (
        "from datawell.checks.minhash import MinHasher;"
        "s=MinHasher(8,2).sign(['the dog has 3 red pens','cats']);"
        "print(s.minhash.tolist(), s.numbers.tolist(), s.sketch.tolist())"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", code],
            check=True,
            capture_output=True,
            env={"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1
