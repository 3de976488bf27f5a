"""Warnings that a spec says it does not want, left out; and what it says so in vain."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

from cdsl.diagnostics import Diagnostic, Edit, Fix, Severity
from cdsl.diagnostics.codes import CODES
from cdsl.source import Span
from cdsl.syntax import ast

EXAMPLE = "`# cdsl: ignore[W202]` at the end of a declaration, or alone above it, ignores that warning there"


def heed(
    ignores: Sequence[ast.Ignore], declared: Iterable[Span], diagnostics: Sequence[Diagnostic], *, whole: bool
) -> Iterator[Diagnostic]:
    """What is left to say. Where the `whole` spec was judged, an ignore that ignores nothing is a warning as well.

    An ignore speaks of its line, and of the declaration there on whatever lines that stands: one of those that are `declared`.
    """
    lines, spans = sorted({one.line for one in ignores}), sorted(declared) if ignores else []
    places = {one.span: {one.line, *([span] if (span := beside(one.line, spans)) else [])} for one in ignores}
    wanted = {(place, code) for one in ignores for code in one.codes for place in places[one.span]}
    met: set[tuple[Span, str]] = set()
    for one in diagnostics:
        here = (around(one.span, among) for among in (lines, spans) if one.span)
        found = {(place, one.code) for place in here if place} & wanted
        if found and one.severity is Severity.WARNING:
            met |= found
        else:
            yield one
    for ignore in ignores:
        vain = [code for code in ignore.codes if not {(place, code) for place in places[ignore.span]} & met]
        for code in vain:
            if whole or not is_warning(code):
                yield in_vain(ignore, code, alone=len(vain) == len(ignore.codes))


def spans_of(declarations: Iterable[ast.Declaration]) -> Iterator[Span]:
    """Where declarations stand, those of models instead of these."""
    for one in declarations:
        if isinstance(one, ast.ModelBlock):
            yield from spans_of(one.declarations)
        else:
            yield one.span


def around(span: Span | None, among: Sequence[Span]) -> Span | None:
    """Which of these places, in order, holds the beginning of a span."""
    place = bisect_right(among, (span.start, math.inf)) - 1 if span else -1
    return among[place] if span and place >= 0 and span.start <= among[place].end else None


def beside(line: Span, among: Sequence[Span]) -> Span | None:
    """The last of these places, in order, that a line touches."""
    place = bisect_right(among, (line.end, math.inf)) - 1
    return among[place] if place >= 0 and line.start <= among[place].end else None


def is_warning(code: str) -> bool:
    """Whether there is such a warning."""
    return code in CODES and code.startswith("W")


def in_vain(ignore: ast.Ignore, code: str, *, alone: bool) -> Diagnostic:
    """The warning for a code that is not met here, or cannot be ignored."""
    message = f"there is no `{code}` here to ignore" if code else "what is ignored is named"
    if code and not is_warning(code):
        message = f"`{code}` is an error, which nothing ignores" if code in CODES else f"there is no code `{code}`"
    fix = Fix(title="remove it", edits=(Edit(span=ignore.span, text=""),), safe=True) if alone and code else None
    return Diagnostic(code="W102", message=message, span=ignore.span, help=EXAMPLE, fix=fix)
