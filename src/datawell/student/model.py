"""The model: transformers' Llama, four sizes, tied embeddings; and its arithmetic.

Training arithmetic a token, forward and backward, in floating-point operations:

    6 x (layers x (4 d^2 + 3 d f) + vocabulary x d)  +  6 x layers x d x context

for hidden size d and feed-forward size f: two operations a weight forward, four backward, the
output product included, the embedding look-up not; attention counts the causal half only. The
optimiser's own products are left out, so a share of peak computed from this is a lower bound.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import LlamaConfig, LlamaForCausalLM

from datawell.core.errors import UsageError
from datawell.student import attention

END = 0
"""The id of ``<|endoftext|>``: begins and ends every document."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Width, depth, heads and feed-forward size."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int


SHAPES = {
    "300k": Shape(64, 4, 2, 192),
    "1m": Shape(128, 4, 4, 384),
    "3m": Shape(192, 6, 6, 512),
    "10m": Shape(320, 8, 8, 864),
}


def build_model(
    preset: str, vocab_size: int, context: int, seed: int, copying: float = 0.0
) -> LlamaForCausalLM:
    """A fresh model; the same seed gives the same weights, whatever happened before.

    Args:
        preset: a name in :data:`SHAPES`.
        vocab_size: entries of the vocabulary.
        context: tokens it can see at once.
        seed: of its weights.
        copying: how much of what it looks at a fresh attention layer adds to the text's own words.
    """
    shape = SHAPES[preset]
    config = LlamaConfig(
        vocab_size=vocab_size,
        hidden_size=shape.hidden,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        num_key_value_heads=shape.heads,
        intermediate_size=shape.feed_forward,
        max_position_embeddings=context,
        rms_norm_eps=1e-5,
        tie_word_embeddings=True,
        bos_token_id=END,
        eos_token_id=END,
    )
    config._attn_implementation = attention.NAME
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = LlamaForCausalLM(config)
        _initialise(model, shape)
        if copying:
            _copy(model, copying)
    return model


def _initialise(model: LlamaForCausalLM, shape: Shape) -> None:
    # Maps that write to the residual stream start smaller, so that its size does not grow with
    # depth (GPT-2's rule).
    residual = 0.02 / (2 * shape.layers) ** 0.5
    for name, p in model.named_parameters():
        if p.ndim == 2:
            small = name.endswith(("o_proj.weight", "down_proj.weight"))
            torch.nn.init.normal_(p, 0.0, residual if small else 0.02)


_VALUE = 0.7
"""Size of the value maps of a layer that copies."""


@torch.no_grad()
def _copy(model: LlamaForCausalLM, size: float) -> None:
    """Attention that copies: value and output maps undo each other.

    A fresh layer then adds the mean of the words read so far, and since the output layer is the
    embedding, words of the text are likelier from the first step on. Training has only to learn
    where to look, which it can in minutes; from random maps it does not come to copying at all.
    Source: Trockman and Kolter, "Mimetic initialization of self-attention layers" (2023); sign and
    size by ``benchmarks/student_copying.py``.
    """
    for layer in model.model.layers:
        value, output = layer.self_attn.v_proj.weight, layer.self_attn.o_proj.weight
        torch.nn.init.orthogonal_(value, _VALUE)
        output.copy_(value.mT * (size / _VALUE**2))


def parameter_count(model: torch.nn.Module) -> int:
    """Trainable numbers, tied ones counted once."""
    return sum(p.numel() for p in model.parameters())


def flops_per_token(config: Any) -> float:
    """Training arithmetic a token (see the module)."""
    d, f, layers = config.hidden_size, config.intermediate_size, config.num_hidden_layers
    products = layers * (4 * d * d + 3 * d * f) + config.vocab_size * d
    return float(6 * products + 6 * layers * d * config.max_position_embeddings)


