"""Diagnostics as SARIF, for code scanning.

Properties: "Static Analysis Results Interchange Format (SARIF) Version 2.1.0", OASIS, 2020.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from cdsl.diagnostics import Diagnostic
from cdsl.diagnostics.codes import CODES
from cdsl.source import Source, Span


def render(reports: Iterable[tuple[Iterable[Diagnostic], Source]], version: str) -> str:
    """One run over all files, by cdsl of this version; ends in a newline."""
    found = [(one, source) for diagnostics, source in reports for one in diagnostics]
    codes = sorted({one.code for one, _ in found})
    driver = {"name": "cdsl", "version": version, "rules": [rule(code) for code in codes]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [result(one, source, codes.index(one.code)) for one, source in found],
    }
    log = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2) + "\n"


def rule(code: str) -> dict[str, Any]:
    """What a code means."""
    about = CODES[code]
    return {"id": code, "shortDescription": {"text": about.title}, "fullDescription": {"text": about.text}}


def result(one: Diagnostic, source: Source, rule_index: int) -> dict[str, Any]:
    """One diagnostic."""
    found: dict[str, Any] = {
        "ruleId": one.code,
        "ruleIndex": rule_index,
        "level": one.severity.value,
        "message": {"text": "\n".join(filter(None, (one.message, one.help)))},
        "locations": [location(one.span, source)],
    }
    if one.also:
        related = [location(also.span, source) | {"message": {"text": also.text}} for also in one.also]
        found["relatedLocations"] = related
    if one.fix is not None:
        replacements = [
            {"deletedRegion": region(edit.span, source), "insertedContent": {"text": edit.text}}
            for edit in one.fix.edits
        ]
        change = {"artifactLocation": artifact(source), "replacements": replacements}
        found["fixes"] = [{"description": {"text": one.fix.title}, "artifactChanges": [change]}]
    return found


def location(span: Span | None, source: Source) -> dict[str, Any]:
    """A place in a file, or the file."""
    where = {"artifactLocation": artifact(source)}
    return {"physicalLocation": where if span is None else where | {"region": region(span, source)}}


def artifact(source: Source) -> dict[str, Any]:
    """A file, by the path that it was given as, in the form of a URI."""
    return {"uri": quote(os.fsencode(PurePath(source.name).as_posix()))}


def region(span: Span, source: Source) -> dict[str, Any]:
    """A part of a text; ends stand behind the last character."""
    start, end = source.position(span.start), source.position(span.end)
    return {"startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column}
