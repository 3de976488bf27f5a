"""Warnings that a spec says it does not want, left out; and what it says so in vain."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from cdsl.diagnostics import Diagnostic, Edit, Fix, Severity
from cdsl.diagnostics.codes import CODES
from cdsl.source import Span
from cdsl.syntax import ast


def heed(ignores: Sequence[ast.Ignore], diagnostics: Sequence[Diagnostic], *, whole: bool) -> Iterator[Diagnostic]:
    """What is left to say. Where the `whole` spec was judged, an ignore that ignores nothing is a warning as well."""
    lines = sorted({one.line for one in ignores})
    wanted = {(one.line, code) for one in ignores for code in one.codes}
    met: set[tuple[Span | None, str]] = set()
    for one in diagnostics:
        at = line_of(one, lines), one.code
        if at in wanted and one.severity is Severity.WARNING:
            met.add(at)
        else:
            yield one
    for ignore in ignores:
        vain = [code for code in ignore.codes if (ignore.line, code) not in met]
        for code in vain:
            if whole or not is_warning(code):
                yield in_vain(ignore, code, alone=len(vain) == len(ignore.codes))


def line_of(one: Diagnostic, lines: Sequence[Span]) -> Span | None:
    """Which of these lines a diagnostic is about."""
    if one.span is None:
        return None
    place = bisect_right(lines, (one.span.start, math.inf)) - 1
    return lines[place] if place >= 0 and one.span.start <= lines[place].end else None


def is_warning(code: str) -> bool:
    """Whether there is such a warning."""
    return code in CODES and code.startswith("W")


def in_vain(ignore: ast.Ignore, code: str, *, alone: bool) -> Diagnostic:
    """The warning for a code that is not met on this line, or cannot be ignored."""
    message = f"there is no `{code}` here to ignore"
    if not is_warning(code):
        message = f"`{code}` is an error, which nothing ignores" if code in CODES else f"there is no code `{code}`"
    fix = Fix(title="remove it", edits=(Edit(span=ignore.span, text=""),), safe=True) if alone else None
    return Diagnostic(
        code="W102",
        message=message,
        span=ignore.span,
        help="`# cdsl: ignore[W202]` on a line ignores that warning there",
        fix=fix,
    )
