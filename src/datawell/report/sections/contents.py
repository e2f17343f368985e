"""What is in the data: lengths, word growth beside the anchor, topics, and a few rows to read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from datawell.report import plots
from datawell.report.facts import Facts
from datawell.report.marks import excerpt, segments
from datawell.report.sections.base import Section
from datawell.report.sections.example import turns

_TOP = 12
_EXCERPT = 1_200
_KINDS = {
    "topic": "Topics",
    "problem": "Kinds of story problem",
    "family": "Kinds of problem",
    "feature": "Features",
    "misconception": "Misconceptions",
    "move": "Moves of the tutor",
}


def build(facts: Facts, prefix: str = "") -> Section | None:
    """There when at least one row was kept. ``prefix`` keeps the plots' ids apart from those of
    another run on the same page."""
    rows = facts.rows
    if not rows.texts:
        return None
    found = [_lengths(f"{prefix}lengths", rows.lengths, rows.texts)]
    growth = _growth(f"{prefix}growth", facts)
    if growth:
        found.append(growth)
    for kind, title in _KINDS.items():
        counts = rows.kinds.get(kind)
        if counts and len(counts) > 1:
            found.append(_bars(prefix + kind, title, counts))
    data = {
        "plots": found,
        "texts": rows.texts,
        "words": rows.words,
        "samples": list(_samples(facts)),
    }
    return Section("contents", "What is in it", "contents.html.j2", data)


def _samples(facts: Facts) -> Iterator[dict[str, Any]]:
    for row in facts.rows.samples:
        record = row.record
        if record is None:
            continue
        cut, _, _, after = excerpt(record.text, [], _EXCERPT)
        yield {
            "row": row.row,
            "prompt": record.prompt,
            "turns": turns(record, []),
            "segments": segments(cut, []),
            "after": after,
        }


def _lengths(name: str, lengths: Counter[int], texts: int) -> plots.Plot:
    longest = max(lengths)
    width = max(1, -(-longest // 24))
    binned: Counter[int] = Counter()
    for words, count in lengths.items():
        binned[words // width] += count
    low, high = min(binned), max(binned)
    counts = [(b * width, width, binned[b]) for b in range(low, high + 1)]
    middle = _median(lengths, texts)
    told = f"Words a text: half of them have {middle} or fewer, the longest has {longest:,}."
    return plots.histogram(name, "Lengths", told, counts, "words a text")


def _median(lengths: Counter[int], texts: int) -> int:
    seen = 0
    for words in sorted(lengths):
        seen += lengths[words]
        if 2 * seen >= texts:
            return words
    return 0


def _growth(name: str, facts: Facts) -> plots.Plot | None:
    diverse = facts.label["diverse"] if facts.label else None
    if not isinstance(diverse, dict) or len(diverse["type_growth"]["data"]) < 2:
        return None
    growth = diverse["type_growth"]
    named = [("this data", growth["data"])]
    if growth["anchor"]:
        named.append((diverse["anchor"]["name"], growth["anchor"]))
    curves = [plots.Line(said, *map(list, zip(*at, strict=True))) for said, at in named]
    told = "; ".join(f"{c.y[-1]:,} different words in {c.x[-1]:,}: {c.name}" for c in curves)
    axis = plots.Axis("words read", "different words", log=True)
    return plots.lines(name, "How the vocabulary grows", f"{told}.", curves, axis)


def _bars(name: str, title: str, counts: Counter[str]) -> plots.Plot:
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    shown = ranked[:_TOP]
    told = f"{len(ranked):,} kinds; the commonest: {shown[0][0]}, {shown[0][1]:,} times."
    rest = sum(count for _, count in ranked[_TOP:])
    if rest:
        told += f" Not shown: {len(ranked) - _TOP:,} more, {rest:,} times in all."
    return plots.bars(name, title, told, shown)
