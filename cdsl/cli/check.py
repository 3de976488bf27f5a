"""`cdsl check`"""

from __future__ import annotations

from pathlib import Path

import click

from cdsl.cli.specs import compile_file, specs_argument
from cdsl.diagnostics import errors
from cdsl.diagnostics import json as as_json
from cdsl.diagnostics.text import count, render


@click.command()
@specs_argument
@click.option("--name", help="The class of the model; without it, named after the file.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_context
def check(ctx: click.Context, specs: tuple[Path, ...], name: str | None, form: str) -> None:
    """Say everything that is wrong with specs, in source order. `-` is standard input."""
    results = [compile_file(path, name) for path in specs]
    if form == "json":
        click.echo(as_json.render((compiled.diagnostics, source) for source, compiled in results), nl=False)
    else:
        for source, compiled in results:
            if compiled.diagnostics:
                click.echo(render(compiled.diagnostics, source))
            click.echo(f"{source.name}: {count(compiled.diagnostics) or 'no problems'}")
    ctx.exit(int(any(errors(compiled.diagnostics) for _, compiled in results)))
