"""Rows for TRL's preference trainers (``DPOTrainer`` and its kin), conversational form.

Shape (TRL, ``docs/source/dataset_formats.md``, "Preference"): ``{"prompt": [messages], "chosen":
[{"role": "assistant", ...}], "rejected": [{"role": "assistant", ...}]}``, the explicit prompt that
TRL recommends. The extra columns ``id``, ``score_chosen`` and ``score_rejected`` are ignored by
trainers that do not use them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from datawell.core.errors import GuardFailed
from datawell.core.records import Record
from datawell.export.chat import ChatParams, chat


class TrlPreference:
    """One row a record that has a rejected answer in its plan."""

    class Params(ChatParams):
        """How a record becomes a chat."""

    name = "trl-preference"

    def __init__(self, params: Params) -> None:
        self.params = params

    def rows(self, record: Record) -> Iterator[Mapping[str, Any]]:
        """One row: ``prompt``, ``chosen``, ``rejected``, both scores and the record's ``id``.

        Raises:
            GuardFailed: the record has no rejected answer.
        """
        rejected = record.plan.get("rejected")
        if not isinstance(rejected, Mapping) or not isinstance(rejected.get("text"), str):
            raise GuardFailed(
                f"row {record.id} has no rejected answer, which trl-preference needs",
                hint="export preference rows with it, and other rows as trl-sft",
            )
        chosen = record.plan.get("chosen") or {}
        *prompt, answer = chat(record, self.params)
        yield {
            "prompt": prompt,
            "chosen": [answer],
            "rejected": [{"role": "assistant", "content": rejected["text"]}],
            "score_chosen": chosen.get("score"),
            "score_rejected": rejected.get("score"),
            "id": record.id,
        }
