"""The table of verbs, and the one place where errors become exit codes."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from datawell.core.errors import DatawellError

app = typer.Typer(
    name="datawell",
    help="Synthetic training data that can be trusted: write, check, export, train, label.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

VERBS = {
    "init": "datawell.cli.init",
    "validate": "datawell.cli.validate",
    "preview": "datawell.cli.preview",
    "run": "datawell.cli.run",
    "export": "datawell.cli.export",
    "train": "datawell.cli.train",
    "evaluate": "datawell.cli.evaluate",
    "label": "datawell.cli.label",
    "report": "datawell.cli.report",
    "schema": "datawell.cli.schema",
}
GROUPS = {"runs": "datawell.cli.runs", "plugins": "datawell.cli.plugins"}

for _name, _module in VERBS.items():
    app.command(_name)(import_module(_module).command)
for _name, _module in GROUPS.items():
    app.add_typer(import_module(_module).group, name=_name)


def _version(show: bool) -> None:
    if show:
        from datawell import __version__

        sys.stdout.write(f"datawell {__version__}\n")
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version."
    ),
) -> None:
    """Synthetic training data that can be trusted: write, check, export, train, label."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with the code of ``DESIGN``'s contract."""
    words = sys.argv[1:] if arguments is None else arguments
    sys.exit(run(words))


# Newer typers carry a click of their own, so click's errors are reached through the one that
# typer names in every version: BadParameter, a UsageError, a ClickException.
_CALL_ERROR: type[Exception] = typer.BadParameter.__mro__[2]


INTERRUPTED = 130


def run(words: list[str]) -> int:
    """Run one command; the exit code is returned, never raised."""
    from datawell.cli.console import fail
    from datawell.core.errors import DatawellError, StorageError

    as_json = "--json" in words
    try:
        result = app(args=words, standalone_mode=False)
    except DatawellError as error:
        fail(error, as_json)
        return error.exit_code
    except typer.Exit as stop:
        return stop.exit_code
    except _CALL_ERROR as error:
        fail(_wrong_call(error), as_json)
        return 2
    except (KeyboardInterrupt, typer.Abort):
        return _interrupted()
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except OSError as error:
        fail(_output_lost(error), as_json=False)
        return StorageError.exit_code
    # An interruption within a command comes back as its code.
    if result == INTERRUPTED:
        return _interrupted()
    return result if isinstance(result, int) else 0


def _interrupted() -> int:
    sys.stderr.write("interrupted; the same command continues\n")
    return INTERRUPTED


def _output_lost(error: OSError) -> DatawellError:
    """A failure of the operating system that no room expected: most often the output's disk."""
    from datawell.core.errors import StorageError

    # What could not be written must not be tried again when the interpreter closes stdout.
    sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    where = f" ({error.filename})" if error.filename else ""
    return StorageError(
        f"{error.strerror or error}{where}",
        hint="free some space or write elsewhere; the same command then continues",
    )


def _wrong_call(error: Exception) -> DatawellError:
    """A wrong call, said the way the other errors are."""
    from datawell.core.errors import UsageError

    message = error.format_message() if hasattr(error, "format_message") else str(error)
    context = getattr(error, "ctx", None)
    return UsageError(message, hint=f"see: {context.command_path} --help" if context else "")
