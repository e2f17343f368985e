"""Which words of a record stand for it."""

from __future__ import annotations

from datawell.checks.compared_text import compared_text
from datawell.checks.near_duplicates import NearDuplicates
from datawell.core.records import Plan, Record
from tests.checks.kit import LINEAGE, InMemory

FORM = "\n\n- Answer in exactly 3 sentences.\n- Do not use any commas in your answer."


def instruction(number: int, asked: str, form: str = FORM) -> Record:
    plan: Plan = {"instruction": asked}
    return Record(str(number), f"Answer number {number}.", plan, LINEAGE, asked + form)


def test_the_bare_instruction() -> None:
    record = instruction(0, "Why is the sky blue?")
    assert compared_text(record, "instruction") == "Why is the sky blue?"
    assert compared_text(record, "prompt").endswith("in your answer.")
    plain = Record("0", "Text.", {}, LINEAGE, "Say something.")
    assert compared_text(plain, "instruction") == "Say something."


def test_instructions_with_other_demands_on_form_are_near_duplicates() -> None:
    records = [
        instruction(0, "Explain how to brew green tea for two people at home."),
        instruction(1, "Explain how to brew green tea for two people at home.", "\n\n- Be short."),
        instruction(2, "Tell me where the river Danube begins and ends."),
        instruction(3, "What should be checked before buying a used bicycle?"),
    ]
    check = NearDuplicates(NearDuplicates.Params(field="instruction", threshold=0.7))
    found = dict(check.decide(InMemory(check.sign(records))))
    assert [row for row, verdict in found.items() if not verdict.keep] == [1]
