"""The student: how it learnt, what it can do, and what it writes beside what it was taught."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from datawell.core.errors import UsageError
from datawell.report import plots
from datawell.report.facts import Facts
from datawell.report.marks import Mark, segments
from datawell.report.sections.base import NOT_MEASURED, Section
from datawell.report.sections.label import number, percent

# Grammar is learnt before who is who and what is where: the order the curves are named in.
_PROBES = ("agreement", "pronoun", "object", "name")
_SAMPLES = 3
_LEARNT = 0.9
_MARKS = {
    "unknown_word": ("unknown", "unknown word"),
    "wrong_name": ("stranger", "name out of nowhere"),
    "copied": ("copied", "eight or more words in a row as in training"),
}
T = TypeVar("T")


def build(facts: Facts) -> Section | None:
    """There when a student was trained; what was not evaluated is left out.

    Raises:
        UsageError: one of the student's files is not what a student writes.
    """
    training = facts.student.get("training")
    if training is None:
        return None
    evaluation = facts.student.get("evaluation")
    home = facts.run.student
    data: dict[str, Any] = _understood(str(home / "training.json"), _learning, training)
    data |= {"abilities": [], "samples": [], "legend": []}
    if evaluation is not None:
        name = str(home / "evaluation.json")
        data |= _understood(name, _evaluated, evaluation)
        data["plots"] += data.pop("more_plots")
    return Section("student", "The student", "student.html.j2", data)


def _understood(name: str, read: Callable[[Any], T], value: Any) -> T:
    try:
        return read(value)
    except (AttributeError, KeyError, TypeError, ValueError, IndexError) as error:
        raise UsageError(
            f"{name}: not what a student writes: {error!r}", hint="train or evaluate it anew"
        ) from error


def _learning(training: Mapping[str, Any]) -> dict[str, Any]:
    return {"facts": list(_facts(training)), "plots": list(_curves(training["curve"]))}


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
    yield plots.lines("bits", "How surprised it is by new text", told, [held], axis)
    lines = list(_probe_lines(curve, seconds))
    if lines:
        axis = plots.Axis("seconds of training", "share of pairs right", share=True)
        title = "Grammar, and keeping track of who and what"
        yield plots.lines("probes", title, _order_of_learning(lines), lines, axis)


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


def _order_of_learning(lines: list[plots.Line]) -> str:
    """When each kind of pair was first right nine times in ten: what the curves really show."""
    first = [
        (next((at for at, y in zip(line.x, line.y, strict=True) if y >= _LEARNT), None), line)
        for line in lines
    ]
    reached = sorted((at, line.name) for at, line in first if at is not None)
    told = "Of a true and a corrupted story, how often the true one is likelier. "
    if reached:
        steps = ", ".join(f"{name} after {at:,.0f} s" for at, name in reached)
        told += f"Nine in ten are right for {steps}. "
    missing = [f"{line.name} ends at {percent(line.y[-1])}" for at, line in first if at is None]
    return told + (f"{', '.join(missing)}.".capitalize() if missing else "")


def _evaluated(evaluation: Mapping[str, Any]) -> dict[str, Any]:
    samples = evaluation.get("samples", [])[:_SAMPLES]
    shown = [_sample(sample) for sample in samples]
    present = {mark["kind"] for sample in samples for mark in sample["marks"]}
    return {
        "abilities": [*_pairs(evaluation), *_figures(evaluation)],
        "samples": shown,
        "legend": [meaning for kind, meaning in _MARKS.items() if kind in present],
        "more_plots": list(_longest_match(evaluation)),
    }


def _pairs(evaluation: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(what, the student's figure, what stands beside it)."""
    scored = evaluation["minimal_pairs"]
    for kind in [*(k for k in _PROBES if k in scored), *sorted(set(scored).difference(_PROBES))]:
        found = scored[kind]
        if found["score"] is not None:
            between = f"{percent(found['low'])} – {percent(found['high'])}, {found['n']} pairs"
            yield f"Minimal pairs right: {kind}", percent(found["score"]), between


def _figures(evaluation: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    bits = evaluation["bits_per_byte"]
    held, real = bits["held_out"], bits.get("real")
    between = f"{number(held['low'])} – {number(held['high'])}, {held['documents']} texts"
    yield "Bits a byte, held-out text", number(held["value"]), between
    if real:
        between = f"{number(real['low'])} – {number(real['high'])}, {real['documents']} texts"
        yield "Bits a byte, real text", number(real["value"]), between
    required = evaluation.get("required_words")
    asked = f"{required['words']} words in {required['n']} stories" if required else ""
    yield "Required words used", percent(required["share"]) if required else NOT_MEASURED, asked
    if "overlap" not in evaluation:
        return
    vocabulary = evaluation["vocabulary"]
    inside = vocabulary["in_lexicon"]
    outside = f"of {vocabulary['words']:,} words"
    yield (
        "Words inside the vocabulary",
        NOT_MEASURED if inside is None else percent(inside),
        outside,
    )
    student, teacher = evaluation["overlap"]["student"], evaluation["overlap"]["held_out"]
    beside = "the teacher’s own new texts: {}".format
    yield (
        "8-grams as in training",
        percent(student["eight_grams"]),
        beside(percent(teacher["eight_grams"])),
    )
    yield "Exact copies of training texts", f"{student['exact_copies']}", f"of {student['n']}"
    for name, key in (
        ("4-grams said again", "repetition"),
        ("Names out of nowhere", "wrong_names"),
    ):
        found = evaluation[key]
        yield name, percent(found["student"]), beside(percent(found["held_out"]))
    ended = evaluation["endings"]
    yield "Stories that come to an end", percent(ended["share"]), f"of {ended['n']}"


def _longest_match(evaluation: Mapping[str, Any]) -> Iterator[plots.Plot]:
    """Two curves: the share of texts whose longest run from training is at least so long."""
    overlap = evaluation.get("overlap")
    if not overlap:
        return
    lines = []
    for name, key in (("the student", "student"), ("the teacher’s new texts", "held_out")):
        counts = Counter(overlap[key]["longest_match"]["lengths"])
        total, left, x, y = sum(counts.values()), sum(counts.values()), [], []
        for length in sorted(counts):
            x.append(float(length))
            y.append(left / total)
            left -= counts[length]
        lines.append(plots.Line(name, x, y))
    ours, theirs = (overlap[key]["longest_match"] for key in ("student", "held_out"))
    told = (
        "Share of texts that hold a run of so many words as in training. Median "
        f"{ours['median']:.0f}, longest {ours['max']}; the teacher’s new texts: "
        f"{theirs['median']:.0f} and {theirs['max']}."
    )
    axis = plots.Axis("words in a row as in training", "share of texts", share=True)
    yield plots.lines("copied", "How long its longest echo is", told, lines, axis)


def _sample(sample: Mapping[str, Any]) -> dict[str, Any]:
    marks = [
        Mark(mark["start"], mark["end"], *_MARKS.get(mark["kind"], ("evidence", mark["kind"])))
        for mark in sample["marks"]
    ]
    begin = int(sample["begin"])
    if begin:
        marks.append(Mark(0, begin, "given", "the beginning it was given"))
    near = sample["nearest"]
    return {
        "segments": segments(sample["text"], marks),
        "ended": bool(sample["ended"]),
        "longest": sample["longest_match"],
        "near": near["text"],
        "near_share": percent(near["share"]),
    }
