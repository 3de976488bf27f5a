"""`cdsl lsp`"""

from __future__ import annotations

import contextlib
import gc
import logging
import sys
from pathlib import Path

import click

from cdsl.cli.specs import root_option


@click.command("lsp")
@root_option
@click.option(
    "--stdio", is_flag=True, hidden=True, help="What editors say to servers that speak so; this one always does."
)
def command(root: Path | None, stdio: bool) -> None:
    """Speak the language server protocol.

    On standard input and output, to an editor.
    """
    try:
        from cdsl.lsp.protocol import Headers  # noqa: PLC0415  # of the extra
        from cdsl.lsp.requests import server  # noqa: PLC0415
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("pygls", "lsprotocol"):
            raise
        raise click.UsageError("the language server needs pygls: `pip install 'cdsl[lsp]'`") from None
    logging.basicConfig(stream=sys.stderr, level=logging.ERROR)
    logging.getLogger("pygls").setLevel(logging.CRITICAL)  # the server says itself what went wrong
    gc.set_threshold(
        50_000, 20, 100
    )  # a large spec is a million objects: looking at them all often is a third of a check
    if sys.stdin.isatty():
        click.echo("cdsl lsp speaks to an editor, on standard input and output; Ctrl-C ends it", err=True)
    out = sys.stdout.buffer
    with contextlib.redirect_stdout(sys.stderr):  # whatever else is written there is no message
        server(root).start_io(Headers(sys.stdin.buffer), out)  # type: ignore[arg-type]  # all that is asked of it
