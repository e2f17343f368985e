"""All randomness comes from named streams of one root seed.

A stream depends on its name alone, never on the order in which streams are asked for; so rows can
be made in any order, by any process, and come out the same.
"""

from __future__ import annotations

import hashlib
from random import Random


def stream(root: int, *names: str | int) -> Random:
    """The random stream called ``names`` under the root seed ``root``."""
    key = "\x1f".join((str(root), *(str(name) for name in names)))
    return Random(int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), "big"))
