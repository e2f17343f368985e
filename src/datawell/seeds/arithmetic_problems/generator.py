"""Our own problems, without end: a family by chance, then its numbers, names and wording."""

from __future__ import annotations

from random import Random

from datawell.seeds.arithmetic_problems import families_measures, families_parts, families_whole
from datawell.seeds.arithmetic_problems.problem import Problem

VERSION = "1"
"""Changes whenever the same stream, or the same worked solution, would give another problem."""

FAMILIES = (*families_whole.FAMILIES, *families_parts.FAMILIES, *families_measures.FAMILIES)


def generate(random: Random) -> Problem:
    """One problem with exact steps, drawn from ``random`` alone."""
    return random.choice(FAMILIES)(random)
