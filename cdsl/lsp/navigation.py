"""From a name to where it is declared, and back to where it is used."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from cdsl.lsp.index import Index, Word
from cdsl.lsp.project import Project, Use
from cdsl.source import Span


class Location(NamedTuple):
    """A part of a file; None is the document that was asked about."""

    file: Path | None
    span: Span


def definition(index: Index, offset: int, project: Project) -> Location | None:
    """Where what a word names is declared; of an import's path, the file."""
    word = index.word_at(offset)
    if word is not None and word.declared is not None:
        meant = word.declared.meant
        return Location(meant.file, meant.span)
    for path, span in imported_paths(index):
        if span.start <= offset <= span.end and (found := project.find(index.file, path)):
            return Location(found, Span(0, 0)) if project.buffers.stamp(found) is not None else None
    return None


def references(index: Index, offset: int, project: Project, *, declaration: bool = True) -> list[Location]:
    """Every word that names the same, in all files of the workspace."""
    word = index.word_at(offset)
    if word is None or word.declared is None:
        return []
    uses = project.uses(word.declared, index)
    return [Location(one.file, one.word.span) for one in uses if declaration or not declares(one)]


def declares(use: Use) -> bool:
    """Whether a word is the declaration of what it names, and not an import of it."""
    return use.word.defines and use.word.declared is not None and use.word.declared.file == use.file


def highlights(index: Index, offset: int) -> list[Word]:
    """Every word of the same text that names the same; of what no spec declares, that says the same."""
    at = index.word_at(offset)
    if at is None:
        return []
    if at.declared is None:
        return [one for one in index.words if (one.kind, one.text, one.of) == (at.kind, at.text, at.of)]
    return [one for one in index.words if one.declared == at.declared]


def imported_paths(index: Index) -> list[tuple[str, Span]]:
    """Every path that the spec imports from, and where it stands, quotes included."""
    return [(one.path, one.path_span) for one in index.imported]
