"""Each verifier is shown texts that hold and texts that do not, and survives any text."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datawell.checks.constraints import VERIFIED_BY
from datawell.checks.verifiers.base import VERIFIERS, sentences
from datawell.core.constraints import RELATIONS, kinds
from tests.checks.constraint_examples import EXAMPLES, Example

HOLDS = [(e.kind, e.args, text) for e in EXAMPLES for text in e.holds]
BREAKS = [(e.kind, e.args, text) for e in EXAMPLES for text in e.breaks]
BY_NAME = pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.kind)


def test_every_kind_has_a_verifier_and_examples_of_both_sorts() -> None:
    assert VERIFIED_BY
    assert set(VERIFIERS) == set(kinds()) == {example.kind for example in EXAMPLES}
    assert len(EXAMPLES) == len(kinds())
    assert all(example.holds and example.breaks for example in EXAMPLES)


@pytest.mark.parametrize(("kind", "args", "text"), HOLDS)
def test_it_passes(kind: str, args: dict[str, Any], text: str) -> None:
    assert VERIFIERS[kind](text, args) == ""


@pytest.mark.parametrize(("kind", "args", "text"), BREAKS)
def test_it_fails(kind: str, args: dict[str, Any], text: str) -> None:
    assert VERIFIERS[kind](text, args)


@BY_NAME
@given(text=st.text(alphabet=st.sampled_from('aAé1 .,!?"*_`[]<>{}|-\n:#\t一'), max_size=60))
def test_any_text_gets_an_answer(example: Example, text: str) -> None:
    assert isinstance(VERIFIERS[example.kind](text, example.args), str)


@BY_NAME
@pytest.mark.parametrize(
    "piece", [".", "*", "[", "<", "`", '"', "\n", "| ", "1. ", "* a", "Part 1\n"]
)
def test_long_monotonous_texts_are_read(example: Example, piece: str) -> None:
    assert isinstance(VERIFIERS[example.kind](piece * 20_000, example.args), str)


@given(found=st.integers(2, 6), count=st.integers(1, 8))
def test_relations_are_what_they_say(found: int, count: int) -> None:
    text = "tea " * found
    truth = {"at least": found >= count, "at most": found <= count, "exactly": found == count}
    for relation in RELATIONS:
        args = {"word": "tea", "relation": relation, "count": count}
        assert (VERIFIERS["keyword_frequency"](text, args) == "") == truth[relation]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("English", "There is a small house at the end of the road."),
        ("French", "Il y a une petite maison au bout de la rue."),
        ("Spanish", "Hay una casa pequeña al final de la calle."),
        ("Italian", "C'è una piccola casa alla fine della strada."),
        ("Portuguese", "Há uma casa pequena no fim da rua e não é minha."),
        ("Dutch", "Er staat een klein huis aan het einde van de straat."),
        ("Swedish", "Det finns ett litet hus som är vid slutet av vägen."),
        ("Polish", "Na końcu ulicy jest mały dom i nie jest to mój."),
        ("Turkish", "Bu yolun sonunda bir ev var ve çok küçük."),
        ("Russian", "В конце улицы стоит маленький дом, и он не мой."),
        ("Ukrainian", "У кінці вулиці є малий дім, і він не мій."),
        ("Greek", "Στο τέλος του δρόμου υπάρχει ένα σπίτι."),
        ("Hebrew", "בסוף הרחוב יש בית קטן"),
        ("Korean", "길 끝에 작은 집이 있다"),
        ("Thai", "มีบ้านหลังเล็กอยู่สุดถนน"),
        ("Japanese", "道の終わりに小さな家があります"),
        ("Chinese", "路的尽头有一座小房子"),
    ],
)
def test_languages_are_told_apart(language: str, text: str) -> None:
    assert VERIFIERS["language"](text, {"language": language}) == ""
    for other in ("english", "german", "russian", "japanese"):
        if other != language.lower():
            assert VERIFIERS["language"](text, {"language": other})


def test_an_unknown_language_is_said_to_be_one() -> None:
    assert "did you mean 'german'" in VERIFIERS["language"]("a", {"language": "Germen"})
    assert "did you mean 'greek'" in VERIFIERS["script"]("a", {"script": "greec"})


def test_where_sentences_end() -> None:
    text = 'It costs 3.50 at 5 p.m. today. (Really!) She said: "No." And so on...\nEnd'
    assert sentences(text) == [
        "It costs 3.50 at 5 p.m. today.",
        "(Really!)",
        'She said: "No."',
        "And so on...",
        "End",
    ]
