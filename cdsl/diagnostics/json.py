"""Diagnostics as JSON, for programs: offsets, lines and columns, and every word of the text form."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from cdsl.diagnostics import Diagnostic
from cdsl.source import Source


def render(reports: Iterable[tuple[Iterable[Diagnostic], Source]]) -> str:
    """One array of objects, over all files, in the order given; ends in a newline."""
    found = [as_dict(one, source) for diagnostics, source in reports for one in diagnostics]
    return json.dumps(found, indent=2, ensure_ascii=True) + "\n"


def as_dict(one: Diagnostic, source: Source) -> dict[str, Any]:
    """One diagnostic; `start` and `end` are absent where it concerns a whole file."""
    found: dict[str, Any] = {
        "code": one.code,
        "severity": one.severity.value,
        "message": one.message,
        "label": one.label,
        "help": one.help,
        "file": source.name,
    }
    if one.span is not None:
        for key, offset in zip(("start", "end"), one.span, strict=True):
            line, column = source.position(offset)
            found[key] = {"offset": offset, "line": line, "column": column}
    return found
