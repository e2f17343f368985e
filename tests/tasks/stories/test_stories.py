"""Properties of planned and told stories, over many seeds."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from datawell.checks.base import RowCheck
from datawell.checks.features import Features
from datawell.checks.required_words import RequiredWords
from datawell.checks.vocabulary import Vocabulary
from datawell.core.errors import PlanFault, VoiceFault
from datawell.core.lexicon import Lexicon, words
from datawell.core.randomness import stream
from datawell.core.records import Lineage, Message, Record, Seed, canonical_json
from datawell.seeds.words import WordSeeds
from datawell.tasks.base import Draft
from datawell.tasks.stories import Stories

SEEDS = WordSeeds(WordSeeds.Params(), 3)
TASK = Stories(Stories.Params())
CHILD = Lexicon.load("child")
CHECKS: list[RowCheck] = [
    Vocabulary(Vocabulary.Params()),
    RequiredWords(RequiredWords.Params()),
    Features(Features.Params()),
]
rows = st.integers(0, 10**6)


class Door:
    """A scene whose writer is the built-in voice, or says what it is told to."""

    def __init__(self, row: int = 0, answer: str | None = None) -> None:
        self.row, self.answer = row, answer
        self.calls: list[tuple[str, list[Message]]] = []

    async def ask(
        self,
        role: str,
        messages: Sequence[Message],
        voice: Callable[[Random], str],
        *,
        schema: Mapping[str, Any] | None = None,
    ) -> str:
        self.calls.append((role, list(messages)))
        return voice(stream(3, "voice", self.row)) if self.answer is None else self.answer


def planned(row: int, task: Stories = TASK) -> dict[str, Any]:
    return task.plan(SEEDS.seed(row), stream(3, "plan", row))


def told(row: int, task: Stories = TASK) -> Draft:
    return asyncio.run(task.voice(planned(row, task), Door(row)))


@given(rows)
@settings(max_examples=150, deadline=None)
def test_every_story_passes_its_checks(row: int) -> None:
    draft = told(row)
    record = Record("1", draft.text, draft.plan, Lineage("f", "stories", row, "s", "w"))
    for check in CHECKS:
        verdict = check.examine(record)
        assert verdict.keep, (verdict.note, draft.text)
    assert 80 <= len(words(draft.text)) <= 220
    assert "\n\n" in draft.text
    assert json.loads(canonical_json(draft.plan)) == draft.plan


@given(rows)
@settings(max_examples=100, deadline=None)
def test_spans_cover_the_text_in_order(row: int) -> None:
    draft = told(row)
    spans = [tuple(event["span"]) for event in draft.plan["events"]]
    assert spans == sorted(spans)
    covered: set[int] = set()
    for start, end in spans:
        covered.update(range(start, end))
    assert all(i in covered for i, char in enumerate(draft.text) if not char.isspace())
    for event in draft.plan["events"]:
        said = set(words(draft.text[slice(*event["span"])]))
        lemmas = {lemma for token in said for lemma in CHILD.lemmas(token)}
        if "object" in event:
            assert event["object"] in said | lemmas, event
        if event["action"] == "do":
            assert event["verb"] in lemmas, event


@given(rows)
@settings(max_examples=200, deadline=None)
def test_causes_come_first_and_people_come_in_first(row: int) -> None:
    plan = planned(row)
    hero = plan["characters"][0]["name"]
    here: set[str] = set()
    for number, event in enumerate(plan["events"], 1):
        assert event["id"] == number
        assert all(0 < cause < number for cause in event["because"])
        new = {"appear": "actor", "come": "actor", "take": "actor", "meet": "with"}.get(
            event["action"]
        )
        if new:
            here.add(event[new])
        for field in ("actor", "with", "to", "of"):
            assert event.get(field, hero) in here | {hero}, event


GONE = {"lose", "stick", "fall", "take", "forget", "lock"}
TROUBLE = GONE | {"break", "soil", "need", "fear", "fail", "suffer", "wrong", "clash"}
SOLVED = {"find", "recover", "mend", "clean", "solve", "share"}


@given(rows)
@settings(max_examples=200, deadline=None)
def test_nobody_uses_what_is_gone(row: int) -> None:
    holder: dict[str, str | None] = {}
    for event in planned(row)["events"]:
        action, thing = event["action"], event.get("object")
        if action in GONE:
            assert holder[thing] == event["of"]
            holder[thing] = None
        elif action in ("give", "keep"):
            assert holder[thing] == event["actor"]
        elif action == "search":
            assert holder[thing] is None
        elif action == "use":
            assert holder[event["tool"]] == event["actor"]
        if action in ("own", "find", "recover"):
            holder[thing] = event["actor"]
        elif action == "give":
            holder[thing] = event["to"]
        elif action == "fetch":
            holder[event["tool"]] = event["actor"]


@given(rows)
@settings(max_examples=200, deadline=None)
def test_the_ending_follows(row: int) -> None:
    plan = planned(row)
    actions = [event["action"] for event in plan["events"]]
    trouble = max(at for at, action in enumerate(actions) if action in TROUBLE)
    end = "rejoice" if plan["ending"] == "happy" else "grieve"
    solved = [at for at, action in enumerate(actions) if action in SOLVED]
    assert trouble < actions.index(end)
    assert bool(solved) == (end == "rejoice")
    assert all(trouble < at < actions.index(end) for at in solved)


@given(rows)
@settings(max_examples=100, deadline=None)
def test_facts_are_answered_by_the_text(row: int) -> None:
    draft = told(row)
    text = draft.text.lower()
    assert draft.plan["facts"]
    for fact in draft.plan["facts"][:-1]:
        last = fact["answer"].lower().split()[-1]
        assert last in text, (fact, draft.text)


def test_hero_and_friend_never_share_a_pronoun() -> None:
    for row in range(100):
        hero, friend = planned(row)["characters"][:2]
        assert hero["pronoun"] != friend["pronoun"]
        assert hero["name"] != friend["name"]


def test_names_and_the_object_come_again() -> None:
    for row in range(60):
        draft = told(row)
        tokens = words(draft.text)
        hero = draft.plan["characters"][0]["name"].lower()
        assert sum(token.removesuffix("'s") == hero for token in tokens) >= 3


def test_every_word_of_the_lexicon_can_be_required() -> None:
    for pos, fixed in (
        ("noun", {"verb": "skip", "adjective": "red"}),
        ("verb", {"noun": "drum", "adjective": "red"}),
        ("adjective", {"noun": "drum", "verb": "skip"}),
    ):
        lemmas = {"noun": CHILD.nouns, "verb": CHILD.verbs, "adjective": CHILD.adjectives}[pos]
        for number, lemma in enumerate(lemmas):
            if lemma not in fixed.values():
                plan = TASK.plan(
                    Seed("s", "w", {**fixed, pos: lemma}), stream(9, "plan", pos, number)
                )
                text = asyncio.run(TASK.voice(plan, Door(number))).text
                found = {form for token in words(text) for form in CHILD.lemmas(token)}
                assert lemma in found, (lemma, text)


def test_the_same_in_every_process() -> None:
    code = (
        "import sys; sys.path.insert(0, 'tests/tasks/stories'); import test_stories as t;"
        "from datawell.core.records import digest;"
        "print(digest([[d.text, d.prompt, d.plan] for d in map(t.told, range(25))]))"
    )
    outs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outs) == 1


def test_one_call_and_its_messages_ask_for_the_plan() -> None:
    plan, door = planned(5), Door(5)
    asyncio.run(TASK.voice(plan, door))
    [(role, messages)] = door.calls
    assert role == "writer"
    assert [message["role"] for message in messages] == ["system", "user"]
    asked = messages[1]["content"]
    for word in plan["required"].values():
        assert repr(word) in asked
    for name in plan["features"]:
        assert name in asked
    assert plan["characters"][0]["name"] in asked


def test_another_writers_story_has_no_spans() -> None:
    draft = asyncio.run(TASK.voice(planned(5), Door(answer=" A story of mine. ")))
    assert draft.text == "A story of mine."
    assert all("span" not in event for event in draft.plan["events"])


def test_an_empty_answer_is_a_fault() -> None:
    with pytest.raises(VoiceFault, match="empty story"):
        asyncio.run(TASK.voice(planned(5), Door(answer="  \n")))


@pytest.mark.parametrize(
    "data", [{}, {"noun": "drum"}, {"noun": "", "verb": "go", "adjective": "x"}]
)
def test_a_seed_without_words_is_a_fault(data: dict[str, str]) -> None:
    with pytest.raises(PlanFault, match="incomplete seed"):
        TASK.plan(Seed("s", "w", data), stream(0))


def test_a_word_nobody_knows_is_a_fault() -> None:
    for part in ("noun", "verb", "adjective"):
        data = {"noun": "drum", "verb": "skip", "adjective": "red"} | {part: "zorb"}
        with pytest.raises(PlanFault, match="unusable"):
            TASK.plan(Seed("s", "w", data), stream(0))


def test_instruct_prompts_give_parts_in_random_order() -> None:
    task = Stories(Stories.Params(instruct_share=1))
    orders = set()
    for row in range(60):
        draft = told(row, task)
        order = draft.plan["instruct"]["order"]
        orders.add(tuple(order))
        assert order
        lines = draft.prompt.split("\n")
        assert [line.split(":")[0].lower() for line in lines[:-1]] == order
        assert draft.plan["instruct"]["sentence"] in draft.text
    assert len(orders) > 15
    assert {part for order in orders for part in order} == {
        "words", "features", "sentence", "summary"
    }  # fmt: skip


def test_no_instruct_no_prompt() -> None:
    draft = told(1, Stories(Stories.Params(instruct_share=0)))
    assert (draft.prompt, draft.plan["instruct"]) == ("", None)


@pytest.mark.parametrize("name", ["dialogue", "moral", "conflict", "twist", "foreshadowing"])
def test_only_wanted_features_are_drawn(name: Any) -> None:
    task = Stories(Stories.Params(features=(name,), most_features=1))
    seen = {feature for row in range(40) for feature in planned(row, task)["features"]}
    assert name in seen
    assert seen <= {name, "conflict"}  # a family may be a conflict by nature


@pytest.mark.parametrize(
    "params",
    [
        {"instruct_share": 1.5},
        {"features": ("car chase",)},
        {"min_words": 200, "max_words": 220},
        {"most": 1},
    ],
)
def test_bad_parameters_are_refused(params: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Stories.Params(**params)
