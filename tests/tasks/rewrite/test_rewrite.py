"""Styles do what they say, leave what they do not understand, and keep the meaning."""

from __future__ import annotations

import asyncio
import json
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from tests.tasks.scenes import Stage, record_of

from datawell.checks.meaning_kept import MeaningKept
from datawell.core.errors import PlanFault, UsageError, VoiceFault
from datawell.core.randomness import stream
from datawell.core.records import Plan, Seed
from datawell.seeds.documents import DocumentSeeds
from datawell.tasks.base import Draft
from datawell.tasks.rewrite import Rewrite
from datawell.tasks.rewrite.styles import PROCEDURES, STYLES

SAMPLE = DocumentSeeds(DocumentSeeds.Params(), 0)
TEXT = "The mill was built in 1847. It does not turn now. Approximately 30 people live near it."


def task(*styles: str) -> Rewrite:
    return Rewrite(Rewrite.Params(styles=styles or PROCEDURES))


def seed(text: str = TEXT) -> Seed:
    return Seed("d", "mill.txt", {"text": text, "document": "mill.txt", "start": 10})


def voiced(plan: Plan, stage: Stage | None = None) -> Draft:
    return asyncio.run(task().voice(plan, stage or Stage()))


def styled(name: str, text: str) -> str | None:
    rewrite = STYLES[name].rewrite
    assert rewrite is not None
    return rewrite(text)


@pytest.mark.parametrize(
    ("style", "text", "changed"),
    [
        ("plain_words", "In order to go, they utilised it.", "To go, they used it."),
        ("plain_words", "Numerous people came prior to May.", "Many people came before May."),
        ("plain_words", "They have sufficient\nwater.", "They have enough\nwater."),
        ("plain_words", "They need a sufficient amount of it.", None),
        ("plain_words", "Nothing hard is here.", None),
        ("full_forms", "I'm here and they don't know.", "I am here and they do not know."),
        ("full_forms", "Can’t he? It won't go.", None),
        ("full_forms", "It's cold. Tom's dog can't go.", "It is cold. Tom's dog cannot go."),
        ("full_forms", "He's gone and it isn't late.", None),
        ("full_forms", "I'd go, but I can't.", None),
        ("full_forms", "Why don't you go? It isn't far.", None),
        ("full_forms", "Tom's dog ran.", None),
        ("short_forms", "They do not go. It is a bell.", "They don't go. It's a bell."),
        ("short_forms", "It will not open. I cannot go.", "It won't open. I can't go."),
        ("short_forms", "Whether they can or not, I know how big it is.", None),
        ("short_sentences", "The dog ran, and it was glad to.", "The dog ran. It was glad to."),
        ("short_sentences", "He sat down, but they stood up.", "He sat down. But they stood up."),
        ("short_sentences", "It is not here; it was sold.", "It is not here. It was sold."),
        ("short_sentences", "He said that it rained, and they stayed home.", None),
        ("short_sentences", "They like the cat, and the dog.", None),
        ("short_sentences", 'He called "go; run and hide".', None),
        (
            "bullet_list",
            "One is\nhere. Two is there. Three.",
            "- One is here.\n- Two is there.\n- Three.",
        ),
        ("bullet_list", "One. Two.", None),
        (
            "key_facts",
            "Tom has 3 dogs. He has 2 cats. The cats sleep. Ann has 4 hens.",
            "Key facts:\n- Tom has 3 dogs.\n- Ann has 4 hens.",
        ),
        ("key_facts", "Tom has dogs. Ann has 4 hens.", None),
        ("summary", "One is here. Two are there.", None),
    ],
)
def test_styles(style: str, text: str, changed: str | None) -> None:
    assert styled(style, text) == changed


def test_a_summary_is_shorter_and_made_of_whole_sentences() -> None:
    made = 0
    for index in range(SAMPLE.size or 0):
        text = " ".join(SAMPLE.seed(index).data["text"].split())
        short = styled("summary", text)
        if short is not None:
            made += 1
            assert len(short.split()) <= 0.4 * len(text.split())
            assert not short.startswith(("It ", "He ", "She ", "They "))
    assert made > 10


@given(st.text(alphabet="Itdon'’tis;, .andbuhey\n", max_size=120))
def test_no_text_breaks_a_style_and_none_gives_the_same(text: str) -> None:
    for name in PROCEDURES:
        changed = styled(name, text)
        assert changed is None or changed != text


@pytest.mark.parametrize("row", range(60))
def test_the_built_in_voice_keeps_the_meaning(row: int) -> None:
    plan = task().plan(SAMPLE.seed(row % 31), stream(0, "plan", row))
    json.dumps(plan)
    draft = voiced(plan)
    verdict = MeaningKept(MeaningKept.Params()).examine(record_of(draft))
    assert verdict.keep, (plan["style"], draft.text, verdict)
    assert verdict.score == 1 or plan["keeps"] == "some"
    assert plan["source"]["text"] in draft.prompt
    assert plan["instruction"] in draft.prompt


def test_every_procedure_fits_some_passage_of_the_sample() -> None:
    fitting = {
        name
        for index in range(SAMPLE.size or 0)
        for name in PROCEDURES
        if styled(name, " ".join(SAMPLE.seed(index).data["text"].split())) is not None
    }
    assert fitting == set(PROCEDURES)


def test_a_model_writes_any_style() -> None:
    plan = task("for_children").plan(seed(), Random(1))
    stage = Stage(writer=[{"rewritten": "  A mill is old. It has stopped. "}])
    assert voiced(plan, stage).text == "A mill is old. It has stopped."
    ((role, messages),) = stage.asked
    assert role == "writer"
    assert TEXT in messages[1]["content"]
    assert plan["source"] == {"text": TEXT, "start": 10, "end": 10 + len(TEXT)}


def test_an_empty_answer_falls() -> None:
    plan = task("for_children").plan(seed(), Random(1))
    with pytest.raises(VoiceFault, match="bad_structure"):
        voiced(plan, Stage(writer=[{"rewritten": " "}] * 3))


def test_the_built_in_voice_refuses_what_it_cannot_do() -> None:
    with pytest.raises(UsageError, match="cannot write in the style 'letter'"):
        voiced(task("letter").plan(seed(), Random(1)))


def test_seeds_that_give_no_plan() -> None:
    with pytest.raises(PlanFault, match="no_passage"):
        task().plan(Seed("x", "x", {"question": "?"}), Random(1))
    with pytest.raises(PlanFault, match="no_style_fits"):
        task("full_forms").plan(seed(), Random(1))


@pytest.mark.parametrize(
    ("styles", "words"), [(["lettr"], "did you mean 'letter'"), ([], "at least one")]
)
def test_unknown_styles(styles: list[str], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Rewrite.Params.model_validate({"styles": styles})


def test_the_same_stream_gives_the_same_plan() -> None:
    made: list[Any] = [task().plan(seed(), Random(5)) for _ in range(2)]
    assert made[0] == made[1]
