"""`cdsl fmt`"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Collection
from pathlib import Path

import click

from cdsl.cli.specs import STDIN, difference, report, show, specs_argument, written
from cdsl.compiler import SpecError
from cdsl.diagnostics.text import printable
from cdsl.files import MOST_READ, read_file, read_spec
from cdsl.syntax.format import format


@click.command("fmt")
@specs_argument
@click.option("--check", "only_check", is_flag=True, help="Write nothing; name the files that would change, and fail.")
@click.option("--diff", is_flag=True, help="Write nothing; show what would change, and fail if anything would.")
@click.pass_context
def command(ctx: click.Context, specs: tuple[Path, ...], only_check: bool, diff: bool) -> None:
    """Lay specs out in the canonical way.

    What a spec means is kept, and every comment. `-` is standard input, formatted to standard output. A file with
    syntax errors is reported and left alone; the others are formatted.
    """
    dry = only_check or diff
    done = [one(path, dry=dry, diff=diff) for path in specs]
    for path, outcome in zip(specs, done, strict=True):
        if outcome == "changed":
            click.echo(f"{'would reformat' if dry else 'reformatted'} {printable(name_of(path))}", err=True)
    click.echo(summary(done, dry=dry), err=True)
    ctx.exit(int("failed" in done or (dry and "changed" in done)))


def one(path: Path, *, dry: bool, diff: bool) -> str:
    """Format one spec: whether it is `changed`, `unchanged` or, with the reason reported, `failed`."""
    try:
        data = sys.stdin.buffer.read(MOST_READ) if path == STDIN else read_file(path)
    except (OSError, ValueError):
        data = None  # `read_spec` meets it again, and says what it is
    source, problems = read_spec(Path(name_of(path)), data)
    text = "" if problems else (data or b"").decode()
    try:
        formatted = text if problems else format(text)
    except SpecError as error:
        problems = error.diagnostics
    if not problems and formatted != text and not dry and path != STDIN:
        problems = written(path, formatted)
    if problems:
        report(source, problems)
        return "failed"
    if diff:
        show(difference(text, formatted, source.name))
    elif path == STDIN and not dry:
        show(formatted.encode())
    return "changed" if formatted != text else "unchanged"


def name_of(path: Path) -> str:
    """What messages call a spec."""
    return "<stdin>" if path == STDIN else str(path)


def summary(outcomes: Collection[str], *, dry: bool) -> str:
    """`1 file would be reformatted, 2 files unchanged`"""
    words = {
        "changed": "would be reformatted" if dry else "reformatted",
        "unchanged": "unchanged",
        "failed": "with problems",
    }
    counts = Counter(outcomes)
    return ", ".join(
        f"{counts[one]} file{'s' * (counts[one] != 1)} {word}" for one, word in words.items() if counts[one]
    )
