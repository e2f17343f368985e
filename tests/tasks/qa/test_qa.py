"""Questions are surely right, quotes are found where they stand, plans are plain data."""

from __future__ import annotations

import asyncio
import json
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.tasks.scenes import Stage, record_of

from datawell.checks.grounding import Grounding
from datawell.core.errors import PlanFault, VoiceFault
from datawell.core.randomness import stream
from datawell.core.records import Plan, Seed
from datawell.seeds.documents import DocumentSeeds
from datawell.tasks.base import Draft
from datawell.tasks.qa import QuestionAnswering
from datawell.tasks.qa.evidence import locate
from datawell.tasks.qa.questions import KINDS, Pair, pairs

PASSAGE = (
    "The mill was built in 1847 by the engineer Thomas Arkwell. It has 3 wheels. The mill has 2\n"
    "wheels and a tower. The wheels are quiet because they are made of wood. A mill is a house\n"
    "that grinds corn. More than 9,000 people saw it in 1990."
)
SAMPLE = DocumentSeeds(DocumentSeeds.Params(), 0)


def task(**params: Any) -> QuestionAnswering:
    return QuestionAnswering(QuestionAnswering.Params.model_validate(params))


def seed(text: str = PASSAGE, start: int = 100) -> Seed:
    place = {"start": start, "end": start + len(text)}
    return Seed("d", "mill.txt", {"text": text, "document": "mill.txt", "title": "Mill", **place})


def voiced(plan: Plan, stage: Stage | None = None) -> Draft:
    return asyncio.run(task().voice(plan, stage or Stage()))


def asked(kind: str, text: str = PASSAGE) -> list[Pair]:
    return [pair for pair in pairs(text, Random(1)) if pair.kind == kind]


@pytest.mark.parametrize(
    ("kind", "question", "answer"),
    [
        ("when", "In which year was the mill built?", "The mill was built in 1847."),
        (
            "who",
            "Who was the mill built by?",
            "The mill was built by the engineer Thomas Arkwell.",
        ),
        ("how_many", "How many wheels does the mill have?", "The mill has 2 wheels."),
        ("why", "Why are the wheels quiet?", "Because they are made of wood."),
        ("definition", "What is a mill?", "A mill is a house that grinds corn."),
    ],
)
def test_each_pattern_asks_what_it_knows(kind: str, question: str, answer: str) -> None:
    assert [(p.question, p.answer) for p in asked(kind)] == [(question, answer)]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("when", "It was built in 1847."),
        ("when", "The man who was hired in 1847 was built in 1900."),
        ("when", "The mill was tall in 1847."),
        ("when", "The mill was built and sold in 1847."),
        ("how_many", "She has 3 wheels."),
        ("how_many", "The mill has 1 wheels."),
        ("how_many", "The mill has 3 wheels fewer than the barn."),
        ("definition", "The mill is a ruin that nobody visits."),
        ("why", "The mill is old and the barn is new because nobody cares."),
        ("why", "This is only so because nobody cares about it."),
        ("verify", "The mill has more than 12 wheels in the valley."),
        ("verify", "It has 12 wheels in the whole valley."),
        ("about", "Ruth met Tom. Then Tom left the mill for good."),
    ],
)
def test_a_doubt_asks_nothing(kind: str, text: str) -> None:
    assert asked(kind, text) == []


def test_every_kind_occurs_in_the_sample() -> None:
    found = {
        p.kind
        for i in range(SAMPLE.size or 0)
        for p in pairs(SAMPLE.seed(i).data["text"], Random(i))
    }
    assert found == set(KINDS)


def test_a_false_statement_is_not_in_the_passage_and_a_true_one_is() -> None:
    seen = set()
    for index in range(SAMPLE.size or 0):
        text = " ".join(SAMPLE.seed(index).data["text"].split())
        for pair in asked("verify", text):
            said = pair.question.partition('"')[2][:-1]
            true = pair.answer.startswith("Yes.")
            seen.add(true)
            assert (said in text) is true
    assert seen == {True, False}


