"""Overlap with a corpus: exact at every length, against a slow and simple count."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datawell.core.errors import UsageError
from datawell.student.marks import copied_runs, unknown_words, word_spans, wrong_names
from datawell.student.overlap import Overlap, copied_share, is_copy, longest

LETTERS = st.lists(st.sampled_from("abc"), max_size=14)


def _contains(whole: list[str], part: list[str]) -> bool:
    return any(whole[i : i + len(part)] == part for i in range(len(whole) - len(part) + 1))


@given(texts=st.lists(LETTERS, min_size=1, max_size=4), corpus=st.lists(LETTERS, max_size=5))
def test_matches_are_the_longest_runs_seen(texts: list[list[str]], corpus: list[list[str]]) -> None:
    overlap = Overlap([" ".join(t) for t in texts])
    for document in corpus:
        overlap.read(" ".join(document))
    for text, found in zip(texts, overlap.matches(), strict=True):
        for end in range(len(text)):
            expected = max(
                size
                for size in range(end + 2)
                if size == 0 or any(_contains(d, text[end + 1 - size : end + 1]) for d in corpus)
            )
            assert found[end] == expected


def test_planted_copies_are_found() -> None:
    corpus = [
        f"story {i} tells of a fox who ran over hill {i} and came home at night" for i in range(9)
    ]
    fresh = "nobody has ever written this sentence about seven quiet wooden boats before"
    part = "then story 3 tells of a fox who ran over hill 4 and came home at dawn"
    overlap = Overlap([corpus[2], fresh, part])
    for document in corpus:
        overlap.read(document)
    copy, new, mixed = overlap.matches()
    assert is_copy(copy)
    assert not is_copy(new)
    assert not is_copy(mixed)
    assert longest(copy) == 16
    assert longest(new) <= 1
    assert longest(mixed) == 13
    assert copied_share(copy) == (9, 9)
    assert copied_share(new)[0] == 0
    assert copied_share(mixed) == (8, 10)
    near = overlap.nearest()
    assert (near[0].number, near[0].share) == (2, 1.0)
    assert near[0].text == corpus[2]
    assert near[1].number == -1
    assert near[2].number == 4
    assert overlap.types >= {"fox", "night"}


def test_what_came_before_the_student_is_not_its_copying() -> None:
    matches = np.array([1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1])
    assert longest(matches) == 9
    assert longest(matches, skip=5) == 4
    assert copied_share(matches) == (2, 4)
    assert copied_share(matches, skip=2) == (0, 2)
    assert longest(np.zeros(0, np.int64)) == 0
    assert not is_copy(np.zeros(0, np.int64))


def test_copied_parts_are_marked_in_the_text() -> None:
    seen = "the fox ran over the hill and came home at night"
    text = f"Once, {seen}. Then it slept."
    overlap = Overlap([text])
    overlap.read(seen)
    marks = copied_runs(text, overlap.matches()[0])
    assert [(m.kind, text[m.start : m.end]) for m in marks] == [("copied", seen)]
    late = copied_runs(text, overlap.matches()[0], begin=10)
    assert text[late[0].start : late[0].end] == seen[4:]


def test_unknown_words_are_marked() -> None:
    text = "The fox’s glimmop ran."
    marks = unknown_words(text, {"the", "fox's", "ran"}.__contains__)
    assert [text[m.start : m.end] for m in marks] == ["glimmop"]
    assert [m.start for m in unknown_words(text, lambda _: False, begin=11)] == [18]


@pytest.mark.parametrize(
    ("ending", "wrong"),
    [
        ("Then Lily smiled.", []),
        ("Then Mia smiled.", ["Mia"]),
        ("Then a girl named Mia came, and Mia smiled.", []),
        ("Then Mia the fox came.", []),
        ("Then Lily met her friend Mia.", []),
        ("Then Lily saw Mia's house. Mia slept.", ["Mia's", "Mia"]),
    ],
)
def test_names_out_of_nowhere_are_marked(ending: str, wrong: list[str]) -> None:
    text = "Lily had a drum. She hit it all day long and the day after that as well. " + ending
    marks = wrong_names(text, {"Lily", "Mia"})
    assert [text[m.start : m.end] for m in marks] == wrong
    assert wrong_names(text, {"Lily", "Mia"}, begin=len(text)) == []


def test_spans_are_words() -> None:
    text = "Don’t stop, Tom!"
    assert [text[a:b] for a, b in word_spans(text)] == ["Don’t", "stop", "Tom"]


def test_too_many_words_are_refused() -> None:
    with pytest.raises(UsageError, match="65,536"):
        Overlap([" ".join(f"w{i}" for i in range(65_536))])
