"""Is the data useful? The same student on the data and on real text, scored on held-out real text.

Both get the same number of bytes (the larger source is cut), the same preset, the same limits and
their own vocabulary learnt the same way. Vocabularies differ, so the score is bits per byte. Each
text is read at most four times: more teaches a small model little (Muennighoff et al., 2023).
"""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datawell.core.errors import UsageError
from datawell.core.randomness import stream
from datawell.student.base import Progress
from datawell.student.files import write_json
from datawell.student.model import load_model
from datawell.student.scoring import bits_per_byte, bootstrap, document_bits
from datawell.student.settings import Settings
from datawell.student.texts import Source, open_source
from datawell.student.tokenizer import load_tokenizer
from datawell.student.train import train

FORMAT = 1
_EPOCHS = 4.0
_SCORED_TEXTS = 400


def prove(
    settings: Settings, dataset: Path, real: Path, out: Path, progress: Progress
) -> dict[str, Any]:
    """Train both students under ``out/useful`` and write ``out/useful.json``.

    Raises:
        UsageError: a source cannot be read, or the real one has no held-out text.
    """
    ours, theirs = open_source(dataset), open_source(real)
    size = min(training_bytes(ours), training_bytes(theirs))
    texts = [e.text for e in islice(theirs.examples("test"), _SCORED_TEXTS)]
    if not texts:
        raise UsageError(f"real text: {real} holds no held-out text")
    epochs = min(settings.epochs or _EPOCHS, _EPOCHS)
    settings = settings.model_copy(update={"epochs": epochs, "probes": False})
    bits, found = {}, {}
    for name, source in (("data", ours), ("real", theirs)):
        folder = out / "useful" / name
        training = train(settings, source, folder, progress, limit=size)
        bits[name] = document_bits(load_model(folder), load_tokenizer(folder), texts)
        low, high = bootstrap(bits[name], settings.seed)
        found[name] = {
            "bits_per_byte": bits_per_byte(bits[name]),
            "low": low,
            "high": high,
            **{key: training[key] for key in ("tokens", "epochs", "seconds", "vocabulary")},
        }
    result = {
        "format": FORMAT,
        "preset": settings.preset,
        "bytes": size,
        "documents": len(texts),
        "held_out_bytes": int(bits["real"][:, 1].sum()),
        **found,
        "difference": _difference(bits["data"], bits["real"], settings.seed),
        "method": (
            "one preset, one budget, equal bytes of training text; bits per byte on held-out real"
            " text, lower is better; 95 % bootstrap over documents, paired for the difference"
        ),
    }
    write_json(out / "useful.json", result)
    return result


def training_bytes(source: Source) -> int:
    """UTF-8 bytes of a source's training text."""
    return sum(len(e.whole.encode()) for e in source.examples("train"))


def _difference(
    ours: NDArray[np.float64], theirs: NDArray[np.float64], seed: int, draws: int = 1_000
) -> dict[str, float]:
    """Bits per byte of the data's student minus those of the real one's, on the same documents."""
    random = np.random.default_rng(stream(seed, "difference").getrandbits(64))
    picks = random.integers(len(ours), size=(draws, len(ours)))
    values = (ours[:, 0] - theirs[:, 0])[picks].sum(1) / ours[:, 1][picks].sum(1)
    low, high = np.quantile(values, [0.025, 0.975])
    value = float((ours[:, 0] - theirs[:, 0]).sum() / ours[:, 1].sum())
    return {"value": value, "low": float(low), "high": float(high)}
