from __future__ import annotations

import tracemalloc
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pydantic import ValidationError

from datawell.checks.near_duplicates import NearDuplicates
from datawell.core.records import Record
from tests.checks.kit import PLAN, SPEECH, InMemory, decide, dialogue, dropped, story

check = NearDuplicates(NearDuplicates.Params())
VOCABULARY = [f"{a}{b}{c}" for a in "bdfgklmnprst" for b in "aeiou" for c in ("", "n", "r", "st")]


def passage(seed: int, words: int = 120) -> str:
    random = Random(seed)
    return " ".join(random.choice(VOCABULARY) for _ in range(words))


def edited(text: str, share: float, seed: int = 1) -> str:
    random, words = Random(seed), text.split()
    for at in random.sample(range(len(words)), round(share * len(words))):
        words[at] = random.choice(VOCABULARY)
    return " ".join(words)


def problem(name: str, *numbers: int) -> str:
    a, b, c = numbers
    return (
        f"{name} has {a} red pens and buys {b} boxes with {c} pens in each of them at the shop on"
        f" the corner. How many pens does {name} have in all when she comes home?"
    )


def test_copies_with_one_word_in_ten_edited_are_dropped() -> None:
    base = [passage(seed) for seed in range(60)]
    copies = [edited(text, 0.1) for text in base]
    verdicts = decide(check, base + copies)
    assert sorted(verdicts) == list(range(60, 120))
    assert verdicts[60].reason == "near_duplicate"
    assert verdicts[60].note == "like row 0"
    assert verdicts[60].score is not None
    assert verdicts[60].score >= 0.5


def test_unrelated_texts_are_kept() -> None:
    assert decide(check, [passage(seed) for seed in range(200)]) == {}


def test_half_new_words_are_no_copy() -> None:
    assert dropped(check, [passage(1), edited(passage(1), 0.5)]) == []


def test_the_same_problem_with_other_numbers_is_a_family_and_kept() -> None:
    texts = [problem("Ana", 3 + i, 2 + i, 10 + i) for i in range(40)]
    verdicts = decide(check, texts)
    assert sorted(verdicts) == list(range(40))
    assert all(verdict.keep for verdict in verdicts.values())
    assert all(verdict.note.startswith("template_family of row 0") for verdict in verdicts.values())


def test_one_other_number_makes_another_problem() -> None:
    assert dropped(check, [problem("Ana", 3, 2, 10), problem("Ana", 3, 2, 11)]) == []
    assert dropped(check, [problem("Ana", 3, 2, 10), problem("Ana", 2, 3, 10)]) == []


def test_the_same_numbers_as_words_or_digits_are_a_copy() -> None:
    text = problem("Ana", 3, 2, 10)
    assert dropped(check, [text, text.replace("10", "ten").replace("red", "big red")]) == [1]


def test_families_can_be_capped() -> None:
    capped = NearDuplicates(NearDuplicates.Params(family_cap=3))
    verdicts = decide(capped, [problem("Ana", 3 + i, 2 + i, 10 + i) for i in range(5)])
    assert [verdicts[i].keep for i in range(5)] == [True, True, True, False, False]
    assert verdicts[4].reason == "template_family_cap"


def test_a_changed_number_among_changed_words_is_a_copy_unless_the_plan_asks_a_question() -> None:
    text = f"in 1984 {passage(5, 40)} then 17 came and {passage(6, 40)} until 21 left with 30 more"
    copy = edited(text.replace("17", "19"), 0.05)
    assert dropped(check, [text, copy]) == [1]
    assert dropped(check, [text, copy], {"question": "?"}) == []
    strict = NearDuplicates(NearDuplicates.Params(numbers="all"))
    assert dropped(strict, [text, copy]) == []


def test_a_chain_of_copies_loses_only_what_is_like_a_kept_one() -> None:
    chain = [passage(9, 200)]
    for seed in range(12):
        chain.append(edited(chain[-1], 0.08, seed))
    verdicts = decide(check, chain)
    gone = {at for at, verdict in verdicts.items() if not verdict.keep}
    assert gone
    assert len(gone) < len(chain) - 1
    for at in gone:
        kept = int(verdicts[at].note.split()[-1])
        assert kept < at
        assert kept not in gone


def test_dialogues_are_compared_by_question_and_learner() -> None:
    other = {**PLAN, "question": passage(3, 30)}
    speech = list(SPEECH)
    speech[1], speech[3], speech[5] = passage(4, 20), passage(5, 20), passage(6, 20)
    records = [dialogue(*SPEECH), dialogue(*speech, plan=other), dialogue(*SPEECH)]
    verdicts = dict(check.decide(InMemory(check.sign(records))))
    assert [at for at, verdict in verdicts.items() if not verdict.keep] == [2]


