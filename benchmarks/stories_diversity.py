"""How far from a form letter are the built-in stories? Measured beside real ones, same code.

    python benchmarks/stories_diversity.py [--anchor REAL.jsonl] [--stories 20000] [--out FILE]

Writes one JSON object: for each corpus, on an equal number of tokens (words and punctuation), the
share of distinct n-grams, self-BLEU-4 of a sample, compression ratio, number of word types, share
of 8-grams shared between stories, the commonest five-word opening; for the built-in stories also
what the checks say of all of them and stories per CPU-second (plan and voice).
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import re
import time
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

from datawell.checks.base import RowCheck
from datawell.checks.features import Features
from datawell.checks.required_words import RequiredWords
from datawell.checks.vocabulary import Vocabulary
from datawell.core.randomness import stream
from datawell.core.records import Lineage, Record
from datawell.seeds.words import WordSeeds
from datawell.tasks.stories import Stories

TOKENS = 60_000
CHUNK = 500
TARGETS = {"types": 1200, "gzip": 4.0, "self_bleu4": 0.60, "shared_8grams": 0.12, "opening": 0.05}
_TOKEN = re.compile(r"[a-z']+|[.,!?\"]")

Gram = tuple[str, ...]


def tokens(text: str) -> list[str]:
    """Lower-case words and punctuation."""
    return _TOKEN.findall(text.lower())


def grams(text: list[str], n: int) -> list[Gram]:
    """All runs of n tokens."""
    return list(zip(*[text[i:] for i in range(n)], strict=False))


def bleu(hypothesis: list[str], references: list[dict[int, Counter[Gram]]]) -> float:
    """BLEU-4 of one text against many (clipped counts, no brevity penalty)."""
    total = 0.0
    for n in (1, 2, 3, 4):
        found = Counter(grams(hypothesis, n))
        most: Counter[Gram] = Counter()
        for reference in references:
            most |= reference[n]
        hits = sum(min(count, most[gram]) for gram, count in found.items())
        total += math.log(max(hits, 0.1) / max(sum(found.values()), 1))
    return math.exp(total / 4)


def self_bleu(texts: list[list[str]], sample: int = 60, pool: int = 150) -> float:
    """Mean BLEU-4 of each sampled text against the others of the pool."""
    texts = texts[:pool]
    counts = [{n: Counter(grams(text, n)) for n in (1, 2, 3, 4)} for text in texts]
    some = texts[:sample]
    scores = [
        bleu(text, [c for j, c in enumerate(counts) if j != i]) for i, text in enumerate(some)
    ]
    return sum(scores) / len(scores)


def measure(stories: list[str]) -> dict[str, Any]:
    """All figures of one corpus on its first ``TOKENS`` tokens after a fixed shuffle."""
    stories = list(stories)
    Random(0).shuffle(stories)
    texts: list[list[str]] = []
    count = 0
    for story in stories:
        texts.append(tokens(story))
        count += len(texts[-1])
        if count >= TOKENS:
            break
    raw = "\n".join(stories[: len(texts)]).encode()
    eights = Counter(gram for text in texts for gram in set(grams(text, 8)))
    openings = Counter(" ".join(text[:5]) for text in texts)
    figures: dict[str, Any] = {"stories": len(texts), "tokens": count}
    for n in (1, 2, 3, 4):
        every = [gram for text in texts for gram in grams(text, n)]
        figures[f"distinct_{n}"] = round(len(set(every)) / max(len(every), 1), 3)
    return figures | {
        "types": len({token for text in texts for token in text}),
        "self_bleu4": round(self_bleu(texts), 3),
        "gzip": round(len(raw) / len(gzip.compress(raw, 9)), 2),
        "shared_8grams": round(
            sum(c for c in eights.values() if c > 1) / max(sum(eights.values()), 1), 3
        ),
        "opening": round(openings.most_common(1)[0][1] / len(texts), 3),
    }


def built_in(count: int) -> tuple[list[str], dict[str, Any]]:
    """``count`` built-in stories, and what the checks and the clock say of them."""
    task, seeds = Stories(Stories.Params()), WordSeeds(WordSeeds.Params(), 0)
    checks: list[RowCheck] = [
        Vocabulary(Vocabulary.Params()),
        RequiredWords(RequiredWords.Params()),
        Features(Features.Params()),
    ]
    lineage = Lineage("benchmark", "stories", 0, "", "")
    texts: list[str] = []
    failed, features = Counter[str](), Counter[str]()
    task.plan(seeds.seed(0), stream(0, "warm"))
    spent = 0.0
    for start in range(0, count, CHUNK):  # in chunks, as a run streams its shards
        begun = time.process_time()
        made = []
        for row in range(start, min(start + CHUNK, count)):
            plan = task.plan(seeds.seed(row), stream(0, "plan", row))
            made.append((task.tell(plan, stream(0, "voice", row)).text, plan))
        spent += time.process_time() - begun
        for text, plan in made:
            texts.append(text)
            features.update(list(plan["features"]))
            record = Record("", text, plan, lineage)
            failed.update(check.name for check in checks if not check.examine(record).keep)
    lengths = [len(text.split()) for text in texts]
    return texts, {
        "stories_per_cpu_second": round(count / spent),
        "distinct_texts": len(set(texts)),
        "words_a_story": [min(lengths), round(sum(lengths) / count), max(lengths)],
        "failed": {check.name: failed[check.name] for check in checks},
        "features": dict(sorted(features.items())),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--anchor", type=Path, help="JSONL of real stories (field: text)")
    parser.add_argument("--stories", type=int, default=20_000)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    texts, made = built_in(options.stories)
    result: dict[str, Any] = {"targets": TARGETS, "built_in": measure(texts) | made}
    if options.anchor:
        lines = options.anchor.read_text(encoding="utf-8").splitlines()
        result["anchor"] = measure([json.loads(line)["text"] for line in lines if line])
    text = json.dumps(result, indent=2)
    print(text)
    if options.out:
        options.out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
