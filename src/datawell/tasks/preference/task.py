"""The preference task: one question, several answers, and which is better for a stated reason."""

from __future__ import annotations

from random import Random
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from datawell.core import params
from datawell.core.errors import PlanFault, UsageError, VoiceFault
from datawell.core.judges import JUDGE
from datawell.core.numbers import format_number, parse_number
from datawell.core.records import Json, Message, Plan, Seed
from datawell.core.templates import fenced
from datawell.generation.structured import ask_json
from datawell.tasks.base import Draft, Scene
from datawell.tasks.preference.attempts import attempts, known, worded
from datawell.tasks.preference.choosing import Answer, Judged, by_answer, by_judge, stated

WRITER = "writer"
_QUESTIONS = ("question", "instruction", "prompt")
_SOLVE = """\
You solve problems. Work step by step and keep it short; write each calculation out. Give the \
final result once more as `answer`: the number with its unit and nothing else."""
_RESPOND = "You do what you are asked, as well and as briefly as you can."


class Solved(BaseModel):
    """A solution step by step, and its final result."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    solution: str = Field(min_length=1)
    answer: str = Field(min_length=1, max_length=200)


class Response(BaseModel):
    """The response to an instruction."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    response: str = Field(min_length=1)


class Preference:
    """Pairs of a better and a worse answer, for preference tuning (DPO and its kin).

    ``verify`` compares each answer's result with the exact one of the seed; ``judge`` asks a judge
    about two answers at a time, in both orders. The built-in voice answers arithmetic problems,
    rightly and wrongly, by documented misconceptions.
    """

    class Params(params.Params):
        """How many answers, and who decides."""

        samples: int = Field(4, ge=2, le=16)
        """Answers asked for; the writer needs a temperature for them to differ."""
        decide: Literal["verify", "judge"] = "verify"
        """verify: by the seed's exact answer. judge: by the teacher of the role judge."""
        rounds: int = Field(1, ge=1, le=9)
        """How often a judge compares each two answers; every round asks in both orders."""

    roles = (WRITER, JUDGE)  # the judge is asked where it decides, and else never
    version = "1"

    def __init__(self, params: Params) -> None:
        self._params = params

    def plan(self, seed: Seed, random: Random) -> Plan:
        """The question, its exact answer where there is one, and the built-in voice's attempts.

        Raises:
            PlanFault: ``no_question``; ``no_exact_answer`` where answers are to be verified.
        """
        data = seed.data
        question = next((data[key] for key in _QUESTIONS if data.get(key)), None)
        if not isinstance(question, str) or not question.strip():
            raise PlanFault("no_question", detail=f"the seed has none of {', '.join(_QUESTIONS)}")
        answer = data.get("answer")
        gold = parse_number(answer) if isinstance(answer, str) else None
        if gold is None and self._params.decide == "verify":
            raise PlanFault("no_exact_answer", detail="decide: judge needs none")
        return {
            "kind": "preference",
            "question": question,
            "answer": None if gold is None else answer,
            "unit": data.get("unit", ""),
            "decide": self._params.decide,
            "family": data.get("family", ""),
            "numbers_key": data.get("numbers_key", ""),
            "attempts": attempts(data, self._params.samples, random),
        }

    async def voice(self, plan: Plan, scene: Scene) -> Draft:
        """Ask for all answers, one after the other, and choose.

        Raises:
            VoiceFault: ``no_contrast``; or the fault of the last answer, when fewer than two can
                be used.
            UsageError: the built-in teacher is asked a question it has no answer to.
        """
        answers: list[Answer] = []
        fault = VoiceFault("no_contrast")
        for number in range(self._params.samples):
            try:
                answers.append(await self._answer(plan, scene, number))
            except VoiceFault as error:
                fault = error
        answers = list(dict.fromkeys(answers))
        if len(answers) < 2:
            raise fault if not answers else VoiceFault("no_contrast", detail="all answers are one")
        gold = None if plan["answer"] is None else parse_number(plan["answer"])
        if plan["decide"] == "verify" and gold is not None:
            chosen, rejected = by_answer(answers, gold)
        else:
            rounds = self._params.rounds
            chosen, rejected = await by_judge(scene, plan["question"], answers, gold, rounds)
        final = {key: value for key, value in plan.items() if key != "attempts"}
        final |= {"chosen": _told(chosen), "rejected": _told(rejected), "answers": len(answers)}
        return Draft(text=chosen.answer.text, plan=final, prompt=plan["question"])

    async def _answer(self, plan: Plan, scene: Scene, number: int) -> Answer:
        """One answer. With an exact result to be had, it is asked for apart."""
        used: list[str] = []

        def attempt(random: Random) -> dict[str, str]:
            if not plan["attempts"]:
                raise _unanswerable(plan)
            used.append(plan["attempts"][number]["misconception"])
            return worded(plan["attempts"][number], plan["unit"], random)

        def response(random: Random) -> dict[str, str]:
            return {"response": _whole(**attempt(random))}

        messages = _messages(plan)
        if plan["answer"] is None:
            said = await ask_json(scene, WRITER, messages, Response, response)
            return Answer(said.response)
        solved = await ask_json(scene, WRITER, messages, Solved, attempt)
        text = _whole(solved.solution, solved.answer)
        return Answer(text, stated(solved.answer), used[0] if used else "")


def _unanswerable(plan: Plan) -> Exception:
    if plan["answer"] is None:
        return UsageError(
            "the built-in teacher answers arithmetic problems only",
            hint="name a language model as writer, or use seeds: problems",
        )
    return VoiceFault("no_wrong_answer", detail="no misconception applies to the exact steps")


def _messages(plan: Plan) -> list[Message]:
    if plan["answer"] is None:
        system, asked = _RESPOND, plan["question"]
    else:
        system, asked = _SOLVE, fenced(plan["question"], "problem")
    return [{"role": "system", "content": system}, {"role": "user", "content": asked}]


def _whole(solution: str, answer: str) -> str:
    """A solution that ends with its answer."""
    return f"{solution}\n\nAnswer: {answer}"


def _told(judged: Judged) -> dict[str, Json]:
    answer = judged.answer
    told: dict[str, Json] = {"text": answer.text, "why": judged.why, "score": judged.score}
    if answer.stated is not None:
        told["answer"] = format_number(answer.stated)
    if answer.misconception:
        told["misconception"] = answer.misconception
        told["why"] = f"{judged.why}: {known(answer.misconception)}"
    return told
