"""Nested figures as indented lines, for people; lists of rows are counted, not poured out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def lines(figures: Mapping[str, Any], indent: str = "") -> str:
    """One ``name: value`` a line, nested figures indented under their name."""
    return "\n".join(_lines(figures, indent))


def _lines(figures: Mapping[str, Any], indent: str) -> list[str]:
    found: list[str] = []
    for name, value in figures.items():
        if isinstance(value, Mapping):
            found += [f"{indent}{name}:", *_lines(value, indent + "  ")]
        elif isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
            found.append(f"{indent}{name}: {len(value)} entries (see --json)")
        else:
            found.append(f"{indent}{name}: {_shown(value)}")
    return found


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list):
        return ", ".join(_shown(item) for item in value)
    return "not measured" if value is None else str(value)
