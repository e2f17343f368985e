"""YAML comes in as plain data with its lines, and nothing else comes in."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from datawell.core.errors import RecipeError
from datawell.recipes.document import MAX_BYTES, CoreDumper, Place, read_document, read_value


def test_every_part_keeps_the_line_of_its_key() -> None:
    document = read_document("a: 1\nb:\n  - x\n  - c:\n      2\n", "f.yaml")
    assert document.data == {"a": 1, "b": ["x", {"c": 2}]}
    lines = {path: place.line for path, place in document.places.items()}
    assert lines[("a",)] == 1
    assert lines[("b",)] == 2
    assert lines[("b", 1)] == 4
    assert lines[("b", 1, "c")] == 4
    assert document.place(("b", 1, "missing")) == Place("f.yaml", 4)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("2024-01-01", "2024-01-01"),
        ("1:30", "1:30"),
        ("1e-3", 0.001),
        ("10_000", 10_000),
        ("010", 10),
        ("-1.5", -1.5),
        ("~", None),
        ("", None),
        ("true", True),
        ("'true'", "true"),
        ("1m", "1m"),
        ("http://host:1/v1#model", "http://host:1/v1#model"),
        ("[1, a]", [1, "a"]),
        (".inf", ".inf"),
    ],
)
def test_scalars_follow_the_core_schema(text: str, value: Any) -> None:
    read = read_value(text, "--set x")
    assert read == value
    assert type(read) is type(value)


def _bomb() -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    for n in range(1, 12):
        lines.append(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]")
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "'a' is written twice"),
        ("a: 1\nb: !!python/object/apply:os.system ['true']\n", 2, "not allowed"),
        ("a: !!binary aGk=\n", 1, "not allowed"),
        ("a: !!float .inf\n", 1, "not what its tag says"),
        ("a: !!int many\n", 1, "not what its tag says"),
        ("a: 1e999\n", 1, "not allowed"),
        ("a: !mine {b: 1}\n", 1, "not allowed"),
        ("a: !mine [1]\n", 1, "not allowed"),
        ("a: 1\n? [b]\n: 2\n", 2, "a key must be text"),
        ("a:\n\t- 1\n", 2, "not valid YAML"),
        ("a: b: c\n", 1, "not valid YAML"),
        ("a: 1\n---\nb: 2\n", 2, "not valid YAML"),
        ("a: *nowhere\n", 1, "not valid YAML"),
        ("a: &x [*x]\n", 1, "contains itself"),
        ("a: " + "[" * 500 + "]" * 500, 1, "nested more than"),
        (_bomb(), 1, "parts"),
    ],
)
def test_what_a_recipe_may_not_hold(text: str, line: int, says: str) -> None:
    with pytest.raises(RecipeError, match=says) as caught:
        read_document(text, "f.yaml")
    assert caught.value.line == line
    assert str(caught.value).startswith(f"f.yaml:{line}: ")


def test_tabs_are_named() -> None:
    with pytest.raises(RecipeError, match="spaces, not tabs"):
        read_document("a:\n\t- 1\n", "f.yaml")


def test_a_file_that_is_no_recipe_by_its_size() -> None:
    with pytest.raises(RecipeError, match="no recipe"):
        read_document("#" * (MAX_BYTES + 1), "f.yaml")


def test_control_characters_are_an_error() -> None:
    with pytest.raises(RecipeError, match="not valid YAML"):
        read_document("a: \x00", "f.yaml")


def test_aliases_are_allowed_where_they_do_not_multiply() -> None:
    assert read_document("a: &x [1]\nb: *x\n", "f").data == {"a": [1], "b": [1]}


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=12)
    | st.sampled_from(["no", "1e-3", "~", "null", "010", "1_0", "2024-01-01", "<<", "=", ""]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1), inner),
    max_leaves=8,
)


@given(_JSON)
def test_what_is_written_reads_back(value: Any) -> None:
    text = yaml.dump({"value": value}, Dumper=CoreDumper, sort_keys=False, allow_unicode=True)
    assert read_document(text, "f").data == {"value": value}
    assert yaml.safe_load(text) == {"value": value}
