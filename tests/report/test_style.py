"""Words can be read on every ground they stand on, by day, by night and on paper (WCAG AA)."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

STYLE = (files("datawell.report") / "templates" / "style.css").read_text(encoding="utf-8")
GROUNDS = {
    "ink": ("paper", "card", "word", "feature", "error", "correct", "accent-soft"),
    "muted": ("paper", "card"),
    "accent": ("paper", "card"),
    "series-1": ("paper",),
    "series-2": ("paper",),
    "series-3": ("paper",),
    "series-4": ("paper",),
}


def schemes() -> dict[str, dict[str, str]]:
    """The colours of each scheme: what it does not set is as by day."""
    roots = re.findall(r":root \{(.*?)\}", STYLE, re.S)
    by_day, by_night, on_paper = (
        dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{3,6});", root)) for root in roots
    )
    return {"day": by_day, "night": {**by_day, **by_night}, "paper": {**by_day, **on_paper}}


def light(color: str) -> float:
    """Relative luminance, 0 to 1."""
    digits = color[1:] if len(color) == 7 else "".join(2 * c for c in color[1:])
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, two: str) -> float:
    """1 (the same) to 21 (black on white)."""
    low, high = sorted((light(one), light(two)))
    return (high + 0.05) / (low + 0.05)


def test_black_on_white_is_21() -> None:
    assert contrast("#000000", "#fff") == pytest.approx(21)


@pytest.mark.parametrize("scheme", ["day", "night", "paper"])
def test_every_ground_carries_its_words(scheme: str) -> None:
    colors = schemes()[scheme]
    for word, grounds in GROUNDS.items():
        least = 3.0 if word.startswith("series") else 4.5
        for ground in grounds:
            assert contrast(colors[word], colors[ground]) >= least, (word, ground)
