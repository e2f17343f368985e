"""Small functions, small files. The lists of exceptions may only shrink."""

from __future__ import annotations

import ast
from pathlib import Path

MOST_LINES_OF_A_FUNCTION = 60
MOST_LINES_OF_A_FILE = 400

LONG_FUNCTIONS: dict[str, int] = {}
LONG_FILES: dict[str, int] = {}


def _long_functions(source: Path) -> dict[str, int]:
    found = {}
    for path in sorted(source.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > MOST_LINES_OF_A_FUNCTION:
                    found[f"{path.relative_to(source)}:{node.name}"] = lines
    return found


def _long_files(source: Path) -> dict[str, int]:
    lengths = {
        str(path.relative_to(source)): len(path.read_text(encoding="utf-8").splitlines())
        for path in sorted(source.rglob("*.py"))
    }
    return {name: lines for name, lines in lengths.items() if lines > MOST_LINES_OF_A_FILE}


def _over(found: dict[str, int], allowed: dict[str, int]) -> list[str]:
    return [
        f"{name}: {lines} lines" for name, lines in found.items() if lines > allowed.get(name, 0)
    ]


def test_functions(source: Path) -> None:
    found = _long_functions(source)
    assert _over(found, LONG_FUNCTIONS) == []
    assert [name for name in LONG_FUNCTIONS if name not in found] == [], "take these off the list"


def test_files(source: Path) -> None:
    found = _long_files(source)
    assert _over(found, LONG_FILES) == []
    assert [name for name in LONG_FILES if name not in found] == [], "take these off the list"


def test_a_long_function_and_a_long_file_are_seen(tmp_path: Path) -> None:
    body = "\n".join("    x = 1" for _ in range(MOST_LINES_OF_A_FUNCTION))
    (tmp_path / "a.py").write_text(f"def short():\n    return 1\n\ndef long():\n{body}\n")
    (tmp_path / "b.py").write_text("x = 1\n" * (MOST_LINES_OF_A_FILE + 1))
    assert _long_functions(tmp_path) == {"a.py:long": MOST_LINES_OF_A_FUNCTION + 1}
    assert _long_files(tmp_path) == {"b.py": MOST_LINES_OF_A_FILE + 1}
