"""The student: how it learnt, what it can do, and what it writes beside what it was taught."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from datawell.core.errors import UsageError
from datawell.report import plots
from datawell.report.facts import Facts
from datawell.report.sections.base import Section
from datawell.report.sections.label import number, percent

# Grammar is learnt before who is who and what is where: the order the curves are named in.
_PROBES = ("agreement", "pronoun", "object", "name")


def build(facts: Facts) -> Section | None:
    """There when a student was trained."""
    training = facts.student.get("training")
    if training is None:
        return None
    where = facts.run.student / "training.json"
    if not isinstance(training, Mapping) or not isinstance(training.get("curve"), list):
        raise UsageError(f"{where}: holds no training curve", hint="train the student anew")
    try:
        data = {
            "facts": list(_facts(training)),
            "plots": list(_curves(training["curve"])),
        }
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(
            f"{where}: not what a student writes: {error!r}", hint="train the student anew"
        ) from error
    return Section("student", "The student", "student.html.j2", data)


def _facts(training: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "parameters", f"{training['parameters']:,}"
    yield "training text", f"{training['documents']:,} texts, {training['bytes'] / 1e6:.1f} MB"
    yield "learnt from", f"{training['tokens']:,} tokens ({training['epochs']:.2f} epochs)"
    yield "training time", f"{training['seconds']:,.0f} s ({training['clock']})"
    yield "speed", f"{training['tokens_per_second']:,.0f} tokens a second"
    yield "of the machine’s matrix rate", percent(training["share_of_peak"])


def _curves(curve: list[Mapping[str, Any]]) -> Iterator[plots.Plot]:
    seconds = [float(point["seconds"]) for point in curve]
    bits = [float(point["bits_per_byte"]) for point in curve]
    if len(curve) < 2:
        return
    told = f"From {number(bits[0])} to {number(bits[-1])} bits a byte on held-out text."
    axis = plots.Axis("seconds of training", "bits a byte, held-out text")
    held = plots.Line("held-out text", seconds, bits)
    yield plots.lines("bits", "Surprise falls", told, [held], axis)
    lines = list(_probe_lines(curve, seconds))
    if lines:
        told = "; ".join(f"{line.name}: {percent(line.y[-1])}" for line in lines)
        axis = plots.Axis("seconds of training", "share of pairs right", share=True)
        title = "Grammar comes before keeping track"
        yield plots.lines("probes", title, f"Right at the end: {told}.", lines, axis)


def _probe_lines(curve: list[Mapping[str, Any]], seconds: list[float]) -> Iterator[plots.Line]:
    names = {name for point in curve for name in point.get("probes", {})}
    for name in [*(p for p in _PROBES if p in names), *sorted(names.difference(_PROBES))][:4]:
        scored = [
            (at, point["probes"][name]["score"])
            for at, point in zip(seconds, curve, strict=True)
            if point.get("probes", {}).get(name, {}).get("score") is not None
        ]
        if len(scored) > 1:
            yield plots.Line(name, *map(list, zip(*scored, strict=True)))
