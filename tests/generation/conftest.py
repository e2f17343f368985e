"""The engine's tests see the components of ``plugin/`` as an installed package."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from datawell.core import plugins
from tests.generation.kit import PLUGIN


def installed(patch: pytest.MonkeyPatch) -> None:
    """Put the plugin where installed packages are."""
    patch.syspath_prepend(str(PLUGIN))
    plugins._table.cache_clear()


@pytest.fixture(autouse=True)
def kit_is_installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    installed(monkeypatch)
    yield
    plugins._table.cache_clear()
