"""The vocabulary, the token file and the windows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from datawell.core.errors import UsageError
from datawell.student.data import Windows, write_tokens
from datawell.student.model import END
from datawell.student.texts import Example
from datawell.student.tokenizer import encode, load_tokenizer, save_tokenizer, train_tokenizer

TEXTS = ["the cat sat on the mat", "the dog ran to the cat", "a cat and a dog"] * 5


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return train_tokenizer(TEXTS, 300)


@given(text=st.text(max_size=40))
def test_any_text_can_be_written_and_read_back(text: str) -> None:
    tokenizer = _SHARED
    ids = encode(tokenizer, text)
    assert tokenizer.decode(ids) == text.replace("<|endoftext|>", "<| endoftext |>")
    assert END not in ids


_SHARED = train_tokenizer(TEXTS, 300)


def test_a_vocabulary_is_learnt_the_same_each_time(tmp_path: Path, tokenizer: Tokenizer) -> None:
    again = train_tokenizer(iter(TEXTS), 300)
    assert again.to_str() == tokenizer.to_str()
    assert tokenizer.get_vocab_size() <= 300
    assert tokenizer.token_to_id("<|endoftext|>") == END
    assert len(encode(tokenizer, " the cat")) == 2
    save_tokenizer(tokenizer, tmp_path / "model", 64)
    assert load_tokenizer(tmp_path / "model").to_str() == tokenizer.to_str()
    with pytest.raises(UsageError, match=r"no tokenizer\.json"):
        load_tokenizer(tmp_path)


def test_a_marker_in_a_text_is_plain_text(tokenizer: Tokenizer) -> None:
    assert END not in encode(tokenizer, "a<|endoftext|>b")


def test_the_token_file_holds_every_document(tmp_path: Path, tokenizer: Tokenizer) -> None:
    examples = [Example(text) for text in TEXTS]
    found = write_tokens(examples, tokenizer, tmp_path / "t.bin", "key")
    expected = [i for text in TEXTS for i in (END, *encode(tokenizer, text))] + [END]
    assert found.ids.tolist() == expected
    assert found.ids.dtype == np.uint16
    assert found.documents == len(TEXTS)
    assert found.bytes == sum(map(len, TEXTS))
    kept = write_tokens([], tokenizer, tmp_path / "t.bin", "key")
    assert kept.ids.tolist() == expected, "the same key reuses the file"
    other = write_tokens(examples[:1], tokenizer, tmp_path / "t.bin", "other")
    assert other.documents == 1


@given(limit=st.integers(1, 400))
def test_a_limit_in_bytes_is_met_exactly(limit: int) -> None:
    from datawell.student.data import cut

    texts = ["héllo wörld", "abc" * 30, "x" * 100]
    found = "".join(cut([Example(t) for t in texts], limit)).encode()
    whole = "".join(texts).encode()
    assert whole.startswith(found)
    assert min(limit, len(whole)) - len(found) <= 1, "only half a character may be missing"


def test_windows_are_the_same_by_step_and_cover_the_text() -> None:
    ids = np.arange(1000, dtype=np.uint16)
    windows, again = Windows(ids, 16, 4, seed=3), Windows(ids, 16, 4, seed=3)
    seen: set[int] = set()
    for step in range(windows.steps):
        inputs, targets = windows(step)
        assert inputs.shape == targets.shape == (4, 16)
        assert (inputs[:, 1:] == targets[:, :-1]).all()
        assert (targets - inputs == 1).all()
        seen.update(inputs.flatten().tolist())
    assert len(seen) >= 4 * 16 * windows.steps, "no window comes twice in an epoch"
    later = windows.steps + 2
    assert (windows(later)[0] == again(later)[0]).all(), "a step needs no step before it"
    assert windows(0)[0].tolist() != windows(windows.steps)[0].tolist(), "epochs differ"


def test_too_little_text_is_refused() -> None:
    with pytest.raises(UsageError, match="too few"):
        Windows(np.zeros(32, np.uint16), 16, 4, seed=0)
    inputs, _ = Windows(np.zeros(33, np.uint16), 16, 4, seed=0)(0)
    assert inputs.shape == (4, 16)
