"""The built-in student: a small Llama, trained from nothing on the data.

Learning libraries are imported when a method runs, so that a recipe with a student can be checked
without them.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from datawell.core.errors import MissingDependencyError
from datawell.student.base import Progress, StudentProgress
from datawell.student.settings import Settings

_NEEDED = ("torch", "transformers", "tokenizers", "safetensors")


def _silent(_: StudentProgress) -> None:
    """Nobody listens."""


def _require() -> None:
    for name in _NEEDED:
        try:
            import_module(name)
        except ModuleNotFoundError as error:
            raise MissingDependencyError(
                f"a student needs the library {error.name!r}, which is not installed",
                hint='pip install "datawell[student]"',
            ) from error


class LlamaStudent:
    """Trains, evaluates and proves; each method reads and writes folders only."""

    Params = Settings

    def __init__(self, params: Settings) -> None:
        self.params = params

    def check(self) -> None:
        """Whether a training could begin here, found before rows are made for it.

        Raises:
            MissingDependencyError: the ``student`` extra is not installed.
        """
        _require()

    def train(self, dataset: Path, out: Path, progress: Progress | None = None) -> Path:
        """Train on ``dataset`` into ``out``, which ``AutoModelForCausalLM`` then loads.

        The same call continues an interrupted training and returns at once from a finished one;
        other data or settings train anew. Writes ``model.safetensors``, ``config.json``,
        ``tokenizer.json``, ``tokenizer_config.json``, ``training.json`` and ``samples.json``.

        Raises:
            MissingDependencyError: the ``student`` extra is not installed.
            UsageError: the dataset cannot be read or is too small.
            StorageError: the disk is full.
        """
        _require()
        from datawell.student.texts import open_source
        from datawell.student.train import train

        train(self.params, open_source(dataset), Path(out), progress or _silent)
        return Path(out)

    def evaluate(
        self, model: Path, dataset: Path | None = None, progress: Progress | None = None
    ) -> dict[str, Any]:
        """Measure a trained model; see :mod:`datawell.student.evaluate`.

        ``dataset`` is where it was trained from unless told otherwise. Real text named in the
        settings is scored too. Also written to ``evaluation.json`` in the model's folder.

        Raises:
            MissingDependencyError: the ``student`` extra is not installed.
            UsageError: there is no model, or its dataset is gone.
        """
        _require()
        from datawell.student.evaluate import evaluate

        return evaluate(self.params, Path(model), dataset, progress or _silent)

    def prove(
        self, dataset: Path, real: Path, out: Path, progress: Progress | None = None
    ) -> dict[str, Any]:
        """Whether the data is as useful as real text; see :mod:`datawell.student.compare`.

        Writes ``useful.json`` and two small students beside it in ``out``.

        Raises:
            MissingDependencyError: the ``student`` extra is not installed.
            UsageError: one of the sources cannot be read or is too small.
        """
        _require()
        from datawell.student.compare import prove

        return prove(self.params, dataset, real, Path(out), progress or _silent)
