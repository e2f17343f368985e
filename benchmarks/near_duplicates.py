"""What the near-duplicate check finds and what it wrongly removes, on real text.

    python benchmarks/near_duplicates.py TEXT_FOLDER [GSM8K.jsonl] > result.json

TEXT_FOLDER holds ``*.jsonl`` (rows with ``text``) and ``*.txt``. Its text is cut into passages of
about 160 words; copies of some are planted with a known share of words edited (half replaced, a
fifth deleted, a fifth added, a tenth misspelt). A removed passage that is no planted copy is shown
with the true Jaccard similarity of its word bigrams, from sets and not from signatures; below 0.4
it is a false removal, above it the source repeats itself. With GSM8K-style questions (rows with
``question``), copies with other numbers are planted: none may be dropped as a duplicate.
"""

from __future__ import annotations

import json
import math
import re
import sys
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datawell.checks.near_duplicates import NearDuplicates
from datawell.core.records import Lineage, Record, Verdict

RATES = (0.02, 0.05, 0.10, 0.15, 0.20)
PLANTED = 500
LINEAGE = Lineage("benchmark", "text", 0, "seed", "file")


class InMemory:
    """Signatures in one array."""

    def __init__(self, signatures: NDArray[Any]) -> None:
        self.signatures = signatures

    def __len__(self) -> int:
        """How many."""
        return len(self.signatures)

    def rows(self) -> NDArray[np.int64]:
        """Row ids."""
        return np.arange(len(self.signatures), dtype=np.int64)

    def column(self, name: str, start: int = 0, stop: int | None = None) -> NDArray[Any]:
        """One field."""
        field = self.signatures[name]
        return field if field.ndim == 1 else field[:, start:stop]

    def take(self, name: str, positions: NDArray[np.int64]) -> NDArray[Any]:
        """One field of some."""
        taken: NDArray[Any] = self.signatures[name][positions]
        return taken


def wilson(hits: int, total: int) -> list[float]:
    """95 % Wilson score interval."""
    if not total:
        return [0.0, 1.0]
    z, share = 1.959964, hits / total
    middle = share + z * z / (2 * total)
    spread = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    return [round((middle + s * spread) / (1 + z * z / total), 5) for s in (-1, 1)]


def passages(folder: Path) -> list[str]:
    """Passages of six to ten sentences, in the order they stand."""
    random, found = Random(7), []
    for path in sorted(folder.iterdir()):
        if path.suffix == ".jsonl":
            lines = path.read_text(encoding="utf-8").splitlines()
            texts = [json.loads(line)["text"] for line in lines if line.strip()]
        elif path.suffix == ".txt":
            texts = [path.read_text(encoding="utf-8", errors="replace")]
        else:
            continue
        for text in texts:
            clean = re.sub(r"\s+", " ", text.replace("<unk>", ""))
            sentences = re.split(r"(?<=[.!?])\s+", clean)
            at = 0
            while at < len(sentences):
                step = random.randint(6, 10)
                passage = " ".join(sentences[at : at + step])
                if len(passage.split()) >= 60:
                    found.append(passage)
                at += step
    return found


def edited(text: str, rate: float, vocabulary: list[str], random: Random) -> str:
    """``text`` with a share ``rate`` of its words changed."""
    words = text.split()
    gone = set()
    for at in random.sample(range(len(words)), max(1, round(rate * len(words)))):
        kind = random.random()
        if kind < 0.5:
            words[at] = random.choice(vocabulary)
        elif kind < 0.7:
            gone.add(at)
        elif kind < 0.9:
            words[at] += " " + random.choice(vocabulary)
        else:
            words[at] = words[at][:-1] + random.choice("aeiostrn")
    return " ".join(word for at, word in enumerate(words) if at not in gone)


def jaccard(a: str, b: str) -> float:
    """The true similarity of two texts' word bigrams."""
    pairs = []
    for text in (a, b):
        words = re.findall(r"\w+", text.lower())
        pairs.append(set(pairwise(words)))
    return len(pairs[0] & pairs[1]) / max(1, len(pairs[0] | pairs[1]))


