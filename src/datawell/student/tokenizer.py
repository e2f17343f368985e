"""A byte-level BPE vocabulary trained on the data: any text can be written, common words are short.

Source: Sennrich et al., "Neural machine translation of rare words with subword units" (2016), over
bytes as in GPT-2.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from datawell.core.errors import UsageError, storage_boundary
from datawell.student.texts import MARKER

_SAMPLE_BYTES = 30_000_000
"""Text a vocabulary is learnt from (at most, from the beginning): more does not change it much."""


def train_tokenizer(texts: Iterable[str], vocab_size: int) -> Tokenizer:
    """Learn a vocabulary of at most ``vocab_size`` entries; id 0 is ``<|endoftext|>``."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        special_tokens=[MARKER],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(_beginning(texts), trainer)
    return tokenizer


def _beginning(texts: Iterable[str]) -> Iterator[str]:
    used = 0
    for text in texts:
        yield text
        used += len(text)
        if used > _SAMPLE_BYTES:
            return


def save_tokenizer(tokenizer: Tokenizer, folder: Path, context: int) -> None:
    """Write ``tokenizer.json`` and ``tokenizer_config.json`` as Hugging Face reads them."""
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": MARKER,
        "eos_token": MARKER,
        "pad_token": MARKER,
        "unk_token": MARKER,
        "model_max_length": context,
        "clean_up_tokenization_spaces": False,
    }
    with storage_boundary("student", folder):
        folder.mkdir(parents=True, exist_ok=True)
        tokenizer.save(str(folder / "tokenizer.json"))
        (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=1) + "\n")


def load_tokenizer(folder: Path) -> Tokenizer:
    """Read the tokenizer of a model folder.

    Raises:
        UsageError: the folder holds none.
    """
    file = folder / "tokenizer.json"
    if not file.is_file():
        raise UsageError(f"model: {folder} holds no tokenizer.json", hint="train a student first")
    return Tokenizer.from_file(str(file))


def encode(tokenizer: Tokenizer, text: str) -> list[int]:
    """Token ids of a text; a marker inside the text is plain text, never the special token."""
    return list(tokenizer.encode(text.replace(MARKER, "<| endoftext |>")).ids)
