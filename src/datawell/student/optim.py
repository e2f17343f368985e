"""Muon for the hidden matrices, AdamW for everything else, and the schedule of both.

Muon replaces the momentum of a matrix by its nearest semi-orthogonal matrix, so that all directions
learn at one speed. Source: Jordan et al., "Muon: an optimizer for hidden layers in neural
networks" (2024). Attention matrices are orthogonalised head by head: heads are separate maps, and
the products are several times cheaper.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable

import torch
from torch import Tensor, nn

# The quintic's coefficients from the source: fast growth of small singular values, then hovering
# near one.
_A, _B, _C = 3.4445, -4.7750, 2.0315
_STEPS = 5


def orthogonalise(x: Tensor, steps: int = _STEPS) -> Tensor:
    """The nearest semi-orthogonal matrix to each of ``x``, by Newton-Schulz iteration.

    Args:
        x: shape (count, rows, columns) with rows <= columns.
        steps: iterations.

    Returns:
        Same shape; singular values between about 0.7 and 1.2.
    """
    x = x / (x.flatten(1).norm(dim=1)[:, None, None] + 1e-7)
    gram = x.new_empty(x.shape[0], x.shape[1], x.shape[1])
    poly, spare = torch.empty_like(gram), torch.empty_like(x)
    for _ in range(steps):
        torch.bmm(x, x.mT, out=gram)
        torch.baddbmm(gram, gram, gram, beta=_B, alpha=_C, out=poly)
        torch.baddbmm(x, poly, x, beta=_A, out=spare)
        x, spare = spare, x
    return x


def _blocks(name: str, value: Tensor, head_dim: int) -> Tensor:
    """A view of a matrix as (count, rows, columns) blocks, rows <= columns: one block a head."""
    if name.endswith("o_proj.weight"):
        value = value.mT
    if any(name.endswith(f"{part}_proj.weight") for part in "qkvo"):
        return value.unflatten(0, (-1, head_dim))
    return (value.mT if value.shape[0] > value.shape[1] else value)[None]


class Muon:
    """Momentum, orthogonalised; ``lr`` is set from outside before each step."""

    def __init__(
        self, named: Iterable[tuple[str, nn.Parameter]], head_dim: int, decay: float
    ) -> None:
        self.lr = 0.0
        self.momentum = 0.95
        self.decay = decay
        self.head_dim = head_dim
        self.named = list(named)
        self.buffers = {name: torch.zeros_like(p) for name, p in self.named}
        self._groups: dict[tuple[int, int], list[str]] = defaultdict(list)
        for name, p in self.named:
            shape = _blocks(name, p, head_dim).shape
            self._groups[(shape[1], shape[2])].append(name)
        self._params = dict(self.named)

    @torch.no_grad()
    def step(self, dtype: torch.dtype = torch.float32) -> None:
        """One update from the gradients present; ``dtype`` is that of the iteration."""
        gradients = [p.grad for _, p in self.named if p.grad is not None]
        buffers = list(self.buffers.values())
        torch._foreach_mul_(buffers, self.momentum)
        torch._foreach_add_(buffers, gradients)
        torch._foreach_add_(gradients, buffers, alpha=self.momentum)
        for names in self._groups.values():
            self._update(names, dtype)

    def _update(self, names: list[str], dtype: torch.dtype) -> None:
        parts = [self._grad_blocks(name) for name in names]
        whole = orthogonalise(torch.cat(parts).to(dtype))
        for name, update in zip(names, whole.split([len(p) for p in parts]), strict=True):
            p = self._params[name]
            # Tall maps are scaled so that the size of their output does not depend on their shape.
            scale = self.lr * max(1.0, p.shape[0] / p.shape[1]) ** 0.5
            p.mul_(1 - self.lr * self.decay)
            _blocks(name, p, self.head_dim).sub_(update, alpha=scale)

    def _grad_blocks(self, name: str) -> Tensor:
        gradient = self._params[name].grad
        assert gradient is not None
        return _blocks(name, gradient, self.head_dim)


def schedule(share: float, step: int, warmup: int = 30) -> float:
    """The learning rate as a share of its peak: warm-up by steps, then constant to 30 % of the
    budget, then a cosine to 5 % at its end."""
    rise = min(1.0, (step + 1) / warmup)
    if share < 0.3:
        return rise
    fall = 0.5 + 0.5 * math.cos(math.pi * (min(share, 1.0) - 0.3) / 0.7)
    return rise * (0.05 + 0.95 * fall)


class Optimizer:
    """Both optimisers of a model behind one ``step(scale)``; its state is named tensors."""

    def __init__(
        self,
        model: nn.Module,
        *,
        kind: str,
        head_dim: int,
        learning_rate: float,
        matrix_learning_rate: float,
        weight_decay: float,
    ) -> None:
        named = list(model.named_parameters())
        hidden = [(n, p) for n, p in named if p.ndim == 2 and ".layers." in n]
        names = {n for n, _ in hidden}
        self.learning_rate = learning_rate
        self.matrix_learning_rate = matrix_learning_rate
        self.all = [p for _, p in named]
        self.muon = Muon(hidden, head_dim, weight_decay) if kind == "muon" else None
        self._adam_named = [(n, p) for n, p in named if self.muon is None or n not in names]
        matrices = [p for n, p in self._adam_named if n in names]
        others = [p for n, p in self._adam_named if n not in names]
        groups = [{"params": others, "weight_decay": 0.0}]
        if matrices:
            groups.append({"params": matrices, "weight_decay": 0.1})
        self.adam = torch.optim.AdamW(groups, lr=learning_rate, betas=(0.9, 0.95), fused=True)

    def step(self, scale: float, dtype: torch.dtype = torch.float32) -> None:
        """Clip the gradient to norm 1, update all parameters, and forget the gradient.

        ``scale`` is the share of the peak learning rates; ``dtype`` that of Muon's products.
        """
        torch.nn.utils.clip_grad_norm_(self.all, 1.0)
        for group in self.adam.param_groups:
            group["lr"] = self.learning_rate * scale
        self.adam.step()
        if self.muon is not None:
            self.muon.lr = self.matrix_learning_rate * scale
            self.muon.step(dtype)
        for p in self.all:
            p.grad = None

    def state(self) -> dict[str, Tensor]:
        """All state as named tensors, for a checkpoint."""
        found: dict[str, Tensor] = {}
        for name, p in self._adam_named:
            for key, value in self.adam.state.get(p, {}).items():
                found[f"adam.{key}.{name}"] = value
        if self.muon is not None:
            found |= {f"muon.{name}": value for name, value in self.muon.buffers.items()}
        return found

    def restore(self, state: dict[str, Tensor]) -> None:
        """Put back what :meth:`state` gave."""
        for name, p in self._adam_named:
            for key in ("step", "exp_avg", "exp_avg_sq"):
                value = state.get(f"adam.{key}.{name}")
                if value is not None:
                    self.adam.state[p][key] = value.clone()
        if self.muon is not None:
            for name, buffer in self.muon.buffers.items():
                buffer.copy_(state[f"muon.{name}"])
