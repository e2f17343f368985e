"""What never stands in the code: interpreting text, unsafe readers, salted hashes, this machine."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

BANNED_CALLS = {"eval", "exec", "compile", "hash", "__import__"}
BANNED_IMPORTS = {"pickle", "cPickle", "dill", "shelve", "marshal", "sympy", "numexpr"}
BANNED_METHODS = {
    ("yaml", "load"),
    ("yaml", "full_load"),
    ("yaml", "unsafe_load"),
    ("os", "system"),
}
# Folders that exist on one machine only. Written in pieces, so that this file keeps its own rule.
MACHINE = re.compile("|".join(["/wo" + "rk/", "/ro" + "ot/", r"/ho" + r"me/\w", "/Us" + r"ers/\w"]))
OUR_FILES = ("*.py", "*.toml", "*.md", "*.yaml", "*.txt", "*.html", "*.j2", "*.css", "*.sh")


def _imports(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name.partition(".")[0] for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [(node.module or "").partition(".")[0]]
    return []


def _offences(code: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(code)):
        yield from (f"import {name}" for name in _imports(node) if name in BANNED_IMPORTS)
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Name) and node.func.id in BANNED_CALLS:
            yield f"{node.func.id}("
        if isinstance(node.func, ast.Attribute):
            owner = ast.unparse(node.func.value)
            if (owner, node.func.attr) in BANNED_METHODS:
                yield f"{owner}.{node.func.attr}("
            keywords = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
            if (owner, node.func.attr) == ("torch", "load") and (
                keywords.get("weights_only") != "True"
            ):
                yield "torch.load( without weights_only=True"
            if owner == "subprocess" and keywords.get("shell") == "True":
                yield "shell=True"


def test_the_source_keeps_them(source: Path) -> None:
    found = [
        f"{path.relative_to(source)}: {offence}"
        for path in sorted(source.rglob("*.py"))
        for offence in _offences(path.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    "code",
    [
        "eval('1')",
        "exec('1')",
        "hash('a')",
        "import pickle",
        "from pickle import loads",
        "import sympy.parsing",
        "yaml.load(text)",
        "torch.load(path)",
        "torch.load(path, weights_only=False)",
        "subprocess.run('ls', shell=True)",
        "os.system('ls')",
    ],
)
def test_each_rule_sees_its_offence(code: str) -> None:
    assert list(_offences(code))


@pytest.mark.parametrize("code", ["model.eval()", "yaml.safe_load(text)", "re.compile('a')"])
def test_what_only_looks_alike_passes(code: str) -> None:
    assert list(_offences(code)) == []


def test_no_path_of_one_machine(root: Path) -> None:
    folders = [root / name for name in ("src", "tests", "examples", "benchmarks", "architecture")]
    files = [path for folder in folders for kind in OUR_FILES for path in folder.rglob(kind)]
    files += [root / "Makefile", root / "check", *(root / ".ci").iterdir(), *root.glob("*.md")]
    found = [
        f"{path.relative_to(root)}:{number}: {line.strip()[:80]}"
        for path in sorted(files)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if MACHINE.search(line)
    ]
    assert found == []
