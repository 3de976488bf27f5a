"""`cdsl check`"""

from __future__ import annotations

from pathlib import Path

import click

from cdsl.cli.specs import check_file, root_option, specs_argument
from cdsl.diagnostics import errors
from cdsl.diagnostics import json as as_json
from cdsl.diagnostics.text import count, render


@click.command("check")
@specs_argument
@root_option
@click.option("--name", help="The class of the model; without it, named after the file.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_context
def command(ctx: click.Context, specs: tuple[Path, ...], root: Path | None, name: str | None, form: str) -> None:
    """Say everything that is wrong with specs.

    In source order, with warnings; `-` is standard input.
    """
    results = [check_file(path, name, root) for path in specs]
    if form == "json":
        click.echo(as_json.render((checked.diagnostics, source) for source, checked in results), nl=False)
    else:
        for source, checked in results:
            if checked.diagnostics:
                click.echo(render(checked.diagnostics, source))
            click.echo(f"{source.name}: {count(checked.diagnostics) or 'no problems'}")
    ctx.exit(int(any(errors(checked.diagnostics) for _, checked in results)))