def examine(
    texts: list[str], question: bool = False
) -> tuple[dict[int, Verdict], dict[str, float]]:
    """The check's verdicts by position, and what it cost in CPU-seconds."""
    check = NearDuplicates(NearDuplicates.Params())
    records = [
        Record(str(i), text, {"question": text} if question else {}, LINEAGE)
        for i, text in enumerate(texts)
    ]
    start = time.process_time()
    shards = [check.sign(records[at : at + 1000]) for at in range(0, len(records), 1000)]
    signed = time.process_time()
    verdicts = dict(check.decide(InMemory(np.concatenate(shards))))
    done = time.process_time()
    words = sum(len(text.split()) for text in texts)
    cost = {
        "texts": len(texts),
        "words_per_text": round(words / len(texts), 1),
        "signed_per_cpu_second": round(len(texts) / (signed - start)),
        "words_per_cpu_second": round(words / (signed - start)),
        "decide_cpu_seconds": round(done - signed, 3),
    }
    return verdicts, cost


def edited_copies(folder: Path) -> dict[str, Any]:
    random = Random(11)
    base = passages(folder)
    vocabulary = [word for text in base[::5] for word in text.split()]
    texts, kinds = list(base), ["base"] * len(base)
    for rate in RATES:
        for at in random.sample(range(len(base)), min(PLANTED, len(base))):
            texts.append(edited(base[at], rate, vocabulary, random))
            kinds.append(f"edit_{rate:.2f}")
    verdicts, cost = examine(texts)
    planted = Counter(kinds)
    found = Counter(kinds[at] for at, verdict in verdicts.items() if not verdict.keep)
    family = Counter(kinds[at] for at, verdict in verdicts.items() if verdict.keep)
    gone = [at for at, verdict in verdicts.items() if not verdict.keep and kinds[at] == "base"]
    true = {at: jaccard(texts[at], texts[int(verdicts[at].note.split()[-1])]) for at in gone}
    wrong = [at for at in gone if true[at] < 0.4]
    return {
        "cost": cost,
        "recall": {
            kind: {
                "found": found[kind],
                "planted": planted[kind],
                "share": found[kind] / planted[kind],
                "interval_95": wilson(found[kind], planted[kind]),
                "called_family": family[kind],
            }
            for kind in sorted(planted)
            if kind != "base"
        },
        "false_removals": {
            "count": len(wrong),
            "of": len(base),
            "interval_95": wilson(len(wrong), len(base)),
            "source_repeats_itself": len(gone) - len(wrong),
            "shown": [
                {"removed": texts[at][:200], "why": verdicts[at].note, "true_jaccard": true[at]}
                for at in [*wrong, *gone][:8]
            ],
        },
    }


def other_numbers(path: Path) -> dict[str, Any]:
    random = Random(13)
    lines = path.read_text(encoding="utf-8").splitlines()
    base = [str(json.loads(line)["question"]) for line in lines if line.strip()]
    texts, origin = list(base), list(range(len(base)))
    numbered = [at for at, text in enumerate(base) if re.search(r"\d", text)]
    for at in random.sample(numbered, min(1000, len(numbered))):
        texts.append(re.sub(r"\d+", lambda m: str(int(m[0]) + random.randint(1, 60)), base[at]))
        origin.append(at)
    for at in random.sample(numbered, min(1000, len(numbered))):
        texts.append(
            re.sub(r"\d+", lambda m: str(int(m[0]) + random.randint(1, 9)), base[at], count=1)
        )
        origin.append(at)
    verdicts, cost = examine(texts, question=True)
    dropped = [at for at, verdict in verdicts.items() if not verdict.keep]
    variants = [at for at in dropped if at >= len(base)]
    reported = sum(verdicts[at].keep for at in verdicts if at >= len(base))
    return {
        "cost": cost,
        "variants_planted": len(texts) - len(base),
        "variants_dropped_as_duplicates": len(variants),
        "variants_reported_as_family": reported,
        "questions": len(base),
        "questions_dropped": len(dropped) - len(variants),
        "shown": [
            {"dropped": texts[at], "why": verdicts[at].note, "score": verdicts[at].score}
            for at in dropped[:5]
        ],
    }


def main() -> None:
    folder, *more = (Path(argument) for argument in sys.argv[1:])
    result = {"real_text": edited_copies(folder)}
    if more:
        result["other_numbers"] = other_numbers(more[0])
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
