"""The public surface is a list, and each name on it is real and documented."""

from __future__ import annotations

import inspect

import pytest

import datawell


def test_the_list_is_sorted_and_complete() -> None:
    assert datawell.__all__ == sorted(set(datawell.__all__))
    assert dir(datawell) == datawell.__all__
    assert set(datawell.__all__) == {*datawell._HOME, "__version__"}


@pytest.mark.parametrize("name", [name for name in datawell.__all__ if name != "__version__"])
def test_each_name_is_there_and_documented(name: str) -> None:
    found = getattr(datawell, name)
    assert found.__module__ == datawell._HOME[name]
    assert inspect.getdoc(found)


def test_no_name_is_hidden_by_a_room(rooms: list[frozenset[str]]) -> None:
    """Importing ``datawell.ROOM`` sets that attribute, and would hide a function of that name."""
    assert frozenset(datawell.__all__) & frozenset().union(*rooms) == frozenset()


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = datawell.nothing


def test_the_version_is_the_one_installed(project: dict[str, dict[str, str]]) -> None:
    assert datawell.__version__ == project["project"]["version"]
