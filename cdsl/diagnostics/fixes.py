"""Fixes put into a text."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from cdsl.diagnostics import Diagnostic, Edit, Fix
from cdsl.source import Span

MOST_ROUNDS = 10
"""A fix may uncover another problem with a fix; more rounds than these mean that two of them undo each other."""


def fixable(diagnostics: Iterable[Diagnostic], *, unsafe: bool) -> list[Fix]:
    """The fixes there are, without those that want a reader's eye unless told."""
    return [one.fix for one in diagnostics if one.fix and (one.fix.safe or unsafe)]


def fixed(
    text: str, problems_of: Callable[[str], Iterable[Diagnostic]], *, unsafe: bool = False
) -> tuple[str, list[Fix]]:
    """The text with every fix that there is, of problems found anew after each round; and the fixes."""
    done: list[Fix] = []
    for _ in range(MOST_ROUNDS):
        found = fixable(problems_of(text), unsafe=unsafe)
        if not found:
            break
        text, applied = apply(text, found)
        done += applied
    return text, done


def apply(text: str, fixes: Iterable[Fix]) -> tuple[str, list[Fix]]:
    """The text with these fixes, and which of them: of those that touch the same place, the first alone."""
    edits: list[Edit] = []
    applied: list[Fix] = []
    for fix in fixes:
        if not any(touch(mine, other) for mine in fix.edits for other in edits):
            edits += fix.edits
            applied.append(fix)
    for edit in sorted(edits, key=lambda edit: edit.span, reverse=True):
        start, end = edit.span if edit.text else swept(text, edit.span)
        text = text[:start] + edit.text + text[end:]
    return text, applied


def swept(text: str, span: Span) -> Span:
    """What goes with what is removed: the blanks before it, at the end of a line; the line, where a comment alone is left."""
    start, end = text.rfind("\n", 0, span.start) + 1, text.find("\n", span.end) + 1 or len(text)
    before, after = text[start : span.start], text[span.end : end]
    if not before.strip() and (not after.strip() or after.lstrip().startswith("#")):
        return Span(start, end)
    return Span(start + len(before.rstrip()), span.end) if not after.strip() else span


def touch(one: Edit, other: Edit) -> bool:
    """Whether two edits change the same place; two that insert there do."""
    starts_there = one.span.start == other.span.start
    return starts_there or max(one.span.start, other.span.start) < min(one.span.end, other.span.end)
