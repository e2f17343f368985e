"""Jobs for tests, and what two runs are compared by."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from datawell.core.plugins import Component
from datawell.core.rundir import RunFolder
from datawell.executors.inline import Inline
from datawell.generation.engine import generate
from datawell.generation.job import Job, Settings

PLUGIN = Path(__file__).parent / "plugin"
ROOT = Path(__file__).parents[2]
MADE = Component("kit_made")
SAME = Component("kit_same", {"words": 1})


def paid(**params: Any) -> Component:
    """A remote teacher without a network."""
    return Component("kit_paid", params)


def job(
    folder: Path,
    teacher: Component = MADE,
    *,
    seeds: dict[str, Any] | None = None,
    task: dict[str, Any] | None = None,
    settings: Settings | None = None,
    **changes: Any,
) -> Job:
    """A small job."""
    facts: dict[str, Any] = {
        "folder": folder,
        "recipe": "kit",
        "fingerprint": "f1",
        "checks_fingerprint": "c1",
        "seed": 11,
        "rows": 60,
        "shard_size": 16,
        "seeds": Component("kit_numbers", seeds or {}),
        "task": Component("kit_lines", task or {}),
        "teachers": {"writer": teacher},
        "checks": (Component("kit_short"), SAME, Component("kit_family")),
        "settings": settings or Settings(),
    }
    return Job(**{**facts, **changes})


def made(job: Job) -> RunFolder:
    """The job's run folder, all done."""
    generate(job, Inline())
    return job.run


def bytes_of(folder: RunFolder) -> dict[str, bytes]:
    """Everything a run's exports are made from, by path."""
    return {
        str(path.relative_to(folder.path)): path.read_bytes()
        for place in (folder.parts, folder.decisions)
        for path in sorted(place.rglob("*"))
        if path.is_file()
    }
