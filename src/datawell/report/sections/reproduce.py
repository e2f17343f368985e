"""How to make the same data again: the recipe, the command, the fingerprint."""

from __future__ import annotations

import yaml

from datawell.report.facts import Facts
from datawell.report.sections.base import Section, is_builtin


def build(facts: Facts) -> Section:
    """Always there."""
    summary = facts.summary
    recipe = facts.recipe_text
    if facts.recipe:
        recipe = yaml.safe_dump(dict(facts.recipe), sort_keys=False, allow_unicode=True, width=78)
    return Section(
        "reproduce",
        "Make it again",
        "reproduce.html.j2",
        {
            "recipe": recipe,
            "fingerprint": summary.fingerprint,
            "seed": summary.seed,
            "exact": all(map(is_builtin, summary.teachers.values())),
        },
    )
