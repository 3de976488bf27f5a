"""`cdsl check`"""

from __future__ import annotations

import codecs
from collections.abc import Callable
from pathlib import Path
from typing import Literal, TypeAlias

import click

from cdsl import __version__
from cdsl.checker import Checked
from cdsl.cli.specs import STDIN, check_file, check_text, difference, paint, root_option, show, specs_argument, written
from cdsl.diagnostics import Diagnostic, Severity, concise, errors, github, sarif
from cdsl.diagnostics import json as as_json
from cdsl.diagnostics.fixes import fixable, fixed
from cdsl.diagnostics.text import count, printable, render
from cdsl.files import class_of, read_file
from cdsl.source import Source

Found: TypeAlias = list[tuple[tuple[Diagnostic, ...], Source]]

FORMATS: dict[str, Callable[[Found], str]] = {
    "text": lambda found: "".join(in_words(diagnostics, source) for diagnostics, source in found),
    "concise": concise.render,
    "json": as_json.render,
    "github": github.render,
    "sarif": lambda found: sarif.render(found, __version__),
}

Level = Literal["none", "default", "all", "error"]


@click.command("check")
@specs_argument
@root_option
@click.option("--name", help="The class of the model; without it, named after the file.")
@click.option("--format", "form", type=click.Choice([*FORMATS]), default="text", show_default=True)
@click.option(
    "--warn",
    type=click.Choice(["none", "default", "all", "error"]),
    default="default",
    show_default=True,
    help="Which warnings to hear; `error`: those of default, and they fail.",
)
@click.option("--fix", is_flag=True, help="Write what was plainly meant into the files.")
@click.option("--unsafe-fixes", is_flag=True, help="With --fix or --diff: what was probably meant as well.")
@click.option("--diff", "only_diff", is_flag=True, help="Show what --fix would write, and write nothing.")
@click.pass_context
def command(
    ctx: click.Context,
    specs: tuple[Path, ...],
    root: Path | None,
    name: str | None,
    form: str,
    warn: Level,
    fix: bool,
    unsafe_fixes: bool,
    only_diff: bool,
) -> None:
    """Say everything that is wrong with specs.

    In source order, with warnings; `-` is standard input.
    """
    if (fix or only_diff) and STDIN in specs:
        raise click.UsageError("fixes are written into files; standard input is none")
    if fix and only_diff:
        raise click.UsageError("--fix writes, --diff shows; choose one")
    if unsafe_fixes and not (fix or only_diff):
        raise click.UsageError("--unsafe-fixes goes with --fix or --diff")
    checked = [check_file(path, name, root, pedantic=warn == "all") for path in specs]
    if fix or only_diff:
        mended = [
            mend(path, one, name, root, warn, unsafe=unsafe_fixes) for path, one in zip(specs, checked, strict=True)
        ]
        pairs = list(zip(specs, checked, mended, strict=True))
        if only_diff:
            shown = b"".join(difference(before.text, after.text, before.name) for _, (before, _), (after, _) in pairs)
            left = [(tuple(filter(is_error, one.diagnostics)), source) for source, one in mended]
            show(shown)
            click.echo(concise.render(left), nl=False, err=True)
            ctx.exit(int(bool(shown) or any(diagnostics for diagnostics, _ in left)))
        checked = [put_back(path, before, after) for path, before, after in pairs]
    found = [(heard(one, warn), source) for source, one in checked]
    click.echo(FORMATS[form](found), nl=False)
    fails = any(errors(diagnostics) or (warn == "error" and diagnostics) for diagnostics, _ in found)
    ctx.exit(int(fails))


def heard(checked: Checked, warn: Level) -> tuple[Diagnostic, ...]:
    """The problems to tell, and to mend, at this level."""
    return tuple(one for one in checked.diagnostics if warn != "none" or is_error(one))


def in_words(diagnostics: tuple[Diagnostic, ...], source: Source) -> str:
    """A report for a reader, and how much of it can be fixed."""
    report = f"{render(diagnostics, source, paint)}\n" if diagnostics else ""
    safe, all_of_them = (len(fixable(diagnostics, unsafe=unsafe)) for unsafe in (False, True))
    parts = [f"`--fix` mends {safe}"] if safe else []
    parts += [f"`--fix --unsafe-fixes` mends {all_of_them}"] if all_of_them > safe else []
    mends = f" ({', '.join(parts)})" if parts else ""
    return f"{report}{printable(source.name)}: {count(diagnostics) or 'no problems'}{mends}\n"


def is_error(one: Diagnostic) -> bool:
    """Whether it stops the compiler."""
    return one.severity is Severity.ERROR


def mend(
    path: Path, found: tuple[Source, Checked], name: str | None, root: Path | None, warn: Level, *, unsafe: bool
) -> tuple[Source, Checked]:
    """A file as fixes make it, checked again; the same where there are none, or where it cannot be read."""
    source, cls = found[0], name or class_of(path)

    def problems_of(text: str) -> tuple[Diagnostic, ...]:
        return heard(check_text(text, path, cls, root, pedantic=warn == "all"), warn)

    text, done = fixed(source.text, problems_of, unsafe=unsafe) if source.text else ("", [])
    if not done:
        return found
    return Source(text, source.name), check_text(text, path, cls, root, pedantic=warn == "all")


def put_back(path: Path, before: tuple[Source, Checked], after: tuple[Source, Checked]) -> tuple[Source, Checked]:
    """Write a file as it was mended; where that fails it is as it was, and says why."""
    if after[0].text == before[0].text:
        return after
    refused = written(path, mark_of(path) + after[0].text)
    return (before[0], Checked(None, (*refused, *before[1].diagnostics))) if refused else after


def mark_of(path: Path) -> str:
    """The byte order mark that a file begins with, if it does."""
    return "\ufeff" if read_file(path).startswith(codecs.BOM_UTF8) else ""
