"""The command line: files, exit codes, and nothing that the compiler does not know already."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

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

    def make_context(self, *arguments: Any, **named: Any) -> click.Context:
        """What is wrong with the options that stand before a command is told without what a terminal acts on."""
        with harmless():
            return super().make_context(*arguments, **named)

    def invoke(self, ctx: click.Context) -> Any:
        """So is what a command says of its arguments, which are names of files, and anybody names files."""
        with harmless():
            return super().invoke(ctx)

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


@contextmanager
def harmless() -> Iterator[None]:
    """Wrong usage, with what a terminal would act on as escapes."""
    try:
        yield
    except click.ClickException as error:
        from cdsl.diagnostics.text import printable  # noqa: PLC0415  # pydantic, which `cdsl --help` does without

        vars(error)["message"] = "\n".join(map(printable, error.message.split("\n")))
        raise


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
