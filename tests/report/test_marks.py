from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from datawell.report.marks import Mark, excerpt, segments, within

MARKS = st.lists(
    st.builds(
        Mark,
        st.integers(-5, 40),
        st.integers(-5, 40),
        st.sampled_from(["word", "event", "fault"]),
        st.sampled_from(["", "why"]),
        st.sampled_from(["", "1"]),
    ),
    max_size=6,
)


@given(st.text(max_size=30), MARKS)
def test_segments_are_the_text_and_each_character_has_its_marks(
    text: str, marks: list[Mark]
) -> None:
    pieces = segments(text, marks)
    assert "".join(piece.text for piece in pieces) == text
    at = 0
    for piece in pieces:
        for i in range(at, at + len(piece.text)):
            assert set(piece.kinds) == {m.kind for m in marks if m.start <= i < m.end}
        at += len(piece.text)


@given(st.text(max_size=30), MARKS)
def test_a_badge_stands_where_its_mark_begins_and_only_there(text: str, marks: list[Mark]) -> None:
    shown = sum(len(piece.badge.split()) for piece in segments(text, marks))
    owed = [m for m in marks if m.badge and max(0, m.start) < min(len(text), m.end)]
    assert shown == len(owed)


@given(st.text(max_size=200), MARKS, st.integers(10, 60))
def test_an_excerpt_is_bounded_and_shows_its_first_mark(
    text: str, marks: list[Mark], limit: int
) -> None:
    cut, inside, before, after = excerpt(text, marks, limit)
    assert len(cut) <= max(limit, 0) or cut == text
    assert cut in text
    assert before == (not text.startswith(cut) or (text != cut and not after))
    real = [m for m in marks if 0 <= m.start < min(m.end, len(text))]
    if real and len(text) > limit and min(m.start for m in marks) >= 0:
        assert any(m.start < len(cut) and m.end > 0 for m in inside)


def test_marks_are_counted_from_the_part_they_are_shown_in() -> None:
    assert within([Mark(5, 9, "word"), Mark(20, 22, "word")], 4, 10) == [Mark(1, 5, "word")]
