"""`cdsl diff`"""

from __future__ import annotations

from pathlib import Path

import click

from cdsl.cli.describe import too_many
from cdsl.cli.specs import STDIN, check_file, report, root_option
from cdsl.diagnostics import Diagnostic
from cdsl.diagnostics.text import visible
from cdsl.diff import Unknown, diff
from cdsl.diff.text import table
from cdsl.files import class_of
from cdsl.limits import MOST_LISTED
from cdsl.model import Model
from cdsl.places import written_out

rename_option = click.option(
    "--rename",
    "renames",
    multiple=True,
    metavar="OLD=NEW",
    help="A name of the old spec, and what the new one calls it.",
)
drop_option = click.option(
    "--drop", "drop", multiple=True, metavar="NAME", help="A name of the old spec that may be lost."
)
start_option = click.option(
    "--start", "start", multiple=True, metavar="NAME", help="A name of the new spec that begins anew."
)


@click.command("diff")
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@root_option
@rename_option
@drop_option
@start_option
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
@click.pass_context
def command(
    ctx: click.Context,
    old: Path,
    new: Path,
    root: Path | None,
    renames: tuple[str, ...],
    drop: tuple[str, ...],
    start: tuple[str, ...],
    as_json: bool,
) -> None:
    """Say what a change of spec does to saved checkpoints.

    Every entry is the same, migratable by `cdsl migrate`, or breaking; exit 1 where one is breaking.
    """
    pairs = both(ctx, old, new, root)
    try:
        found = diff(*pairs, pairs_of(renames), drop, start)
    except Unknown as error:
        raise click.UsageError(str(error)) from None
    click.echo(visible(found.model_dump_json(indent=2)) + "\n" if as_json else table(found), nl=False)
    ctx.exit(int(found.breaking))


def both(ctx: click.Context, old: Path, new: Path, root: Path | None) -> tuple[Model, Model]:
    """The old and the new spec, checked; where one has a problem that is told, and the command ends."""
    if old == new == STDIN:
        raise click.UsageError("standard input is one spec; the other one is a file")
    models = []
    for path in (old, new):
        name = None if path == STDIN or not isinstance(class_of(path), Diagnostic) else "Model"  # no class is compiled
        source, (model, diagnostics) = check_file(path, name, root)
        if model is not None and (many := written_out(model)) > MOST_LISTED:
            model, diagnostics = None, (*diagnostics, too_many(many))
        if model is None:
            report(source, diagnostics)
            ctx.exit(1)
        models.append(model)
    return models[0], models[1]


def pairs_of(renames: tuple[str, ...]) -> dict[str, str]:
    """`OLD=NEW` as a dictionary."""
    pairs: dict[str, str] = {}
    for one in renames:
        old, equals, new = (part.strip() for part in one.partition("="))
        if not (old and equals and new):
            raise click.UsageError(f"--rename takes OLD=NEW, got `{one}`")
        if old in pairs:
            raise click.UsageError(f"--rename has two names for `{old}`")
        pairs[old] = new
    return pairs
