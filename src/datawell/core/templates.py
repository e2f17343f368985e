"""Prompts as plain templates, in a sandbox; text that others wrote goes in as fenced data.

Jinja2's sandbox with ``StrictUndefined``: a template can read its values and nothing else, and a
name it was not given is an error instead of a hole in the prompt.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import DictLoader, StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from datawell.core.errors import UsageError
from datawell.core.records import digest


def fenced(text: str, name: str) -> str:
    """``text`` between two marks that name it and cannot occur in it: they hold its hash.

    Whatever stands inside is data to whoever reads the prompt, and cannot end the fence.
    """
    mark = f"{name} {digest(text, size=4)}"
    return f"<<{mark}>>\n{text}\n<</{mark}>>"


class PromptTemplate:
    """A template, compiled once. ``{{ text | fenced("name") }}`` puts text in as data."""

    def __init__(self, source: str, name: str = "prompt") -> None:
        """Compile the template.

        Raises:
            UsageError: it is no template.
        """
        self.name = name
        try:
            self._template = _environment().from_string(source)
        except TemplateError as error:
            raise UsageError(
                f"prompt template {name!r}: {error}", hint="see the syntax of Jinja2 templates"
            ) from error

    def render(self, **values: Any) -> str:
        """The prompt for these values, without white space around it.

        Raises:
            UsageError: the template asks for a value it was not given, or for what the sandbox
                forbids.
        """
        try:
            return self._template.render(**values).strip()
        except TemplateError as error:
            raise UsageError(
                f"prompt template {self.name!r}: {error}",
                hint=f"it may use: {', '.join(sorted(values))}",
            ) from error


@cache
def shipped_template(path: Path) -> PromptTemplate:
    """The template in a file of this package, read once."""
    return PromptTemplate(path.read_text(encoding="utf-8"), path.stem)


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    # Prompts are plain text: escaping would change what the model reads. Nothing here is HTML.
    made = ImmutableSandboxedEnvironment(
        loader=DictLoader({}),  # a template can bring in no other
        undefined=StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["fenced"] = fenced
    return made
