"""`cdsl plot`"""

from __future__ import annotations

from pathlib import Path

import click

from cdsl.diagnostics.text import printable
from cdsl.files import write_whole
from cdsl.names import did_you_mean
from cdsl.plot import FORMATS, chosen, draw
from cdsl.runs import RunError, read


@click.command("plot")
@click.argument("run", metavar="RUN", type=click.Path(path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="A `.png`, `.pdf` or `.svg` file.")
@click.option("--only", multiple=True, metavar="NAME", help="Draw these; without it the first twelve.")
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@click.pass_context
def command(ctx: click.Context, run: Path, output: Path, only: tuple[str, ...], force: bool) -> None:
    """Draw a run: values, raw values and gradients over the steps.

    RUN is the CSV file that `cdsl.monitor` writes. Each parameter has a row. Where it lay on the boundary of its domain, or its
    raw was so far out that the value no longer moved, the steps are shaded.
    """
    form = output.suffix.lower().removeprefix(".")
    if form not in FORMATS:
        raise click.UsageError(f"`{output}`: expected a name that ends in .png, .pdf or .svg")
    if output.exists() and (not force or not output.is_file() or output.resolve() == run.resolve()):
        why = "is there already; replace it with `--force`" if output.is_file() and not force else "cannot be replaced"
        raise click.UsageError(f"`{output}` {why}")
    try:
        import matplotlib  # noqa: F401, PLC0415  of the extra
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "matplotlib":
            raise
        raise click.UsageError("`cdsl plot` needs matplotlib: `pip install 'cdsl[plot]'`") from None
    try:
        found = read(run)
    except RunError as error:
        click.echo(printable(f"cdsl plot: {error}"), err=True)
        ctx.exit(1)
    names = found.names()
    for name in only:
        if name not in names:
            meant = did_you_mean(name, names)
            raise click.UsageError(f"`{run}` records no `{name}`{', ' * bool(meant)}{meant}")
    write_whole(output, draw(found, run.name, only, form))
    for note in found.notes:
        click.echo(f"note: {printable(note)}", err=True)
    if len(shown := chosen(found, only)) < len(names) and not only:
        click.echo(f"note: {len(shown)} of {len(names)} parameters are drawn; `--only NAME` draws others", err=True)
