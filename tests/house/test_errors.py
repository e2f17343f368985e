"""One exception tree, drawn where it stands, and nothing beside it."""

from __future__ import annotations

import ast
import builtins
import inspect
import re
from pathlib import Path

import pytest

from datawell.core import errors
from datawell.core.errors import DatawellError, RowError

ALL = [
    found
    for _, found in inspect.getmembers(errors, inspect.isclass)
    if issubclass(found, BaseException) and found.__module__ == errors.__name__
]
EXIT_CODES = {1, 2, 3, 4}
# Signals between two modules of one room: they are no errors, and no caller ever sees one.
SIGNALS = {
    "generation/batch.py Parked": "forgets a row until it can be made again",
    "generation/calls.py Stopped": "ends a row's work when the run is closing",
    "teachers/limits.py Refused": "tells the retry loop what the wire met",
}


def _drawn() -> dict[str, tuple[str | None, str]]:
    """Name to (parent's name, exit code as written) in the tree of the docstring."""
    found: dict[str, tuple[str | None, str]] = {}
    above: list[tuple[int, str]] = []
    for line in (errors.__doc__ or "").splitlines():
        match = re.match(r"^ {4}([│├└─ ]*)([A-Z]\w+)(?: +(\d|-|exit code)\b.*| .*)?$", line)
        if match is None:
            continue
        depth, name, code = len(match[1]), match[2], match[3] or ""
        above = [(at, parent) for at, parent in above if at < depth]
        found[name] = (above[-1][1] if above else None, code)
        above.append((depth, name))
    return found


@pytest.mark.parametrize("cls", ALL, ids=lambda cls: cls.__name__)
def test_each_error_stands_in_the_tree(cls: type[DatawellError]) -> None:
    assert issubclass(cls, DatawellError)
    assert cls.exit_code in EXIT_CODES
    assert inspect.getdoc(cls)
    parent, code = _drawn()[cls.__name__]
    if cls is not DatawellError:
        assert cls.__bases__[0].__name__ == parent
    if code.isdigit():
        assert cls.exit_code == int(code)
    else:
        assert cls is DatawellError or issubclass(cls, RowError)


def test_nothing_is_drawn_that_is_not_there() -> None:
    assert sorted(_drawn()) == sorted(cls.__name__ for cls in ALL)


def test_a_hint_is_shown() -> None:
    assert str(DatawellError("broken", hint="mend it")) == "broken\n  hint: mend it"
    assert str(DatawellError("broken")) == "broken"


def test_no_exception_class_stands_elsewhere(source: Path) -> None:
    """What a caller can meet is in ``core.errors``. A name with ``_`` never leaves its file."""
    foreign = {
        name
        for name, found in vars(builtins).items()
        if isinstance(found, type) and issubclass(found, BaseException)
    }
    ours = {cls.__name__ for cls in ALL}
    found = [
        f"{path.relative_to(source)} {node.name}"
        for path in sorted(source.rglob("*.py"))
        if path != source / "core" / "errors.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
        for base in node.bases
        if ast.unparse(base).rpartition(".")[2] in foreign | ours
    ]
    assert [stray for stray in found if stray not in SIGNALS] == []
    assert [signal for signal in SIGNALS if signal not in found] == [], "take these off the list"
