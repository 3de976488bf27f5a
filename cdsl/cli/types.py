"""`cdsl types`"""

from __future__ import annotations

import json

import click

from cdsl import catalogue
from cdsl.constraints import domains, plugins
from cdsl.functions import functions
from cdsl.names import did_you_mean


@click.command("types")
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
def command(name: str | None, as_json: bool) -> None:
    """List domains and transforms, types of data, and functions.

    With NAME, one domain and its formulas, or one function.
    """
    failed = plugins()
    if name is not None and name in functions():
        function = functions()[name]
        click.echo(f"{function.written}: {function.about}")
        return
    if name is not None and name not in domains():
        meant = did_you_mean(name, [*domains(), *functions()])
        raise click.UsageError(f"no domain or function `{name}`{', ' * bool(meant)}{meant}")
    if as_json:
        found = catalogue.as_dicts() if name is None else catalogue.as_dict(domains()[name])
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        tables = (catalogue.table(), catalogue.data_types_table(), catalogue.functions_table())
        click.echo("\n".join(tables) if name is None else catalogue.page(domains()[name]), nl=False)
    for one in failed:
        click.echo(f"cdsl: {one}", err=True)