@pytest.mark.parametrize("row", range(40))
def test_the_built_in_voice_is_grounded(row: int) -> None:
    plan = task().plan(SAMPLE.seed(row % 31), stream(0, "plan", row))
    json.dumps(plan)
    draft = voiced(plan)
    verdict = Grounding(Grounding.Params()).examine(record_of(draft))
    assert verdict.keep, (draft.plan["question"], draft.text, verdict)
    assert draft.plan == plan
    assert plan["question"] in draft.prompt
    assert plan["passage"]["text"] in draft.prompt


def test_the_same_stream_gives_the_same_plan() -> None:
    assert task().plan(seed(), Random(3)) == task().plan(seed(), Random(3))


def test_a_models_quote_is_found_in_the_document() -> None:
    said = {"question": "When was it built?", "answer": "In 1847.", "evidence": "built in 1847"}
    stage = Stage(writer=[said])
    plan = task().plan(seed(), Random(1))
    draft = voiced(plan, stage)
    at = 100 + PASSAGE.index("built in 1847")
    assert draft.plan["evidence"] == {"text": "built in 1847", "start": at, "end": at + 13}
    assert draft.text == "In 1847."
    assert draft.plan["question"] == "When was it built?"
    ((_, messages),) = stage.asked
    assert PASSAGE in messages[1]["content"]
    assert plan["focus"] in messages[1]["content"]


def test_a_quote_that_is_not_there_is_said_to_be_missing() -> None:
    said = {"question": "When was it built?", "answer": "In 1847.", "evidence": "built in 1848"}
    draft = voiced(task().plan(seed(), Random(1)), Stage(writer=[said]))
    assert draft.plan["evidence"] is None
    verdict = Grounding(Grounding.Params()).examine(record_of(draft))
    assert verdict.reason == "no_evidence"


def test_an_answer_without_its_parts_is_repaired_or_falls() -> None:
    good = {"question": "When was it built?", "answer": "In 1847.", "evidence": "built in 1847"}
    plan = task().plan(seed(), Random(1))
    assert voiced(plan, Stage(writer=["no idea", {"question": "Why?"}, good])).text == "In 1847."
    with pytest.raises(VoiceFault, match="bad_structure"):
        voiced(plan, Stage(writer=["no", "no", "no"]))


def test_a_passage_without_a_shape_we_know_is_for_models_only() -> None:
    plan = task().plan(seed("wer reitet so spaet durch nacht und wind"), Random(1))
    with pytest.raises(VoiceFault, match="no_question"):
        voiced(plan)
    said = {"question": "Wer reitet?", "answer": "Nacht und Wind", "evidence": "nacht und wind"}
    assert voiced(plan, Stage(writer=[said])).plan["evidence"]["start"] > 100


def test_a_seed_without_a_text() -> None:
    with pytest.raises(PlanFault, match="no_passage"):
        task().plan(Seed("x", "x", {"question": "?"}), Random(1))


def test_recall_leaves_the_passage_out() -> None:
    plan = task(with_passage=False).plan(seed(), Random(1))
    assert voiced(plan).prompt == plan["question"]


@pytest.mark.parametrize(
    ("quote", "found"),
    [
        ("It has 3 wheels.", "It has 3 wheels."),
        ('"It has 3 wheels."', "It has 3 wheels."),
        ("…has 2 wheels and a tower…", "has 2\nwheels and a tower"),
        ("has 2 wheels", "has 2\nwheels"),
        ("it has 3 wheels", None),
        ("has 30 wheels", None),
        ("mill was buil", "mill was buil"),
        ("", None),
        ("...", None),
        ("x" * 5000, None),
    ],
)
def test_quotes_are_found_but_for_spacing_and_marks(quote: str, found: str | None) -> None:
    place = locate(PASSAGE, quote)
    assert (None if place is None else PASSAGE[slice(*place)]) == found


def test_curly_quotes_and_dashes_are_the_same() -> None:
    assert locate("He said: ‘It’s done’ – twice.", "'It's done' - twice") is not None


@given(st.text(max_size=80), st.text(max_size=20))
def test_whatever_is_found_is_there(passage: str, quote: str) -> None:
    place = locate(passage, quote)
    if place is not None:
        assert 0 <= place[0] < place[1] <= len(passage)


@given(st.text(alphabet="The mill was builtn1847.,'Tom Arkwelhs29 because", max_size=120))
def test_no_text_breaks_the_patterns(text: str) -> None:
    for pair in pairs(text, Random(0)):
        assert text[pair.start : pair.end].strip()
