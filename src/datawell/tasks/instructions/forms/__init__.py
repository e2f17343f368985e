"""Forms: how the facts of a topic become an instruction with its right answer.

Enters: the facts of a topic (``datawell.seeds.instruction_tasks.topics``) and a random stream.
Leaves: an :class:`~datawell.tasks.instructions.forms.base.Exercise`. A topic without facts gets one
of the skills, which need none. To add a form: a function in one of these modules, named in that
module's ``FORMS``, or here under a skill.
"""

from __future__ import annotations

from random import Random

from datawell.tasks.instructions.forms import (
    messages,
    problems,
    sentences,
    steps,
    tables,
    things,
    words,
)
from datawell.tasks.instructions.forms.base import Exercise, Facts, Form

SKILLS: dict[str, tuple[Form, ...]] = {
    "word_problems": (problems.word_problem,),
    "tenses": (sentences.tenses,),
    "sentences": (sentences.turns,),
    "letters": (words.letters,),
    "alphabet": (words.alphabet,),
    "invitations": (messages.invitation,),
    "notes": (messages.note,),
}


def forms_of(facts: Facts) -> tuple[Form, ...]:
    """The forms that can use what is known of a topic."""
    if facts.get("how") and len(facts.get("steps", ())) >= 3:
        return steps.FORMS
    if facts.get("about") and sum(aspect in facts for aspect in things.ASPECTS) >= 3:
        return things.FORMS
    if (
        all(facts.get(key) for key in ("table", "one", "columns"))
        and len(facts.get("rows", ())) >= 6
    ):
        return tables.forms(facts)
    found = SKILLS.get(facts.get("skill", ""))
    return found or tuple(form for forms in SKILLS.values() for form in forms)


def exercise(topic: str, facts: Facts, random: Random) -> Exercise:
    """An exercise on a topic."""
    return random.choice(forms_of(facts))(topic, facts, random)
