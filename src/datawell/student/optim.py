"""Muon for the hidden matrices, AdamW for everything else, and the schedule of both.

Muon replaces the momentum of a matrix by its nearest semi-orthogonal matrix, so that all directions
learn at one speed. Source: Jordan et al., "Muon: an optimizer for hidden layers in neural
networks" (2024). Whole matrices are orthogonalised: head by head is cheaper, but measured here it
kept the student from learning to track objects and names at all.
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


def _wide(value: Tensor) -> Tensor:
    """A view of a matrix with at most as many rows as columns."""
    return value.mT if value.shape[0] > value.shape[1] else value


class Muon:
    """Momentum, orthogonalised; ``lr`` is set from outside before each step."""

    def __init__(self, named: Iterable[tuple[str, nn.Parameter]], decay: float) -> None:
        self.lr = 0.0
        self.momentum = 0.95
        self.decay = decay
        self.params = dict(named)
        self.buffers = {name: torch.zeros_like(p) for name, p in self.params.items()}
        # Matrices of one shape are iterated on together: one product instead of many small ones.
        self._groups: dict[torch.Size, list[nn.Parameter]] = defaultdict(list)
        for p in self.params.values():
            self._groups[_wide(p).shape].append(p)

    @torch.no_grad()
    def step(self, dtype: torch.dtype = torch.float32) -> None:
        """One update from the gradients present; ``dtype`` is that of the iteration."""
        gradients = [p.grad for p in self.params.values() if p.grad is not None]
        buffers = list(self.buffers.values())
        torch._foreach_mul_(buffers, self.momentum)
        torch._foreach_add_(buffers, gradients)
        torch._foreach_add_(gradients, buffers, alpha=self.momentum)
        for group in self._groups.values():
            stack = torch.stack([_wide(p.grad) for p in group if p.grad is not None])
            for p, update in zip(group, orthogonalise(stack.to(dtype)), strict=True):
                # Tall maps are scaled so that the size of what they give keeps to its shape.
                scale = self.lr * max(1.0, p.shape[0] / p.shape[1]) ** 0.5
                p.mul_(1 - self.lr * self.decay)
                _wide(p).sub_(update, alpha=scale)


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
        self.muon = Muon(hidden, weight_decay) if kind == "muon" else None
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
                    self.adam.state[p][key] = value.to(p.device, copy=True)
        if self.muon is not None:
            for name, buffer in self.muon.buffers.items():
                buffer.copy_(state[f"muon.{name}"])
