"""`cdsl explain`"""

from __future__ import annotations

import click

from cdsl.diagnostics import codes
from cdsl.names import did_you_mean


@click.command("explain")
@click.argument("code")
def command(code: str) -> None:
    """Say what a diagnostic's CODE means."""
    text = codes.explain(code)
    if text is None:
        meant = (
            did_you_mean(code.lower(), [known.lower() for known in codes.CODES])
            .upper()
            .replace("DID YOU MEAN", "did you mean")
        )
        raise click.UsageError(f"no code `{code}`{', ' * bool(meant)}{meant}; there are {', '.join(codes.CODES)}")
    click.echo(text, nl=False)
