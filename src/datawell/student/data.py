"""Tokens on disk, and the windows a student reads from them.

The token file is a flat array of 16-bit ids: each document begins with ``<|endoftext|>``, and one
more closes the file. It is memory-mapped, so its size is bounded by the disk alone.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

from datawell.core.errors import UsageError, storage_boundary
from datawell.core.randomness import stream
from datawell.core.records import Json
from datawell.student.files import write_json
from datawell.student.model import END
from datawell.student.texts import MARKER, Example

_BATCH = 2_000


@dataclass(frozen=True, slots=True)
class TokenFile:
    """Ids of a corpus, with how many documents and bytes of text they stand for."""

    ids: NDArray[np.uint16]
    documents: int
    bytes: int


def write_tokens(
    examples: Iterable[Example], tokenizer: Tokenizer, path: Path, key: Json, limit: int = 0
) -> TokenFile:
    """Encode examples to ``path``, or reuse the file when ``key`` says it holds the same.

    Args:
        examples: read once, in batches.
        tokenizer: its vocabulary must fit 16 bits.
        path: the array; facts about it stand beside it in ``.json``.
        key: names the data and the vocabulary.
        limit: stop after this many bytes of text (0: none); the last document is cut to fit.

    Raises:
        StorageError: the disk is full.
    """
    facts = path.with_suffix(".json")
    if facts.is_file() and path.is_file():
        known = json.loads(facts.read_text())
        if known["key"] == key:
            return _open(path, known)
    documents = size = 0
    with storage_boundary("student", path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as out:
            for batch in _batches(cut(examples, limit)):
                documents += len(batch)
                size += sum(len(text.encode()) for text in batch)
                for encoding in tokenizer.encode_batch(batch):
                    np.array([END, *encoding.ids], np.uint16).tofile(out)
            np.array([END], np.uint16).tofile(out)
            out.flush()
            os.fsync(out.fileno())
        known = {"key": key, "documents": documents, "bytes": size}
        write_json(facts, known)
    return _open(path, known)


def _open(path: Path, facts: dict[str, int]) -> TokenFile:
    return TokenFile(np.memmap(path, np.uint16, "r"), facts["documents"], facts["bytes"])


def cut(examples: Iterable[Example], limit: int) -> Iterator[str]:
    """The texts of examples, up to ``limit`` bytes (0: all); the last one is cut to fit."""
    used = 0
    for example in examples:
        text = example.whole.replace(MARKER, "<| endoftext |>")
        size = len(text.encode())
        if limit and used + size > limit:
            rest = text.encode()[: limit - used].decode(errors="ignore")
            if rest:
                yield rest
            return
        used += size
        yield text


def _batches(texts: Iterable[str]) -> Iterator[list[str]]:
    texts = iter(texts)
    while batch := list(islice(texts, _BATCH)):
        yield batch


class Windows:
    """Training windows by step number: no state, so a resumed training sees the same data.

    Each epoch cuts the tokens at a new random phase and visits all windows in a new order.

    Raises:
        UsageError: there is less than one window of text.
    """

    def __init__(self, ids: NDArray[np.uint16], context: int, batch: int, seed: int) -> None:
        if len(ids) < 2 * context + 1:
            raise UsageError(
                f"dataset: {len(ids)} training tokens are too few for windows of {context}",
                hint="give more text or a smaller context",
            )
        self.ids, self.context, self.batch, self.seed = ids, context, batch, seed
        self.windows = (len(ids) - 1 - context) // context
        self.steps = max(1, self.windows // batch)
        self._epoch = -1
        self._starts = np.zeros(0, np.int64)

    def __call__(self, step: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Inputs and targets of one step, each (batch, context)."""
        epoch, place = divmod(step, self.steps)
        if epoch != self._epoch:
            self._shuffle(epoch)
        at = self._starts[(place * self.batch + np.arange(self.batch)) % self.windows]
        rows = self.ids[at[:, None] + np.arange(self.context + 1)].astype(np.int64)
        whole = torch.from_numpy(rows)
        return whole[:, :-1], whole[:, 1:].contiguous()

    def _shuffle(self, epoch: int) -> None:
        random = np.random.default_rng(stream(self.seed, "windows", epoch).getrandbits(64))
        phase = int(random.integers(self.context))
        self._starts = random.permutation(self.windows) * self.context + phase
        self._epoch = epoch
