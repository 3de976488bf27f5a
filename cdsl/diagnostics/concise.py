"""Diagnostics one a line, as compilers print them and editors' error lists read them: `file:line:column: error[E201]: …`."""

from __future__ import annotations

from collections.abc import Iterable

from cdsl.diagnostics import Diagnostic
from cdsl.diagnostics.text import printable
from cdsl.source import Source


def render(reports: Iterable[tuple[Iterable[Diagnostic], Source]]) -> str:
    """One line for each diagnostic, over all files, in the order given."""
    return "".join(line(one, source) for diagnostics, source in reports for one in diagnostics)


def line(one: Diagnostic, source: Source) -> str:
    """One diagnostic, ending in a newline."""
    where = printable(source.name)
    if one.span is not None:
        where += ":{}:{}".format(*source.position(one.span.start))
    help = f" ({printable(one.help)})" if one.help else ""
    return f"{where}: {one.severity.value}[{one.code}]: {printable(one.message)}{help}\n"