def test_the_compared_field_can_be_chosen() -> None:
    plans = (
        {"question": passage(1, 40)},
        {"question": passage(1, 40)},
        {"question": passage(2, 40)},
    )
    records = [story(passage(10 + i), plan) for i, plan in enumerate(plans)]
    for field, expected in (("text", []), ("question", [1])):
        one = NearDuplicates(NearDuplicates.Params.model_validate({"field": field}))
        verdicts = one.decide(InMemory(one.sign(records)))
        assert [row for row, verdict in verdicts if not verdict.keep] == expected


def test_empty_and_tiny_texts_do_no_harm() -> None:
    assert dropped(check, []) == []
    assert dropped(check, ["", "", "?!"]) == []
    assert dropped(check, ["hello", "hello", "bye"]) == [1]


def test_row_ids_are_the_runs_own() -> None:
    signed = check.sign([story(passage(1)), story(passage(2)), story(passage(1))])
    stored = InMemory(signed, np.array([7, 8, 30]))
    ((row, verdict),) = check.decide(stored)
    assert (row, verdict.note) == (30, "like row 7")


def test_bad_parameters_are_refused() -> None:
    for bad in ({"threshold": 0}, {"bands": 0}, {"family_cap": 0}, {"field": "views"}, {"band": 3}):
        with pytest.raises(ValidationError):
            NearDuplicates.Params.model_validate(bad)


def corpus(picks: list[tuple[int, int]]) -> list[str]:
    """Texts with near copies among them: (which text, which edit)."""
    return [edited(passage(which, 60), 0.02 * edit, edit) for which, edit in picks]


picks = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3)), max_size=24)


@settings(max_examples=40)
@given(picks)
def test_a_second_pass_finds_nothing_more(chosen: list[tuple[int, int]]) -> None:
    texts = corpus(chosen)
    gone = set(dropped(check, texts))
    assert dropped(check, [text for at, text in enumerate(texts) if at not in gone]) == []


@settings(max_examples=40)
@given(picks, st.integers(1, 7))
def test_shards_do_not_matter(chosen: list[tuple[int, int]], size: int) -> None:
    records = [story(text) for text in corpus(chosen)]
    whole = check.sign(records)
    pieces = [
        NearDuplicates(NearDuplicates.Params()).sign(records[at : at + size])
        for at in range(0, len(records), size)
    ]
    assert np.array_equal(np.concatenate(pieces) if pieces else whole, whole)


@settings(max_examples=40)
@given(picks, st.randoms(use_true_random=False))
def test_order_decides_only_which_copy_stays(chosen: list[tuple[int, int]], random: Random) -> None:
    # Edits this light keep all copies of one text alike, so that each text leaves exactly one.
    texts = corpus(chosen)
    mixed = list(range(len(texts)))
    random.shuffle(mixed)
    for order in (list(range(len(texts))), mixed):
        gone = set(dropped(check, [texts[at] for at in order]))
        kept = [chosen[at][0] for place, at in enumerate(order) if place not in gone]
        assert sorted(kept) == sorted({which for which, _ in chosen})


def synthetic(count: int) -> NDArray[Any]:
    """Random signatures; all share one band, and each twentieth is a copy with .7 agreement."""
    draw = np.random.default_rng(1)
    signed = np.zeros(count, check.dtype)
    signed["minhash"] = draw.integers(0, 2**32 - 1, signed["minhash"].shape, dtype=np.uint32)
    signed["shingles"] = 99
    signed["numbers"] = draw.integers(0, 2**60, count)
    signed["sketch"] = 2**32 - 1
    copies = count // 20
    original = signed["minhash"][:copies]
    changed = draw.random(original.shape) < 0.3
    signed["minhash"][-copies:] = np.where(changed, signed["minhash"][-copies:], original)
    signed["numbers"][-copies:] = signed["numbers"][:copies]
    signed["minhash"][:, :4] = 7
    return signed


def test_memory_is_bounded_and_a_band_shared_by_all_is_survived() -> None:
    count = 60_000
    stored = InMemory(synthetic(count))
    tracemalloc.start()
    gone = [row for row, verdict in check.decide(stored) if not verdict.keep]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert gone == list(range(count - count // 20, count))
    assert peak < 150 * count + 16_000_000


def test_a_record_can_be_signed_without_a_plan() -> None:
    assert check.sign([Record("0", "a b c", {}, story("").lineage)]).shape == (1,)
