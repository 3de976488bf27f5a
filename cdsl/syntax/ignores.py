"""Warnings that a spec does not want to hear: `# cdsl: ignore[W202]`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cdsl.source import Source, Span
from cdsl.syntax import ast

PRAGMA = re.compile(r"#[ \t]*cdsl:[ \t]*ignore\b(?:\[(?P<codes>[^\]\r\n]*)\])?[^\r\n]*")
COMMENT = re.compile(r'^(?P<code>(?:[^"#\n]|"[^"\n]*")*)(?P<comment>#[^\r\n]*)', re.MULTILINE)


def ignores_in(source: Source) -> Iterator[ast.Ignore]:
    """Every such comment, also behind another one, and the line that it speaks of: its own or, where nothing else stands there, the
    next. Where it names no code, nothing is what it ignores."""
    if "cdsl:" not in source.text:
        return
    for found in COMMENT.finditer(source.text):
        pragma = PRAGMA.search(source.text, found.start("comment"), found.end("comment"))
        if pragma is None:
            continue
        number = source.position(found.start()).line
        line = source.span_of(number if found["code"].strip() else number + 1)
        codes = tuple(code.strip() for code in (pragma["codes"] or "").split(","))
        yield ast.Ignore(span=Span(*pragma.span()), codes=codes, line=line)


def without_pragma(comment: str) -> str:
    """A comment without what it says to the compiler."""
    return PRAGMA.sub("", comment).rstrip()
