"""`cdsl describe`"""

from __future__ import annotations

from pathlib import Path

import click

from cdsl.cli.specs import check_file, report, root_option
from cdsl.describe import describe
from cdsl.describe.graph import dot, mermaid
from cdsl.describe.text import table
from cdsl.diagnostics import Diagnostic
from cdsl.diagnostics.text import visible
from cdsl.limits import MOST_LISTED
from cdsl.places import written_out


@click.command("describe")
@click.argument("spec", metavar="SPEC", type=click.Path(path_type=Path))
@root_option
@click.option("--name", help="The class of the model; without it, named after the file.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, of the schema in docs/describe.schema.json.")
@click.option("--graph", type=click.Choice(["mermaid", "dot"]), help="What depends on what, for Mermaid or Graphviz.")
@click.pass_context
def command(
    ctx: click.Context, spec: Path, root: Path | None, name: str | None, as_json: bool, graph: str | None
) -> None:
    """List parameters with their shapes.

    Domain, transform, shape of value and raw, slice of the flat vector, start, and what each depends on; with dims, data,
    derived values and nested models. `-` is standard input.
    """
    if as_json and graph:
        raise click.UsageError("--json and --graph exclude each other")
    source, (model, diagnostics) = check_file(spec, name, root)
    report(source, diagnostics)
    if model is None:
        ctx.exit(1)
    if graph:
        click.echo(mermaid(model) if graph == "mermaid" else dot(model), nl=False)
        return
    if (many := written_out(model)) > MOST_LISTED:
        report(source, (too_many(many),))
        ctx.exit(1)
    found = describe(model)
    click.echo(visible(found.model_dump_json(indent=2)) + "\n" if as_json else table(found), nl=False)


def too_many(many: int) -> Diagnostic:
    """Nested models that double at each level are more than anybody reads."""
    count = str(many) if many < 10**9 else "more than a billion"
    message = f"{count} declarations, when nested models are written out; at most {MOST_LISTED} are listed"
    return Diagnostic(code="E801", message=message, help="list the models that it nests by themselves")
