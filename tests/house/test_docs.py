"""The documents are executed, complete, and agree with the code."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from datawell.core import plugins
from datawell.recipes.load import shipped_names

ROOT = Path(__file__).parents[2]


def _blocks(path: Path, language: str) -> list[str]:
    text = path.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def _run(command: list[str], cwd: Path) -> None:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-4000:]}"


@pytest.mark.parametrize("at", range(len(_blocks(ROOT / "README.md", "bash"))))
def test_the_readmes_commands_run(at: int, tmp_path: Path) -> None:
    _run(["bash", "-euo", "pipefail", "-c", _blocks(ROOT / "README.md", "bash")[at]], tmp_path)


@pytest.mark.parametrize("at", range(len(_blocks(ROOT / "README.md", "python"))))
def test_the_readmes_python_runs(at: int, tmp_path: Path) -> None:
    _run([sys.executable, "-W", "error", "-c", _blocks(ROOT / "README.md", "python")[at]], tmp_path)


def _verbs() -> dict[str, Any]:
    """Every command by its words, with its click command."""
    from datawell.cli.main import app

    top: Any = typer.main.get_command(app)
    found = {}
    for name, command in top.commands.items():
        inner = getattr(command, "commands", None)
        if inner is None:
            found[name] = command
        else:
            found.update({f"{name} {verb}": below for verb, below in inner.items()})
    return found


VERBS = _verbs()


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_is_documented(verb: str) -> None:
    table = (ROOT / "README.md").read_text(encoding="utf-8").replace("\\|", " ")
    first, _, second = verb.partition(" ")
    row = next(line for line in table.splitlines() if line.startswith(f"| `datawell {first}"))
    assert second in row
    assert VERBS[verb].help
    undocumented = [
        parameter.name
        for parameter in VERBS[verb].params
        if parameter.name != "help" and not parameter.help
    ]
    assert undocumented == []


def _shown() -> list[str]:
    """Every ``datawell …`` line of a block in the documents at the top."""
    return [
        match[1]
        for path in sorted(ROOT.glob("*.md"))
        for language in ("bash", "console")
        for block in _blocks(path, language)
        for match in re.finditer(r"^(?:\$ )?(?:\w+=\S+ )?datawell (.*?)\s*(?:#.*)?$", block, re.M)
    ]


@pytest.mark.parametrize("line", _shown())
def test_every_shown_command_exists_with_its_options(line: str) -> None:
    words = line.split()
    verb = next(name for name in (" ".join(words[:2]), words[0]) if name in VERBS)
    options = {option for parameter in VERBS[verb].params for option in parameter.opts}
    unknown = [word for word in words if re.match(r"--?[a-z]", word) and word not in options]
    assert unknown == []


def test_the_import_law_is_told_as_it_is_kept(root: Path, rooms: list[frozenset[str]]) -> None:
    rows = re.findall(r"^\| \d \| (.*?) \|", (root / "CONTRIBUTING.md").read_text("utf-8"), re.M)
    told = [frozenset(re.findall(r"`(\w+)`", row)) for row in rows]
    assert told == rooms


def test_every_kind_of_component_can_be_added(root: Path) -> None:
    text = (root / "CONTRIBUTING.md").read_text("utf-8")
    assert [kind for kind in plugins.KINDS if f"`datawell.{kind}`" not in text] == []


def test_every_room_has_its_page(root: Path, rooms: list[frozenset[str]]) -> None:
    names = sorted(room for layer in rooms for room in layer)
    pages = root / "architecture"
    assert [name for name in names if not (pages / f"{name}.md").is_file()] == []


def test_every_room_says_what_enters_and_leaves(source: Path, rooms: list[frozenset[str]]) -> None:
    for room in sorted(name for layer in rooms for name in layer):
        text = (source / room / "__init__.py").read_text(encoding="utf-8")
        assert re.search(r"^(Enters|In):.*(Leaves|Out):", text, re.MULTILINE | re.DOTALL), room


def test_every_shipped_recipe_is_in_the_readme(root: Path) -> None:
    text = (root / "README.md").read_text("utf-8")
    assert [name for name in shipped_names() if f"`{name}`" not in text] == []


def test_links_between_documents_lead_somewhere(root: Path) -> None:
    documents = [*root.glob("*.md"), *(root / "architecture").rglob("*.md")]
    broken = [
        f"{path.relative_to(root)}: {target}"
        for path in sorted(documents)
        for target in re.findall(r"\]\(([^)#\s]+)\)", path.read_text("utf-8"))
        if "://" not in target and not (path.parent / target).exists()
    ]
    assert broken == []
