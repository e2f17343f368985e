"""Which of several answers is chosen, and which rejected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from datawell.core.errors import VoiceFault
from datawell.core.numbers import find_numbers, parse_number
from datawell.generation.judging import compare
from datawell.tasks.base import Scene

_RIGHT, _WRONG = 9.0, 2.0  # the built-in judge's grades, where the exact answer is known


@dataclass(frozen=True, slots=True)
class Answer:
    """One of the answers: ``stated`` is its result, None where it gives no single number;
    ``misconception`` is why the built-in voice got it wrong."""

    text: str
    stated: Fraction | None = None
    misconception: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """An answer with the reason it was chosen or rejected for, and its score."""

    answer: Answer
    why: str
    score: float


def stated(answer: str) -> Fraction | None:
    """The number an answer states, with its per cent mark left out; None for none or several."""
    plain = parse_number(answer)
    if plain is not None:
        return plain
    found = {span.value for span in find_numbers(answer)}
    return found.pop() if len(found) == 1 else None


def by_answer(answers: Sequence[Answer], gold: Fraction) -> tuple[Judged, Judged]:
    """The first right and the first wrong answer; one without a single number is neither.

    Raises:
        VoiceFault: ``no_contrast``: all are right, or none is.
    """
    right = [a for a in answers if a.stated == gold]
    wrong = [a for a in answers if a.stated is not None and a.stated != gold]
    if not right or not wrong:
        raise VoiceFault("no_contrast", detail=f"{len(right)} of {len(answers)} answers are right")
    return Judged(right[0], "right", 1.0), Judged(wrong[0], "wrong", 0.0)


async def by_judge(
    scene: Scene, question: str, answers: Sequence[Answer], gold: Fraction | None, rounds: int
) -> tuple[Judged, Judged]:
    """The answer that holds its place against all others, and one it beat.

    Every comparison is made in both orders; a win counts only where both agree.

    Raises:
        VoiceFault: ``no_contrast``: no answer was clearly better than another.
    """
    best, beaten = answers[0], None
    for challenger in answers[1:]:
        grades = None if gold is None else (_grade(best, gold), _grade(challenger, gold))
        found = await compare(
            scene, question, (best.text, challenger.text), samples=rounds, grades=grades
        )
        if found.better == "tie":
            continue
        won = (Judged(best, found.why, found.score_a), Judged(challenger, found.why, found.score_b))
        beaten = won if found.better == "a" else (won[1], won[0])
        best = beaten[0].answer
    if beaten is None:
        raise VoiceFault("no_contrast", detail=f"{len(answers)} answers, none clearly better")
    return beaten


def _grade(answer: Answer, gold: Fraction) -> float:
    return _RIGHT if answer.stated == gold else _WRONG
