"""Names give way to pronouns only where nobody can be in doubt."""

from __future__ import annotations

import pytest

from datawell.tasks.stories.library import library
from datawell.tasks.stories.pronouns import Pronouns

BOTH = ("Mila", "Tom")


def made() -> Pronouns:
    """Pronouns wherever they can be: the draw always says yes."""
    return Pronouns({"Mila": "she", "Tom": "he"}, ["girl", "mole"], lambda: 0.0)


def after(*sentences: str) -> list[str]:
    """The sentences of one paragraph as told."""
    pronouns = made()
    pronouns.paragraph()
    return [pronouns.told(sentence, BOTH) for sentence in sentences]


@pytest.mark.parametrize(
    ("before", "sentence", "told"),
    [
        ("Mila ran.", "Mila fell.", "She fell."),
        ("Mila ran.", "Then Mila fell.", "Then she fell."),
        ("Mila ran.", "In the end, Mila fell.", "In the end, she fell."),
        ("Mila met Tom the mole.", "It rained, and Tom laughed.", "It rained, and he laughed."),
        ("Mila saw her mom.", "Tom ran, and Tom fell.", "Tom ran, and he fell."),
        ("Tom saw his mom.", "Tom laughed.", "He laughed."),
    ],
)
def test_a_subject_just_named_is_a_pronoun(before: str, sentence: str, told: str) -> None:
    assert after(before, sentence)[1] == told


@pytest.mark.parametrize(
    ("before", "sentence"),
    [
        ("It rained.", "Mila fell."),  # nobody was named
        ("Mila saw her mom.", "Mila fell."),  # it could be her mom
        ("Mila saw a farmer.", "Mila fell."),  # it could be the farmer
        ("Mila ran.", "Mila and Tom fell."),  # two subjects
        ("Mila ran.", "Mila the girl fell."),  # part of a name
        ("Mila ran.", "Tom saw Mila fall."),  # no subject
        ("Mila ran.", '"I fell," said Mila. "Mila fell."'),  # somebody's words
    ],
)
def test_a_name_stays_where_there_is_doubt(before: str, sentence: str) -> None:
    assert after(before, sentence)[1] == sentence


def test_a_paragraph_names_anew() -> None:
    pronouns = made()
    pronouns.paragraph()
    pronouns.told("Mila ran.", BOTH)
    pronouns.paragraph()
    assert pronouns.told("Mila fell.", BOTH) == "Mila fell."


def test_only_who_takes_part_goes_unnamed() -> None:
    pronouns = made()
    pronouns.paragraph()
    pronouns.told("Mila ran.", BOTH)
    assert pronouns.told("Mila fell.", ("Tom",)) == "Mila fell."


def test_every_helper_is_somebody() -> None:
    helpers = {h for topic in library().topics.values() for h in topic.note("helper")}
    assert helpers
    for helper in sorted(helpers):
        assert after("Tom ran.", f"The {helper} came by.", "Tom fell.")[2] == "Tom fell.", helper
