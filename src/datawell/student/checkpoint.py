"""A training as one file, written whole or not at all: safetensors, never pickle."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from datawell.core.errors import StorageError, storage_boundary


@dataclass
class Position:
    """How far a training is. The data's order and all draws follow from the step alone."""

    step: int = 0
    tokens: int = 0
    seconds: float = 0.0
    evaluated: int = 0
    curve: list[dict[str, Any]] = field(default_factory=list)
    machine: dict[str, Any] = field(default_factory=dict)


def save_checkpoint(
    path: Path, position: Position, model: dict[str, Tensor], optimizer: dict[str, Tensor]
) -> None:
    """Write everything a training needs to continue.

    Raises:
        StorageError: the disk is full; the checkpoint before it is untouched.
    """
    tensors = {f"model.{k}": v.detach().contiguous() for k, v in model.items()}
    tensors |= {f"optimizer.{k}": v.detach().contiguous() for k, v in optimizer.items()}
    tmp = path.with_suffix(".tmp")
    with storage_boundary("checkpoint", path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            save_file(tensors, tmp, metadata={"position": json.dumps(vars(position))})
        except SafetensorError as error:
            raise StorageError(
                f"checkpoint: {path}: {error}", hint="free some space; the same command continues"
            ) from error
        with tmp.open("rb") as handle:
            os.fsync(handle.fileno())
        os.replace(tmp, path)


def load_checkpoint(path: Path) -> tuple[Position, dict[str, Tensor], dict[str, Tensor]]:
    """Read what :func:`save_checkpoint` wrote.

    Raises:
        StorageError: the file is damaged.
    """
    try:
        with safe_open(path, framework="pt") as found:
            position = Position(**json.loads(found.metadata()["position"]))
            tensors = {key: found.get_tensor(key) for key in found.keys()}  # noqa: SIM118
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        raise StorageError(
            f"checkpoint: {path} is damaged: {error}", hint="remove the file to start again"
        ) from error
    model = {k.removeprefix("model."): v for k, v in tensors.items() if k.startswith("model.")}
    rest = {
        k.removeprefix("optimizer."): v for k, v in tensors.items() if k.startswith("optimizer.")
    }
    return position, model, rest
