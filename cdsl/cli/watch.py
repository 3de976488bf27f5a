"""`cdsl watch`"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TypeAlias, TypedDict

import click
from click.exceptions import Exit

from cdsl.checker.imports import Files
from cdsl.cli.compile import command as compile
from cdsl.cli.specs import STDIN, root_option, specs_argument
from cdsl.diagnostics import Diagnostic
from cdsl.diagnostics.text import printable
from cdsl.files import read_spec
from cdsl.syntax import ast
from cdsl.syntax.parse import parse

Stamp: TypeAlias = "tuple[int, int, int] | None"
"""What changes whenever a file does; None where there is none."""


class Options(TypedDict):
    """Those of `cdsl compile` that this command has too."""

    root: Path | None
    out_dir: Path | None
    standalone: bool
    force: bool


SECOND = 1000
"""How long to wait for news, in milliseconds, before looking without any: not every file system tells."""


@click.command("watch")
@specs_argument
@root_option
@click.option("--out-dir", type=click.Path(path_type=Path), help="Write into this directory, under the specs' names.")
@click.option("--standalone", is_flag=True, help="As `cdsl compile` has it.")
@click.option("--force", is_flag=True, help="Replace files that cdsl did not compile.")
def command(specs: tuple[Path, ...], root: Path | None, out_dir: Path | None, standalone: bool, force: bool) -> None:
    """Compile specs, and again whenever they change.

    Each is compiled by itself, at first and after every change of it or of a spec that it imports. Problems are told,
    and do not end it: Ctrl-C does.
    """
    try:
        from watchfiles import watch  # noqa: PLC0415  # of the extra
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "watchfiles":
            raise
        raise click.UsageError("`cdsl watch` needs watchfiles: `pip install 'cdsl[watch]'`") from None
    if STDIN in specs:
        raise click.UsageError("standard input does not change: name files")
    if out_dir is not None and len({path.stem for path in specs}) < len({path.resolve() for path in specs}):
        raise click.UsageError("two specs would be written to one file; watch them apart")
    options: Options = {"root": root, "out_dir": out_dir, "standalone": standalone, "force": force}
    seen: dict[Path, dict[Path, Stamp]] = {}
    try:
        renew(specs, seen, options)
        click.echo("watching; Ctrl-C ends it", err=True)
        while True:
            folders = folders_of(seen)
            for _ in watch(*folders, recursive=False, yield_on_timeout=True, rust_timeout=SECOND):
                renew(specs, seen, options)
                if folders_of(seen) != folders:
                    break
    except KeyboardInterrupt:
        click.echo("", err=True)


def renew(specs: tuple[Path, ...], seen: dict[Path, dict[Path, Stamp]], options: Options) -> None:
    """Compile the specs of which a file is not as it was seen last."""
    for path in specs:
        if path in seen and all(stamp(file) == before for file, before in seen[path].items()):
            continue
        seen[path] = files_of(path, options["root"])
        try:
            click.get_current_context().invoke(compile, specs=(path,), **options)
        except Exit as ended:
            if ended.exit_code:
                continue  # what is wrong has been told
        click.echo(printable(f"{path}: compiled"), err=True)


def files_of(path: Path, root: Path | None) -> dict[Path, Stamp]:
    """A spec and those that it imports, directly or not, as they are now; what is not there yet, too."""
    files, waiting, found = Files.of(path, root), [path.absolute()], dict[Path, Stamp]()
    while waiting:
        file = waiting.pop()
        if file in found:
            continue
        found[file] = stamp(file)
        for one in parse(read_spec(file)[0].text).declarations:
            if isinstance(one, ast.Imports):
                other = replace(files, here=file).find(one.path, one.span)
                waiting += [] if isinstance(other, Diagnostic) else [other]
    return found


def stamp(file: Path) -> Stamp:
    """What tells one content of a file from another."""
    try:
        now = file.stat()
    except OSError:
        return None
    return now.st_ino, now.st_mtime_ns, now.st_size


def folders_of(seen: dict[Path, dict[Path, Stamp]]) -> list[Path]:
    """Where the files are, or will be: editors replace files, so folders are watched; the nearest that is there."""
    parents = {folder for files in seen.values() for file in files for folder in (file.parent, file.resolve().parent)}
    return sorted({next(one for one in (parent, *parent.parents) if one.is_dir()) for parent in parents})
