"""`cdsl import`"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from cdsl.cli.specs import STDIN
from cdsl.files import read_spec, write_whole
from cdsl.stan import spec_of


@click.command("import")
@click.argument("program", metavar="FILE.stan", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write here; without it, to standard output.")
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@click.pass_context
def command(ctx: click.Context, program: Path, output: Path | None, force: bool) -> None:
    """Write the spec of a Stan program's data and parameters.

    `-` is standard input. What has no counterpart is reported with its line, and left out.
    """
    data = sys.stdin.buffer.read() if program == STDIN else None
    source, unread = read_spec(program, data)
    if unread:
        click.echo(f"{program}: {unread[0].message}", err=True)
        ctx.exit(1)
    spec, problems, renames = spec_of(source.text)
    if output is None or output == STDIN:
        click.echo(spec, nl=False)
    elif output.exists() and not force:
        raise click.UsageError(f"`{output}` is there already; replace it with `--force`")
    else:
        write_whole(output, spec)
    for name, instead in renames.items():
        click.echo(f"{program}: `{name}` is `{instead}` here", err=True)
    for line, message in problems:
        click.echo(f"{program}:{line}: {message}", err=True)
    ctx.exit(int(bool(problems)))
