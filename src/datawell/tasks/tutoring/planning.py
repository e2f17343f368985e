"""From a problem to a plan: which step goes wrong, by which misconception, and what follows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from random import Random

from datawell.core.errors import PlanFault
from datawell.core.numbers import format_number
from datawell.core.records import Json, Plan, Seed
from datawell.seeds.arithmetic_problems.expressions import Number, numbers, render
from datawell.tasks.tutoring.cast import cast_for
from datawell.tasks.tutoring.misconceptions import (
    MISCONCEPTIONS,
    Misconception,
    StepContext,
    Wrong,
)
from datawell.tasks.tutoring.propagation import Chain, Line, read_chain

_LARGEST = 10**12
_LARGEST_BOTTOM = 40
_MAX_STEPS = 12


@dataclass(frozen=True, slots=True)
class Derailment:
    """One way in which this learner may go wrong on this problem."""

    misconception: Misconception
    step: int
    wrong: Wrong
    lines: list[Line]
    answer: Fraction


def make_plan(seed: Seed, random: Random, max_turns: int, only: tuple[str, ...] = ()) -> Plan:
    """The plan of one dialogue about the problem of ``seed``.

    ``only`` limits the misconceptions (by id); empty allows all.

    Raises:
        PlanFault: the gold steps do not hold together, or no misconception applies.
    """
    data = seed.data
    gold = data["gold"]
    if len(gold) > _MAX_STEPS:
        raise PlanFault("too_many_steps", detail=f"{len(gold)} steps, at most {_MAX_STEPS}")
    chain = read_chain(gold, data["answer"])
    found = _choose(chain, data, random, only)
    learner, tutor = cast_for(data["question"], random, max_turns, found.step < len(gold) - 1)
    return {
        "kind": "tutoring",
        "question": data["question"],
        "answer": data["answer"],
        "unit": data["unit"],
        "gold": [{"text": s["text"], "left": s["left"], "value": s["value"]} for s in gold],
        "tails": [s["tail"] for s in gold],
        "misconception": _described(found),
        "learner": learner,
        "tutor": tutor,
        "family": data["family"],
        "numbers_key": data["numbers_key"],
    }


def _described(found: Derailment) -> dict[str, Json]:
    return {
        "id": found.misconception.id,
        "name": found.misconception.name,
        "source": found.misconception.source,
        "step": found.step,
        "left": render(found.wrong.left),
        "wrong_value": format_number(found.wrong.value),
        "wrong_answer": format_number(found.answer),
        "omitted": found.wrong.omitted,
        "word": found.wrong.word,
        "equations": [
            {
                "step": line.step,
                "left": render(line.left),
                "value": format_number(line.value),
                "true": line.true,
            }
            for line in found.lines
        ],
    }


def derailments(chain: Chain, data: Json, only: tuple[str, ...] = ()) -> list[Derailment]:
    """Every way in which a learner may go wrong on the problem ``data`` with the steps ``chain``.

    Where some ways keep whole numbers whole, only those: a learner rarely puts up with 2.5 buses.
    """
    found = list(_derailments(chain, data, only))
    return [d for d in found if _natural(chain, d)] or found


def _choose(chain: Chain, data: Json, random: Random, only: tuple[str, ...]) -> Derailment:
    """Draw a misconception by weight among those that apply, then one of its places."""
    pool = derailments(chain, data, only)
    if not pool:
        raise PlanFault("no_misconception_applies", detail=data["question"][:120])
    ids = sorted({d.misconception.id for d in pool})
    weights = [MISCONCEPTIONS[i].weight for i in ids]
    chosen = random.choices(ids, weights)[0]
    return random.choice([d for d in pool if d.misconception.id == chosen])


def _derailments(chain: Chain, data: Json, only: tuple[str, ...]) -> Iterator[Derailment]:
    for step in range(len(chain.values)):
        context = _context(chain, step, data)
        for misconception in MISCONCEPTIONS.values():
            if only and misconception.id not in only:
                continue
            for wrong in misconception.wrongs(context):
                derailed = chain.derail(step, wrong)
                if derailed is not None:
                    found = Derailment(misconception, step, wrong, *derailed)
                    if _usable(chain, found):
                        yield found


def _context(chain: Chain, step: int, data: Json) -> StepContext:
    return StepContext(
        expression=chain.expressions[step],
        value=chain.values[step],
        question=data["question"].lower(),
        text=data["gold"][step]["text"].lower(),
        family=data["family"],
        before=chain.values[step - 1] if step else None,
        last=step == len(chain.values) - 1,
    )


def _usable(chain: Chain, found: Derailment) -> bool:
    """True when the work goes wrong where planned, ends wrong, and can be written exactly."""
    if found.answer == chain.answer or not found.lines:
        return False
    if any(isinstance(line.left, Number) for line in found.lines) or _repeated(chain, found.step):
        return False
    changed = [line for line in found.lines if line.value != chain.values[line.step]]
    if not found.wrong.omitted and found.wrong.value == chain.values[found.step]:
        return False
    return all(
        0 <= line.value < _LARGEST
        and line.value != chain.answer
        and (
            (line.value * 1000).denominator == 1
            or (found.misconception.fractions and line.value.denominator <= _LARGEST_BOTTOM)
        )
        for line in changed
    )


def _repeated(chain: Chain, step: int) -> bool:
    """True when another step is the same calculation: getting one of two right would prove
    nothing."""
    key = (sorted(numbers(chain.expressions[step])), chain.values[step])
    return any(
        (sorted(numbers(other)), value) == key
        for j, (other, value) in enumerate(zip(chain.expressions, chain.values, strict=True))
        if j != step
    )


def _natural(chain: Chain, found: Derailment) -> bool:
    """True when every result that should be whole is whole, and none is zero."""
    return all(
        line.value > 0 and (line.value.denominator == 1 or chain.values[line.step].denominator != 1)
        for line in found.lines
        if line.value != chain.values[line.step]
    )
