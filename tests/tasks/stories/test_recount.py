"""The stories tell their plans, in the eyes of a reader who knows only text and events; and that
reader notices every kind of fault it looks for."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from benchmarks.stories_recount import DAMAGE, Told, mutants, noticed, stories
from tests.tasks.stories.english import bases, forms_in, has, sentences, tokens, unquoted
from tests.tasks.stories.recount import recount

# A story by hand: each event with the sentence that tells it.
_TOLD: list[tuple[str, dict[str, Any]]] = [
    ("Once there was a girl called Mia.", {"action": "appear", "actor": "Mia", "kind": "girl"}),
    ("She loved her red kite.", {"action": "own", "actor": "Mia", "object": "kite"}),
    ("Mia took it to the park.", {"action": "go", "actor": "Mia", "place": "the park"}),
    ("There was Tom, a boy and her friend.", {"action": "meet", "actor": "Mia", "with": "Tom"}),
    (
        "Mia left the kite behind the old oak and forgot it.",
        {"action": "forget", "of": "Mia", "object": "kite", "place": "behind the old oak"},
    ),
    ("Mia was sad.", {"action": "worry", "actor": "Mia"}),
    ('"Do not cry," said Tom. "I will help."', {"action": "speak", "actor": "Tom", "with": "Mia"}),
    ("Tom fetched a lamp.", {"action": "fetch", "actor": "Tom", "tool": "lamp"}),
    ("He lit the lamp.", {"action": "use", "actor": "Tom", "tool": "lamp"}),
    (
        "Tom looked behind the old oak and got the kite.",
        {"action": "recover", "actor": "Tom", "object": "kite"},
    ),
    ("He gave the kite to Mia.", {"action": "give", "actor": "Tom", "to": "Mia", "object": "kite"}),
    ("Mia was happy.", {"action": "rejoice", "actor": "Mia"}),
    ("She held the kite close.", {"action": "keep", "actor": "Mia", "object": "kite"}),
]


def _story(change: Callable[[list[str], list[dict[str, Any]]], None] | None = None) -> Told:
    """The story by hand, after ``change`` to its sentences and events."""
    told = [sentence for sentence, _ in _TOLD]
    events = [copy.deepcopy(event) for _, event in _TOLD]
    for at, event in enumerate(events):
        event |= {"id": at + 1, "because": [at] if at else []}
    if change:
        change(told, events)
    begin = 0
    for sentence, event in zip(told, events, strict=True):
        event["span"] = [begin, begin + len(sentence)]
        begin += len(sentence) + 1
    return " ".join(told), {
        "kind": "story",
        "required": {"noun": "kite", "verb": "fetch", "adjective": "red"},
        "features": {"dialogue": {"speakers": ["Mia", "Tom"]}},
        "characters": [
            {"name": "Mia", "kind": "girl", "pronoun": "she", "want": "get the kite back"},
            {"name": "Tom", "kind": "boy", "pronoun": "he", "want": "help Mia"},
        ],
        "events": events,
        "problem": "forgotten",
        "ending": "happy",
        "facts": [{"question": "Who got the kite back?", "answer": "Tom"}],
        "instruct": None,
    }


def _kinds(told: Told) -> set[str]:
    return {found.kind for found in recount(*told)}


def test_a_story_by_hand_has_no_contradiction() -> None:
    assert recount(*_story()) == []


@pytest.mark.parametrize(
    ("kind", "at", "sentence"),
    [
        ("entrance", 0, "Once there was a friend called Mia."),
        ("word", 1, "She loved her red ball."),
        ("pronoun", 1, "He loved his red kite."),
        ("word", 2, "Mia took it to the beach."),
        ("before coming in", 2, "Mia took it to the park, as Tom had said."),
        ("unvoiced", 4, "Mia saw the kite near the old oak."),
        ("word", 4, "Mia left the kite behind the shed and forgot it."),
        ("has what is gone", 5, "Mia was sad. She hugged the kite."),
        ("has what is gone", 5, "Mia was sad. Who should hold the kite?"),
        ("pronoun", 5, "Mia was sad, and he cried."),
        ("unvoiced", 6, "Tom told Mia not to cry, and he said no more."),
        ("name", 7, "Tom and his cousin Gustav fetched a lamp."),
        ("who", 7, "Gustav fetched a lamp."),
        ("place", 9, "Tom looked under the bridge and got the kite."),
        ("word", 9, "Tom looked behind the old oak and got the ball."),
        ("who", 9, "Mia looked behind the old oak and got the kite."),
        ("feeling", 11, "Mia was sad and alone."),
    ],
)
def test_a_wrong_sentence_is_noticed(kind: str, at: int, sentence: str) -> None:
    def change(told: list[str], _: list[dict[str, Any]]) -> None:
        told[at] = sentence

    assert kind in _kinds(_story(change))


@pytest.mark.parametrize(
    ("kind", "at", "field", "value"),
    [
        ("cause", 5, "because", [9]),
        ("helper", 5, "actor", "farmer"),
        ("uses what was not fetched", 8, "tool", "net"),
        ("gives what it has not", 10, "actor", "Mia"),
        ("keeps what it has not", 12, "actor", "Tom"),
        ("found but not lost", 4, "action", "worry"),
        ("lost by one who has it not", 5, "action", "lose"),
        ("mended but not broken", 9, "action", "mend"),
        ("ending", 9, "action", "work"),
    ],
)
def test_a_wrong_event_is_noticed(kind: str, at: int, field: str, value: Any) -> None:
    def change(_: list[str], events: list[dict[str, Any]]) -> None:
        events[at] |= {field: value}
        if value == "lose":
            events[at] |= {"of": "Mia", "object": "kite"}

    assert kind in _kinds(_story(change))


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("required", {"required": {"noun": "drum"}}),
        ("sentence", {"instruct": {"sentence": "Mia slept."}}),
        ("fact", {"facts": [{"question": "Who got the kite back?", "answer": "Mia"}]}),
        ("fact", {"facts": [{"question": "Who got the kite back?", "answer": "Leo"}]}),
        ("fact", {"facts": [{"question": "How did Mia feel at the end?", "answer": "sad"}]}),
        ("ending", {"ending": "sad"}),
        ("feature", {"features": {"moral": {"lesson": "look twice"}}}),
        ("feature", {"features": {"twist": {"expected": ["cat"], "actual": ["kitten"]}}}),
        ("feature", {"features": {"conflict": {"words": ["argue"]}}}),
        ("feature", {"features": {"bad ending": {"words": ["cry"]}}}),
        ("feature", {"features": {"foreshadowing": {"early": ["oak"], "late": ["lamp"]}}}),
    ],
)
def test_a_wrong_plan_is_noticed(kind: str, change: dict[str, Any]) -> None:
    text, plan = _story()
    assert kind in _kinds((text, plan | change))


def test_spans_must_lie_in_the_text_and_in_order() -> None:
    text, plan = _story()
    plan["events"][-1]["span"][1] = len(text) + 1
    assert "span" in _kinds((text, plan))
    text, plan = _story()
    plan["events"][3]["span"], plan["events"][5]["span"] = (
        plan["events"][5]["span"],
        plan["events"][3]["span"],
    )
    assert {"order", "cause"} <= _kinds((text, plan))


def test_what_was_eaten_is_gone() -> None:
    def change(told: list[str], events: list[dict[str, Any]]) -> None:
        told[11] = "Mia and Tom ate the kite, and were happy."
        events[11] |= {"action": "share", "actor": "Mia", "with": "Tom", "object": "kite"}

    assert {"keeps what it has not", "has what is gone"} <= _kinds(_story(change))


@pytest.mark.parametrize(
    ("form", "base"),
    [
        ("stopped", "stop"), ("making", "make"), ("tried", "try"), ("boxes", "box"),
        ("thieves", "thief"), ("went", "go"), ("happily", "happy"), ("bigger", "big"),
        ("nicest", "nice"), ("lying", "lie"), ("knife's", "knife"), ("gently", "gentle"),
    ],
)  # fmt: skip
def test_forms_lead_to_their_base(form: str, base: str) -> None:
    assert base in bases(form)


def test_reading_text() -> None:
    text = 'Mia ran. "Stop!" he said. The ball\'s gone'
    assert [text[at : at + len(each)] for at, each in sentences(text)] == [
        each for _, each in sentences(text)
    ]
    assert next(each for _, each in sentences(text)) == "Mia ran."
    assert "Stop" not in unquoted(text)
    assert len(unquoted(text)) == len(text)
    assert [token.word for token in tokens(text)][-2:] == ["ball's", "gone"]
    assert has(text, "the balls")
    assert not has(text, "the bell")
    assert "run" in forms_in(text)


@pytest.fixture(scope="module")
def told() -> list[Told]:
    return stories(60)


def test_the_built_in_stories_tell_their_plans(told: list[Told]) -> None:
    assert len(told) >= 50
    assert [(found, text) for text, plan in told for found in recount(text, plan)] == []


def test_planted_faults_are_noticed(told: list[Told]) -> None:
    caught: dict[str, list[bool]] = {kind: [] for kind in DAMAGE}
    for kind, story, spoiled in mutants(told, 12):
        caught[kind].append(noticed(story, spoiled))
    rates = {kind: sum(each) / len(each) for kind, each in caught.items()}
    assert all(rate >= 0.75 for rate in rates.values()), rates


def test_planted_faults_leave_every_event_a_place(told: list[Told]) -> None:
    # So the reader catches them by what the sentences say, not by broken spans.
    kinds = {found.kind for _, _, spoiled in mutants(told, 12) for found in recount(*spoiled)}
    assert kinds.isdisjoint({"span", "order"})
