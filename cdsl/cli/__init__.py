"""The command line: files, exit codes, and nothing that the compiler does not know already."""

from __future__ import annotations

import sys
import traceback

import click

from cdsl import __version__
from cdsl.cli.check import check
from cdsl.cli.compile import compile_command
from cdsl.cli.explain import explain
from cdsl.cli.types import types
from cdsl.names import did_you_mean

OURS = 70
"""The exit code for a bug of cdsl's own (EX_SOFTWARE)."""


class Commands(click.Group):
    """A group that knows which command was meant."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command of this name.

        Raises:
            click.UsageError: there is none; the message suggests one.
        """
        if self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            meant = did_you_mean(args[0], self.list_commands(ctx))
            raise click.UsageError(f"no command `{args[0]}`{', ' * bool(meant)}{meant}", ctx)
        return super().resolve_command(ctx, args)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="cdsl")
def cdsl() -> None:
    """Constrained parameters as declarations, compiled to PyTorch modules."""


for _command in (compile_command, check, types, explain):
    cdsl.add_command(_command)


def main() -> None:
    """Run a command; exit 0 fine, 1 problems in a spec, 2 wrong usage, 70 a bug of ours."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        cdsl(prog_name="cdsl")
    except Exception:  # whatever is left is a bug of ours, and says so
        traceback.print_exc()
        click.echo("cdsl: this is a bug of cdsl's; the spec and the lines above are what a report needs", err=True)
        sys.exit(OURS)
