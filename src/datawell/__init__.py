"""datawell: synthetic training data that can be trusted.

    import datawell as dw

    run = dw.run("stories", rows=1_000, out="runs/stories")
    print(run)                                  # kept, dropped by reason, cost, seed
    dataset = run.export("out/stories", formats=["parquet", "trl-sft"])
    student = dw.train(dataset, out="out/student", preset="1m", minutes=2)
    print(dw.label(dataset))

Nothing is loaded until it is asked for (PEP 562), so that ``import datawell`` stays light.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datawell.core.errors import DatawellError
    from datawell.core.records import Record, Row, Seed, Turn, Verdict
    from datawell.pipeline.estimate import Estimate
    from datawell.pipeline.execute import run
    from datawell.pipeline.pilot import validate
    from datawell.pipeline.preview import preview
    from datawell.pipeline.runs import Dataset, Run, label, list_runs, open_run, write_report
    from datawell.pipeline.students import Student, evaluate, train
    from datawell.recipes.load import load_recipe
    from datawell.recipes.model import Recipe
    from datawell.recipes.schema import recipe_schema

__version__ = "0.1.0"

_HOME = {
    "Dataset": "datawell.pipeline.runs",
    "DatawellError": "datawell.core.errors",
    "Estimate": "datawell.pipeline.estimate",
    "Recipe": "datawell.recipes.model",
    "Record": "datawell.core.records",
    "Row": "datawell.core.records",
    "Run": "datawell.pipeline.runs",
    "Seed": "datawell.core.records",
    "Student": "datawell.pipeline.students",
    "Turn": "datawell.core.records",
    "Verdict": "datawell.core.records",
    "evaluate": "datawell.pipeline.students",
    "label": "datawell.pipeline.runs",
    "list_runs": "datawell.pipeline.runs",
    "load_recipe": "datawell.recipes.load",
    "open_run": "datawell.pipeline.runs",
    "preview": "datawell.pipeline.preview",
    "recipe_schema": "datawell.recipes.schema",
    "run": "datawell.pipeline.execute",
    "train": "datawell.pipeline.students",
    "validate": "datawell.pipeline.pilot",
    "write_report": "datawell.pipeline.runs",
}

__all__ = [
    "Dataset",
    "DatawellError",
    "Estimate",
    "Recipe",
    "Record",
    "Row",
    "Run",
    "Seed",
    "Student",
    "Turn",
    "Verdict",
    "__version__",
    "evaluate",
    "label",
    "list_runs",
    "load_recipe",
    "open_run",
    "preview",
    "recipe_schema",
    "run",
    "train",
    "validate",
    "write_report",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'datawell' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
