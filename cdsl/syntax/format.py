"""The canonical layout of a spec: the same tokens and comments in the same order, with other blanks between them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import cdsl
from cdsl.diagnostics import Diagnostic, Edit, errors
from cdsl.source import Source, Span
from cdsl.syntax.columns import MOST_BEFORE_COMMENTS, column, in_columns
from cdsl.syntax.ignores import PRAGMA
from cdsl.syntax.parse import parse, tokens_in
from cdsl.syntax.spacing import INDENT, WIDEST, Line
from cdsl.syntax.tokens import Token

MARK = "\ufeff"
BLANKS = " \t\f\r"


@dataclass
class Row:
    """A declaration, the header of a model, a `}`, or a comment on a line of its own, which has no tokens."""

    tokens: list[Token]
    depth: int
    blank: bool
    """Whether a blank line stands above it."""
    comment: str = ""
    end: int | None = None
    """Where its line ends; None where another row follows on that."""


def format(text: str) -> str:
    """A spec in its canonical layout: with every comment, of the same meaning, and left alone by being formatted again.

    Raises:
        SpecError: the spec has syntax errors.
    """
    lines, problems = laid_out(text)
    if problems:
        raise cdsl.SpecError(problems, Source(text.removeprefix(MARK)))
    return MARK * text.startswith(MARK) + "".join(one.text for one in lines)


def edits(text: str) -> tuple[Edit, ...]:
    """What `format` would change, line by line; nothing where there are syntax errors."""
    return format_range(text, Span(0, len(text)))


def format_range(text: str, span: Span) -> tuple[Edit, ...]:
    """What `format` would change in the lines of the declarations that a span touches; nothing in other lines."""
    touched = Span(span.start, max(span.end, span.start + 1))
    return tuple(
        one
        for one in laid_out(text)[0]
        if one.span.start < touched.end and touched.start < one.span.end and one.text != text[slice(*one.span)]
    )


def laid_out(text: str) -> tuple[list[Edit], tuple[Diagnostic, ...]]:
    """The text in pieces of whole lines, each with what is to stand there; or the syntax errors that it has."""
    mark = len(MARK) * text.startswith(MARK)
    body = text[mark:]
    problems = tuple(one for one in parse(text).diagnostics if errors((one,)))
    if problems:
        return [], problems
    statements = list(statements_of(tokens_in(body)))
    newline = "\r\n" if body[: body.find("\n")].endswith("\r") else "\n"
    found = list(pieces(written(rows(body, statements), body), mark, newline))
    return found or [Edit(span=Span(mark, len(text)), text="")], ()


def statements_of(tokens: Iterable[Token]) -> Iterator[list[Token]]:
    """The tokens of each declaration, of each header up to its `{`, and each `}` alone."""
    statement: list[Token] = []
    for token in tokens:
        if token.type in ("_NL", "RBRACE") and statement:
            yield statement
            statement = []
        if token.type != "_NL":
            statement.append(token)
        if token.type in ("LBRACE", "RBRACE"):
            yield statement
            statement = []


def rows(text: str, statements: Sequence[list[Token]]) -> list[Row]:
    """The rows of a text, a comment at the end of a line with the first declaration that ends there.

    That is the one which it documents: of `model A { x: real }  #: …` the model.
    """
    found: list[Row] = []
    position, depth, blank, ended = 0, 0, False, text + "\n"
    commented: Row | None = None  # whose comment may follow on this line
    for statement in [*statements, []]:
        start = statement[0].start_pos if statement else len(ended)
        for line in ended[position:start].split("\n")[:-1]:
            position += len(line) + 1
            comment = line.strip(BLANKS)
            if commented:
                commented.comment, found[-1].end, commented = comment, position, None
            elif comment:
                found.append(Row([], depth, blank and follows(found), comment, position))
                blank = False
            else:
                blank = True
        if not statement:
            break
        closes = statement[0].type == "RBRACE"
        depth -= closes
        row = Row(statement, depth, blank and follows(found) and not closes)
        depth += statement[-1].type == "LBRACE"
        end = statement[-1].end_pos
        if commented is None or commented.tokens[0].type == "RBRACE" or "\n" in text[start:end]:
            commented = row
        found.append(row)
        position, blank = end, False
    if found:
        found[-1].end = len(text)
    return found


def follows(found: Sequence[Row]) -> bool:
    """Whether a blank line may stand here: not at the top of a text, nor below the header of a model."""
    return bool(found) and not (found[-1].tokens and found[-1].tokens[-1].type == "LBRACE")


def written(found: Sequence[Row], text: str) -> Iterator[tuple[Row, list[str]]]:
    """Each row with its lines. Neighbours that take a line each are in columns, up to a blank line or a comment."""
    neighbours: list[tuple[Row, Line]] = []
    above = ""
    for row in found:
        alone = not row.tokens or row.tokens[-1].type in ("LBRACE", "RBRACE")
        line, lines = None, [INDENT * row.depth + row.comment]
        if row.tokens and stays(row, above, text):
            lines = as_written(row, text)
        elif row.tokens:
            line = Line(row.tokens)
            stays_whole = PRAGMA.search(above + row.comment)  # it speaks of this line
            lines = [INDENT * row.depth + line.flat()] if stays_whole else line.broken(row.depth)
        if row.blank or alone or line is None or len(lines) > 1:
            yield from block(neighbours)
            neighbours = []
        if line and not alone and len(lines) == 1:
            neighbours.append((row, line))
        else:
            end = f"  {row.comment}" if row.tokens and row.comment else ""
            yield row, [*lines[:-1], lines[-1] + end]
        above = "" if row.tokens else row.comment
    yield from block(neighbours)


def stays(row: Row, above: str, text: str) -> bool:
    """Whether a row keeps its lines: it has comments between its tokens, or one that speaks of a line of it."""
    start, end = row.tokens[0].start_pos, row.tokens[-1].end_pos
    if "\n" not in text[start:end]:
        return False
    ends = pairwise(row.tokens)
    speaks_of_a_line = PRAGMA.search(above + row.comment) is not None
    return speaks_of_a_line or any("#" in text[one.end_pos : other.start_pos] for one, other in ends)


def block(neighbours: Sequence[tuple[Row, Line]]) -> Iterator[tuple[Row, list[str]]]:
    """Neighbours in columns, and their comments in one."""
    if not neighbours:
        return
    indent = INDENT * neighbours[0][0].depth
    codes = in_columns([line for _, line in neighbours], WIDEST - len(indent))
    commented = [code for code, (row, _) in zip(codes, neighbours, strict=True) if row.comment]
    padded = iter(column(commented, MOST_BEFORE_COMMENTS, 2))
    for code, (row, _) in zip(codes, neighbours, strict=True):
        yield row, [indent + (next(padded) + row.comment if row.comment else code)]


def as_written(row: Row, text: str) -> list[str]:
    """The lines of a declaration with comments inside its brackets, moved together to where it begins."""
    start, end = row.tokens[0].start_pos, row.tokens[-1].end_pos
    first, *others = (line.rstrip(BLANKS) for line in text[start:end].split("\n"))
    before = text[text.rfind("\n", 0, start) + 1 : start]
    moved = len(INDENT) * row.depth - indentation(before)
    shifted = [" " * (indentation(line) + moved) + line.lstrip(BLANKS) if line else "" for line in others]
    return [INDENT * row.depth + first, *shifted]


def indentation(line: str) -> int:
    """How many columns a line is indented by, a tab to the next multiple of four."""
    return len(line[: len(line) - len(line.lstrip(BLANKS))].replace("\f", "").expandtabs(len(INDENT)))


def pieces(found: Iterable[tuple[Row, list[str]]], mark: int, newline: str) -> Iterator[Edit]:
    """Rows as pieces of whole lines of the text that they come from."""
    start, lines = 0, list[str]()
    for row, own in found:
        lines += ["", *own] if row.blank else own
        if row.end is not None:
            text = "".join(line + newline for line in lines)
            yield Edit(span=Span(mark + start, mark + row.end), text=text)
            start, lines = row.end, []
