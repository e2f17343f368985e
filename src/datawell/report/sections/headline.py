"""The top of the page: what this run is, in one honest paragraph and four numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from datawell.core.casting import role_of
from datawell.core.judges import JUDGE
from datawell.core.rundir import Summary
from datawell.report.facts import Facts
from datawell.report.sections.base import NOT_MEASURED, Section, is_builtin


def build(facts: Facts) -> Section:
    """Always there."""
    return Section(
        "top",
        title(facts),
        "headline.html.j2",
        {"sentences": list(_sentences(facts)), "numbers": list(_numbers(facts))},
    )


def title(facts: Facts) -> str:
    """The recipe's ``report.title``, else its name."""
    report = facts.recipe.get("report")
    named = report.get("title") if isinstance(report, dict) else None
    return str(named or facts.summary.recipe or "A run")


def _sentences(facts: Facts) -> Iterator[str]:
    summary = facts.summary
    dropped = summary.rows - summary.kept
    state = "" if summary.complete else f" of {summary.planned:,} planned; the run is unfinished"
    yield f"{summary.rows:,} rows were made{state}; {summary.kept:,} were kept."
    yield _who(summary)
    if dropped and summary.dropped:
        (_, reason), most = max(summary.dropped.items(), key=lambda item: item[1])
        said = f"most often for “{reason.replace('_', ' ')}” ({most:,})"
        yield f"{dropped:,} were dropped, {said}; none without a reason."
    yield from _variety(facts)
    yield from _usefulness(facts)
    missing = [key for key in ("private", "supervised", "useful") if _missing(facts, key)]
    if missing:
        yield f"Not measured: {', '.join(missing)}."


def _who(summary: Summary) -> str:
    models = sorted({m for role, m in summary.teachers.items() if role_of(role) != JUDGE})
    grammar = [model for model in models if is_builtin(model)]
    others = [model for model in models if not is_builtin(model)]
    own = "datawell’s built-in teacher: a grammar, not a language model"
    if grammar and others:
        return f"The words come from {', '.join(others)}, and in part from {own}."
    return f"The words come from {own if grammar else ', '.join(others) or 'no teacher'}."


def _variety(facts: Facts) -> Iterator[str]:
    diverse = facts.label["diverse"] if facts.label else NOT_MEASURED
    if not isinstance(diverse, dict):
        return
    types = diverse["figures"]["types"]
    told = f"{types['value']:,.0f} different words stand among {diverse['words']:,}"
    if "anchor" in types:
        told += f"; the real text beside it has {types['anchor']['value']:,.0f}"
    yield f"{told}."


def _usefulness(facts: Facts) -> Iterator[str]:
    useful = facts.label["useful"] if facts.label else NOT_MEASURED
    if isinstance(useful, dict):
        data, real = useful["data"]["value"], useful["real"]["value"]
        low, high = useful["difference"]["interval"]
        verdict = "better than" if high < 0 else "worse than" if low > 0 else "about as well as"
        yield (
            f"A student of it reads real text {verdict} a student of as much real text: "
            f"{data:.2f} bits a byte against {real:.2f}."
        )


def _missing(facts: Facts, key: str) -> bool:
    return facts.label is None or facts.label.get(key, NOT_MEASURED) == NOT_MEASURED


def _numbers(facts: Facts) -> Iterator[dict[str, Any]]:
    summary, rows = facts.summary, facts.rows
    yield {"value": f"{summary.kept:,}", "what": "rows kept"}
    yield {"value": f"{rows.words:,}", "what": "words"}
    training = facts.student.get("training")
    if isinstance(training, dict) and isinstance(training.get("parameters"), int):
        yield {"value": _millions(training["parameters"]), "what": "parameters in the student"}
    if summary.spent_usd is None:
        yield {"value": "unknown", "what": "cost"}
    else:
        yield {"value": f"${summary.spent_usd:,.2f}", "what": "spent on teachers"}


def _millions(count: int) -> str:
    return f"{count / 1e6:.2f} M" if count >= 10**6 else f"{count / 1e3:.0f} k"
