# ruff: noqa: E501 - one wording a line is easier to read and to compare than a wrapped one
"""The built-in tutor: asks, points and tells (MathDial's moves), and never says the answer first.

The moves are those of MathDial (Macina et al. 2023): *probing* asks what the learner thinks, *focus*
leads to the spot, *telling* states a fact or rule, *generic* is everything else.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from random import Random

from datawell.core.numbers import format_number, parse_number
from datawell.core.records import Plan, Turn
from datawell.roleplay.relay import Utterance
from datawell.seeds.arithmetic_problems.expressions import (
    Number,
    Operation,
    compute,
    evaluate,
    parse,
)
from datawell.tasks.tutoring.goal import LEARNER, TUTOR, Goal, states
from datawell.tasks.tutoring.misconceptions import MISCONCEPTIONS
from datawell.tasks.tutoring.wording import Guard, amount, equation, ordinal, pick

_HELLO = (
    "Hi {name}!",
    "Hello {name}.",
    "Good to see you, {name}.",
    "Welcome, {name}.",
    "Hi {name}, I'm {tutor}.",
)
_INVITE = (
    "Please talk me through your solution.",
    "Can you show me how you worked on this problem?",
    "What did you do, step by step?",
    "Tell me how you got to your answer.",
    "Would you walk me through your steps?",
    "I'd like to hear how you solved it.",
    "How did you go about this problem?",
    "Please show me your calculation line by line.",
)
_THANKS = (
    "Thank you for showing your work.",
    "Thanks, that is clear to follow.",
    "I can see how you went about it.",
    "Good that you wrote down every line.",
    "Thank you, {name}.",
    "That helps me to see what you did.",
)
_RIGHT_SO_FAR = (
    "{eq} is right.",
    "I agree with {eq}.",
    "{eq} is fine.",
    "Your line {eq} is correct.",
)
_PROBE_SPOT = (
    "How did you get {value} in your {line}?",
    "Tell me about your {line}: where does {value} come from?",
    "I'm curious about {value}. What did you do there?",
    "Can you explain how you reached {value}?",
    "What were you thinking when you wrote {value}?",
)
_PROBE_TAIL = (
    'Let us look at the line with "{tail}". How did you do it?',
    'What did you do in the line that ends with "{tail}"?',
    'Could you explain the line about "{tail}"?',
)
_PROBE_PLAIN = (
    "How did you work out your {line}?",
    "Could you explain your {line} in more detail?",
    "What was your idea in your {line}?",
    "Why did you do it that way in your {line}?",
)
_PROBE_STOP = (
    "How did you decide that you were finished?",
    "What does your last number tell us?",
    "In your own words, what does the question ask for?",
    "Which part of the story does your result describe?",
)
_PROBE_SAFE = "How did you work that out? Please explain it to me."
_PROBE_MORE = (
    "And how would you check it?",
    "How could you find out whether that is right?",
    "What would happen if you tried it another way?",
    "Can you think of a way to test that result?",
    "Does the size of that result seem right to you?",
)
_HEARD = (
    "I see.", "Thank you for explaining.", "I see what you mean.", "That is a common thought.",
    "Thanks for being so open about it.", "Now I understand your idea.", "You are on your way.",
    "Let's stay with that thought.", "Good that you say so.", "Let's think about it together.",
)  # fmt: skip
_FOCUS_SAFE = "Read that line again, slowly. What is happening there?"
_TRY = (
    "Try that line again.", "Would you like to try it again?", "What do you get now?",
    "Please redo that line.", "Have another go at it.", "How does the line look then?",
)  # fmt: skip
_TRY_STEP = (
    "What would that step be?", "Which calculation is still to do?", "Please write the missing step.",
    "What do you do next?",
)  # fmt: skip
_CHECKS = {
    "+": "Let's check backwards: {eq}. Is that the number you started from?",
    "-": "Let's check by adding back: {eq}. Is that the number you started from?",
    "*": "Let's check by dividing: {eq}. Is that the number you started from?",
    "/": "Let's check by multiplying back: {eq}. Is that the number you started from?",
}
_ONWARD = (
    "What changes in the rest of your work?",
    "Now carry that through to the end.",
    "How does the rest go with the new number?",
    "Which of your later lines used the old number?",
    "Please finish the problem with that.",
)
_PRAISE_STEP = (
    "Yes, {eq}.",
    "That's it: {eq}.",
    "Right, {eq}.",
    "Good, that step is right now.",
    "Well corrected.",
)
_ASK_STEP = (
    "Please write down the step that you changed.",
    "Show me the calculation of the line you corrected.",
    "How exactly did you calculate it? Please write the line.",
)
_CONFIRM = (
    "Yes, {answer} is right.",
    "Exactly, {answer}.",
    "That's correct: {answer}.",
    "{answer} is correct.",
    "Right, the answer is {answer}.",
    "Perfect, {answer} it is.",
)
_CLOSE = (
    "You found the mistake yourself.",
    "Well done, {name}.",
    "You worked that out nicely.",
    "Good job going back to that line.",
    "Remember this when you meet such a problem again.",
    "I like how you put it right.",
    "You can trust your work now.",
    "",
)


class TutorVoice:
    """Answers the turns so far as a patient tutor who knows the solution."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._wrong = plan["misconception"]
        self._misconception = MISCONCEPTIONS[self._wrong["id"]]
        self._signs = plan["learner"]["signs"]
        self._goal = Goal.of(plan)
        self._guard = Guard(plan)

    def __call__(self, turns: Sequence[Turn]) -> Utterance:
        """What the tutor says next."""
        if not turns:
            return Utterance("generic", self._open)
        if self._goal(turns):
            return Utterance("generic", lambda random: self._confirm(random))
        if self._goal.corrected(turns):
            return Utterance("focus", lambda random: self._onward(random, turns))
        learner = [turn for turn in turns if turn.role == LEARNER]
        if len(learner) > 1 and states(learner[-1].text, self._goal.answer):
            return Utterance("probing", lambda random: pick(random, _ASK_STEP, turns))
        given = sum(turn.role == TUTOR for turn in turns) - 1
        moves = self._plan["tutor"]["moves"]
        move = moves[given] if given < len(moves) else ("focus", "telling")[given % 2]
        wording = {"probing": self._probe, "focus": self._focus, "telling": self._tell}[move]
        safe = _PROBE_SAFE if move == "probing" else _FOCUS_SAFE
        return Utterance(
            move,
            lambda random: self._guard.first_allowed(random, lambda r: wording(r, turns), safe),
        )

    def _named(self, text: str) -> str:
        return text.replace("{name}", self._plan["learner"]["name"]).replace(
            "{tutor}", self._plan["tutor"]["name"]
        )

    def _open(self, random: Random) -> str:
        return self._named(f"{random.choice(_HELLO)} {random.choice(_INVITE)}")

    def _acknowledge(self, random: Random, turns: Sequence[Turn]) -> str:
        """A reaction to what the learner just said: to its work first, to its thoughts later."""
        if len(turns) > 2:
            return pick(random, _HEARD, turns)
        text = self._named(random.choice(_THANKS))
        before = [line for line in self._wrong["equations"] if line["step"] < self._wrong["step"]]
        if before and random.random() < 0.6:
            praised = equation(random.choice(before), self._signs)
            text += f" {random.choice(_RIGHT_SO_FAR).format(eq=praised)}"
        return text

    def _probe(self, random: Random, turns: Sequence[Turn]) -> str:
        if any(turn.move == "probing" for turn in turns):
            return f"{self._acknowledge(random, turns)} {pick(random, _PROBE_MORE, turns)}"
        if self._wrong["omitted"]:
            return f"{self._acknowledge(random, turns)} {pick(random, _PROBE_STOP, turns)}"
        lines = [line["step"] for line in self._wrong["equations"]]
        tail = self._plan["tails"][self._wrong["step"]]
        pool = _PROBE_SPOT + _PROBE_PLAIN + (_PROBE_TAIL if len(tail.split()) > 1 else ())
        which = f"{ordinal(lines.index(self._wrong['step']))} line" if lines[1:] else "calculation"
        question = random.choice(pool).format(
            value=self._wrong["wrong_value"], line=which, tail=tail
        )
        return f"{self._acknowledge(random, turns)} {question}"

    def _focus(self, random: Random, turns: Sequence[Turn]) -> str:
        pool = [text.format(word=self._wrong["word"]) for text in self._misconception.focus]
        question = pick(random, pool, turns)
        return f"{self._acknowledge(random, turns)} {question}"

    def _tell(self, random: Random, turns: Sequence[Turn]) -> str:
        rule = pick(random, self._misconception.telling, turns)
        check = self._check(random) if random.random() < 0.7 else ""
        request = pick(random, _TRY_STEP if self._wrong["omitted"] else _TRY, turns)
        pieces = [self._acknowledge(random, turns), rule, check, request]
        return " ".join(piece for piece in pieces if piece)

    def _check(self, random: Random) -> str:
        """The reverse calculation on the learner's wrong value, which does not come out."""
        line = next((e for e in self._wrong["equations"] if not e["true"]), None)
        expression = parse(line["left"]) if line else None
        if not isinstance(expression, Operation) or not (
            isinstance(expression.left, Number) and isinstance(expression.right, Number)
        ):
            return ""
        wrong, right = parse_number(self._wrong["wrong_value"]), evaluate(expression.right)
        reverse = {"+": "-", "-": "+", "*": "/", "/": "*"}[expression.operator]
        if wrong is None or right is None:
            return ""
        back = compute(reverse, wrong, right)
        if back is None or back < 0 or (back * 1000).denominator != 1:
            return ""
        left = f"{format_number(wrong)}{reverse}{_operand(right)}"
        text = equation({"left": left, "value": format_number(back)}, self._signs)
        return _CHECKS[expression.operator].format(eq=text)

    def _onward(self, random: Random, turns: Sequence[Turn]) -> str:
        shown = equation(self._plan["gold"][self._wrong["step"]], self._signs)

        def wording(source: Random) -> str:
            praise = pick(source, _PRAISE_STEP, turns).format(eq=shown)
            return f"{praise} {pick(source, _ONWARD, turns)}"

        return self._guard.first_allowed(
            random, wording, "That step is right now. Please go on from there."
        )

    def _confirm(self, random: Random) -> str:
        answer = amount(self._plan["answer"], self._plan["unit"])
        return self._named(
            f"{random.choice(_CONFIRM).format(answer=answer)} {random.choice(_CLOSE)}"
        ).strip()


def _operand(value: Fraction) -> str:
    text = format_number(value)
    return f"({text})" if "/" in text else text
