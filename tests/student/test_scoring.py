"""Bits per byte, intervals, strict pairs, and completions."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tests.student.conftest import settings
from tokenizers import Tokenizer
from transformers import LlamaForCausalLM

from datawell.student.generate import complete
from datawell.student.model import END, build_model, load_model
from datawell.student.pairs import Pair, make_pairs
from datawell.student.scoring import (
    bits_per_byte,
    bootstrap,
    document_bits,
    prefers_true,
    score_pairs,
    strictly_better,
    wilson,
)
from datawell.student.texts import open_source
from datawell.student.tokenizer import encode, load_tokenizer


@pytest.fixture(scope="module")
def tokenizer(trained: Path) -> Tokenizer:
    return load_tokenizer(trained)


@pytest.fixture(scope="module")
def model(trained: Path) -> LlamaForCausalLM:
    return load_model(trained)


@pytest.fixture(scope="module")
def constant(tokenizer: Tokenizer) -> LlamaForCausalLM:
    """A model that finds every token equally likely."""
    model = build_model("300k", tokenizer.get_vocab_size(), 128, seed=0)
    torch.nn.init.zeros_(model.lm_head.weight)
    model.train(False)
    return model


def test_a_constant_model_decides_no_pair(
    constant: LlamaForCausalLM, tokenizer: Tokenizer, dataset: Path
) -> None:
    held = list(open_source(dataset).examples("test"))
    for kind, pairs in make_pairs(settings(), held, tokenizer, 20).items():
        right, count = score_pairs(constant, tokenizer, pairs)
        assert count > 5, kind
        assert right == 0, "a tie is wrong"


@pytest.mark.parametrize(
    ("true", "false", "better"),
    [(1.0, 0.0, True), (0.0, 0.0, False), (0.0, 1.0, False), (math.nan, 0.0, False)],
)
def test_only_strictly_better_counts(true: float, false: float, better: bool) -> None:
    assert strictly_better(true, false) is better


def test_a_pair_is_decided_as_by_the_whole_texts(
    model: LlamaForCausalLM, tokenizer: Tokenizer, dataset: Path
) -> None:
    def whole(text: str) -> float:
        ids = torch.tensor([[END, *encode(tokenizer, text)]])
        with torch.no_grad():
            logits = model(input_ids=ids[:, :-1]).logits[0].double().log_softmax(-1)
        return float(logits.gather(1, ids[0, 1:, None]).sum())

    held = list(open_source(dataset).examples("test"))
    for pairs in make_pairs(settings(), held, tokenizer, 5).values():
        for pair in pairs:
            expected = whole(pair.true) > whole(pair.false)
            assert prefers_true(model, tokenizer, pair) is expected


def test_a_pair_longer_than_the_context_is_not_scored(
    model: LlamaForCausalLM, tokenizer: Tokenizer
) -> None:
    long = "the cat " * 200
    assert prefers_true(model, tokenizer, Pair("name", 0, long + "a", long + "b")) is None


def test_bits_are_counted_to_the_end_of_the_document(
    constant: LlamaForCausalLM, tokenizer: Tokenizer
) -> None:
    texts = ["Once there was a girl.", "é", "the drum " * 120]
    found = document_bits(constant, tokenizer, texts)
    each = math.log2(tokenizer.get_vocab_size())
    for row, text in zip(found, texts, strict=True):
        assert row[0] == pytest.approx((len(encode(tokenizer, text)) + 1) * each, rel=1e-5)
        assert row[1] == len(text.encode())
    assert bits_per_byte(found) == pytest.approx(found[:, 0].sum() / found[:, 1].sum())


def test_a_document_scores_the_same_alone_and_in_company(
    model: LlamaForCausalLM, tokenizer: Tokenizer
) -> None:
    texts = ["Once there was a girl named Lily.", "One day, Tom lost the ball in number 3."]
    together = document_bits(model, tokenizer, texts)
    alone = np.concatenate([document_bits(model, tokenizer, [t]) for t in texts])
    np.testing.assert_allclose(together, alone, rtol=1e-4)


def test_the_bootstrap_holds_the_value() -> None:
    found = np.array([[10.0, 5.0], [20.0, 9.0], [5.0, 4.0], [9.0, 5.0]])
    low, high = bootstrap(found, seed=0)
    assert low < bits_per_byte(found) < high
    assert bootstrap(found, seed=0) == (low, high)


@given(count=st.integers(1, 300), data=st.data())
def test_wilson_holds_the_share(count: int, data: st.DataObject) -> None:
    right = data.draw(st.integers(0, count))
    low, high = wilson(right, count)
    assert 0 <= low <= right / count <= high <= 1
    assert wilson(0, 0) == (0.0, 1.0)


def test_completions_are_the_same_each_time(model: LlamaForCausalLM, tokenizer: Tokenizer) -> None:
    prompts = ["Once there was", "One day, Lily"]
    one = complete(model, tokenizer, prompts, seed=3)
    assert one == complete(model, tokenizer, prompts, seed=3)
    assert one != complete(model, tokenizer, prompts, seed=4)
    assert all(c.text for c in one)


def test_a_batch_writes_what_each_prompt_would_write_alone(
    model: LlamaForCausalLM, tokenizer: Tokenizer
) -> None:
    prompts = ["Once there was a girl named Lily. She had a red", "One day"]
    greedy = {"seed": 0, "min_p": 0.999, "length": 20}
    together = complete(model, tokenizer, prompts, **greedy)  # type: ignore[arg-type]
    alone = [complete(model, tokenizer, [p], **greedy)[0] for p in prompts]  # type: ignore[arg-type]
    assert together == alone


def test_what_the_context_cuts_ends_with_a_whole_word(
    constant: LlamaForCausalLM, model: LlamaForCausalLM, tokenizer: Tokenizer
) -> None:
    cut = complete(model, tokenizer, ["Once there was"], seed=0, length=9)[0]
    assert not cut.ended
    longer = complete(model, tokenizer, ["Once there was"], seed=0, length=12)[0]
    assert longer.text.startswith(cut.text)
    assert longer.text[len(cut.text)] in " \n"
    long = complete(constant, tokenizer, ["word " * 400], seed=0)[0]
    assert long.text == ""
