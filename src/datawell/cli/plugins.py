"""``datawell plugins``: the components a recipe can name."""

from __future__ import annotations

from typing import Annotated

import typer

from datawell.cli.console import Json, emit

group = typer.Typer(help="The components a recipe can name.", no_args_is_help=True)


@group.command("list")
def list_command(
    kind: Annotated[str | None, typer.Argument(help="Only this kind.")] = None,
    as_json: Json = False,
) -> None:
    """List components by kind, with the package each comes from."""
    from datawell.core import plugins

    kinds = [kind] if kind else list(plugins.KINDS)
    table = {k: {name: plugins.owner(k, name) for name in plugins.names(k)} for k in kinds}
    lines = [
        f"{k}\n" + "\n".join(f"  {name}  ({owner})" for name, owner in found.items())
        for k, found in table.items()
    ]
    emit(as_json, table, "\n".join(lines))


@group.command("show")
def show_command(
    kind: Annotated[str, typer.Argument(help="seeds, tasks, teachers, checks, …")],
    name: Annotated[str, typer.Argument(help="The component's name.")],
    as_json: Json = False,
) -> None:
    """Show what a component does and which parameters it takes."""
    from datawell.core import plugins

    cls = plugins.load(kind, name)
    about = (cls.__doc__ or "").strip()
    schema = cls.Params.model_json_schema()
    lines = [about, "", "with:"]
    for key, field in cls.Params.model_fields.items():
        default = (
            "required"
            if field.is_required()
            else repr(field.get_default(call_default_factory=True))
        )
        lines.append(f"  {key}: {default}  {field.description or ''}")
    emit(as_json, {"name": name, "about": about, "with": schema}, "\n".join(lines))
