"""What the commands share: specs as arguments, and reports of what is wrong with them."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from cdsl.checker import Checked, check
from cdsl.checker.imports import Files
from cdsl.diagnostics import Diagnostic, in_order
from cdsl.diagnostics.text import count, render
from cdsl.files import class_of, read_spec
from cdsl.source import Source
from cdsl.syntax.parse import parse

specs_argument = click.argument("specs", metavar="SPEC…", nargs=-1, required=True, type=click.Path(path_type=Path))
root_option = click.option(
    "--root",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Specs import others below this directory; without it, below their own.",
)
STDIN = Path("-")


def check_file(path: Path, name: str | None, root: Path | None = None) -> tuple[Source, Checked]:
    """A spec file, or standard input for `-`, checked under the class of this name or of the file's own.

    It may import others below the root, which is its own directory unless given.
    """
    if path == STDIN:
        source, problems = read_spec(Path("<stdin>"), sys.stdin.buffer.read())
        cls: str | Diagnostic = name or "Model"
    else:
        source, problems = read_spec(path)
        cls = name or class_of(path)
    if problems:
        return source, Checked(None, problems)
    if isinstance(cls, Diagnostic):
        return source, Checked(None, in_order([cls, *check(parse(source.text)).diagnostics]))
    files = None if path == STDIN else Files.of(path, root)
    return source, check(parse(source.text), cls, files)


def report(source: Source, diagnostics: tuple[Diagnostic, ...]) -> None:
    """The diagnostics of one spec, on standard error, with how many there are."""
    if diagnostics:
        click.echo(render(diagnostics, source), err=True)
        click.echo(f"{source.name}: {count(diagnostics)}", err=True)
