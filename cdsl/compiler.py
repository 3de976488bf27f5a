"""Text → Python, the whole way."""

from __future__ import annotations

from typing import NamedTuple

from cdsl.checker import check
from cdsl.diagnostics import Diagnostic, errors
from cdsl.diagnostics.text import render
from cdsl.emit import emit
from cdsl.errors import CdslError
from cdsl.source import Source
from cdsl.syntax.parse import parse


class SpecError(CdslError):
    """A spec has problems: `diagnostics` holds them, and the text of the error is the rendered report."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...], source: Source) -> None:
        super().__init__("\n" + render(diagnostics, source))
        self.diagnostics = diagnostics


class Compiled(NamedTuple):
    """A module's source, or None where the spec has an error; and all there is to say about the spec."""

    python: str | None
    diagnostics: tuple[Diagnostic, ...]


def compile_source(source: Source, name: str) -> Compiled:
    """Every pass in turn; problems are collected."""
    spec = parse(source.text)
    model, diagnostics = check(spec, name)
    python = None if model is None else emit(model)
    return Compiled(python, diagnostics)


def compile(text: str, *, name: str | None = None) -> str:
    """The Python source of the module that a spec declares; `name` is its class, `Model` without one.

    Raises:
        SpecError: the spec has problems.
    """
    source = Source(text)
    python, diagnostics = compile_source(source, name or "Model")
    if python is None:
        raise SpecError(tuple(one for one in diagnostics if errors((one,))), source)
    return python
