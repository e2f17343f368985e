"""Forms: how the facts of a topic become an instruction with its right answer.

Enters: the facts of a topic (``datawell.seeds.instruction_tasks.topics``) and a random stream.
Leaves: an :class:`~datawell.tasks.instructions.forms.base.Exercise`. A topic without facts gets one
of the forms that need none. To add a form: a function in one of these modules, and its name in that
module's ``FORMS``.
"""

from __future__ import annotations

from random import Random

from datawell.tasks.instructions.forms import problems, steps, things
from datawell.tasks.instructions.forms.base import Exercise, Facts, Form


def forms_of(facts: Facts) -> tuple[Form, ...]:
    """The forms that can use what is known of a topic."""
    if facts.get("how") and len(facts.get("steps", ())) >= 3:
        return steps.FORMS
    if facts.get("about") and sum(aspect in facts for aspect in things.ASPECTS) >= 3:
        return things.FORMS
    return problems.FORMS


def exercise(topic: str, facts: Facts, random: Random) -> Exercise:
    """An exercise on a topic."""
    return random.choice(forms_of(facts))(topic, facts, random)
