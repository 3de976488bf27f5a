"""Fixes of problems as edits that an editor offers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from cdsl.diagnostics import Diagnostic, Edit
from cdsl.diagnostics.fixes import apply, edits_in, fixable
from cdsl.source import Span


class Action(NamedTuple):
    """Edits under a title; those of one problem, or of all."""

    title: str
    edits: tuple[Edit, ...]
    problem: Diagnostic | None
    preferred: bool


def fixes(text: str, problems: Sequence[Diagnostic], span: Span) -> list[Action]:
    """The fixes of the problems that touch a part of the text, safe ones first."""
    found = [
        Action(one.fix.title, edits_in(text, one.fix), one, one.fix.safe)
        for one in problems
        if one.fix is not None and one.span is not None and touches(one.span, span)
    ]
    return sorted(found, key=lambda one: not one.preferred)


def fix_all(text: str, problems: Sequence[Diagnostic]) -> Action | None:
    """All safe fixes at once; of those that touch the same place, the first."""
    safe = fixable(problems, unsafe=False)
    if not safe:
        return None
    edits = [edit for fix in apply(text, safe)[1] for edit in edits_in(text, fix)]
    return Action("Fix all that has a safe fix", tuple(edits), None, False)


def touches(one: Span, other: Span) -> bool:
    """Whether two spans meet."""
    return one.start <= other.end and other.start <= one.end
