"""What a model thinks of a text: bits per byte of documents, and choices between pairs.

Losses per token cannot be compared between vocabularies, so text is always scored in bits per
UTF-8 byte. A document is scored from its own beginning to ``<|endoftext|>``, which is counted among
the bits but not among the bytes.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from transformers import LlamaForCausalLM

from datawell.core.randomness import stream
from datawell.student.model import END
from datawell.student.pairs import Pair
from datawell.student.tokenizer import encode

_ROWS = 8


@torch.no_grad()
def document_bits(
    model: LlamaForCausalLM, tokenizer: Tokenizer, texts: Iterable[str]
) -> NDArray[np.float64]:
    """Bits and bytes of each document: shape (documents, 2).

    A document longer than the context is read in pieces, each of which begins with the last token
    of the one before it.
    """
    context = model.config.max_position_embeddings
    rows: list[tuple[int, list[int]]] = []
    sizes: list[int] = []
    for number, text in enumerate(texts):
        ids = [END, *encode(tokenizer, text), END]
        rows += [(number, ids[at : at + context + 1]) for at in range(0, len(ids) - 1, context)]
        sizes.append(len(text.encode()))
    # Pieces of like length go together, so that little of a batch is filling.
    rows.sort(key=lambda row: (len(row[1]), row[0]))
    found = np.zeros((len(sizes), 2))
    found[:, 1] = sizes
    for at in range(0, len(rows), _ROWS):
        part = rows[at : at + _ROWS]
        for (number, _), bits in zip(part, _piece_bits(model, part), strict=True):
            found[number, 0] += bits
    return found


def _piece_bits(model: LlamaForCausalLM, part: Sequence[tuple[int, list[int]]]) -> list[float]:
    width = max(len(ids) for _, ids in part)
    # Filling stands at the end: with causal attention it changes nothing before it.
    whole = torch.tensor([ids + [END] * (width - len(ids)) for _, ids in part])
    whole = whole.to(model.device)
    logits = model(input_ids=whole[:, :-1], use_cache=False).logits
    losses = torch.nn.functional.cross_entropy(
        logits.float().flatten(0, 1), whole[:, 1:].flatten(), reduction="none"
    ).view(len(part), -1)
    return [
        float(losses[i, : len(ids) - 1].double().sum()) / math.log(2)
        for i, (_, ids) in enumerate(part)
    ]


def bits_per_byte(found: NDArray[np.float64]) -> float:
    """All bits over all bytes."""
    return float(found[:, 0].sum() / found[:, 1].sum())


def bootstrap(found: NDArray[np.float64], seed: int, draws: int = 1_000) -> tuple[float, float]:
    """The 95 % interval of bits per byte over documents drawn again with replacement."""
    random = np.random.default_rng(stream(seed, "bootstrap").getrandbits(64))
    picks = random.integers(len(found), size=(draws, len(found)))
    values = found[:, 0][picks].sum(1) / found[:, 1][picks].sum(1)
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)


def wilson(right: int, count: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson, 1927)."""
    if not count:
        return 0.0, 1.0
    z = 1.959964
    p = right / count
    middle = (p + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * math.sqrt(p * (1 - p) / count + z * z / (4 * count**2))
    # Rounding must not put the share itself outside.
    return max(0.0, min(p, middle - half)), min(1.0, max(p, middle + half))


def strictly_better(true: float, false: float) -> bool:
    """Whether the true text is likelier; a tie, or anything that is no number, is wrong."""
    return true > false


@torch.no_grad()
def prefers_true(model: LlamaForCausalLM, tokenizer: Tokenizer, pair: Pair) -> bool | None:
    """Whether the model finds the true text strictly likelier; None when it does not fit.

    The part both texts share is read once and its keys and values are kept.
    """
    true = [END, *encode(tokenizer, pair.true)]
    false = [END, *encode(tokenizer, pair.false)]
    if max(len(true), len(false)) > model.config.max_position_embeddings + 1:
        return None
    shared = next(i for i, (a, b) in enumerate(zip(true, false, strict=False)) if a != b)
    # Only what may differ is scored: from the first token that does.
    head = torch.tensor([true[:shared]], device=model.device)
    read = model(input_ids=head, use_cache=True, logits_to_keep=1)
    scores = []
    for ids in (true, false):
        rest = ids[shared:]
        logits = read.logits[0]
        if len(rest) > 1:
            cache = copy.deepcopy(read.past_key_values)
            more = torch.tensor([rest[:-1]], device=model.device)
            logits = torch.cat([logits, model(input_ids=more, past_key_values=cache).logits[0]])
        chosen = logits.double().log_softmax(-1)[torch.arange(len(rest)), torch.tensor(rest)]
        scores.append(float(chosen.sum()))
    return strictly_better(scores[0], scores[1])


def score_pairs(
    model: LlamaForCausalLM, tokenizer: Tokenizer, pairs: Sequence[Pair]
) -> tuple[int, int]:
    """How many pairs were decided rightly, and how many fitted the context."""
    answers = [prefers_true(model, tokenizer, pair) for pair in pairs]
    fitted = [a for a in answers if a is not None]
    return sum(fitted), len(fitted)
