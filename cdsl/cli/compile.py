"""`cdsl compile`"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from cdsl.cli.specs import STDIN, check_file, report, root_option, specs_argument
from cdsl.collector import put_off
from cdsl.diagnostics import Diagnostic, errors
from cdsl.diagnostics.text import visible
from cdsl.emit import LAYOUTS, emit
from cdsl.emit.standalone import refused
from cdsl.files import real, write_whole
from cdsl.model import Model
from cdsl.source import Source
from cdsl.syntax.parse import parse

SHADOWED = sys.stdlib_module_names | {"torch", "cdsl", "__init__", "__main__"}
"""Modules that no spec's module may stand in front of."""


@click.command("compile")
@specs_argument
@root_option
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Write here; one spec only. `-` is standard output."
)
@click.option("--out-dir", type=click.Path(path_type=Path), help="Write into this directory, under the specs' names.")
@click.option("--stdout", is_flag=True, help="Write to standard output.")
@click.option("--name", help="The class of the model; without it, named after the file.")
@click.option("--emit", "form", type=click.Choice(["python", "model", "ast"]), default="python", show_default=True)
@click.option(
    "--layout", type=click.Choice(LAYOUTS), default=LAYOUTS[0], show_default=True,
    help="Of raw values: a parameter for each declaration, or one for all, in which like ones are mapped together.",
)  # fmt: skip
@click.option(
    "--standalone", is_flag=True, help="Write the runtime that it needs into the module: torch is its only import."
)
@click.option("--check", "only_check", is_flag=True, help="Write nothing; fail where the file on disk is stale.")
@click.option("--force", is_flag=True, help="Replace a file that cdsl did not compile.")
@click.pass_context
def command(
    ctx: click.Context,
    specs: tuple[Path, ...],
    root: Path | None,
    output: Path | None,
    out_dir: Path | None,
    stdout: bool,
    name: str | None,
    form: str,
    layout: str,
    standalone: bool,
    only_check: bool,
    force: bool,
) -> None:
    """Write each spec's Python module.

    It stands beside the spec, unless told otherwise; `-` is standard input. A spec with problems writes nothing, nor does any other of the same call.
    """
    stdout = stdout or output == STDIN
    if sum((stdout, output is not None and output != STDIN, out_dir is not None)) > 1:
        raise click.UsageError("--stdout, -o and --out-dir exclude each other")
    if len(specs) > 1 and (output is not None or name is not None):
        raise click.UsageError("-o and --name are for one spec")
    if (STDIN in specs and output is None and out_dir is None) or form != "python":
        stdout = stdout or output is None
    if form != "python" and out_dir is not None:
        raise click.UsageError("--out-dir is for modules; write other forms with -o or --stdout")
    if STDIN in specs and out_dir is not None:
        raise click.UsageError("standard input has no name to write under in --out-dir; use -o")
    if stdout and len(specs) > 1:
        raise click.UsageError("standard output takes one module; name one spec")
    if only_check and stdout:
        raise click.UsageError("--check compares with a file on disk; there is none to compare with")

    written: list[tuple[Source, Path, str]] = []
    failed = False
    for path in specs:
        source, (model, diagnostics) = check_file(path, name, root)
        why = refused(model, layout) if model and standalone and form == "python" else None
        report(source, (why, *diagnostics) if why else diagnostics)
        if model is None or why:
            failed = True
            continue
        target = output or (out_dir or path.parent) / f"{path.stem}.py"
        written.append((source, target, text_of(form, source, model, standalone, layout)))
    if failed:
        ctx.exit(1)
    if stdout:
        click.echo("\n".join(text for _, _, text in written), nl=False)
        return
    targets = [real(target) for _, target, _ in written]
    if len(set(targets)) < len(targets):
        raise click.UsageError("two specs would be written to one file; compile them apart")
    problems = [
        (source, problem)
        for source, target, text in written
        for problem in refuse(source, target, text, only_check, force)
    ]
    if not problems and not only_check:
        problems = [(source, problem) for source, target, text in written for problem in write(target, text)]
    for source, problem in problems:
        report(source, (problem,))
    ctx.exit(int(errors(tuple(problem for _, problem in problems))))


@put_off()
def text_of(form: str, source: Source, model: Model, standalone: bool, layout: str) -> str:
    """The form that was asked for, of a spec without problems."""
    if form == "python":
        return emit(model, standalone=standalone, layout=layout)
    node = model if form == "model" else parse(source.text)
    return visible(node.model_dump_json(indent=2)) + "\n"


def refuse(source: Source, target: Path, text: str, only_check: bool, force: bool) -> list[Diagnostic]:
    """Why a target is not to be written, or is stale."""
    if target.exists() and not target.is_file():
        help = f"write into it with `--out-dir {target}`" if target.is_dir() else "use `--stdout` for a stream"
        return [Diagnostic(code="E008", message=f"`{target}` is no regular file", help=help)]
    if real(target) == real(Path(source.name)):
        return [Diagnostic(code="E006", message=f"`{target}` is the spec itself", help="write elsewhere with `-o`")]
    if target.suffix == ".py" and target.stem in SHADOWED:
        message = f"a module `{target.stem}` would hide the one that Python, torch or the module itself imports"
        return [Diagnostic(code="E003", message=message, help="rename the spec, or write elsewhere with `-o`")]
    try:
        with target.open(encoding="utf-8", errors="replace") as file:
            before: str | None = file.read(len(text) + 1)  # whatever it is, no more of it is of interest
    except FileNotFoundError:
        before = None
    except OSError as error:
        return [Diagnostic(code="E008", message=f"cannot read `{target}`: {error.strerror}")]
    if only_check:
        if before == text:
            return []
        state = "is not there" if before is None else "is not what the spec compiles to"
        return [Diagnostic(code="E007", message=f"`{target}` {state}", help="run `cdsl compile` again")]
    first = text[: text.index("\n", 2)]  # the mark of a module; of JSON, the brace and the first key
    if before and not force and not before.startswith(first):
        message = f"`{target}` was not compiled by cdsl, and is not replaced"
        return [
            Diagnostic(code="E006", message=message, help="write elsewhere with `-o`, or replace it with `--force`")
        ]
    return []


def write(target: Path, text: str) -> list[Diagnostic]:
    """Write a target, whole or not at all."""
    try:
        write_whole(target, text)
    except OSError as error:
        help = "" if target.parent.is_dir() else f"there is no directory `{target.parent}`"
        return [Diagnostic(code="E008", message=f"cannot write `{target}`: {error.strerror}", help=help)]
    return []
