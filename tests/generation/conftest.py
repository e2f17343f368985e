"""The engine's tests see the components of ``plugin/`` as an installed package."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from datawell.core import plugins
from tests.generation.kit import PLUGIN


@pytest.fixture(autouse=True)
def kit_is_installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(str(PLUGIN))
    plugins._table.cache_clear()
    yield
    plugins._table.cache_clear()
