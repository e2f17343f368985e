"""The label: five figures, and the table of diversity beside the anchor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from datawell.report.facts import Facts
from datawell.report.sections.base import NOT_MEASURED, Section

_MEASURES = {
    "types": ("Different words", "more is richer"),
    "distinct_1": ("Distinct-1", "more is richer"),
    "distinct_2": ("Distinct-2", "more is richer"),
    "distinct_3": ("Distinct-3", "more is richer"),
    "distinct_4": ("Distinct-4", "more is richer"),
    "self_bleu_4": ("Self-BLEU-4", "less is richer"),
    "compression": ("Gzip ratio", "less is richer"),
    "shared_8_grams": ("8-grams shared between texts", "less is richer"),
    "commonest_opening": ("Commonest five-word opening", "less is richer"),
}
_THIN = "\N{NARROW NO-BREAK SPACE}"
_SHARES = {"shared_8_grams", "commonest_opening"}
_ABOUT = {
    "valid": "Does each row hold to its plan?",
    "diverse": "Is it varied, beside real text?",
    "private": "Can a person be found in it?",
    "supervised": "Have people looked at it?",
    "useful": "Does a student learn from it?",
}


def build(facts: Facts) -> Section | None:
    """There when the run has a label."""
    label = facts.label
    if label is None:
        return None
    diverse = label["diverse"]
    cards = [
        {"name": name, "about": about, **_card(name, label.get(name, NOT_MEASURED))}
        for name, about in _ABOUT.items()
    ]
    data: dict[str, Any] = {"cards": cards, "diverse": None, "checks": []}
    if isinstance(diverse, dict):
        data["diverse"] = {
            "words": diverse["words"],
            "anchor": diverse["anchor"]["name"] if diverse["anchor"] else None,
            "rows": list(_diversity_rows(diverse["figures"])),
            "opening": diverse["opening"],
            "anchor_opening": diverse["anchor_opening"],
        }
    if isinstance(label["valid"], dict):
        data["checks"] = [
            {
                "name": check["check"].replace("_", " "),
                "pass": show(check["pass"], share=True),
                "interval": interval(check["pass"], share=True),
                "n": check["pass"]["n"],
                "catch_rate": check["catch_rate"],
            }
            for check in label["valid"]["checks"]
        ]
    return Section("label", "The label", "label.html.j2", data)


def _card(name: str, value: Any) -> dict[str, Any]:
    if value == NOT_MEASURED or not isinstance(value, Mapping):
        return {"measured": False, "figure": NOT_MEASURED, "lines": []}
    if name == "valid":
        kept = value["kept"]
        return {
            "measured": True,
            "figure": show(kept, share=True),
            "lines": [f"of {kept['n']:,} rows kept", f"95 %: {interval(kept, share=True)}"],
        }
    if name == "diverse":
        figures = value["figures"]
        shared = figures["shared_8_grams"]
        lines = ["of 8-grams shared between texts"]
        if "anchor" in shared:
            lines.append(f"real text beside it: {show(shared['anchor'], share=True)}")
        return {"measured": True, "figure": show(shared, share=True), "lines": lines}
    return _useful(value)


def _useful(value: Mapping[str, Any]) -> dict[str, Any]:
    """The proof: the student on this data beside the same student on as much real text."""
    data, real = value["data"], value["real"]
    return {
        "measured": True,
        "figure": number(data["value"]),
        "lines": [
            "bits a byte on real text, less is better",
            f"the same student on as much real text: {number(real['value'])}",
        ],
    }


def _diversity_rows(figures: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for key, (name, sense) in _MEASURES.items():
        if key in figures:
            figure, share = figures[key], key in _SHARES
            beside = figure.get("anchor")
            yield {
                "name": name,
                "sense": sense,
                "value": show(figure, share=share),
                "interval": interval(figure, share=share),
                "anchor": show(beside, share=share) if beside else NOT_MEASURED,
                "method": figure["method"],
            }


def show(figure: Mapping[str, Any], *, share: bool = False) -> str:
    """A figure's value, as people read it."""
    value = figure["value"]
    return NOT_MEASURED if value is None else percent(value) if share else number(value)


def interval(figure: Mapping[str, Any], *, share: bool = False) -> str:
    """A figure's interval, or nothing."""
    if figure["interval"] is None:
        return ""
    low, high = (percent(v) if share else number(v) for v in figure["interval"])
    return f"{low.removesuffix(f'{_THIN}%')} – {high}"


def percent(value: float) -> str:
    """A share as a percentage that never rounds a fault away: 99.96 % is not 100 %."""
    shown = round(100 * value, 9)  # the last bit of a float is no fault
    digits = 3 if 0 < shown < 0.05 or 99.95 < shown < 100 else 1
    return f"{shown:.{digits}f}".removesuffix(".0") + f"{_THIN}%"


def number(value: float) -> str:
    """A number with as many digits as it needs."""
    if isinstance(value, int) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.2f}" if abs(value) >= 1 else f"{value:.3f}"
