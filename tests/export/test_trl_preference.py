"""Preference rows have TRL's shape, and rows that are none are refused."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from datawell.core.errors import GuardFailed
from datawell.core.records import Lineage, Record
from datawell.export.trl_preference import TrlPreference
from datawell.export.validate import validate_row

LINEAGE = Lineage("recipe", "preference", 0, "seed", "test")
PLAN = {
    "question": "2 + 2?",
    "chosen": {"text": "4", "score": 1.0, "why": "right"},
    "rejected": {"text": "5", "score": 0.0, "why": "wrong"},
}


def rows(plan: dict[str, Any], **params: Any) -> list[dict[str, Any]]:
    exporter = TrlPreference(TrlPreference.Params.model_validate(params))
    record = Record("r1", "4", plan, LINEAGE, prompt="2 + 2?")
    return [dict(row) for row in exporter.rows(record)]


def test_the_shape_is_trls() -> None:
    (row,) = rows(PLAN)
    assert row == {
        "prompt": [{"role": "user", "content": "2 + 2?"}],
        "chosen": [{"role": "assistant", "content": "4"}],
        "rejected": [{"role": "assistant", "content": "5"}],
        "score_chosen": 1.0,
        "score_rejected": 0.0,
        "id": "r1",
    }
    validate_row(row, exporter="trl-preference", record_id="r1")


def test_a_system_message_is_part_of_the_prompt() -> None:
    (row,) = rows(PLAN, system="Be exact.")
    assert [message["role"] for message in row["prompt"]] == ["system", "user"]
    validate_row(row, exporter="trl-preference", record_id="r1")


@pytest.mark.parametrize("plan", [{}, {"rejected": "5"}, {"rejected": {"score": 0}}])
def test_a_record_without_a_rejected_answer_is_refused(plan: dict[str, Any]) -> None:
    with pytest.raises(GuardFailed, match="r1 has no rejected answer"):
        rows(plan)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"rejected": []}, "rejected: .*no assistant"),
        ({"chosen": None}, "chosen: prompt and completion"),
        ({"rejected": [{"role": "assistant", "content": " "}]}, "rejected: .*no content"),
        ({"rejected": [{"role": "assistant", "content": "4"}]}, "chosen and rejected are the same"),
        ({"prompt": None}, "chosen: prompt and completion"),
    ],
)
def test_a_bad_pair_is_an_error_that_names_the_row(change: dict[str, Any], words: str) -> None:
    (row,) = rows(PLAN)
    with pytest.raises(GuardFailed, match=f"r1: {words}"):
        validate_row({**row, **change}, exporter="trl-preference", record_id="r1")


def test_a_story_is_no_preference(make: SimpleNamespace) -> None:
    with pytest.raises(GuardFailed, match="no rejected answer"):
        list(TrlPreference(TrlPreference.Params()).rows(make.story(1)))
