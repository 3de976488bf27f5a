"""Diagnostics as JSON, for programs: offsets, lines and columns, and every word of the text form."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from cdsl.diagnostics import Diagnostic
from cdsl.source import Source, Span


def render(reports: Iterable[tuple[Iterable[Diagnostic], Source]]) -> str:
    """One array of objects, over all files, in the order given; ends in a newline."""
    found = [as_dict(one, source) for diagnostics, source in reports for one in diagnostics]
    return json.dumps(found, indent=2, ensure_ascii=True) + "\n"


def as_dict(one: Diagnostic, source: Source) -> dict[str, Any]:
    """One diagnostic; `start` and `end` are absent where it concerns a whole file, `also` and `fix` where it has none."""
    found: dict[str, Any] = {
        "code": one.code,
        "severity": one.severity.value,
        "message": one.message,
        "label": one.label,
        "help": one.help,
        "file": source.name,
    }
    if one.span is not None:
        found |= place(one.span, source)
    if one.also:
        found["also"] = [{"label": also.text, **place(also.span, source)} for also in one.also]
    if one.fix is not None:
        edits = [{"text": edit.text, **place(edit.span, source)} for edit in one.fix.edits]
        found["fix"] = {"title": one.fix.title, "safe": one.fix.safe, "edits": edits}
    return found


def place(span: Span, source: Source) -> dict[str, Any]:
    """Where a span starts and ends: offsets from 0 in characters, lines and columns from 1."""
    found = {}
    for key, offset in zip(("start", "end"), span, strict=True):
        line, column = source.position(offset)
        found[key] = {"offset": offset, "line": line, "column": column}
    return found
