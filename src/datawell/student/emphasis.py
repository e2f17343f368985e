"""More weight for words the text itself has told: what a small model would learn last.

Grammar pays off at every word, who and what a story is about at few; a student of minutes spends
them on grammar. Here a token that stood in its window before counts for more, the rarer it is in
the corpus the more, and the extra weight falls to nothing as the budget is used up, so that the
student ends on the plain loss. Measured: ``benchmarks/student_copying.py``.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

_COMMON = 1 / 30
"""A token at least this frequent (a full stop, *the*) gets no extra weight."""
_RARE = 1 / 600
"""A token at most this frequent gets all of it; between, the logarithm decides."""
_COUNTED = 3_000_000


class Emphasis:
    """Weights of the targets of a step.

    Args:
        ids: token ids of the corpus; its first three million are counted.
        size: entries of the vocabulary.
        strength: extra weight at the start of the budget; 0 leaves all weights one.
        device: where batches live.
    """

    def __init__(self, ids: NDArray[np.uint16], size: int, strength: float, device: str) -> None:
        counts = np.bincount(np.asarray(ids[:_COUNTED]), minlength=size)
        share = np.maximum(counts, 1) / max(1, counts.sum())
        rarity = np.log(_COMMON / share) / np.log(_COMMON / _RARE)
        self.strength = strength
        self._rarity = torch.from_numpy(np.clip(rarity, 0, 1)).float().to(device)

    def weights(self, inputs: Tensor, targets: Tensor, used: float) -> Tensor | None:
        """How much each target counts; None when all count the same.

        Args:
            inputs: token ids, shape (batch, length).
            targets: the ids that follow, same shape.
            used: share of the budget used, 0 to 1.
        """
        extra = self.strength * (1 - used)
        if extra <= 0:
            return None
        length = inputs.shape[1]
        before = torch.ones(length, length, dtype=torch.bool, device=inputs.device).tril()
        told = ((inputs[:, None, :] == targets[:, :, None]) & before).any(-1)
        return 1 + extra * told * self._rarity[targets]
