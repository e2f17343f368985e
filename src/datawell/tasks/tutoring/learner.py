# ruff: noqa: E501 - one wording a line is easier to read and to compare than a wrapped one
"""The built-in learner: shows its wrong work, explains what it believes, and comes round by hints."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from datawell.core.records import Json, Plan, Turn
from datawell.roleplay.relay import Utterance
from datawell.tasks.tutoring.goal import LEARNER, TUTOR, Goal
from datawell.tasks.tutoring.misconceptions import MISCONCEPTIONS
from datawell.tasks.tutoring.propagation import read_chain
from datawell.tasks.tutoring.wording import amount, equation, pick

_START = (
    "First I did {}.",
    "I started with {}.",
    "First, {}.",
    "I began like this: {}.",
    "To start, {}.",
)
_NEXT = (
    "Then {}.",
    "Next, {}.",
    "After that, {}.",
    "Then I did {}.",
    "Then I worked out {}.",
    "And {}.",
)
_ONLY = ("I did {}.", "I worked it out like this: {}.", "My calculation is {}.", "I just did {}.")
_RESULT = {
    "careless": ("So it's {}.", "That makes {}. Done!", "My answer is {}.", "So, {}."),
    "unsure": (
        "So I think the answer is {}.",
        "So maybe the answer is {}? I'm not sure.",
        "I got {}, but I don't know if that's right.",
        "I ended up with {}, I hope.",
    ),
    "confident": (
        "So the answer is {}, I'm sure.",
        "So the answer is definitely {}.",
        "The answer is {}, easy.",
        "That gives {}, and I'm certain of it.",
    ),
    "methodical": (
        "Therefore my answer is {}.",
        "From this I conclude that the answer is {}.",
        "In the end I get {}.",
        "So the result of my work is {}.",
    ),
}
_GREETING = {
    "careless": ("Hi! ", "Sure! ", "OK. ", ""),
    "unsure": ("Um, okay. ", "Hello. I'll try. ", "I can try. ", ""),
    "confident": ("Of course. ", "Sure, it was easy. ", "Yes, gladly. ", ""),
    "methodical": (
        "Hello. I'll go through it line by line. ",
        "Yes. These are my steps. ",
        "Certainly. ",
        "",
    ),
}
_EXPLAINING = {
    "careless": ("", "Oh, that. ", "Well, ", "Easy: "),
    "unsure": ("Um... ", "I think it was like this. ", "Was that wrong? ", "I'm not sure. "),
    "confident": (
        "That's simple. ",
        "Easy. ",
        "I know how that works. ",
        "That's how it is done. ",
    ),
    "methodical": ("Let me explain. ", "My reason was this. ", "This is what I was thinking. ", ""),
}
_DEFENDING = (
    "But I went over it again and I still get {}.",
    "I don't see the problem. It still comes out as {} for me.",
    "Hm, when I do it my way I get {} every time.",
    "I looked at it again, and I would still write {} there.",
)
_PUZZLED = (
    "I'm not sure what to do with that. Can you give me another hint?",
    "I see that something is off, but I don't know how to put it right yet.",
    "Do you mean I have to do that part differently?",
    "I'm a bit lost. What should I look at?",
    "So my result isn't right there? I don't know what else to do.",
)
_DAWNING = {
    "careless": ("Oh. ", "Oops. ", "Ah, wait. ", "Hm. "),
    "unsure": ("Maybe I see it. ", "I think I understand a bit more. ", "Hmm, okay. ", "Oh dear. "),
    "confident": ("Hm, fair point. ", "Well, okay. ", "All right, maybe. ", "Hm. "),
    "methodical": ("I see. ", "That is a good point. ", "I understand. ", "Let me think. "),
}
_NOT_YET = (
    "But I don't have the new number yet.",
    "I'm still thinking about how to write it.",
    "Give me a moment, I want to redo it.",
    "How do I write that down now?",
    "But what does that mean for my step?",
)
_CORRECTING = (
    "Oh, now I see it: {}.",
    "Okay, let me redo that step: {}.",
    "Right, so it should be {}.",
    "Got it. {}.",
    "Then the step has to be {}.",
    "So I write {} instead.",
    "Now I get {}.",
    "I'll fix it: {}.",
)
_ADDING_STEP = (
    "Oh, there is a step missing: {}.",
    "So I still have to do {}.",
    "Okay, the last step is {}.",
    "Then I go on with {}.",
    "Right, I stopped too soon. {}.",
)
_FINISHING = (
    "So the answer is {}.",
    "That means the answer is {}.",
    "So my new answer is {}.",
    "The answer is {} then.",
)
_CARRYING_ON = ("With that, {}.", "Then {}.", "So {}.", "Now {}.")


class LearnerVoice:
    """Answers the turns so far as a learner with the plan's misconception would.

    It comes round after as many hints as its plan says, never before; a tutor that gives more
    hints than needed is followed all the same.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._wrong = plan["misconception"]
        self._misconception = MISCONCEPTIONS[self._wrong["id"]]
        self._learner = plan["learner"]
        self._profile = self._learner["profile"]
        self._goal = Goal.of(plan)
        self._later = read_chain(plan["gold"], plan["answer"]).downstream(self._wrong["step"])

    def __call__(self, turns: Sequence[Turn]) -> Utterance:
        """What the learner says next."""
        if not any(turn.role == LEARNER for turn in turns):
            return Utterance("work", lambda random: self._work(random, turns))
        if self._goal.corrected(turns):
            return Utterance("finish", lambda random: self._finish(random, turns))
        hints = sum(turn.role == TUTOR for turn in turns) - 1
        if hints >= self._learner["hints"]:
            return Utterance("correct", lambda random: self._correct(random, turns))
        if hints == 1:
            return Utterance("explain", lambda random: self._explain(random, turns))
        return Utterance("partial", lambda random: self._partial(random, turns, hints))

    def _line(self, line: Json, index: int) -> str:
        tail = self._plan["tails"][index]
        return equation(line, self._learner["signs"]) + (f" {tail}" if tail else "")

    def _amount(self, value: str) -> str:
        return amount(value, self._plan["unit"])

    def _work(self, random: Random, turns: Sequence[Turn]) -> str:
        lines = [self._line(line, line["step"]) for line in self._wrong["equations"]]
        said = [random.choice(_ONLY if len(lines) == 1 else _START).format(lines[0])]
        used = ""
        for line in lines[1:]:
            used = random.choice([opening for opening in _NEXT if opening != used])
            said.append(used.format(line))
        result = random.choice(_RESULT[self._profile]).format(
            self._amount(self._wrong["wrong_answer"])
        )
        return random.choice(_GREETING[self._profile]) + " ".join([*said, result])

    def _explain(self, random: Random, turns: Sequence[Turn]) -> str:
        pool = [text.format(word=self._wrong["word"]) for text in self._misconception.belief]
        belief = pick(random, pool, turns)
        opening = pick(random, _EXPLAINING[self._profile], turns)
        if opening.endswith((", ", ": ")) and not belief.startswith(("I ", "I'")):
            belief = belief[0].lower() + belief[1:]
        return opening + belief

    def _partial(self, random: Random, turns: Sequence[Turn], hints: int) -> str:
        early = hints < self._learner["hints"] - 1
        if self._profile == "confident" and early:
            return pick(random, _DEFENDING, turns).format(self._wrong["wrong_value"])
        if self._profile == "unsure" and early:
            return pick(random, _PUZZLED, turns)
        opening = pick(random, _DAWNING[self._profile], turns)
        insight = pick(random, self._misconception.insight, turns)
        return f"{opening}{insight} {pick(random, _NOT_YET, turns)}"

    def _correct(self, random: Random, turns: Sequence[Turn]) -> str:
        step = self._wrong["step"]
        openings = _ADDING_STEP if self._wrong["omitted"] else _CORRECTING
        text = pick(random, openings, turns).format(self._line(self._plan["gold"][step], step))
        hints = sum(turn.role == TUTOR for turn in turns) - 1
        if self._learner["staged"] and self._later and hints == self._learner["hints"]:
            return text
        return f"{text} {self._rest(random, turns)}".replace("  ", " ")

    def _finish(self, random: Random, turns: Sequence[Turn]) -> str:
        return self._rest(random, turns)

    def _rest(self, random: Random, turns: Sequence[Turn]) -> str:
        """The later steps that change with the corrected one, and the answer."""
        said: list[str] = []
        for index in self._later:
            line = self._line(self._plan["gold"][index], index)
            said.append(pick(random, _CARRYING_ON if not said else _NEXT, turns).format(line))
        said.append(random.choice(_FINISHING).format(self._amount(self._plan["answer"])))
        return " ".join(said)
