"""What judges said: mean grades beside those of texts whose worth is known, and disagreement."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from datawell.core.casting import role_of
from datawell.core.judges import JUDGE
from datawell.report.facts import Facts
from datawell.report.sections.base import NOT_MEASURED, Section, is_builtin
from datawell.report.sections.label import interval, show

_SPREAD = "spread"
_NAMES = {"score": "mean grade", "age": "age group, from 0 (3 or under) to 5 (13 to 16)"}


def build(facts: Facts) -> Section | None:
    """There when a judge graded rows."""
    valid = facts.label["valid"] if facts.label else NOT_MEASURED
    if not isinstance(valid, Mapping):
        return None
    judges = [_judge(check) for check in valid["checks"] if "grades" in check]
    if not judges:
        return None
    teachers = facts.summary.teachers.items()
    models = sorted({model for seat, model in teachers if role_of(seat) == JUDGE})
    data = {
        "judges": judges,
        "model": ", ".join(models),
        "builtin": bool(models) and all(map(is_builtin, models)),
    }
    return Section("judges", "The judge", "judges.html.j2", data)


def _judge(check: Mapping[str, Any]) -> dict[str, Any]:
    grades, anchors = check["grades"], check["anchors"]
    groups = anchors if isinstance(anchors, Mapping) else {}
    return {
        "name": check["check"].replace("_", " "),
        "rows": [
            {
                "name": _NAMES.get(name, name.replace("_", " ")),
                "value": show(figure),
                "interval": interval(figure),
                "anchors": [_beside(group, name) for group in groups.values()],
            }
            for name, figure in grades.items()
            if name != _SPREAD
        ],
        "groups": list(groups),
        "n": max((figure["n"] for figure in grades.values()), default=0),
        "unjudged": check["unjudged"],
        "spread": show(grades[_SPREAD]) if _SPREAD in grades else None,
        "blind": _blind([group["grades"].get("score") for group in groups.values()]),
    }


def _beside(group: Mapping[str, Any], name: str) -> dict[str, str]:
    figure = group["grades"].get(name)
    if figure is None:
        return {"value": NOT_MEASURED, "interval": ""}
    return {"value": show(figure), "interval": interval(figure)}


def _blind(scores: list[Any]) -> bool:
    """Whether the first group of anchors, the best one, does not score clearly above each other: a
    judge that gives good and spoiled texts the same grade says nothing with it."""
    spans = [score["interval"] for score in scores if score and score["interval"]]
    return any(spans[0][0] <= high for _, high in spans[1:])
