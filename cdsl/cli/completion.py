"""`cdsl completion`; and what it says of specs as arguments"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

import click
from click.shell_completion import CompletionItem, get_completion_class

if TYPE_CHECKING:
    from click import Context, Parameter
    from click.shell_completion import ShellComplete


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print a script that makes a shell complete.

    Commands, options and specs. For bash, write `eval "$(cdsl completion bash)"` into ~/.bashrc; for zsh the same with
    zsh into ~/.zshrc; for fish, `cdsl completion fish > ~/.config/fish/completions/cdsl.fish`.
    """
    source = cast("type[ShellComplete]", get_completion_class(shell))
    click.echo(source(ctx.find_root().command, {}, "cdsl", "_CDSL_COMPLETE").source())


def spec_files(ctx: Context, param: Parameter, incomplete: str) -> list[CompletionItem]:
    """The specs that a path may go on to; directories are the shell's to complete, where no spec fits."""
    folder, slash, begun = incomplete.rpartition("/")
    try:
        names = sorted(path.name for path in Path(f"{folder}{slash}" or ".").expanduser().iterdir())
    except (OSError, RuntimeError):
        names = []
    fit = [name for name in names if name.startswith(begun) and name.endswith(".cdsl") and name.isprintable()]
    seen = [name for name in fit if begun or not name.startswith(".")]
    return [CompletionItem(incomplete, type="dir"), *(CompletionItem(f"{folder}{slash}{name}") for name in seen)]
