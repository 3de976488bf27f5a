"""What the commands share: specs as arguments, and reports of what is wrong with them."""

from __future__ import annotations

import difflib
import os
import sys
from pathlib import Path
from typing import Any

import click

from cdsl.checker import Checked, check
from cdsl.checker.imports import Files
from cdsl.cli.completion import spec_files
from cdsl.collector import put_off
from cdsl.diagnostics import Diagnostic, in_order
from cdsl.diagnostics.text import Role, count, printable, render
from cdsl.files import MOST_READ, class_of, read_spec, write_whole
from cdsl.source import Source
from cdsl.syntax.parse import parse

specs_argument = click.argument(
    "specs", metavar="SPEC…", nargs=-1, required=True, type=click.Path(path_type=Path), shell_complete=spec_files
)
root_option = click.option(
    "--root",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Specs import others below this directory; without it, below their own.",
)
STDIN = Path("-")


def check_file(
    path: Path, name: str | None, root: Path | None = None, *, pedantic: bool = False
) -> tuple[Source, Checked]:
    """A spec file, or standard input for `-`, checked under the class of this name or of the file's own.

    It may import others below the root, which is its own directory unless given.
    """
    if path == STDIN:
        source, problems = read_spec(Path("<stdin>"), sys.stdin.buffer.read(MOST_READ))
        cls: str | Diagnostic = name or "Model"
    else:
        source, problems = read_spec(path)
        cls = name or class_of(path)
    if problems:
        return source, Checked(None, problems)
    return source, check_text(source.text, path, cls, root, pedantic=pedantic)


@put_off()
def check_text(text: str, path: Path, cls: str | Diagnostic, root: Path | None, *, pedantic: bool = False) -> Checked:
    """A text as if it stood in the file of this path; where the file's name is no class, that is a problem of it."""
    spec, files = parse(text), None if path == STDIN else Files.of(path, root)
    if isinstance(cls, Diagnostic):
        return Checked(None, in_order([cls, *check(spec, files=files, pedantic=pedantic).diagnostics]))
    return check(spec, cls, files, pedantic=pedantic)


def written(path: Path, text: str) -> tuple[Diagnostic, ...]:
    """Replace a spec, whole or not at all; why that failed."""
    try:
        write_whole(path, text)
    except OSError as error:
        return (Diagnostic(code="E008", message=f"cannot write `{path}`: {error.strerror or error}"),)
    return ()


def difference(before: str, after: str, name: str) -> bytes:
    """What would be written into a spec, as a unified diff."""
    old, new = ([line + "\n" for line in one.split("\n")] for one in (before, after))
    for lines in (old, new):
        lines[-1:] = [lines[-1] + "\\ No newline at end of file\n"] if lines[-1] != "\n" else []
    return "".join(difflib.unified_diff(old, new, printable(name), printable(name))).encode()


def show(text: bytes) -> None:
    """Text of a spec on standard output: as it is for a program, and where a terminal shows it, without what that would act on."""
    if sys.stdout.isatty():
        text = "\n".join(printable(line.removesuffix("\r")) for line in text.decode().split("\n")).encode()
    click.echo(text, nl=False)


STYLES: dict[Role, dict[str, Any]] = {
    "error": {"fg": "red", "bold": True},
    "warning": {"fg": "yellow", "bold": True},
    "also": {"fg": "blue"},
    "gutter": {"fg": "blue", "dim": True},
    "help": {"fg": "cyan"},
}


def paint(text: str, role: Role) -> str:
    """Colours, which `click.echo` takes away where there is no terminal, and nobody sees where `NO_COLOR` is set."""
    return text if os.environ.get("NO_COLOR") else click.style(text, **STYLES[role])


def report(source: Source, diagnostics: tuple[Diagnostic, ...]) -> None:
    """The diagnostics of one spec, on standard error, with how many there are."""
    if diagnostics:
        click.echo(render(diagnostics, source, paint), err=True)
        click.echo(f"{printable(source.name)}: {count(diagnostics)}", err=True)
