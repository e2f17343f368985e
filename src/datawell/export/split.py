"""Train, validation, test: by seed, so that no problem stands on two sides.

The side of a seed depends on its id alone: not on the run's random seed, its recipe or its order.
A problem that was once held out stays held out in every later run over the same problems.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping

from datawell.core.errors import UsageError

_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")


class Split:
    """Shares of the dataset by name, as ``{"train": 0.9, "validation": 0.05, "test": 0.05}``.

    ``train`` may be left out: it gets what the others leave.

    Raises:
        UsageError: a share outside 0 to 1, shares that do not add up to 1, a name that
            cannot be part of a file name.
    """

    def __init__(self, shares: Mapping[str, float]) -> None:
        if "train" not in shares:
            shares = {"train": 1 - math.fsum(shares.values()), **shares}
        for name, share in shares.items():
            if not _NAME.match(name):
                raise UsageError(
                    f"split {name!r} is not a usable name",
                    hint="use small letters, digits and underscores, beginning with a letter",
                )
            if not 0 <= share <= 1:
                raise UsageError(
                    f"split {name!r} has the share {share}", hint="give a share from 0 to 1"
                )
        total = math.fsum(shares.values())
        if not math.isclose(total, 1, abs_tol=1e-6):
            raise UsageError(
                f"the shares of the split add up to {total:g}, not 1",
                hint="for example train: 0.9, validation: 0.05, test: 0.05",
            )
        self.names = tuple(shares)
        self._last = [name for name, share in shares.items() if share > 0][-1]
        self._bounds = [math.fsum(list(shares.values())[: i + 1]) for i in range(len(shares))]

    def side(self, seed_id: str) -> str:
        """The side all rows of this seed stand on."""
        raw = hashlib.blake2b(b"split\x1f" + seed_id.encode(), digest_size=8).digest()
        place = int.from_bytes(raw, "big") / 2**64
        for name, bound in zip(self.names, self._bounds, strict=True):
            if place < bound:
                return name
        return self._last
