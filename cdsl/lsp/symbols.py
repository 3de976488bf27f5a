"""The outline of a spec: its declarations, what can be folded, and the files that it names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from cdsl.lsp.index import Index
from cdsl.lsp.navigation import imported_paths
from cdsl.lsp.project import Project
from cdsl.lsp.text import LINE_END, Text
from cdsl.names import normal
from cdsl.source import Span
from cdsl.syntax import ast

MOST_SYMBOLS = 500
"""Of a workspace, in one answer."""


class Symbol(NamedTuple):
    """A declaration, and those in it."""

    name: str
    kind: str
    detail: str
    span: Span
    name_span: Span
    inner: tuple[Symbol, ...] = ()


def outline(declarations: Sequence[ast.Declaration], text: str) -> tuple[Symbol, ...]:
    """Every named declaration, nested as they are."""
    found: list[Symbol] = []
    for one in declarations:
        if isinstance(one, ast.Later | ast.Imports):
            continue
        inner = outline(one.declarations, text) if isinstance(one, ast.ModelBlock) else ()
        found.append(Symbol(one.name.text, one.kind, detail(one, text), one.span, one.name.span, inner))
    return tuple(found)


def detail(one: ast.Declaration, text: str) -> str:
    """The type of a declaration, as it is written on one line."""
    written = Span(0, 0)
    if isinstance(one, ast.Parameter | ast.Data | ast.Alias):
        written = one.type.span
    line = " ".join(text[written.start : written.end].split())
    return line if len(line) <= 80 else f"{line[:80]}…"


class Found(NamedTuple):
    """A declaration of a file."""

    file: Path
    symbol: Symbol
    within: str


def workspace(query: str, project: Project) -> list[Found]:
    """The declarations of all specs whose names have these letters in this order."""
    found: list[Found] = []
    for path in project.files():
        index = project.index(path)
        if index is None:
            continue
        for one, within in flat(outline(index.spec.declarations, index.text)):
            if in_this_order(query, one.name):
                found.append(Found(path, one, within))
            if len(found) >= MOST_SYMBOLS:
                return found
    return found


def in_this_order(query: str, name: str) -> bool:
    """Whether a name has these letters, perhaps with others between them."""
    rest = iter(normal(name).casefold())
    return all(letter in rest for letter in normal(query).casefold())


def flat(symbols: Sequence[Symbol], within: str = "") -> Iterator[tuple[Symbol, str]]:
    """Every symbol, with what it stands in."""
    for one in symbols:
        yield one, within
        yield from flat(one.inner, one.name)


class Fold(NamedTuple):
    """Lines that can be shown as one, counted from 0."""

    first: int
    last: int
    kind: Literal["region", "comment", "imports"]


def folds(spec: ast.Spec, text: Text) -> list[Fold]:
    """Models, declarations of several lines, blocks of comments, and blocks of imports."""
    imports = [lines_of(one.span, text) for one in spec.declarations if isinstance(one, ast.Imports)]
    lines = LINE_END.split(text.content)
    comments = [(number, number) for number, line in enumerate(lines) if line.lstrip("\ufeff \t").startswith("#")]
    found = [Fold(*lines, "region") for lines in of_declarations(spec.declarations, text)]
    found += [Fold(*lines, "imports") for lines in joined(imports)]
    found += [Fold(*lines, "comment") for lines in joined(comments)]
    return sorted(one for one in found if one.first < one.last)


def of_declarations(declarations: Sequence[ast.Declaration], text: Text) -> Iterator[tuple[int, int]]:
    """The lines of each declaration, and of those in it."""
    for one in declarations:
        if not isinstance(one, ast.Imports):
            yield lines_of(one.span, text)
        if isinstance(one, ast.ModelBlock):
            yield from of_declarations(one.declarations, text)


def lines_of(span: Span, text: Text) -> tuple[int, int]:
    """The first and the last line of a span, from 0."""
    return text.place(span.start).line, text.place(max(span.start, span.end - 1)).line


def joined(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Ranges of lines, those that touch as one."""
    found: list[tuple[int, int]] = []
    for lines in ranges:
        touches = bool(found) and lines[0] <= found[-1][1] + 1
        found.append((found.pop()[0], lines[1]) if touches else lines)
    return found


class Link(NamedTuple):
    """The path of an import, and the file that it means."""

    span: Span
    file: Path


def links(index: Index, project: Project) -> list[Link]:
    """The files that the spec imports, where they are there."""
    found: list[Link] = []
    for path, span in imported_paths(index):
        file = project.find(index.file, path)
        if file is not None and project.buffers.stamp(file) is not None:
            found.append(Link(Span(span.start + 1, span.end - 1), file))
    return found
