"""Sentences and paragraphs by their exact characters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datawell.core.sentences import paragraphs, sentences


def cut(text: str) -> list[str]:
    return [text[a:b] for a, b in sentences(text)]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("One. Two! Three? Four", 4),
        ("Dr. Ito came at 3.5 metres.", 1),
        ("J. Smith and Mr. Bo met. They spoke.", 2),
        ("It was I. Then he left.", 2),
        ('"Stop!" he said. "Why?" she asked.', 2),
        ("He said no. Then he left.", 2),
        ("See No. 7 of the list.", 1),
        ("They bought pens, etc. Then they left.", 2),
        ("It opens at 7 a.m. on Mondays. It closes late.", 2),
        ("Wait… what? Yes.", 2),
        ("A title\n\nA sentence over\ntwo lines. Another.", 3),
        ("", 0),
        (" \n\t\n ", 0),
    ],
)
def test_cuts(text: str, count: int) -> None:
    assert len(cut(text)) == count


@given(st.text(alphabet="aA.!? \n\r\t\"'é0,", max_size=200))
def test_nothing_but_white_space_is_left_out(text: str) -> None:
    for places in (list(sentences(text)), list(paragraphs(text))):
        last = 0
        for start, end in places:
            assert text[last:start].strip() == ""
            assert start < end
            assert text[start:end] == text[start:end].strip()
            last = end
        assert text[last:].strip() == ""


def test_a_part_of_the_text() -> None:
    assert [*sentences("One. Two. Three.", 5, 9)] == [(5, 9)]