class _OutputLoss(torch.autograd.Function):
    """Cross entropy of an output layer, plain and weighted, with its gradients, in pieces.

    The gradients are those of the weighted mean; the plain mean is for people to read.

    The logits of a batch are the largest tensor of a small model; made and used in place, in
    pieces that stay in cache, they cost neither memory nor a second pass.
    """

    ROWS = 128

    @staticmethod
    def forward(
        ctx: Any, hidden: Tensor, weight: Tensor, targets: Tensor, counts: Tensor
    ) -> tuple[Tensor, Tensor]:
        size = _OutputLoss.ROWS
        with torch.autocast(hidden.device.type, enabled=False):
            grad_hidden = torch.empty_like(hidden)
            grad_weight = torch.zeros_like(weight, dtype=torch.float32)
            losses = torch.empty_like(counts)
            shares = (counts / counts.sum())[:, None]
            for at in range(0, len(targets), size):
                rows, right = hidden[at : at + size], targets[at : at + size, None]
                logits = torch.mm(rows, weight.mT).float()
                true, top = logits.gather(1, right), logits.amax(1, keepdim=True)
                total = logits.sub_(top).exp_().sum(1, keepdim=True)
                losses[at : at + size] = (total.log() + top - true)[:, 0]
                logits.div_(total).scatter_add_(1, right, torch.full_like(total, -1.0))
                slope = logits.mul_(shares[at : at + size]).to(rows.dtype)
                torch.mm(slope, weight, out=grad_hidden[at : at + size])
                grad_weight += torch.mm(slope.mT, rows)
        ctx.save_for_backward(grad_hidden, grad_weight)
        plain = losses.mean()
        ctx.mark_non_differentiable(plain)
        return (losses * shares[:, 0]).sum(), plain

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor, None, None]:
        grad_hidden, grad_weight = ctx.saved_tensors
        return grad_hidden * grads[0], grad_weight * grads[0], None, None


def save_model(model: LlamaForCausalLM, folder: Path) -> None:
    """Write ``model.safetensors`` and ``config.json`` as Hugging Face reads them.

    The output layer is the embedding, so it is stored once.
    """
    weights = {k: v.contiguous() for k, v in model.state_dict().items() if k != "lm_head.weight"}
    config = model.config.to_dict()
    config["architectures"] = ["LlamaForCausalLM"]
    # Readers older than transformers 5 look for the base of the rotation here.
    config["rope_theta"] = config["rope_parameters"]["rope_theta"]
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    text = json.dumps(config, indent=1, sort_keys=True)
    (folder / "config.json").write_text(text + "\n", encoding="utf-8")


def load_model(folder: Path) -> LlamaForCausalLM:
    """Read a model folder, in evaluation mode.

    Raises:
        UsageError: the folder holds no such model.
    """
    if not (folder / "model.safetensors").is_file() or not (folder / "config.json").is_file():
        raise UsageError(f"model: {folder} holds no trained student", hint="train one first")
    config = LlamaConfig.from_pretrained(folder)
    config._attn_implementation = attention.NAME
    model = LlamaForCausalLM(config)
    model.load_state_dict(load_file(folder / "model.safetensors"), strict=False)
    model.tie_weights()
    model.train(False)
    return model


def move(model: LlamaForCausalLM, device: str) -> None:
    """Put a model on a device, in place."""
    torch.nn.Module.to(model, device)


def training_loss(
    model: LlamaForCausalLM, inputs: Tensor, targets: Tensor, weights: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Mean cross entropy in nats a token of ``targets`` given ``inputs``; all (batch, length).

    Returns:
        The weighted mean, which has gradients, and the plain mean, which has none.
    """
    hidden = model.model(input_ids=inputs, use_cache=False).last_hidden_state
    flat = hidden.flatten(0, 1)
    weight = model.lm_head.weight
    if torch.is_autocast_enabled(flat.device.type):
        kind = torch.get_autocast_dtype(flat.device.type)
        flat, weight = flat.to(kind), weight.to(kind)
    counts = torch.ones_like(targets, dtype=torch.float32) if weights is None else weights
    losses: tuple[Tensor, Tensor] = _OutputLoss.apply(  # type: ignore[no-untyped-call]
        flat, weight, targets.flatten(), counts.flatten()
    )
    return losses
