"""Training and evaluating students, inside a run and on their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datawell.core.errors import RecipeError, UsageError
from datawell.core.plugins import Component, build
from datawell.core.rundir import RunFolder
from datawell.pipeline.runs import Dataset
from datawell.recipes.overrides import parse_override

if TYPE_CHECKING:
    from datawell.pipeline.execute import Watcher

STUDENT = "llama"


@dataclass(frozen=True, slots=True)
class Student:
    """A trained student: its folder, which ``AutoModelForCausalLM.from_pretrained`` loads."""

    path: Path
    component: Component

    def evaluate(
        self, dataset: str | Path | None = None, *, real: str | Path | None = None
    ) -> dict[str, Any]:
        """Measure it on held-out text; see :func:`evaluate`."""
        return evaluate(self.path, dataset, real=real)

    def __str__(self) -> str:
        return str(self.path)


def train(
    dataset: str | Path | Dataset,
    out: str | Path,
    *,
    overrides: Sequence[str] = (),
    watcher: Watcher | None = None,
    **params: Any,
) -> Student:
    """Train a student on a dataset; the same call continues an interrupted training.

    Args:
        dataset: a dataset folder, a run folder, or a file of text (.parquet, .jsonl, .txt).
        out: the student's folder.
        overrides: ``name=value`` parameters as text.
        watcher: told about progress.
        params: the student's parameters (``preset``, ``minutes``, ``tokens``, ``real``, …).

    Raises:
        MissingDependencyError: the student's extra is not installed.
        UsageError: the dataset cannot be read.
    """
    component = Component(STUDENT, {**params, **_parsed(overrides)})
    student = build("students", component)
    source = dataset_path(dataset)
    progress = None if watcher is None else watcher.student
    student.train(source, Path(out), progress)
    student.evaluate(Path(out), source, progress)
    if student.params.real is not None:
        student.prove(source, Path(student.params.real), Path(out), progress)
    return Student(Path(out), component)


def evaluate(
    model: str | Path,
    dataset: str | Path | Dataset | None = None,
    *,
    real: str | Path | None = None,
    watcher: Watcher | None = None,
) -> dict[str, Any]:
    """Measure a trained student: bits per byte, minimal pairs, vocabulary, overlap, samples.

    Args:
        model: the student's folder.
        dataset: held-out and training text; the dataset it was trained on when None.
        real: real text that is scored too.
        watcher: told about progress.

    Raises:
        UsageError: the folder holds no student, or the dataset is gone.
    """
    params = {} if real is None else {"real": str(real)}
    student = build("students", Component(STUDENT, params))
    source = None if dataset is None else dataset_path(dataset)
    found: dict[str, Any] = student.evaluate(
        Path(model), source, None if watcher is None else watcher.student
    )
    return found


def learn(folder: RunFolder, component: Component, watcher: Watcher) -> None:
    """The student stage of a run: train, evaluate, and prove against real text when it is given."""
    student = build("students", component)
    watcher.stage("student", f"training into {folder.student}")
    student.train(folder.dataset, folder.student, watcher.student)
    watcher.stage("student", "evaluating")
    student.evaluate(folder.student, folder.dataset, watcher.student)
    if student.params.real is not None:
        watcher.stage("student", f"the same student on real text: {student.params.real}")
        student.prove(folder.dataset, Path(student.params.real), folder.student, watcher.student)


def dataset_path(dataset: str | Path | Dataset) -> Path:
    """The dataset's folder or file; a run folder stands for its dataset.

    Raises:
        UsageError: there is nothing there.
    """
    path = dataset.path if isinstance(dataset, Dataset) else Path(dataset)
    inner = RunFolder(path)
    if inner.lock.exists():
        path = inner.dataset
    if not path.exists():
        raise UsageError(f"{path} does not exist", hint="name a dataset folder, a run, or a file")
    return path


def _parsed(overrides: Sequence[str]) -> dict[str, Any]:
    found = {}
    for text in overrides:
        override = parse_override(text)
        if len(override.path) != 1:
            raise RecipeError(f"{override.said}: a student's parameters have no parts")
        found[override.path[0]] = override.value
    return found
