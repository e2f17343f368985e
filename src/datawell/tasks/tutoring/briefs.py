"""What each role is told when a language model plays it: persona, private knowledge, rules."""

from __future__ import annotations

from datawell.core.records import Plan
from datawell.roleplay.cast import Role, briefing
from datawell.tasks.tutoring.cast import PROFILES
from datawell.tasks.tutoring.goal import LEARNER, TUTOR
from datawell.tasks.tutoring.misconceptions import MISCONCEPTIONS
from datawell.tasks.tutoring.wording import amount, equation


def tutor_role(plan: Plan, grade: str) -> Role:
    """The tutor knows the problem, the solution, and that the learner will bring its own work."""
    signs, learner = plan["learner"]["signs"], plan["learner"]["name"]
    steps = "\n".join(
        f"{i}. {equation(step, signs)}" for i, step in enumerate(plan["gold"], start=1)
    )
    answer = amount(plan["answer"], plan["unit"])
    persona = (
        f"You are {plan['tutor']['name']}, a patient mathematics tutor. You talk with {learner}, "
        f"a student of {grade}, who has solved the problem below and has made a mistake."
    )
    return Role(
        TUTOR,
        briefing(
            persona,
            ("Problem", plan["question"]),
            ("Correct solution (only you know it)", f"{steps}\nFinal answer: {answer}"),
            rules=(
                f"First ask {learner} to show the work. Speak one or two short sentences a turn.",
                "Help by questions and hints about the step that went wrong; ask what the student "
                "thinks, lead to the spot, state a rule if needed.",
                "Never state the final answer, nor all numbers of the last calculation, before the "
                "student has stated the answer.",
                "Every calculation you write must be right.",
                "When the student has shown the corrected step and the right answer, confirm it in "
                "one short turn and stop.",
                "You are the tutor: never speak for the student.",
            ),
        ),
    )


def learner_role(plan: Plan, grade: str) -> Role:
    """The learner knows the problem, its own wrong work and its belief; not the solution."""
    learner, wrong = plan["learner"], plan["misconception"]
    misconception = MISCONCEPTIONS[wrong["id"]]
    work = "\n".join(equation(line, learner["signs"]) for line in wrong["equations"])
    answer = amount(wrong["wrong_answer"], plan["unit"])
    belief = " ".join(misconception.belief).format(word=wrong["word"])
    persona = (
        f"You are {learner['name']}, a student of {grade}. You are {learner['profile']}: a student "
        f"who {PROFILES[learner['profile']]}. You talk with your mathematics tutor."
    )
    return Role(
        LEARNER,
        briefing(
            persona,
            ("Problem", plan["question"]),
            ("Your work so far", f"{work}\nYour answer: {answer}"),
            ("What you believe", belief),
            rules=(
                "When asked, first show your work and your answer exactly as above.",
                "Keep to what you believe until the tutor has helped you "
                f"{learner['hints']} times; do not see the mistake by yourself.",
                "When you see it, write the corrected step as a calculation, redo what depends on "
                "it, and state your new answer.",
                "Make no other mistakes. Speak one to three short sentences a turn.",
                "You are the student: never speak for the tutor.",
            ),
        ),
    )
