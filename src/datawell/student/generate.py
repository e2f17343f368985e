"""Writing with a model: a batch of prompts at once, with keys and values kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from tokenizers import Tokenizer
from torch import Tensor
from transformers import DynamicCache, LlamaForCausalLM

from datawell.student.model import END
from datawell.student.tokenizer import encode


@dataclass(frozen=True, slots=True)
class Completion:
    """``text`` continues ``prompt``; ``ended`` says whether the model closed it itself."""

    prompt: str
    text: str
    ended: bool


@torch.no_grad()
def complete(
    model: LlamaForCausalLM,
    tokenizer: Tokenizer,
    prompts: Sequence[str],
    *,
    seed: int,
    temperature: float = 0.7,
    min_p: float = 0.05,
    length: int | None = None,
) -> list[Completion]:
    """Continue each prompt up to the context's end, or by ``length`` tokens.

    Args:
        model: in evaluation mode.
        tokenizer: its own.
        prompts: at least one; only the end of one that leaves no room is read.
        seed: of the draws; the same call gives the same words.
        temperature: of the draws.
        min_p: tokens below this share of the likeliest are never drawn (Nguyen et al., 2024).
        length: tokens to write at most.
    """
    context = model.config.max_position_embeddings
    heads = [[END, *encode(tokenizer, prompt)[2 - context :]] for prompt in prompts]
    width = max(len(head) for head in heads)
    fill = torch.tensor([[0] * (width - len(h)) + [1] * len(h) for h in heads])
    ids = torch.tensor([[END] * (width - len(h)) + h for h in heads])
    random = torch.Generator().manual_seed(seed)
    cache = DynamicCache(config=model.config)
    written: list[list[int]] = [[] for _ in heads]
    open_rows = [True] * len(heads)
    room = min(length or context, context - width)
    for _ in range(room):
        positions = (fill.cumsum(1) - 1).clamp(min=0)[:, -ids.shape[1] :]
        logits = model(
            input_ids=ids.to(model.device),
            attention_mask=fill.to(model.device),
            position_ids=positions.to(model.device),
            past_key_values=cache,
            logits_to_keep=1,
        ).logits[:, -1]
        ids = _draw(logits.float().cpu(), temperature, min_p, random)
        fill = torch.cat([fill, torch.ones_like(ids)], 1)
        for row, token in enumerate(ids[:, 0].tolist()):
            open_rows[row] = open_rows[row] and token != END
            if open_rows[row]:
                written[row].append(token)
        if not any(open_rows):
            break
    return [
        Completion(prompt, _whole_words(tokenizer.decode(tokens), not still), not still)
        for prompt, tokens, still in zip(prompts, written, open_rows, strict=True)
    ]


def _whole_words(text: str, ended: bool) -> str:
    """What the context cut off may end inside a word: that word is left out."""
    return text if ended else text[: max(text.rfind(" "), text.rfind("\n"), 0)]


def _draw(logits: Tensor, temperature: float, min_p: float, random: torch.Generator) -> Tensor:
    chances = logits.div(temperature).softmax(-1)
    chances[chances < min_p * chances.amax(-1, keepdim=True)] = 0.0
    return torch.multinomial(chances, 1, generator=random)
