from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datawell.checks.exact_duplicates import ExactDuplicates, normalised
from datawell.core.records import Record
from tests.checks.kit import LINEAGE, InMemory, decide, dropped

check = ExactDuplicates(ExactDuplicates.Params())


def test_later_copies_are_dropped_and_the_first_is_kept() -> None:
    verdicts = decide(check, ["A cat sat.", "A dog ran.", "a  CAT sat", "A dog ran.", "A cat sat!"])
    assert list(verdicts) == [2, 3, 4]
    assert {verdict.reason for verdict in verdicts.values()} == {"exact_duplicate"}
    assert [verdict.note for verdict in verdicts.values()] == [
        "same as row 0",
        "same as row 1",
        "same as row 0",
    ]


@pytest.mark.parametrize(
    ("a", "b"),
    [("5 + 3", "5 - 3"), ("1.5 pies", "15 pies"), ("1/2", "12"), ("$5", "5%"), ("a cat", "a bat")],
)
def test_marks_that_change_numbers_are_kept_apart(a: str, b: str) -> None:
    assert normalised(a) != normalised(b)


def test_nothing_and_one_text_have_no_copies() -> None:
    assert dropped(check, []) == []
    assert dropped(check, ["one"]) == []


def test_the_compared_field_can_be_chosen() -> None:
    records = [
        Record(str(i), text, {}, LINEAGE, prompt=prompt)
        for i, (prompt, text) in enumerate([("p", "x"), ("q", "x"), ("p", "y")])
    ]
    for field, expected in (("record", []), ("text", [1]), ("prompt", [2])):
        one = ExactDuplicates(ExactDuplicates.Params(field=field))
        assert [row for row, _ in one.decide(InMemory(one.sign(records)))] == expected


def test_row_ids_are_the_runs_own() -> None:
    records = [Record(str(i), "same", {}, LINEAGE) for i in range(3)]
    stored = InMemory(check.sign(records), np.array([10, 20, 40]))
    assert [(row, v.note) for row, v in check.decide(stored)] == [
        (20, "same as row 10"),
        (40, "same as row 10"),
    ]


@given(st.lists(st.sampled_from(["a", "b", "c", "A", "b.", "d e", "d  e"]), max_size=30))
def test_what_stays_has_no_copies_and_every_text_is_still_there(texts: list[str]) -> None:
    gone = set(dropped(check, texts))
    left = [text for at, text in enumerate(texts) if at not in gone]
    assert dropped(check, left) == []
    assert {normalised(text) for text in left} == {normalised(text) for text in texts}
