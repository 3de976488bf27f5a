"""Warnings that a spec does not want to hear: `# cdsl: ignore[W202]`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cdsl.source import Source, Span
from cdsl.syntax import ast

COMMENT = re.compile(
    r'^(?P<code>(?:[^"#\n]|"[^"\n]*")*)(?P<ignore>#[ \t]*cdsl:[ \t]*ignore\[(?P<codes>[^\]\n]*)\])[^\r\n]*',
    re.MULTILINE,
)


def ignores_in(source: Source) -> Iterator[ast.Ignore]:
    """Every such comment, and the line that it speaks of: its own or, where nothing else stands there, the next one."""
    if "cdsl:" not in source.text:
        return
    for found in COMMENT.finditer(source.text):
        line = Span(*found.span())
        if not found["code"].strip():
            number = source.position(line.start).line + 1
            line = source.span_of(number)
        codes = tuple(code.strip() for code in found["codes"].split(","))
        yield ast.Ignore(span=Span(*found.span("ignore")), codes=codes, line=line)
