"""The instructions task: seed tasks become new instructions, harder ones, and their answers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from random import Random
from typing import Any, get_args

from pydantic import Field, field_validator, model_validator

from datawell.core import params
from datawell.core.constraints import Constraint, kinds
from datawell.core.errors import VoiceFault, did_you_mean
from datawell.core.records import Plan, Seed
from datawell.tasks.base import Draft, Scene
from datawell.tasks.instructions.evolution import Operator, evolved, new_instruction, operators
from datawell.tasks.instructions.planning import Choices, make_plan
from datawell.tasks.instructions.prompts import answer_messages, evolving_messages, new_messages
from datawell.tasks.instructions.realise import realised

WRITER = "writer"
# Kinds that only make sense with the very instruction the plan has.
_OF_THE_PLAN = frozenset({"choice"})


class Instructions:
    """Instructions after Self-Instruct (arXiv:2212.10560) and Evol-Instruct (arXiv:2304.12244).

    A row is one new instruction on a topic, grown by operators in depth and breadth, with
    constraints a program can verify (IFEval, arXiv:2311.07911), and its answer. The plan keeps
    every intermediate instruction under ``evolution``.
    """

    class Params(params.Params):
        """How instructions are made."""

        operators: tuple[Operator, ...] = get_args(Operator)
        """The operators that may be used; without `add_constraints` nothing is verifiable."""
        evolutions: int = Field(default=2, ge=0, le=4)
        """At most so many operators in depth are asked of the writer, one call each."""
        breadth_share: float = Field(default=0.2, ge=0, le=1)
        """Share of rows that first become another instruction of the same domain."""
        persona_share: float = Field(default=0.5, ge=0, le=1)
        """Share of rows asked from a persona's point of view."""
        constraints: tuple[str, ...] = ()
        """The kinds of constraint to draw from (see `core/constraints.yaml`); empty for all."""
        min_constraints: int = Field(default=1, ge=0, le=5)
        """The fewest constraints of an instruction."""
        max_constraints: int = Field(default=3, ge=0, le=5)
        """The most constraints of an instruction."""

        @field_validator("constraints")
        @classmethod
        def _known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
            for name in value:
                if name not in kinds():
                    hint = did_you_mean(name, kinds())
                    raise ValueError(f"no kind of constraint is called {name!r}; {hint}")
            return value

        @model_validator(mode="after")
        def _in_order(self) -> Instructions.Params:
            if self.min_constraints > self.max_constraints:
                raise ValueError("min_constraints is above max_constraints")
            return self

    roles = (WRITER,)
    version = "1"

    def __init__(self, params: Params) -> None:
        """Keep what may be drawn."""
        self._choices = Choices(
            operators=params.operators,
            evolutions=params.evolutions,
            breadth_share=params.breadth_share,
            persona_share=params.persona_share,
            kinds=params.constraints or tuple(kinds()),
            constraints=(params.min_constraints, params.max_constraints),
        )

    def plan(self, seed: Seed, random: Random) -> Plan:
        """The plan of one instruction.

        Raises:
            PlanFault: the seed is not one of seed tasks (``incomplete_seed``).
        """
        return make_plan(seed, random, self._choices)

    async def voice(self, plan: Plan, scene: Scene) -> Draft:
        """Have the instruction written, grown and answered.

        Raises:
            VoiceFault: the writer gave no instruction (see :func:`new_instruction`) or no answer
                (``empty_answer``).
        """
        asks: Sequence[str] = plan["draft"]["asks"]
        told = await scene.ask(WRITER, new_messages(plan), lambda random: asks[0])
        instruction = new_instruction(told)
        evolution = [{"operator": "new", "instruction": instruction}]
        for operator, planned in zip(plan["operators"], asks[1:], strict=True):
            messages = evolving_messages(plan, operator, instruction)
            told = await scene.ask(WRITER, messages, partial(_words, planned))
            instruction, why = evolved(instruction, told)
            evolution.append(_step(operator, instruction, why))
        wanted = _wanted(plan, instruction)
        prompt = instruction
        for at, constraint in enumerate(wanted):
            prompt = request(instruction, wanted[: at + 1], plan["style"])
            evolution.append(_step("add_constraints", prompt, "") | {"constraint": constraint.kind})
        built_in = realised(plan["draft"], {one.kind: one.args for one in wanted})
        text = await scene.ask(WRITER, answer_messages(prompt), lambda random: built_in)
        if not text.strip():
            raise VoiceFault("empty_answer", detail="the writer answered nothing")
        return Draft(text.strip(), _final(plan, instruction, evolution, wanted), prompt)


def request(instruction: str, wanted: Sequence[Constraint], style: str) -> str:
    """The whole prompt: the instruction, then what is demanded of the form of its answer."""
    said = [constraint.said for constraint in wanted]
    if not said:
        return instruction
    if style == "running" and len(said) == 1:
        return f"{instruction} {said[0]}"
    return f"{instruction}\n\n" + "\n".join(
        f"- {one}" if style == "dashes" else one for one in said
    )


def _words(text: str, random: Random) -> str:
    return text


def _step(operator: str, instruction: str, why: str) -> dict[str, Any]:
    step = {
        "operator": operator,
        "direction": operators()[operator].direction,
        "instruction": instruction,
        "taken": not why,
    }
    return {**step, "why": why} if why else step


def _wanted(plan: Plan, instruction: str) -> list[Constraint]:
    """The planned constraints, made out to the instruction there is now."""
    found = []
    for one in plan["constraints"]:
        args = dict(one["args"])
        if "request" in args:
            args["request"] = instruction
        if one["kind"] not in _OF_THE_PLAN or _as_planned(plan, instruction):
            found.append(Constraint(one["kind"], args, one["said"]))
    return found


def _as_planned(plan: Plan, instruction: str) -> bool:
    """Whether the instruction is the plan's own, so that the plan knows its answer."""
    return bool(instruction == plan["draft"]["asks"][-1])


def _final(
    plan: Plan, instruction: str, evolution: list[dict[str, Any]], wanted: Sequence[Constraint]
) -> Plan:
    """The plan as it was really told: nothing of the planned answer to another instruction."""
    taken = {step["operator"] for step in evolution if step.get("taken")}
    topic = plan if "breadth" not in plan["operators"] or "breadth" in taken else plan["start"]
    final: Plan = {
        "kind": plan["kind"],
        "category": plan["category"],
        "domain": topic["domain"],
        "topic": topic["topic"],
        "persona": plan["persona"],
        "instruction": instruction,
        "evolution": evolution,
        "constraints": [constraint.data() for constraint in wanted],
        "seed_tasks": plan["seed_tasks"],
    }
    if _as_planned(plan, instruction):
        final["answer"] = {key: plan["draft"][key] for key in ("points", "ordered", "result")}
    else:
        final["category"] = plan["seed_tasks"][0]["category"]
    return final
