"""The textbook task: outline, then sections, then exercises and their answers."""

from __future__ import annotations

from random import Random
from typing import Annotated, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from datawell.core import params
from datawell.core.errors import VoiceFault
from datawell.core.records import Json, Message, Plan, Seed
from datawell.core.templates import fenced
from datawell.generation.structured import ask_json
from datawell.tasks.base import Draft, Scene
from datawell.tasks.textbook.planning import AUDIENCES, Audience, make_plan
from datawell.tasks.textbook.sections import answers, chapter, questions, solved, told
from datawell.tasks.tutoring.wording import amount, equation

WRITER = "writer"
_Heading = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80, pattern=r"^[^\n#]+$")
]
_SYSTEM = """\
You write a short chapter of an arithmetic textbook for {audience}. Use words such readers know. \
Every calculation you write must be right. Write no headings inside a section."""
_CONTENT = {
    "idea": "explains the idea in a few sentences, without an example",
    "use": "says where these readers need it, in a few sentences",
    "method": "gives the method in short numbered steps",
    "example": "works through the example below, step by step, and ends with its answer",
    "mistake": "describes the common mistake below, what it leads to, and the rule that helps; "
    "write no wrong equation",
    "exercises": "holds the exercises",
    "answers": "holds their solutions",
}


class Outline(BaseModel):
    """The chapter's title and its section headings, in order."""

    model_config = ConfigDict(extra="forbid")

    title: _Heading
    headings: list[_Heading]


class Section(BaseModel):
    """One section's text."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    text: str = Field(min_length=1)


class Solution(BaseModel):
    """The solution of one exercise, and its final result with its unit."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    solution: str = Field(min_length=1)
    answer: str = Field(min_length=1, max_length=200)


class Solutions(BaseModel):
    """The solutions of all exercises, in order."""

    model_config = ConfigDict(extra="forbid")

    solutions: list[Solution]


class Textbook:
    """Chapters on arithmetic (after Gunasekar et al. 2023, "Textbooks Are All You Need").

    The plan fixes concept, audience, the kinds of sections, the example and the exercises with
    their exact solutions; the writer gives headings, sections and solutions, one call each. The
    checks ``outline``, ``exercises`` and ``arithmetic`` hold the chapter to the plan.
    """

    class Params(params.Params):
        """For whom, and how many exercises."""

        audiences: tuple[Audience, ...] = Field(get_args(Audience), min_length=1)
        """The readers to draw from."""
        exercises: int = Field(4, ge=1, le=12)
        """Exercises in a chapter."""

    roles = (WRITER,)
    version = "1"

    def __init__(self, params: Params) -> None:
        self._params = params

    def plan(self, seed: Seed, random: Random) -> Plan:
        """The plan of one chapter.

        Raises:
            PlanFault: the seed has no problem with exact steps, or they do not hold.
        """
        audience = random.choice(self._params.audiences)
        return make_plan(seed, random, audience, self._params.exercises)

    async def voice(self, plan: Plan, scene: Scene) -> Draft:
        """Have the outline, each section and the solutions written.

        Raises:
            VoiceFault: ``outline_refused`` or ``solutions_missing``, besides what asking raises.
        """
        outline = await _outline(plan, scene)
        final = {**plan, "outline": outline}
        sections: list[tuple[str, str]] = []
        for section in outline["sections"]:
            role = section["role"]
            if role == "exercises":
                text = questions(plan)
            elif role == "answers":
                text = await _answers(final, scene)
            else:
                text = await _section(final, section, scene)
            sections.append((section["title"], text))
        return Draft(text=chapter(outline["title"], sections), plan=final, prompt=_request(final))


def _request(plan: Plan) -> str:
    """What a reader asks for who gets this chapter."""
    titles = "; ".join(section["title"] for section in plan["outline"]["sections"])
    return (
        f"Write a short textbook chapter called “{plan['outline']['title']}” for"
        f" {AUDIENCES[plan['audience']]}, with these sections: {titles}."
        f" Give {len(plan['exercises'])} exercises and solve them."
    )


def _messages(plan: Plan, asked: str) -> list[Message]:
    system = _SYSTEM.format(audience=AUDIENCES[plan["audience"]])
    return [{"role": "system", "content": system}, {"role": "user", "content": asked}]


async def _outline(plan: Plan, scene: Scene) -> Json:
    planned = plan["outline"]
    roles = [section["role"] for section in planned["sections"]]

    def built_in(_: Random) -> dict[str, Json]:
        titles = [section["title"] for section in planned["sections"]]
        return {"title": planned["title"], "headings": titles}

    listed = "\n".join(f"{i}. a section that {_CONTENT[role]}" for i, role in enumerate(roles, 1))
    asked = (
        f"The chapter is about {plan['concept']}. Give it a title, and each of its {len(roles)}"
        f" sections a short heading of its own, in this order:\n{listed}"
    )
    said = await ask_json(scene, WRITER, _messages(plan, asked), Outline, built_in)
    distinct = {heading.casefold() for heading in said.headings}
    if len(said.headings) != len(roles) or len(distinct) != len(roles):
        raise VoiceFault("outline_refused", detail=f"{len(distinct)} headings, not {len(roles)}")
    sections = [
        {"role": role, "title": title} for role, title in zip(roles, said.headings, strict=True)
    ]
    return {"title": said.title, "sections": sections}


async def _section(plan: Plan, section: Json, scene: Scene) -> str:
    role = section["role"]
    headings = ", ".join(part["title"] for part in plan["outline"]["sections"])
    asked = (
        f"The chapter “{plan['outline']['title']}” is about {plan['concept']} and has the sections"
        f" {headings}. Write the section “{section['title']}”, which {_CONTENT[role]}."
    )
    if role in ("example", "mistake"):
        asked += f"\n\n{_example(plan)}"
    if role == "mistake":
        mistake, unit = plan["mistake"], plan["example"]["unit"]
        asked += (
            f"\n\nThe mistake: somebody {mistake['name']} and gets"
            f" {amount(mistake['wrong_answer'], unit)}."
        )
    said = await ask_json(
        scene,
        WRITER,
        _messages(plan, asked),
        Section,
        lambda random: {"text": told(role, plan, random)},
    )
    return said.text


def _example(plan: Plan) -> str:
    example = plan["example"]
    steps = "\n".join(equation(step, plan["signs"]) for step in example["gold"])
    answer = amount(example["answer"], example["unit"])
    return f"{fenced(example['question'], 'example')}\nIts solution:\n{steps}\nAnswer: {answer}"


async def _answers(plan: Plan, scene: Scene) -> str:
    count = len(plan["exercises"])

    def built_in(random: Random) -> dict[str, Json]:
        return {"solutions": [solved(task, plan, random) for task in plan["exercises"]]}

    asked = (
        f"Solve these {count} exercises in order, each step by step in a few short sentences; give"
        f" each final result once more with its unit.\n\n{questions(plan)}"
    )
    said = await ask_json(scene, WRITER, _messages(plan, asked), Solutions, built_in)
    if len(said.solutions) != count:
        raise VoiceFault("solutions_missing", detail=f"{len(said.solutions)} of {count}")
    return answers([(one.solution, one.answer) for one in said.solutions])
