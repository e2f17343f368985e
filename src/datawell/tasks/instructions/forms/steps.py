"""What can be asked of a topic that is known as steps (``how`` and ``steps``)."""

from __future__ import annotations

from random import Random

from datawell.tasks.instructions.forms.base import Exercise, Facts, Growth, pick

_HOW = (
    "Explain how to {how}.",
    "How do I {how}? Take me through it.",
    "Write instructions for someone who wants to {how}.",
    "What has to be done, from first to last, to {how}?",
    "Describe step by step how to {how}.",
    "Tell a beginner how to {how}.",
    "I have never tried to {how}. What do I do, and in which order?",
    "Give me a short guide: how does one {how}?",
)
_PART = (
    "I know how to begin, but not how to finish. How does one {how}, from this point on: {after}",
    "When you {how}, what comes after this step: {after}",
    "I want to {how} and have done this much: {after} How do I go on?",
    "Suppose somebody is about to {how} and has reached this step: {after} What is left to do?",
)
_MIXED = (
    "These steps to {how} are mixed up. Put them in the right order: {steps}",
    "Somebody shuffled the steps to {how}. Which order is right? {steps}",
    "Order these steps so that they show how to {how}: {steps}",
    "Here is how to {how}, but in the wrong order. Sort it out: {steps}",
)
_NEXT = (
    "While you {how}, what is the very next step after this one: {after}",
    "Name the one step that follows when you {how} and have just done this: {after}",
    "I am trying to {how}. I have done this: {after} Which step comes next?",
)
_CARE = (
    "Say also what to watch out for.",
    "Add the mistake people should avoid.",
    "Mention what goes wrong most easily.",
)
_NEEDS = (
    "Begin with what is needed.",
    "Say first which things one needs.",
    "Start by naming what must be at hand.",
)
_WHY = (
    "Give the reason behind it too.",
    "Explain also why it is done this way.",
    "Say why this works.",
)


def _growth(facts: Facts, random: Random) -> dict[str, Growth]:
    found = {}
    if "care" in facts:
        found["deepen"] = Growth(random.choice(_CARE), (facts["care"],))
    if "needs" in facts:
        needs = f"You need {facts['needs']}."
        found["concretize"] = Growth(random.choice(_NEEDS), (needs,), first=True)
    if "why" in facts:
        found["increase_reasoning"] = Growth(random.choice(_WHY), (facts["why"],))
    return found


def how_to(name: str, facts: Facts, random: Random) -> Exercise:
    """All steps."""
    ask = pick(_HOW, random, how=facts["how"])
    points = tuple(facts["steps"])
    return Exercise("how_to", ask, points, ordered=True, growth=_growth(facts, random))


def go_on(name: str, facts: Facts, random: Random) -> Exercise:
    """The steps after a given one."""
    steps = facts["steps"]
    at = random.randrange(len(steps) - 2)
    ask = pick(_PART, random, how=facts["how"], after=f'"{steps[at]}"')
    growth = {k: g for k, g in _growth(facts, random).items() if k != "concretize"}
    return Exercise("how_to", ask, tuple(steps[at + 1 :]), ordered=True, growth=growth)


def next_step(name: str, facts: Facts, random: Random) -> Exercise:
    """The one step after a given one."""
    steps = facts["steps"]
    at = random.randrange(len(steps) - 1)
    ask = pick(_NEXT, random, how=facts["how"], after=f'"{steps[at]}"')
    growth = {k: g for k, g in _growth(facts, random).items() if k != "concretize"}
    return Exercise("question_answering", ask, (steps[at + 1],), growth=growth)


def put_in_order(name: str, facts: Facts, random: Random) -> Exercise:
    """The steps, shuffled, to be put in order."""
    steps = list(facts["steps"])
    mixed = random.sample(steps, len(steps))
    if mixed == steps:
        mixed.reverse()
    shown = " ".join(
        f"({letter}) {step}" for letter, step in zip("abcdefghij", mixed, strict=False)
    )
    order = " ".join("abcdefghij"[mixed.index(step)] for step in steps)
    ask = pick(_MIXED, random, how=facts["how"], steps=shown)
    growth = {k: g for k, g in _growth(facts, random).items() if k != "concretize"}
    return Exercise("ordering", ask, tuple(steps), True, order, growth=growth)


FORMS = (how_to, how_to, how_to, go_on, next_step, put_in_order)
