"""The tutoring task: a maths tutor and a learner with a misconception talk about one problem."""

from __future__ import annotations

from random import Random

from pydantic import Field, field_validator

from datawell.core import params
from datawell.core.errors import did_you_mean
from datawell.core.records import Plan, Seed, transcript
from datawell.roleplay.endings import Ending
from datawell.roleplay.relay import Voice, relay
from datawell.tasks.base import Draft, Scene
from datawell.tasks.tutoring.briefs import learner_role, tutor_role
from datawell.tasks.tutoring.cast import fewest_turns
from datawell.tasks.tutoring.goal import LEARNER, TUTOR, Goal
from datawell.tasks.tutoring.learner import LearnerVoice
from datawell.tasks.tutoring.misconceptions import MISCONCEPTIONS
from datawell.tasks.tutoring.planning import make_plan
from datawell.tasks.tutoring.tutor import TutorVoice


class Tutoring:
    """Dialogues after MathDial (Macina et al. 2023), with the learner's error planned exactly.

    The plan holds the gold steps, the misconception with the wrong work it leads to, and both
    people. The tutor's view has the solution, the learner's has only its own wrong work. A dialogue
    ends when the learner has shown the corrected step and stated the right answer.
    """

    class Params(params.Params):
        """Parameters of the tutoring task."""

        max_turns: int = Field(default=16, ge=fewest_turns(), le=60)
        """The most turns a dialogue may take; one that is not done by then is dropped."""
        grade: str = Field(default="grade 7", min_length=1, max_length=40)
        """How the learner's level is named to language models that play a role."""
        misconceptions: tuple[str, ...] = ()
        """The misconceptions to use, by id; empty for all."""

        @field_validator("misconceptions")
        @classmethod
        def _known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
            for name in value:
                if name not in MISCONCEPTIONS:
                    hint = did_you_mean(name, MISCONCEPTIONS)
                    raise ValueError(f"no misconception is called {name!r}; {hint}")
            return value

    roles = (TUTOR, LEARNER)
    version = "1"

    def __init__(self, params: Params) -> None:
        self._params = params

    def plan(self, seed: Seed, random: Random) -> Plan:
        """The ground truth of one dialogue.

        Raises:
            PlanFault: the gold steps do not hold together, or no misconception applies to them.
        """
        return make_plan(seed, random, self._params.max_turns, self._params.misconceptions)

    async def voice(self, plan: Plan, scene: Scene) -> Draft:
        """Have both roles talk it through, the tutor first.

        Raises:
            VoiceFault: an empty turn, or the goal is not reached within ``max_turns``.
        """
        cast = (tutor_role(plan, self._params.grade), learner_role(plan, self._params.grade))
        voices: dict[str, Voice] = {TUTOR: TutorVoice(plan), LEARNER: LearnerVoice(plan)}
        ending = Ending(goal=Goal.of(plan), closer=TUTOR, max_turns=self._params.max_turns)
        talk = await relay(cast, voices, scene, ending)
        return Draft(
            text=transcript(talk.turns),
            plan=plan,
            prompt=plan["question"],
            turns=talk.turns,
            views=talk.views,
        )
