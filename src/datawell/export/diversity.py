"""The label's *diverse* part: each figure beside the same figure on the anchor's text.

Data and anchor are measured on the same number of words (60,000, or as many as the smaller one
has). An interval is the range of the figure over up to five disjoint samples of that size; only
self-BLEU, a mean over texts, has a bootstrap interval.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from datawell.export import measures
from datawell.export.measures import Corpus

WORDS = 60_000
BLOCKS = 5
MARKS = (1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 60_000, 100_000, 200_000, 500_000)
_LEAST_WORDS = 100

MEASURES: dict[str, tuple[Callable[[Corpus], float], str]] = {
    "types": (measures.types, "different words"),
    **{
        f"distinct_{n}": (
            partial(measures.distinct, n=n),
            f"different {n}-grams divided by all {n}-grams within texts",
        )
        for n in (1, 2, 3, 4)
    },
    "compression": (measures.compression, "bytes divided by gzip-9 bytes of the texts in a row"),
    "shared_8_grams": (measures.shared_grams, "share of a text's 8-grams that another text has"),
    "commonest_opening": (
        lambda corpus: measures.opening(corpus)[0],
        "share of texts that begin with the commonest five words",
    ),
}


def diversity(
    data: Corpus, *, seed: int, anchor: Corpus | None, anchor_name: str
) -> dict[str, Any] | None:
    """All figures of a text sample, beside those of the anchor; None when there is too little text.

    Args:
        data: the sample, in an order that makes any beginning a fair sample of its own.
        seed: root seed of the bootstrap.
        anchor: a sample of the anchor's text, or None.
        anchor_name: what to call it.
    """
    words = min(WORDS, data.words, anchor.words if anchor else WORDS)
    if words < _LEAST_WORDS:
        return None
    mine = data.blocks(words)[:BLOCKS]
    other = anchor.blocks(words)[:BLOCKS] if anchor else []
    texts = min(measures.BLEU_TEXTS, *(len(block.texts) for block in [mine[0], *other[:1]]))
    figures: dict[str, Any] = {}
    for name, (measure, method) in MEASURES.items():
        figures[name] = _ranged(mine, measure, method, words)
        if other:
            figures[name]["anchor"] = _ranged(other, measure, method, words)
    if texts > 1:
        figures["self_bleu_4"] = _bleu(mine[0], texts, seed)
        if other:
            figures["self_bleu_4"]["anchor"] = _bleu(other[0], texts, seed)
    return {
        "words": words,
        "word": 'a run of letters and apostrophes, a run of digits, or one of . , ! ? "',
        "texts": len(mine[0].texts),
        "anchor": {"name": anchor_name, "texts": len(other[0].texts)} if other else None,
        "figures": figures,
        "opening": measures.opening(mine[0])[1],
        "anchor_opening": measures.opening(other[0])[1] if other else None,
        "type_growth": {
            "data": measures.type_growth(data, MARKS),
            "anchor": measures.type_growth(anchor, MARKS) if anchor else None,
            "method": "different words among the first so many words of the sample",
        },
    }


def _ranged(
    blocks: list[Corpus], measure: Callable[[Corpus], float], method: str, words: int
) -> dict[str, Any]:
    values = [float(measure(block)) for block in blocks]
    spread = f"; interval: range over {len(blocks)} disjoint samples" if len(blocks) > 1 else ""
    return {
        "value": values[0],
        "interval": [min(values), max(values)] if len(blocks) > 1 else None,
        "n": words,
        "method": f"{method}, on {words} words{spread}",
        "seed": None,
    }


def _bleu(block: Corpus, texts: int, seed: int) -> dict[str, Any]:
    scores = measures.self_bleu(block, texts)
    return {
        "value": float(scores.mean()),
        "interval": list(measures.bootstrap(scores, seed)),
        "n": len(scores),
        "method": f"mean BLEU-4 of {len(scores)} texts, each against the other {texts - 1}; "
        "interval: bootstrap 95 %",
        "seed": seed,
    }
