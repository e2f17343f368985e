"""Another run told on the same page, so that one page can stand for a whole piece of work."""

from __future__ import annotations

from datawell.report.facts import Facts
from datawell.report.sections import contents, example, headline
from datawell.report.sections.base import Section


def build(facts: Facts, number: int) -> Section:
    """The run in short: its headline, one row in full, and what is in it.

    ``number`` tells several such sections apart.
    """
    apart = f"beside-{number}"
    inner = [headline.build(facts), example.build(facts), contents.build(facts, f"{apart}-")]
    parts = [{"template": part.template, "data": part.data} for part in inner if part is not None]
    return Section(apart, headline.title(facts), "beside.html.j2", {"parts": parts})
