"""Rows for TRL's prompt-completion type, conversational form: loss on the completion alone.

Shape (TRL, ``docs/source/dataset_formats.md``): ``{"prompt": [messages], "completion":
[{"role": "assistant", ...}]}``. A dialogue gives one row for each message of the trained role; the
prompt is the *public* conversation up to it. The role's own view would be the truer prompt, but it
holds private knowledge (a tutor's gold solution): a student trained on it would lean on a crib it
will not have when it is used, and the crib would leave the house with the data.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from datawell.core.records import Record
from datawell.export.chat import ChatParams, chat


class TrlPromptCompletion:
    """One row for each message of the trained role; one for a text."""

    class Params(ChatParams):
        """How a record becomes a chat."""

    name = "trl-prompt-completion"

    def __init__(self, params: Params) -> None:
        self.params = params

    def rows(self, record: Record) -> Iterator[Mapping[str, Any]]:
        """Rows with ``prompt``, ``completion``, the record's ``id`` and the message's ``turn``."""
        messages = chat(record, self.params)
        for position, message in enumerate(messages):
            if message["role"] == "assistant":
                yield {
                    "prompt": messages[:position],
                    "completion": [message],
                    "id": record.id,
                    "turn": position,
                }
