"""Attention for training on a CPU in bf16: plain products instead of the tiled kernel.

The tiled kernel of torch saves memory on long texts; at 256 tokens in bf16 on a CPU it is about
three times slower than two batched products and a softmax. Everywhere else torch's own is used.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import sdpa_mask

NAME = "datawell"


def attend(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    **rest: Any,
) -> tuple[Tensor, Tensor | None]:
    """Causal attention; query, key and value are (batch, heads, length, head size)."""
    plain = (
        module.training
        and attention_mask is None
        and query.device.type == "cpu"
        and torch.is_autocast_enabled("cpu")
        and query.shape[2] == key.shape[2]
    )
    if not plain:
        result: tuple[Tensor, Tensor | None] = sdpa_attention_forward(
            module, query, key, value, attention_mask, **rest
        )
        return result
    batch, heads, length, size = query.shape
    q, k, v = (
        x.to(torch.bfloat16).reshape(batch * heads, length, size) for x in (query, key, value)
    )
    with torch.autocast("cpu", enabled=False):
        future = q.new_full((length, length), float("-inf")).triu(1)
        scores = torch.baddbmm(future.expand(len(q), -1, -1), q, k.mT, alpha=size**-0.5)
        mixed = torch.bmm(scores.softmax(-1), v)
    return mixed.view(batch, heads, length, size).transpose(1, 2).contiguous(), None


AttentionInterface.register(NAME, attend)
AttentionMaskInterface.register(NAME, sdpa_mask)
