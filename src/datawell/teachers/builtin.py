"""The built-in teacher: a grammar, not a neural model, and always called so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from datawell.core import params
from datawell.core.errors import UsageError
from datawell.teachers.base import Answer, Price, Reply, Request


class BuiltinTeacher:
    """Says a plan with the task's own procedural wording; free, offline, the same every time.

    The words come from ``request.voice(request.random())``: the task owns its grammar, this
    teacher only lends it randomness. No tokens are used and none are counted.
    """

    class Params(params.Params):
        """No parameters."""

    model = "builtin:procedural"
    recomputable = True
    native_schema = False
    price: Price | None = Price(0.0, 0.0)
    max_output_tokens = 0

    def __init__(self, params: Params | None = None) -> None:
        self.settings: Mapping[str, Any] = {}

    async def send(self, request: Request) -> Answer:
        """Word the request.

        Raises:
            UsageError: the task has no procedural wording for this request.
        """
        if request.voice is None or request.random is None:
            raise UsageError(
                "the built-in teacher has no wording for this request: the task gives no voice",
                hint="name a language model for this role, for example --teacher ollama:MODEL",
            )
        return Answer(request.voice(request.random()))

    def parse(self, answer: Answer) -> Reply:
        """The words as they are."""
        return Reply(answer.body, input_tokens=0, output_tokens=0)

    async def close(self) -> None:
        """Nothing to release."""
