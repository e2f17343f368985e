"""Prompts: what was not given is an error, what others wrote stays inside its fence."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datawell.core.errors import UsageError
from datawell.core.templates import PromptTemplate, fenced, shipped_template


def test_values_go_in_as_they_are() -> None:
    assert PromptTemplate(" Say {{ a }}! ").render(a="<b> & {{ c }}") == "Say <b> & {{ c }}!"


def test_a_missing_value_is_an_error() -> None:
    with pytest.raises(UsageError, match=r"'b' is undefined") as caught:
        PromptTemplate("{{ b }}", "mine").render(a=1)
    assert "mine" in caught.value.message
    assert caught.value.hint == "it may use: a"


@pytest.mark.parametrize(
    "source",
    [
        "{{ a.__class__.__mro__ }}",
        "{{ ''.__class__.__subclasses__() }}",
        "{{ a.append(1) }}",
        "{% include '/etc/passwd' %}",
    ],
)
def test_the_sandbox_holds(source: str) -> None:
    with pytest.raises(UsageError):
        PromptTemplate(source).render(a=[])


def test_no_template() -> None:
    with pytest.raises(UsageError, match="prompt template 'mine'"):
        PromptTemplate("{% if %}", "mine")


def test_a_file_is_read_once(tmp_path: Path) -> None:
    path = tmp_path / "hello.j2"
    path.write_text("Hello {{ name }}")
    assert shipped_template(path) is shipped_template(path)
    assert shipped_template(path).render(name="Ada") == "Hello Ada"


@given(text=st.text(max_size=80))
def test_nothing_inside_can_end_the_fence(text: str) -> None:
    told = fenced(text, "data")
    opening, closing = told.split("\n", 1)[0], told.rsplit("\n", 1)[-1]
    assert opening.removeprefix("<<") == closing.removeprefix("<</")
    assert told == f"{opening}\n{text}\n{closing}"
    assert closing not in text
    assert fenced(told, "data").split("\n", 1)[0] != opening
