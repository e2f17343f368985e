"""Minimal pairs: one word wrong, decidable from what came before."""

from __future__ import annotations

import re
from random import Random

import pytest
from tests.student.conftest import story

from datawell.core.lexicon import Lexicon, words
from datawell.student.pairs import Inventory, Pair, PairMaker, take_inventory
from datawell.student.texts import Example

INVENTORY = Inventory(
    objects={"drum": "thing", "kite": "thing", "ball": "thing", "cat": "animal"},
    names={"Lily": "she", "Mia": "she", "Tom": "he", "Ben": "he"},
)


def _maker(**changes: object) -> PairMaker:
    parts: dict[str, object] = {
        "inventory": INVENTORY,
        "length": lambda word: 1,
        "limit": 1000,
        "seed": 0,
    }
    return PairMaker(**(parts | changes))  # type: ignore[arg-type]


def _changed(pair: Pair) -> tuple[str, str]:
    true, false = pair.true.split(" "), pair.false.split(" ")
    assert len(true) == len(false)
    wrong = [(a, b) for a, b in zip(true, false, strict=True) if a != b]
    assert len(wrong) == 1
    a, b = (re.sub(r"\W", "", w) for w in wrong[0])
    return a, b


def _make(kind: str, text: str, **changes: object) -> Pair | None:
    maker = _maker(**changes)
    found: Pair | None = getattr(maker, kind)(Example(text), 0, Random(1))
    return found


def test_agreement_breaks_one_verb() -> None:
    pair = _make("agreement", "Lily was glad.")
    assert pair is not None
    assert (pair.true, pair.false) == ("Lily was glad.", "Lily were glad.")
    assert _make("agreement", "Lily wished she were small.") is None
    assert _make("agreement", "Lily ran home.") is None


def test_a_pronoun_flips_only_while_one_gender_was_told() -> None:
    pair = _make("pronoun", "Lily hugged her cat. Then she slept. Tom saw that he could go.")
    assert pair is not None
    assert pair.true == "Lily hugged her cat. Then she slept."
    assert pair.false == "Lily hugged her cat. Then he slept."
    assert _make("pronoun", "Lily met Tom. Then she hugged him, and he slept.") is None
    assert _make("pronoun", "Sam came. Then she slept.") is None, "nothing before tells it"
    assert _make("pronoun", "Her dad came. Then he slept.") is None


def test_an_object_changes_where_it_is_named_again() -> None:
    text = "Tom had a drum and a ball. He hit the drum. It was loud."
    example = Example(text, plan={"required": {"noun": "drum"}})
    pair = _maker().object(example, 0, Random(1))
    assert pair is not None
    assert pair.true == "Tom had a drum and a ball. He hit the drum."
    assert _changed(pair) == ("drum", "kite"), "a ball is in the story, a cat is no thing"
    assert _make("object", "Tom had a drum. He hit a drum.") is None, "not the one before"
    assert _make("object", "Tom hit the drum.") is None, "not named before"


def test_a_name_changes_where_it_comes_again() -> None:
    pair = _make("name", "Lily met Tom. Later Lily laughed at Tom.")
    assert pair is not None
    assert _changed(pair) in {("Lily", "Mia"), ("Tom", "Ben")}
    assert _make("name", "Lily met Tom. Then they laughed.") is None
    assert _make("name", "Lily sang. Lily met Mia.", length=lambda w: len(w)) is None


def test_a_replacement_has_as_many_tokens() -> None:
    lengths = {"Lily": 2, "Mia": 2, "Tom": 1, "Ben": 3}
    pair = _make("name", "Lily met Tom. Later Tom and Lily sang.", length=lengths.__getitem__)
    assert pair is not None
    assert _changed(pair) == ("Lily", "Mia")


def test_a_pair_keeps_to_its_limit() -> None:
    text = "Lily was glad. " * 10
    pair = _make("name", text, limit=60)
    assert pair is not None
    assert len(pair.true) <= 60
    assert _make("name", text, limit=20) is None


def test_stories_give_pairs_of_every_kind() -> None:
    examples = [Example(r["text"], plan=r["plan"]) for r in map(story, range(80))]
    lexicon = Lexicon.load("child")
    inventory = take_inventory(examples, lexicon)
    assert sorted(inventory.objects) == ["ball", "doll", "drum", "kite"]
    assert inventory.names["Lily"] == "she"
    assert inventory.names["Tom"] == "he"
    pairs = _maker(inventory=inventory).make(examples, 30)
    assert {kind: len(found) for kind, found in pairs.items()} == dict.fromkeys(
        ("agreement", "pronoun", "object", "name"), 30
    )
    for kind, found in pairs.items():
        for pair in found:
            true, false = _changed(pair)
            if kind in ("object", "name"):
                assert true.lower() in words(pair.true[: pair.true.rindex(true)])
                assert false.lower() not in words(examples[pair.example].text)
    assert pairs == _maker(inventory=inventory).make(examples, 30)


def test_names_and_objects_are_found_without_plans() -> None:
    texts = ["Once a girl named Lily saw a drum, and Lily hit the drum.", "So Lily met Tom."]
    texts += ["Then Tom took his drum to Lily.", "He said, Happy birthday! and was happy."]
    inventory = take_inventory([Example(t) for t in texts], Lexicon.load("child"))
    assert inventory.names == {"Lily": "she", "Tom": "he"}
    assert inventory.objects == {"drum": "thing"}


@pytest.mark.parametrize("plan", [None, {}, {"characters": None, "required": []}, {"events": [3]}])
def test_odd_plans_are_no_trouble(plan: dict[str, object] | None) -> None:
    example = Example("Tom was glad. Tom sat.", plan=plan)
    assert take_inventory([example, example], None).objects == {}
    assert _maker().make([example], 5)["agreement"]
