"""Diagnostics as workflow commands: GitHub shows each beside its line.

Form and escapes: "Workflow commands for GitHub Actions", docs.github.com; `@actions/core`, `command.ts`.
"""

from __future__ import annotations

from collections.abc import Iterable

from cdsl.diagnostics import Diagnostic
from cdsl.diagnostics.text import printable
from cdsl.source import Source

IN_MESSAGES = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
IN_PROPERTIES = IN_MESSAGES | str.maketrans({":": "%3A", ",": "%2C"})


def render(reports: Iterable[tuple[Iterable[Diagnostic], Source]]) -> str:
    """One command for each diagnostic, over all files, in the order given."""
    return "".join(command(one, source) for diagnostics, source in reports for one in diagnostics)


def command(one: Diagnostic, source: Source) -> str:
    """One diagnostic, ending in a newline."""
    properties = {"file": source.name, "title": f"{one.severity.value}[{one.code}]"}
    if one.span is not None:
        (line, column), end = source.position(one.span.start), source.position(one.span.end)
        properties |= {"line": str(line), "endLine": str(end.line)}
        if end.line == line:  # GitHub takes columns of one line alone
            properties |= {"col": str(column), "endColumn": str(end.column)}
    listed = ",".join(f"{key}={printable(value.translate(IN_PROPERTIES))}" for key, value in properties.items())
    text = "\n".join(filter(None, (printable(one.message), printable(one.help))))
    return f"::{one.severity.value} {listed}::{text.translate(IN_MESSAGES)}\n"
