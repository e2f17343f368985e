"""Where quoted words stand in a passage, forgiving what quoting changes and nothing else."""

from __future__ import annotations

import re

_MARKS = " \t\r\n\"“”'‘’"
_OUTER = _MARKS + "…."
_WORDS = re.compile(r"\S+")
_SAME = {"'": "['‘’]", "’": "['‘’]", "‘": "['‘’]", '"': '["“”]', "“": '["“”]', "”": '["“”]'}
_SAME |= dict.fromkeys("-–—", "[-–—]")
_MOST_CHARACTERS = 4000


def locate(passage: str, quote: str) -> tuple[int, int] | None:
    """Start and end of ``quote`` in ``passage``, in characters, or None when it is not there.

    Spacing, the shape of quotes and dashes, and marks around the quote may differ; words, case and
    numbers may not.
    """
    if len(quote) > _MOST_CHARACTERS:
        return None
    at = passage.find(quote)
    if at >= 0 and quote.strip():
        return at, at + len(quote)
    words = _WORDS.findall(quote.strip(_OUTER))
    if not words:
        return None
    pattern = r"\s+".join("".join(_SAME.get(c, re.escape(c)) for c in word) for word in words)
    found = re.search(rf"(?<!\w){pattern}(?!\w)", passage)
    if found is None:
        return None
    end = found.end()
    # The stop that ends the quoted sentence belongs to it.
    if end < len(passage) and passage[end] in ".!?" and quote.rstrip(_MARKS).endswith(passage[end]):
        end += 1
    return found.start(), end
