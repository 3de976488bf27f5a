"""`cdsl new`"""

from __future__ import annotations

from pathlib import Path

import click

from cdsl.cli.compile import SHADOWED
from cdsl.cli.specs import check_text, report
from cdsl.diagnostics import Diagnostic, errors
from cdsl.diagnostics.text import printable
from cdsl.files import class_of, write_whole
from cdsl.names import class_name
from cdsl.source import Source

STARTER = """\
#: What the parameters are for. These lines document the model.

# One declaration a line: a name, the set that it is in, and after `=` the value that it starts from.
p:       prob            #: A number between 0 and 1.
scale:   positive = 2.5  #: A positive number.
weights: simplex[3]      #: Three positive numbers that sum to 1.

# The other lines are examples: take the `# ` away from those that you need.

# Sizes and data are given when the module is built. Sizes may be read from data.
# dim N
# data y: real[N]

# Bounds are numbers, or what stands above. Sizes in front are how many of them.
# rate: interval(0, 10) = 2.5
# low: real
# high: greater_than(low)
# rows: simplex[2, 3]

# `via` chooses how raw numbers become values. `cdsl types` lists the sets and their transforms.
# width: positive via softplus

# A constant, and a value that is computed from others.
# frozen g: positive = 9.81
# let mean_weight = scale * mean(weights)

# A model inside this one: `noise: Noise` stands for all that it declares.
# model Noise {
#     df: greater_than(2) = 4
#     spread: positive
# }
# noise: Noise
"""


@click.command("new")
@click.argument("name", metavar="NAME")
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@click.pass_context
def command(ctx: click.Context, name: str, force: bool) -> None:
    """Write NAME.cdsl, a commented spec to start from.

    NAME is that of a Python module, and gives the class: `gaussian_mixture` is `GaussianMixture`.
    """
    path = Path(name if name.endswith(".cdsl") else f"{name}.cdsl")
    source, cls = Source("", str(path)), class_of(path)
    if path.stem in SHADOWED:
        message = f"a module `{path.stem}` would hide the one that Python, torch or the module itself imports"
        cls = Diagnostic(code="E003", message=message)
    if isinstance(cls, Diagnostic):
        works = printable(str(path.with_name(better(path.stem))))
        cls = cls.model_copy(update={"help": f"for example `cdsl new {works}`"})
    problems = check_text(STARTER, path, cls, None).diagnostics
    if errors(problems):
        report(source, problems)
        ctx.exit(1)
    if path.exists() and (path.is_dir() or not force):
        is_there = "is a directory" if path.is_dir() else "is there already; replace it with `--force`"
        raise click.UsageError(f"`{path}` {is_there}")
    try:
        write_whole(path, STARTER)
    except OSError as error:
        problem = Diagnostic(code="E008", message=f"cannot write `{path}`: {error.strerror or error}")
        report(source, (problem,))
        ctx.exit(1)
    click.echo(f"wrote {printable(str(path))}: the class `{cls}`; `cdsl compile` writes its module")


def better(stem: str) -> str:
    """A name that works, like one that does not."""
    words = "".join(char if f"x{char}".isidentifier() else "_" for char in stem).strip("_")
    likely = (words, f"{words}_model", f"model_{words}") if words else ()
    return next((one for one in likely if class_name(one) and one not in SHADOWED), "my_model")
