"""Fixes put into a text."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from cdsl.diagnostics import Diagnostic, Edit, Fix, errors
from cdsl.source import Span

MOST_ROUNDS = 10
"""A fix may uncover another problem with a fix; more rounds than these mean that two of them undo each other."""


def fixable(diagnostics: Iterable[Diagnostic], *, unsafe: bool) -> list[Fix]:
    """The fixes there are, without those that want a reader's eye unless told."""
    return [one.fix for one in diagnostics if one.fix and (one.fix.safe or unsafe)]


def fixed(
    text: str, problems_of: Callable[[str], Iterable[Diagnostic]], *, unsafe: bool = False
) -> tuple[str, list[Fix]]:
    """The text with every fix that there is, of problems found anew after each round; and the fixes.

    A round after which a spec without errors would have one is not taken.
    """
    done: list[Fix] = []
    problems = tuple(problems_of(text))
    for _ in range(MOST_ROUNDS):
        after, applied = apply(text, fixable(problems, unsafe=unsafe))
        found = tuple(problems_of(after)) if applied else ()
        if not applied or (errors(found) and not errors(problems)):
            break
        text, problems = after, found
        done += applied
    return text, done


def apply(text: str, fixes: Iterable[Fix]) -> tuple[str, list[Fix]]:
    """The text with these fixes, and which of them: of those that touch the same place, the first alone."""
    edits: list[Edit] = []
    applied: list[Fix] = []
    for fix in fixes:
        mine = edits_in(text, fix)
        if not any(touch(one, other) for one in mine for other in edits):
            edits += mine
            applied.append(fix)
    for edit in sorted(edits, key=lambda edit: edit.span, reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text, applied


def edits_in(text: str, fix: Fix) -> tuple[Edit, ...]:
    """The edits of a fix; what is removed takes along what would be left of its lines."""
    return tuple(edit if edit.text else Edit(span=swept(text, edit.span), text="") for edit in fix.edits)


def swept(text: str, span: Span) -> Span:
    """What goes with what is removed: the blanks before it, at the end of a line; the line, where a comment alone is left, and
    with a declaration the doc comments above it."""
    start, end = text.rfind("\n", 0, span.start) + 1, text.find("\n", span.end) + 1 or len(text)
    before, after = text[start : span.start], text[span.end : end]
    if before.strip() or (after.strip() and not after.lstrip().startswith("#")):
        return Span(start + len(before.rstrip()), span.end) if not after.strip() else span
    while start and not text.startswith("#", span.start) and is_doc(text, start):
        start = text.rfind("\n", 0, start - 1) + 1
    return Span(start, end)


def is_doc(text: str, start: int) -> bool:
    """Whether the line above this place is a doc comment."""
    return text[text.rfind("\n", 0, start - 1) + 1 : start].lstrip().startswith("#:")


def touch(one: Edit, other: Edit) -> bool:
    """Whether two edits change the same place; two that insert there do."""
    starts_there = one.span.start == other.span.start
    return starts_there or max(one.span.start, other.span.start) < min(one.span.end, other.span.end)
