"""Build the report: gather the facts, let each section say its part, write one page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from datawell.core.parts import write_durably
from datawell.report.facts import Facts, gather
from datawell.report.sections import (
    beside as other_run,
)
from datawell.report.sections import (
    contents,
    cost,
    example,
    funnel,
    headline,
    judges,
    label,
    lineage,
    reproduce,
    student,
)
from datawell.report.sections.base import Section

SECTIONS: tuple[Callable[[Facts], Section | None], ...] = (
    headline.build,
    label.build,
    judges.build,
    funnel.build,
    example.build,
    contents.build,
    student.build,
    lineage.build,
    cost.build,
    reproduce.build,
)

# Cost and how to make it again close the page.
_LAST = 2


def build_report(run: Path, beside: Sequence[Path] = ()) -> Path:
    """Write ``report.html`` of a run folder and return its path.

    Other runs may be told ``beside`` it, in short, on the same page. The page is one file: styles
    and plots are in it, it loads nothing and runs no script. Sections without data are left out; a
    figure that was not measured says so.

    Raises:
        UsageError: there is no run, or one of its files cannot be understood.
        StorageError: the page cannot be written.
    """
    facts = gather(run)
    sections = [section for build in SECTIONS if (section := build(facts)) is not None]
    others = [other_run.build(gather(path), at) for at, path in enumerate(beside, 1)]
    sections[-_LAST:-_LAST] = others
    page = render(headline.title(facts), sections)
    write_durably(facts.run.report, page.encode())
    return facts.run.report


def render(title: str, sections: list[Section]) -> str:
    """The page as HTML; every value is escaped, save the SVG this room drew itself."""
    templates = PackageLoader("datawell.report", "templates")
    environment = Environment(
        loader=templates,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = Markup(templates.get_source(environment, "style.css")[0])  # noqa: S704 - our own file
    return environment.get_template("page.html.j2").render(
        title=title, sections=sections, style=style
    )
