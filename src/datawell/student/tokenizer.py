"""A vocabulary trained on the data: its words are one token each, all other text is pieces.

A student of minutes that must spell its words misspells the rare ones; one that has them as whole
tokens cannot. Pieces are byte-level BPE, so any text can be written. Source: Sennrich et al.,
"Neural machine translation of rare words with subword units" (2016), over bytes as in GPT-2; whole
words before merges as in Llama 3.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from datawell.core.errors import UsageError, storage_boundary
from datawell.student.files import write_json, write_text
from datawell.student.texts import MARKER

_SAMPLE_BYTES = 30_000_000
"""Text a vocabulary is learnt from (at most, from the beginning): more does not change it much."""


_PIECES = 16
"""One entry in so many may be a piece of rare words; the others are words, the commonest first."""
_BYTES = 256
_ALL = 1_000_000


def train_tokenizer(texts: Iterable[str], vocab_size: int) -> Tokenizer:
    """Learn a vocabulary of at most ``vocab_size`` entries; id 0 is ``<|endoftext|>``."""
    sample = list(_beginning(texts))
    room = vocab_size - _BYTES - 1
    # A word that stands in the text once may be a misprint: it is spelt, like those without room.
    whole = _words(sample, room - room // _PIECES, least=2)
    known = set(whole)
    rest = [word for word in _words(sample, _ALL, least=1) if word not in known]
    pieces = _pieces(rest, vocab_size - len(whole))
    vocabulary = pieces.get_vocab()
    for word in whole:
        vocabulary.setdefault(word, len(vocabulary))
    merges = [tuple(pair) for pair in json.loads(pieces.to_str())["model"]["merges"]]
    # A word that is an entry is read as such, whatever the merges would make of it.
    tokenizer = _tokenizer(models.BPE(vocabulary, merges, ignore_merges=True))
    tokenizer.add_special_tokens([MARKER])
    return tokenizer


def _tokenizer(model: models.Model) -> Tokenizer:
    tokenizer = Tokenizer(model)
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def _words(sample: Sequence[str], most: int, least: int) -> list[str]:
    """The words of a sample that stand there at least ``least`` times, the commonest first."""
    tokenizer = _tokenizer(models.WordLevel())
    trainer = trainers.WordLevelTrainer(vocab_size=most, min_frequency=least, show_progress=False)
    tokenizer.train_from_iterator(sample, trainer)
    found = tokenizer.get_vocab()
    return sorted(found, key=found.__getitem__)


def _pieces(words: Sequence[str], size: int) -> Tokenizer:
    """Byte-level BPE of at most ``size`` entries, learnt from words that must be spelt."""
    tokenizer = _tokenizer(models.BPE())
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=[MARKER],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator([tokenizer.decoder.decode([word]) for word in words], trainer)
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
    # The vocabulary comes last: where it is, both are whole.
    write_json(folder / "tokenizer_config.json", config)
    write_text(folder / "tokenizer.json", tokenizer.to_str(pretty=True))


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
