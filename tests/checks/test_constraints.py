"""The check: every constraint of the plan holds in the text and stands in the prompt."""

from __future__ import annotations

from typing import Any

import pytest

from datawell.checks.constraints import Constraints
from datawell.core.constraints import Constraint
from datawell.core.records import Record, Verdict
from tests.checks.kit import LINEAGE

NO_COMMA = Constraint("no_comma", {}, "Answer without a single comma.")
THREE = Constraint(
    "sentences", {"relation": "exactly", "count": 3}, "Answer in exactly 3 sentences."
)


def examined(text: str, *asked: Any, prompt: str | None = None) -> Verdict:
    constraints = [one.data() if isinstance(one, Constraint) else one for one in asked]
    said = prompt or "Do it.\n" + "\n".join(str(one.get("said", "")) for one in constraints)
    record = Record("0", text, {"constraints": constraints}, LINEAGE, said)
    return Constraints(Constraints.Params()).examine(record)


def test_all_hold() -> None:
    assert examined("One. Two. Three.", NO_COMMA, THREE) == Verdict("constraints", True, "", 1.0)


def test_the_first_that_is_broken_is_the_reason_and_all_are_named() -> None:
    verdict = examined("One, two.", NO_COMMA, THREE)
    assert (verdict.keep, verdict.reason, verdict.score) == (False, "constraint_no_comma", 0.0)
    assert "constraint_sentences: 1 sentences, exactly 3 wanted" in verdict.note


def test_the_score_is_the_share_that_holds() -> None:
    verdict = examined("One two.", NO_COMMA, THREE)
    assert (verdict.reason, verdict.score) == ("constraint_sentences", 0.5)


def test_nothing_asked_is_nothing_measured() -> None:
    assert examined("Anything, really.") == Verdict("constraints", True)


def test_what_the_prompt_does_not_say_is_not_asked() -> None:
    verdict = examined("One. Two. Three.", THREE, prompt="Do it.")
    assert verdict.reason == "constraint_not_asked"
    spread = "Do it. Answer in\n exactly 3 sentences. Now."
    assert examined("One. Two. Three.", THREE, prompt=spread).keep


@pytest.mark.parametrize(
    "bad",
    [
        {"kind": "no_commas", "args": {}},
        {"kind": "no_comma", "args": {"count": 1}},
        {"kind": "sentences", "args": {"count": 3}},
        {"kind": "sentences", "args": {"relation": "about", "count": 3}},
        {"kind": "bullets", "args": {"count": "3"}},
        {"kind": ["no_comma"], "args": {}},
        {"args": {}},
    ],
)
def test_a_constraint_nobody_knows_drops_the_row(bad: dict[str, Any]) -> None:
    verdict = examined("One.", bad, prompt="Do it.")
    assert (verdict.keep, verdict.reason) == (False, "bad_constraint")


def test_no_plan_no_row() -> None:
    for plan in ({}, {"constraints": "none"}):
        record = Record("0", "Text.", plan, LINEAGE, "Do it.")
        assert Constraints(Constraints.Params()).examine(record).reason == "no_plan"


def test_a_constraint_that_is_no_mapping() -> None:
    record = Record("0", "Text.", {"constraints": ["no_comma"]}, LINEAGE, "Do it.")
    assert Constraints(Constraints.Params()).examine(record).reason == "bad_constraint"
