"""The judge's place in the engine: asked like any teacher, and heard through a schema alone.

A judge check never meets a teacher. It gets ``ask``, which goes through the row's own scene: the
ledger, the budget, resume and repairs are those of every other call. What the judge says becomes a
verdict on this row and nothing else; when it says nothing usable the row is ``unjudged``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

from datawell.checks import pairwise
from datawell.checks.base import Ask, JudgeCheck, M
from datawell.checks.pairwise import Comparison
from datawell.core.errors import VoiceFault
from datawell.core.judges import JUDGE
from datawell.core.records import Message, Record, Verdict
from datawell.generation.base import Asking
from datawell.generation.structured import ask_json

UNJUDGED = "unjudged"


async def judged(check: JudgeCheck, record: Record, scene: Asking) -> Verdict:
    """What a judge check says of a record; ``unjudged`` drops it when the judge gave no answer that
    could be used. Never a silent keep."""
    try:
        return await check.judge(record, _door(scene, JUDGE))
    except VoiceFault as fault:
        return Verdict(check.name, False, UNJUDGED, note=f"{fault.reason}: {fault.detail}")


async def compare(
    scene: Asking,
    prompt: str,
    answers: tuple[str, str],
    *,
    criteria: Mapping[str, str] = pairwise.CRITERIA,
    samples: int = 1,
    grades: tuple[float, float] | None = None,
    role: str = JUDGE,
) -> Comparison:
    """Have the teacher who plays ``role`` say which of two answers, a and b, does better what
    ``prompt`` asks; it sees them in both orders. See :func:`datawell.checks.pairwise.compare`.

    Raises:
        VoiceFault: no usable answer; a task that lets it pass drops its row with that reason.
    """
    return await pairwise.compare(
        _door(scene, role), prompt, answers, criteria=criteria, samples=samples, grades=grades
    )


def _door(scene: Asking, role: str) -> Ask:
    async def ask(
        messages: Sequence[Message], voice: Callable[[Random], Any], schema: type[M]
    ) -> M:
        return await ask_json(scene, role, messages, schema, voice)

    return ask
