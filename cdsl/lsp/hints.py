"""What is shown between the words of a spec: shapes that follow, and how many raw numbers a value is made of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdsl.describe import product
from cdsl.functions.base import shape_text
from cdsl.lsp.analysis import Analysis
from cdsl.lsp.index import Index
from cdsl.lsp.scopes import Scope
from cdsl.places import size_text
from cdsl.source import Span
from cdsl.syntax import ast


class Hint(NamedTuple):
    """A few words behind a part of the text, and what they say."""

    offset: int
    text: str
    about: str


def hints(index: Index, analysis: Analysis, span: Span) -> list[Hint]:
    """The shape of each `let` that is no single number, and the raw size of each parameter where its value has another."""
    found = [one for scope in index.scopes for one in of_scope(scope, analysis)]
    return sorted(one for one in found if span.start <= one.offset <= span.end)


def of_scope(scope: Scope, analysis: Analysis) -> Iterator[Hint]:
    """Those of one model."""
    known, sizes = analysis.known, analysis.raws
    if scope.path:
        interface = analysis.models.get(scope.path[-1]) if len(scope.path) == 1 else None
        if interface is None or interface.model.origin:
            return
        known, sizes = interface.known, analysis.raws_in(interface.model)
    for name, one in scope.values.items():
        if name not in known:
            continue
        if one.kind == "let" and known[name].shape:
            yield Hint(one.span.end, f" {shape_text(known[name].shape)}", "the shape that follows")
        raw = sizes.get(name)
        if raw is not None and isinstance(one.node, ast.Parameter) and raw.total != product(raw.value):
            about = ", ".join(filter(None, (f"raw {shape_text(raw.raw)}", raw.slice)))
            yield Hint(one.node.type.span.end, f" {size_text(raw.total)} raw", about)
