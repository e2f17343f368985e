"""Who meets: names, how the learner takes help, and how the tutor goes about it."""

from __future__ import annotations

from random import Random

from datawell.core.records import Json

PROFILES = {
    "careless": "works fast, does not check, and sees the point as soon as it is pointed out",
    "unsure": "doubts every line, asks back, and needs encouragement",
    "confident": "trusts its own work and gives it up only when it sees why it is wrong",
    "methodical": "works line by line, in full sentences, and likes to know the reason",
}
"""The learner profiles, each as the learner's own persona."""

_PATIENCE = {"careless": (2, 3), "unsure": (2, 3, 4), "confident": (3, 4), "methodical": (2, 3)}
"""How many hints a learner takes before it sees the step."""

_LEARNERS = (
    "Amara", "Bao", "Carla", "Dario", "Elif", "Farid", "Greta", "Hugo", "Ines", "Jonas", "Kaya",
    "Luca", "Mina", "Noor", "Omar", "Petra", "Quinn", "Rosa", "Sami", "Tala", "Uma", "Viktor",
    "Wanda", "Yusuf", "Zoe", "Anouk", "Bela", "Chidi", "Dina", "Emil", "Freya", "Goran", "Hana",
    "Ivo", "Jaya", "Kofi", "Lena", "Milo", "Nadia", "Oscar",
)  # fmt: skip
_TUTORS = (
    "Ms. Adler", "Mr. Banda", "Ms. Castillo", "Mr. Duarte", "Ms. Eriksen", "Mr. Fofana",
    "Ms. Greenwood", "Mr. Haddad", "Ms. Ito", "Mr. Jansen", "Ms. Kowalski", "Mr. Lindqvist",
    "Ms. Moreau", "Mr. Nakamura", "Ms. Okafor", "Mr. Petrov", "Ms. Rahman", "Mr. Silva",
)  # fmt: skip
_OPERATOR_SIGNS = (("×", "÷"), ("×", "/"), ("*", "/"), ("x", "÷"), ("x", "/"))
_MOVES = {
    2: (("probing", "focus"), ("probing", "telling"), ("focus", "telling")),
    3: (
        ("probing", "focus", "telling"),
        ("probing", "probing", "focus"),
        ("focus", "probing", "telling"),
    ),
    4: (
        ("probing", "focus", "telling", "focus"),
        ("probing", "focus", "focus", "telling"),
        ("focus", "probing", "focus", "telling"),
    ),
}  # fmt: skip
_FEWEST_HINTS = 2
_FRAME_TURNS = 3  # the opening, the learner's work, and the tutor's closing turn


def fewest_turns() -> int:
    """The turns of the shortest dialogue the built-in voices hold."""
    return _FRAME_TURNS + 2 * _FEWEST_HINTS


def cast_for(
    question: str, random: Random, max_turns: int, steps_follow: bool
) -> tuple[dict[str, Json], dict[str, Json]]:
    """The learner and the tutor of one dialogue, as plan data.

    ``steps_follow`` says that the wrong step is not the last, so that the learner may put it right
    in one turn and finish in another.
    """
    words = frozenset(question.replace("'", " ").replace(",", " ").replace(".", " ").split())
    profile = random.choice(tuple(PROFILES))
    room = (max_turns - _FRAME_TURNS) // 2
    staged = steps_follow and room > _FEWEST_HINTS and random.random() < 0.5
    hints = min(random.choice(_PATIENCE[profile]), room - staged)
    times, divide = random.choice(_OPERATOR_SIGNS)
    learner = {
        "name": random.choice([name for name in _LEARNERS if name not in words]),
        "profile": profile,
        "hints": hints,
        "staged": staged,
        "signs": {"*": times, "/": divide},
    }
    tutor = {"name": random.choice(_TUTORS), "moves": list(random.choice(_MOVES[hints]))}
    return learner, tutor
