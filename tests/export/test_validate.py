from __future__ import annotations

from typing import Any

import pytest

from datawell.core.errors import GuardFailed
from datawell.export.validate import validate_row

U = {"role": "user", "content": "Hi."}
A = {"role": "assistant", "content": "Yes."}
S = {"role": "system", "content": "Be kind."}

BAD: list[tuple[dict[str, Any], str]] = [
    ({}, "named columns"),
    ({"": 1}, "named columns"),
    ({"messages": []}, "not a list"),
    ({"messages": "hello"}, "not a list"),
    ({"messages": None}, "missing"),
    ({"messages": [A]}, r"\[0\] is from 'assistant'"),
    ({"messages": [U]}, "no assistant"),
    ({"messages": [U, U, A]}, r"\[1\] is from 'user'"),
    ({"messages": [U, S, A]}, r"\[1\] is from 'system'"),
    ({"messages": [U, {"role": "tutor", "content": "x"}]}, "'tutor'"),
    ({"messages": [{"role": "user", "content": " "}, A]}, "no content"),
    ({"messages": [{"role": "user"}, A]}, "role and content"),
    ({"messages": [U, {**A, "weight": 0}]}, "role and content"),
    ({"prompt": [U], "completion": []}, "assistant message"),
    ({"prompt": [U], "completion": [A, U]}, "one assistant"),
    ({"prompt": [A], "completion": [A]}, r"\[0\]"),
    ({"prompt": "Hi", "completion": ""}, "empty"),
    ({"prompt": [U], "completion": "Yes"}, "neither both"),
    ({"prompt": 3, "completion": [A]}, "neither both"),
    ({"text": "  "}, "text is empty"),
    ({"text": "ok", "messages": [U]}, "no assistant"),
    ({"score": float("nan")}, "JSON"),
    ({"text": "half \ud800"}, "JSON"),
    ({"data": object()}, "JSON"),
]


@pytest.mark.parametrize(("row", "problem"), BAD)
def test_a_bad_row_is_an_error_that_names_it(row: dict[str, Any], problem: str) -> None:
    with pytest.raises(GuardFailed, match=problem) as caught:
        validate_row(row, exporter="x", record_id="row-17")
    assert "row-17" in str(caught.value)
    assert "'x'" in str(caught.value)


@pytest.mark.parametrize(
    "row",
    [
        {"messages": [U, A]},
        {"messages": [S, U, A, U]},
        {"prompt": [S, U], "completion": [A]},
        {"prompt": "Hi", "completion": "Yes"},
        {"text": "ok", "prompt": None, "messages": None},
        {"instruction": "a third party's own shape", "output": "x"},
    ],
)
def test_good_rows_pass(row: dict[str, Any]) -> None:
    validate_row(row, exporter="x", record_id="row-17")
