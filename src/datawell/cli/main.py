"""The table of verbs, and the one place where errors become exit codes."""

from __future__ import annotations

import sys
from importlib import import_module

import typer

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


def run(words: list[str]) -> int:
    """Run one command; the exit code is returned, never raised."""
    import click

    from datawell.cli.console import fail
    from datawell.core.errors import DatawellError

    as_json = "--json" in words
    try:
        result = app(args=words, standalone_mode=False)
    except DatawellError as error:
        fail(error, as_json)
        return error.exit_code
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        fail_usage(error, as_json)
        return 2
    except (KeyboardInterrupt, click.Abort):
        sys.stderr.write("interrupted; the same command continues\n")
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    return result if isinstance(result, int) else 0


def fail_usage(error: Exception, as_json: bool) -> None:
    """A wrong call, said the way the other errors are."""
    from datawell.cli.console import fail
    from datawell.core.errors import UsageError

    message = error.format_message() if hasattr(error, "format_message") else str(error)
    context = getattr(error, "ctx", None)
    hint = f"see: {context.command_path} --help" if context is not None else ""
    fail(UsageError(message, hint=hint), as_json)
