"""The simulator's jobs are made of the engine tests' small components."""

from __future__ import annotations

from tests.generation.conftest import kit_is_installed

__all__ = ["kit_is_installed"]
