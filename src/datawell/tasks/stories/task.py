"""The stories task: plans a story, has it written, and says what was really told.

After TinyStories and TinyStories-Instruct (Eldan and Li 2023, arXiv 2305.07759), with the
vocabulary and the features checked rather than requested.
"""

from __future__ import annotations

from random import Random
from typing import Any, Literal, get_args

from pydantic import Field, model_validator

from datawell.core.errors import PlanFault, VoiceFault
from datawell.core.lexicon import words
from datawell.core.params import Params as BaseParams
from datawell.core.records import Plan, Seed
from datawell.tasks.base import Draft, Scene
from datawell.tasks.stories.planner import make_plan
from datawell.tasks.stories.prompt import finish_instruct, instruct, writer_messages
from datawell.tasks.stories.voice import Told, voice

Feature = Literal["dialogue", "twist", "bad ending", "moral", "foreshadowing", "conflict"]
_TRIES = 30


class Stories:
    """Plans and voices stories; see the package for what enters and leaves."""

    class Params(BaseParams):
        """How stories are drawn."""

        instruct_share: float = Field(0.25, ge=0, le=1)
        """Share of rows whose prompt asks for the story (words, features, sentence, summary)."""
        vocabulary: str = "child"
        """The lexicon a writer is asked to keep to (the built-in voice speaks ``child``)."""
        features: tuple[Feature, ...] = get_args(Feature)
        """Features that may be drawn."""
        most_features: int = Field(3, ge=0, le=6)
        """At most so many features are drawn for one story (each number is equally likely)."""
        min_words: int = Field(80, ge=30)
        """The fewest words of a story."""
        max_words: int = Field(220, le=2000)
        """The most words of a story."""

        @model_validator(mode="after")
        def _room(self) -> Stories.Params:
            if self.min_words + 60 > self.max_words:
                raise ValueError("max_words must exceed min_words by 60 or more")
            return self

    roles = ("writer",)
    version = "2"

    def __init__(self, params: Stories.Params) -> None:
        """Keep the parameters; content is read when the first plan is made."""
        self.params = params

    def plan(self, seed: Seed, random: Random) -> Plan:
        """The plan of one story from a seed with ``noun``, ``verb`` and ``adjective``.

        Raises:
            PlanFault: a required word is missing from the seed or cannot be used.
        """
        missing = [key for key in ("noun", "verb", "adjective") if not seed.data.get(key)]
        if missing:
            raise PlanFault("incomplete seed", detail=f"no {', '.join(missing)}")
        allowed = self.params.features
        count = int(random.random() * (min(self.params.most_features, len(allowed)) + 1))
        plan = make_plan(seed.data, frozenset(random.sample(allowed, count)), random)
        plan["length"] = [self.params.min_words, self.params.max_words]
        if random.random() < self.params.instruct_share:
            plan["instruct"] = instruct(plan, random)
        return plan

    async def voice(self, plan: Plan, scene: Scene) -> Draft:
        """Have the writer tell the story, in one call.

        Raises:
            VoiceFault: the answer is empty, or the built-in voice cannot keep the length.
        """
        told: list[Told] = []

        def built_in(random: Random) -> str:
            told.append(self.tell(plan, random))
            return told[-1].text

        answer = await scene.ask("writer", writer_messages(plan, self.params.vocabulary), built_in)
        text = answer.strip()
        if not text:
            raise VoiceFault("empty story", detail="the writer answered nothing")
        final: dict[str, Any] = dict(plan)
        # Another writer's story is told in its own way; only the built-in voice knows its spans.
        if told and told[-1].text == text:
            pairs = zip(plan["events"], told[-1].spans, strict=True)
            final["events"] = [{**event, "span": list(span)} for event, span in pairs]
        prompt = ""
        if plan["instruct"] is not None:
            final["instruct"], prompt = finish_instruct(plan, text)
        return Draft(text=text, plan=final, prompt=prompt)

    def tell(self, plan: Plan, random: Random) -> Told:
        """The built-in voice's story of a plan, kept to the plan's length.

        Raises:
            VoiceFault: no wording of the plan has that length.
        """
        low, high = plan["length"]
        brevity = 1
        for _ in range(_TRIES):
            told = voice(plan, random, brevity)
            length = len(words(told.text))
            if low <= length <= high:
                return told
            brevity += 2 if length > high else -2
        raise VoiceFault("length", detail=f"not between {low} and {high} words")
