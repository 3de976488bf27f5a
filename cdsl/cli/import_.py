"""`cdsl import`"""

from __future__ import annotations

import re
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import NamedTuple

import click

from cdsl.cli.specs import STDIN
from cdsl.compiler import SpecError
from cdsl.diagnostics.text import printable
from cdsl.files import MOST_READ, read_spec, write_whole
from cdsl.stan import spec_of
from cdsl.syntax.format import format


class Imported(NamedTuple):
    """A spec made from something else; None where that could not be read."""

    spec: str | None
    problems: list[str]
    renames: dict[str, str]


@click.command("import")
@click.argument("program", metavar="[FILE.stan]", required=False, type=click.Path(path_type=Path))
@click.option(
    "--torch",
    "live",
    metavar="MODULE:OBJECT",
    help="Instead of a Stan program: a module of GPyTorch or torch, or a dictionary of torch's constraints. This runs the code of MODULE.",
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write here; without it, to standard output.")
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@click.pass_context
def command(ctx: click.Context, program: Path | None, live: str | None, output: Path | None, force: bool) -> None:
    """Write the spec of what is declared elsewhere.

    Of a Stan program, `-` for standard input, the data and parameters. With --torch, the parameters of an object that
    Python has at MODULE:OBJECT, as `train:model`, with the values that they have; MODULE is imported, from the current
    directory or from what is installed. What has no counterpart is reported, and left out.
    """
    output = None if output == STDIN else output
    if output is not None and output.exists() and not force:
        raise click.UsageError(f"`{output}` is there already; replace it with `--force`")
    if program is not None and live is None:
        spec, problems, renames = from_stan(program)
    elif live is not None and program is None:
        spec, problems, renames = from_torch(live)
    else:
        raise click.UsageError("name one: the file of a Stan program, or a module's object with --torch")
    if spec is not None:
        try:
            spec = format(spec)
        except SpecError as error:
            problems += [f"{program or live}: error[{one.code}]: {one.message}" for one in error.diagnostics]
        if output is None:
            click.echo(spec, nl=False)
        else:
            write_whole(output, spec)
    for name, instead in renames.items():
        click.echo(printable(f"{program or live}: `{name}` is `{instead}` here"), err=True)
    for problem in problems:
        click.echo(printable(problem), err=True)
    ctx.exit(int(bool(problems)))


def from_stan(program: Path) -> Imported:
    """The spec of a Stan program."""
    source, unread = read_spec(program, sys.stdin.buffer.read(MOST_READ) if program == STDIN else None)
    if unread:
        return Imported(None, [f"{program}: error[{one.code}]: {one.message}" for one in unread], {})
    spec, problems, renames = spec_of(source.text)
    return Imported(spec, [f"{program}:{line}: error[E901]: {message}" for line, message in problems], renames)


def from_torch(live: str) -> Imported:
    """The spec of a live module; what its code prints goes to standard error.

    Raises:
        click.UsageError: that is not how an object is named.
    """
    module, _, path = live.partition(":")
    if module.endswith(".py") or not re.fullmatch(r"\w+(\.\w+)*:\w+(\.\w+)*", live):
        hint = f": write `{Path(module).stem}:{path or 'model'}`" if module.endswith(".py") else ""
        raise click.UsageError(f"--torch takes MODULE:OBJECT, as `package.module:model`, got `{live}`{hint}")
    from cdsl import live as torch_side  # noqa: PLC0415  # torch: it takes a second, and Stan needs none
    from cdsl.live.find import NotFound, find  # noqa: PLC0415

    sys.path.insert(0, str(Path.cwd()))
    with redirect_stdout(sys.stderr):
        try:
            spec, problems, renames = torch_side.spec_of(find(module, path))
        except (NotFound, torch_side.NoCounterpart) as reason:
            return Imported(None, [f"{live}: error[E903]: {reason}"], {})
    return Imported(spec, [f"{live}: error[E902]: `{name}`: {message}" for name, message in problems], renames)
