"""Text → Python, the whole way."""

from __future__ import annotations

from typing import NamedTuple

from cdsl.checker import check
from cdsl.checker.imports import Files
from cdsl.collector import put_off
from cdsl.diagnostics import Diagnostic
from cdsl.diagnostics.text import render
from cdsl.emit import emit
from cdsl.emit.standalone import refused
from cdsl.errors import CdslError
from cdsl.source import Source
from cdsl.syntax.parse import parse


class SpecError(CdslError):
    """A spec has problems: `diagnostics` holds them, and the text of the error is the rendered report."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...], source: Source) -> None:
        super().__init__("\n" + render(diagnostics, source))
        self.diagnostics = diagnostics
        self.source = source

    def __reduce__(self) -> tuple[type[SpecError], tuple[tuple[Diagnostic, ...], Source]]:
        return SpecError, (self.diagnostics, self.source)  # what it is made of: the text alone would not do


class Compiled(NamedTuple):
    """A module's source, or None where the spec has an error; and all there is to say about the spec."""

    python: str | None
    diagnostics: tuple[Diagnostic, ...]


@put_off()
def compile_source(
    source: Source,
    name: str,
    *,
    layout: str = "separate",
    standalone: bool = False,
    files: Files | None = None,
    inline: bool = False,
) -> Compiled:
    """Every pass in turn; problems are collected. Inline, imported models are written into the module."""
    model, diagnostics = check(parse(source.text), name, files)
    if model is None:
        return Compiled(None, diagnostics)
    if standalone and (why := refused(model, layout)):
        return Compiled(None, (why, *diagnostics))
    return Compiled(emit(model, standalone=standalone, inline=inline, layout=layout), diagnostics)


def compile(text: str, *, name: str | None = None, layout: str = "separate", standalone: bool = False) -> str:
    """The Python source of the module that a spec declares; `name` is its class, `Model` without one.

    In the layout `packed` all raw values that train are one parameter, in which like declarations stand side by side and
    are mapped together. Standalone: what it needs of cdsl is written into it, and torch is its only import.

    Raises:
        SpecError: the spec has problems.
        ValueError: a layout that there is not.
    """
    source = Source(text)
    name = "Model" if name is None else name
    python, diagnostics = compile_source(source, name, layout=layout, standalone=standalone)
    if python is None:
        raise SpecError(diagnostics, source)
    return python
