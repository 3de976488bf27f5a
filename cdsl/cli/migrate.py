"""`cdsl migrate`"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cdsl.cli.diff import both, drop_option, pairs_of, rename_option, start_option
from cdsl.cli.specs import report, root_option
from cdsl.describe.text import aligned
from cdsl.diagnostics import Diagnostic
from cdsl.diagnostics.text import printable
from cdsl.diff import Told, Unknown
from cdsl.files import write_whole
from cdsl.names import did_you_mean
from cdsl.source import Source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cdsl.migrate import Row
    from cdsl.model import Model


@click.command("migrate")
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.argument("checkpoint", type=click.Path(path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="Write the new checkpoint here.")
@root_option
@rename_option
@drop_option
@start_option
@click.option("--dim", "dims", multiple=True, metavar="NAME=SIZE", help="A size that the checkpoint does not tell.")
@click.option(
    "--data", type=click.Path(path_type=Path), help="Data by name, a file like a checkpoint, where bounds need them."
)
@click.option("--prefix", default="", help="What the entries begin with in the checkpoint of a larger module.")
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@click.pass_context
def command(
    ctx: click.Context,
    old: Path,
    new: Path,
    checkpoint: Path,
    output: Path,
    root: Path | None,
    renames: tuple[str, ...],
    drop: tuple[str, ...],
    start: tuple[str, ...],
    dims: tuple[str, ...],
    data: Path | None,
    prefix: str,
    force: bool,
) -> None:
    """Carry a checkpoint over to a new spec.

    CHECKPOINT is a state dict of the OLD spec, of `torch.save` or in a `.safetensors` file; it is read as tensors alone and
    not changed. What would be lost is refused unless told.
    """
    if output.exists() and output.resolve() == checkpoint.resolve():
        raise click.UsageError(f"`{output}` is the checkpoint itself, which is not changed: write elsewhere")
    if output.exists() and (output.is_dir() or not force):
        is_there = "is a directory" if output.is_dir() else "is there already; replace it with `--force`"
        raise click.UsageError(f"`{output}` {is_there}")
    was, now = both(ctx, old, new, root)
    sizes = sizes_of(dims, was, now)
    told = Told(pairs_of(renames), drop, start)

    from cdsl.migrate import MigrationError, carry, files  # noqa: PLC0415  torch: it takes a second, and checks need none
    from cdsl.migrate.build import modules  # noqa: PLC0415

    try:
        state = files.read(checkpoint)
        own = {name.removeprefix(prefix): value for name, value in state.items() if name.startswith(prefix)}
        if not own:
            raise MigrationError("E803", [f"no entry of the checkpoint begins with `{prefix}`"])
        unkept = [one.name for one in was.data if one.default is None]  # in no state dict, and in what `save` writes
        given = {name: own.pop(name) for name in unkept if name in own}
        given |= {} if data is None else files.read(data)
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            carried = carry(*modules(was, now, own, told, sizes, given), own, told)
        rest = {name: value for name, value in state.items() if not name.startswith(prefix)}
        written = {**rest, **{prefix + name: value for name, value in carried.state.items()}}
        write_whole(output, files.packed(output, written))
    except Unknown as error:
        raise click.UsageError(str(error)) from None
    except MigrationError as error:
        problems = [Diagnostic(code=error.code, message=one) for one in error.problems]
        problems[-1] = problems[-1].model_copy(update={"help": error.help})
        report(Source("", str(checkpoint)), tuple(problems))
        ctx.exit(1)
    except OSError as error:
        message = f"cannot write `{output}`: {error.strerror or error}"
        report(Source("", str(checkpoint)), (Diagnostic(code="E008", message=message),))
        ctx.exit(1)
    for text in dict.fromkeys(str(one.message) for one in said):
        click.echo(f"note: {printable(text)}", err=True)
    click.echo(table(carried.rows), nl=False)


def table(rows: Sequence[Row]) -> str:
    """What became of every entry, and how far its value moved."""
    moved = ["" if row.moved is None else f"{row.moved:.2g}" for row in rows]
    return aligned(
        ("entry", "done", "moved by"),
        [(printable(row.name), row.done, far) for row, far in zip(rows, moved, strict=True)],
    )


def sizes_of(given: tuple[str, ...], old: Model, new: Model) -> dict[str, int]:
    """`NAME=SIZE` as a dictionary, of dims that one of the specs has."""
    sizes: dict[str, int] = {}
    known = [*dict.fromkeys(one.name for model in (old, new) for one in model.dims)]
    for text in given:
        name, equals, size = (part.strip() for part in text.partition("="))
        if not equals or not (size.isascii() and size.isdigit()) or len(size) > 18:
            raise click.UsageError(f"--dim takes NAME=SIZE, a whole number, got `{text}`")
        if name not in known:
            meant = did_you_mean(name, known)
            raise click.UsageError(f"neither spec has a dim `{name}`{', ' * bool(meant)}{meant}")
        sizes[name] = int(size)
    return sizes
