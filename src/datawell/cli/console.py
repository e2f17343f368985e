"""Where words go: results on stdout, everything else on stderr."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object, and nothing else.")]
RecipeArgument = Annotated[
    str, typer.Argument(metavar="RECIPE", help="A recipe file, or a shipped name (stories, …).")
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="A.B=C", help="Override one value of the recipe; repeatable."),
]
TeacherOption = Annotated[
    list[str] | None,
    typer.Option(
        "--teacher",
        metavar="[ROLE=]SPEC",
        help="builtin, openai:MODEL, http://host:port/v1#MODEL, replay:FILE, …; repeatable.",
    ),
]
PilotOption = Annotated[
    int | None,
    typer.Option(
        "--pilot",
        min=2,
        help="Make this many rows first (their answers are bought) and estimate from them.",
    ),
]
RowsOption = Annotated[int | None, typer.Option("--rows", min=1, help="How many rows to make.")]


def error_console() -> Console:
    """A console on stderr that never interprets what it prints as markup."""
    from rich.console import Console

    return Console(stderr=True, markup=False, highlight=False, emoji=False, soft_wrap=True)


def visible(text: str) -> str:
    """Text from outside with its control characters shown, so that it cannot steer a terminal."""
    return "".join(
        char
        if char in "\n\t" or unicodedata.category(char) not in {"Cc", "Cf", "Cs"}
        else f"\\u{ord(char):04x}"
        for char in text
    )


def emit(as_json: bool, data: Any, human: Callable[[], str] | str) -> None:
    """Print the result: one JSON object, or text for people."""
    if as_json:
        text = json.dumps(data, ensure_ascii=False, indent=2, sort_keys=False, default=str)
    else:
        text = human() if callable(human) else human
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def fail(error: BaseException, as_json: bool) -> None:
    """Say what went wrong: on stderr, and as JSON on stdout when JSON was asked for."""
    message = getattr(error, "message", str(error))
    hint = getattr(error, "hint", "")
    if as_json:
        body = {
            "error": {
                "type": type(error).__name__,
                "message": message,
                "hint": hint,
                "exit_code": getattr(error, "exit_code", 1),
            }
        }
        sys.stdout.write(json.dumps(body, ensure_ascii=False, indent=2) + "\n")
    sys.stderr.write(f"error: {visible(message)}\n")
    if hint:
        sys.stderr.write(f"hint: {visible(hint)}\n")
