"""`cdsl show`"""

from __future__ import annotations

from pathlib import Path

import click

from cdsl.cli.describe import too_many
from cdsl.cli.migrate import sizes_of
from cdsl.cli.specs import STDIN, check_file, report, root_option
from cdsl.diagnostics import Diagnostic
from cdsl.files import write_whole
from cdsl.limits import MOST_LISTED
from cdsl.places import written_out
from cdsl.show import MARK, page
from cdsl.source import Source


@click.command("show")
@click.argument("spec", metavar="SPEC", type=click.Path(path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="Write the page here.")
@root_option
@click.option("--name", help="The class of the model; without it, named after the file.")
@click.option("--checkpoint", type=click.Path(path_type=Path), help="Show the values of this state dict.")
@click.option("--dim", "dims", multiple=True, metavar="NAME=SIZE", help="A size that the checkpoint does not tell.")
@click.option(
    "--data", type=click.Path(path_type=Path), help="Data by name, a file like a checkpoint, where bounds need them."
)
@click.option("--prefix", default="", help="What the entries begin with in the checkpoint of a larger module.")
@click.option("--force", is_flag=True, help="Replace a file that cdsl did not make.")
@click.pass_context
def command(
    ctx: click.Context,
    spec: Path,
    output: Path,
    root: Path | None,
    name: str | None,
    checkpoint: Path | None,
    dims: tuple[str, ...],
    data: Path | None,
    prefix: str,
    force: bool,
) -> None:
    """Write a page about a spec.

    One HTML file that needs nothing else: parameters, what depends on what, what each map does; with --checkpoint the values.
    The checkpoint is a state dict, of `torch.save` or in a `.safetensors` file; it is read as tensors alone.
    """
    if checkpoint is None and (dims or data is not None or prefix):
        raise click.UsageError("--dim, --data and --prefix are for reading a --checkpoint")
    refuse(output, spec, force)
    source, (model, diagnostics) = check_file(spec, name, root)
    report(source, diagnostics)
    if model is None:
        ctx.exit(1)
    if (many := written_out(model)) > MOST_LISTED:
        report(source, (too_many(many),))
        ctx.exit(1)
    try:
        from cdsl.show.curves import picture  # noqa: PLC0415  torch: a page without curves needs none
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "torch":
            raise
        if checkpoint is not None:
            raise click.UsageError("a checkpoint is read where torch is installed") from None
        write_whole(output, page(model))
        return
    if checkpoint is None:
        write_whole(output, page(model, picture))
        return
    from cdsl.migrate import MigrationError  # noqa: PLC0415  torch, again
    from cdsl.show.values import values_of  # noqa: PLC0415

    try:
        values = values_of(model, checkpoint, sizes_of(dims, model, model), data, prefix)
    except MigrationError as error:
        texts = [one.replace("the old spec", "the spec") for one in error.problems]
        problems = [Diagnostic(code=error.code, message=one) for one in texts]
        problems[-1] = problems[-1].model_copy(update={"help": error.help})
        report(Source("", str(checkpoint)), tuple(problems))
        ctx.exit(1)
    write_whole(output, page(model, picture, values))


def refuse(output: Path, spec: Path, force: bool) -> None:
    """Hold what would be replaced against what may be.

    Raises:
        click.UsageError: it may not.
    """
    if output == STDIN:
        raise click.UsageError("-o takes the name of a file")
    if not output.exists():
        return
    if not output.is_file() or output.resolve() == spec.resolve():
        raise click.UsageError(f"`{output}` cannot be replaced: write elsewhere")
    with output.open("rb") as file:
        ours = file.read(len(MARK)) == MARK.encode()
    if not force and not ours:
        raise click.UsageError(f"`{output}` was not made by cdsl; replace it with `--force`")
