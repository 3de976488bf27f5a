"""The command line: files, exit codes, and nothing that the compiler does not know already."""

from __future__ import annotations

import sys
import traceback
from importlib import import_module

import click

from cdsl import __version__
from cdsl.names import did_you_mean

COMMANDS = (
    "check",
    "compile",
    "completion",
    "describe",
    "diff",
    "explain",
    "fmt",
    "import",
    "lsp",
    "migrate",
    "new",
    "plot",
    "show",
    "types",
    "watch",
)
"""One file each in this package, imported when it is called: `cdsl check` need not wait for the emitter."""
MODULES = {"import": "import_"}
"""Files of another name, where the command's is a word of Python."""

OURS = 70
"""The exit code for a bug of cdsl's own (EX_SOFTWARE)."""


class Commands(click.Group):
    """The commands by name, and which one was meant where there is none of a name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command, in alphabetical order."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"cdsl.cli.{MODULES.get(cmd_name, cmd_name)}").command
        return command

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


def main() -> None:
    """Run a command; exit 0 fine, 1 problems in a spec, 2 wrong usage, 70 a bug of ours."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        cdsl(prog_name="cdsl")
    except OSError as error:
        click.echo(f"cdsl: {error}", err=True)
        sys.exit(1)
    except Exception:  # whatever is left is a bug of ours, and says so
        traceback.print_exc()
        click.echo("cdsl: this is a bug of cdsl's; the spec and the lines above are what a report needs", err=True)
        sys.exit(OURS)
