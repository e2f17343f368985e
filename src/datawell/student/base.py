"""What a student is, and what it says while it learns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from datawell.core import params


@dataclass(frozen=True, slots=True)
class StudentProgress:
    """A moment of a training.

    ``stage`` is one of ``tokenize``, ``encode``, ``probe``, ``train``, ``evaluate``. ``seconds``
    counts training only, on the clock of the budget (CPU-seconds of the process, or seconds on an
    accelerator); ``budget`` is None when only tokens are limited. ``share`` is the share of the
    budget used, 0 to 1. ``bits_per_byte``, ``probes`` and ``sample`` are filled at evaluation
    points only. ``share_of_peak`` is the model's arithmetic as a share of the measured matrix
    product rate.
    """

    stage: str
    seconds: float = 0.0
    budget: float | None = None
    share: float = 0.0
    step: int = 0
    tokens: int = 0
    tokens_per_second: float = 0.0
    loss: float | None = None
    bits_per_byte: float | None = None
    probes: Mapping[str, float] = field(default_factory=dict)
    share_of_peak: float | None = None
    sample: str = ""
    clock: str = "CPU-s"

    def line(self) -> str:
        """The moment as one line of text."""
        if self.stage != "train":
            return f"student: {self.stage}"
        limit = f" of {self.budget:.0f}" if self.budget else f" ({self.share:.0%})"
        parts = [
            f"student: {self.seconds:.0f}{limit} {self.clock}",
            f"step {self.step}",
            f"{self.tokens:,} tokens",
            f"{self.tokens_per_second:,.0f} tokens/{self.clock}",
        ]
        if self.loss is not None:
            parts.append(f"loss {self.loss:.3f}")
        if self.bits_per_byte is not None:
            parts.append(f"{self.bits_per_byte:.3f} bits/byte")
        parts += [f"{name} {score:.2f}" for name, score in sorted(self.probes.items())]
        if self.share_of_peak is not None:
            parts.append(f"{self.share_of_peak:.0%} of peak")
        return " · ".join(parts)


Progress = Callable[[StudentProgress], None]


class Student(Protocol):
    """Constructed as ``Student(params)``; construction must not import a learning library."""

    @property
    def Params(self) -> type[params.Params]:
        """The parameters a recipe may give."""
        ...

    def check(self) -> None:
        """Whether a training could begin here; called before rows are made for it.

        Raises:
            MissingDependencyError: the student's extra is not installed.
        """
        ...

    def train(self, dataset: Path, out: Path, progress: Progress | None = None) -> Path:
        """Train on ``dataset``; the same call continues an interrupted training.

        Raises:
            MissingDependencyError: the student's extra is not installed.
            UsageError: the dataset cannot be read or is too small.
        """
        ...

    def evaluate(
        self, model: Path, dataset: Path | None = None, progress: Progress | None = None
    ) -> dict[str, Any]:
        """Measure a trained model; also written as ``evaluation.json`` in its folder."""
        ...

    def prove(
        self, dataset: Path, real: Path, out: Path, progress: Progress | None = None
    ) -> dict[str, Any]:
        """The same student on as many bytes of real text, both scored on held-out real text."""
        ...
