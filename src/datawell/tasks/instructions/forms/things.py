"""What can be asked of a thing that is known in sentences (``about`` and what is said of it)."""

from __future__ import annotations

from random import Random

from datawell.tasks.instructions.forms.base import Exercise, Facts, Growth, listed, pick

# What may be known of a thing, and how that is asked for.
ASPECTS = {
    "what": ("what it is", "what it is exactly", "what is meant by it"),
    "works": ("how it works", "how it comes about", "what goes on in it"),
    "use": ("what it is good for", "why it matters", "what people use it for"),
    "example": ("an example", "where one meets it", "a case from daily life"),
    "care": ("what people often get wrong about it", "a common mistake about it"),
    "past": ("something from its history", "how it began"),
}
_ALL = (
    "Explain {about}. Cover {aspects}.",
    "Tell me about {about}: {aspects}.",
    "Write a short text about {about} that says {aspects}.",
    "I would like to understand {about}, in particular {aspects}.",
    "Give a plain account of {about}, with {aspects}.",
    "What should one know about {about}? I am interested in {aspects}.",
    "Prepare a short talk on {about}. It should bring up {aspects}.",
)
_ONE = {
    "what": ("What is {about}?", "Say what {about} is.", "Define {about} in plain words."),
    "works": ("How does {about} work or come about?", "Explain what is behind {about}."),
    "use": ("Why does {about} matter?", "What is {about} good for?"),
    "example": ("Where does one meet {about}? Give an example.", "Give an example of {about}."),
    "care": (
        "Which mistake about {about} is common?",
        "What do many people get wrong about {about}?",
    ),
    "past": ("Tell me something from the history of {about}.", "How did {about} begin?"),
}
_SEVERAL = (
    "{asked}",
    "Answer these questions. {asked}",
    "I have some questions about {about}. {asked}",
    "My class asks about {about}: {asked}",
)
_FOLLOW = {
    "deepen": ("Go deeper and add {aspect}.", "Say also {aspect}."),
    "concretize": ("Make it concrete with {aspect}.", "Include {aspect}."),
    "increase_reasoning": ("Then reason about {aspect}.", "Work out as well {aspect}."),
}
_OPERATOR = {
    "works": "increase_reasoning",
    "example": "concretize",
    "care": "deepen",
    "use": "increase_reasoning",
    "past": "deepen",
}


def _known(facts: Facts) -> list[str]:
    return [aspect for aspect in ASPECTS if aspect in facts]


def _growth(facts: Facts, told: list[str], random: Random) -> dict[str, Growth]:
    found: dict[str, Growth] = {}
    for aspect in _known(facts):
        operator = _OPERATOR.get(aspect)
        if operator is None or aspect in told or operator in found:
            continue
        asked = random.choice(ASPECTS[aspect])
        ask = pick(_FOLLOW[operator], random, aspect=asked)
        found[operator] = Growth(ask, (facts[aspect],))
    return found


def explain(name: str, facts: Facts, random: Random) -> Exercise:
    """Some of what is known."""
    known = _known(facts)
    # One aspect at least is left for growth.
    told = sorted(random.sample(known, random.randint(2, len(known) - 1)), key=known.index)
    aspects = listed([random.choice(ASPECTS[aspect]) for aspect in told])
    ask = pick(_ALL, random, about=facts["about"], aspects=aspects)
    points = tuple(facts[aspect] for aspect in told)
    return Exercise("explanation", ask, points, growth=_growth(facts, told, random))


def answer_one(name: str, facts: Facts, random: Random) -> Exercise:
    """One thing that is known."""
    aspect = random.choice(_known(facts))
    ask = pick(_ONE[aspect], random, about=facts["about"])
    growth = _growth(facts, [aspect], random)
    return Exercise("question_answering", ask, (facts[aspect],), growth=growth)


def questions(name: str, facts: Facts, random: Random) -> Exercise:
    """Several short questions at once."""
    known = _known(facts)
    told = random.sample(known, random.randint(2, min(3, len(known) - 1)))
    asked = " ".join(pick(_ONE[aspect], random, about=facts["about"]) for aspect in told)
    ask = pick(_SEVERAL, random, about=facts["about"], asked=asked)
    points = tuple(facts[aspect] for aspect in told)
    growth = _growth(facts, told, random)
    return Exercise("question_answering", ask, points, ordered=True, growth=growth)


FORMS = (explain, explain, explain, answer_one, questions)
