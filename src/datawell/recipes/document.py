"""YAML as plain JSON data that remembers on which line each part stands.

Scalars follow YAML 1.2's core schema: ``no`` and ``on`` are text, ``1e-3`` is a number, dates are
text. Only mappings, lists and scalars come in: a tag, a duplicate key, deep nesting or an alias
that multiplies the file is an error with its line.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from datawell.core.errors import RecipeError

Path = tuple[str | int, ...]

MAX_BYTES = 1_000_000
MAX_DEPTH = 40
MAX_NODES = 50_000

_NULL, _BOOL, _INT, _FLOAT, _STR = (
    f"tag:yaml.org,2002:{name}" for name in ("null", "bool", "int", "float", "str")
)
_SCALARS = (
    (_NULL, r"~|null|Null|NULL|", [*"~nN", ""]),
    (_BOOL, r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    (_INT, r"[-+]?[0-9][0-9_]{0,39}", list("-+0123456789")),
    (_FLOAT, r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", list("-+.0123456789")),
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a part of the recipe was written: a line of a file, or an option."""

    source: str
    line: int | None = None

    def __str__(self) -> str:
        return self.source if self.line is None else f"{self.source}:{self.line}"


@dataclass(slots=True)
class Document:
    """A recipe as read: data, and the place of every part by its path."""

    data: Any
    file: str
    places: dict[Path, Place] = field(default_factory=dict)

    def place(self, path: Path) -> Place:
        """The place of ``path``, or of the nearest part around it."""
        for end in range(len(path), -1, -1):
            if (found := self.places.get(path[:end])) is not None:
                return found
        return Place(self.file)


class _CoreLoader(yaml.SafeLoader):
    """PyYAML's safe parser with the core schema's scalars and a limit on depth."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  (PyYAML's own contract)
    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            problem = f"nested more than {MAX_DEPTH} deep"
            raise yaml.composer.ComposerError(None, None, problem, self.get_mark())
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


for _tag, _pattern, _first in _SCALARS:
    _CoreLoader.add_implicit_resolver(_tag, re.compile(f"^(?:{_pattern})$"), _first)


class CoreDumper(yaml.SafeDumper):
    """Writes YAML that both this reader and an older (YAML 1.1) one read the same way."""


for _tag, _pattern, _first in _SCALARS:
    CoreDumper.add_implicit_resolver(_tag, re.compile(f"^(?:{_pattern})$"), _first)


def read_document(text: str, file: str) -> Document:
    """Read one YAML document.

    Raises:
        RecipeError: it is not YAML, too large, or uses what a recipe may not (with the line).
    """
    if len(text.encode()) > MAX_BYTES:
        raise RecipeError(f"larger than {MAX_BYTES:,} bytes; this is no recipe", file=file)
    try:
        root = _CoreLoader(text).get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise RecipeError(
            f"not valid YAML: {error.problem}",
            hint=_yaml_hint(error.problem or ""),
            file=file,
            line=mark.line + 1 if mark else None,
        ) from error
    except yaml.YAMLError as error:
        raise RecipeError(f"not valid YAML: {error}", file=file) from error
    document = Document(None, file)
    document.data = None if root is None else _Reader(document).read(root, ())
    return document


def read_value(text: str, said: str) -> Any:
    """Read the value of an override, ``said`` being the option as typed."""
    try:
        return read_document(text, said).data
    except RecipeError as error:
        raise RecipeError(
            f"{said}: the value is not YAML", hint="put it in quotes: KEY='\"VALUE\"'"
        ) from error


def _yaml_hint(problem: str) -> str:
    if "'\\t'" in problem:
        return "indent with spaces, not tabs"
    if "mapping values are not allowed" in problem:
        return "check the indentation of this line, or quote a value that contains ': '"
    return ""


class _Reader:
    """Turns YAML nodes into data, noting the place of each part in a document."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.nodes = 0
        self.open: list[yaml.Node] = []

    def read(self, node: yaml.Node, path: Path, line: int | None = None) -> Any:
        """The data of ``node``; ``line`` is that of its key, where it has one."""
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise self._error(f"more than {MAX_NODES:,} parts", node, "do without so many aliases")
        if any(node is other for other in self.open):
            raise self._error("an alias that contains itself", node)
        self.document.places[path] = Place(
            self.document.file, node.start_mark.line + 1 if line is None else line
        )
        self.open.append(node)
        try:
            if isinstance(node, yaml.MappingNode):
                return self._mapping(node, path)
            if isinstance(node, yaml.SequenceNode):
                self._plain(node, "tag:yaml.org,2002:seq")
                return [self.read(item, (*path, at)) for at, item in enumerate(node.value)]
            return self._scalar(node)
        finally:
            self.open.pop()

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        self._plain(node, "tag:yaml.org,2002:map")
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise self._error("a key must be text", key_node)
            key = str(key_node.value)
            if key in found:
                raise self._error(f"key {key!r} is written twice", key_node, "keep one of them")
            line = key_node.start_mark.line + 1
            found[key] = self.read(value_node, (*path, key), line)
        return found

    def _scalar(self, node: yaml.Node) -> Any:
        text = str(node.value)
        try:
            if node.tag == _STR:
                return text
            if node.tag == _NULL:
                return None
            if node.tag == _BOOL:
                return text.lower() == "true"
            if node.tag == _INT:
                return int(text.replace("_", ""))
            if node.tag == _FLOAT and math.isfinite(number := float(text)):
                return number
        except ValueError as error:
            raise self._error(f"{text!r} is not what its tag says", node) from error
        raise self._error(f"{text[:40]!r} with tag {node.tag!r} is not allowed", node)

    def _plain(self, node: yaml.Node, tag: str) -> None:
        if node.tag != tag:
            raise self._error(f"tag {node.tag!r} is not allowed", node)

    def _error(self, message: str, node: yaml.Node, hint: str = "") -> RecipeError:
        line = node.start_mark.line + 1
        return RecipeError(message, hint=hint, file=self.document.file, line=line)
