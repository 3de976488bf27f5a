"""Text → Spec. Every problem of a text is collected; a bad line does not hide the next."""

from __future__ import annotations

import functools
import pkgutil
import re
import unicodedata
from collections.abc import Iterator
from inspect import isfunction
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from cdsl.diagnostics import Diagnostic, in_order
from cdsl.limits import (
    DEEPEST_BRACKETS,
    DEEPEST_EXPRESSION,
    LONGEST_NAME,
    LONGEST_NUMBER,
    LONGEST_TEXT,
    MOST_TOKENS,
)
from cdsl.names import INVISIBLE
from cdsl.source import Source, Span
from cdsl.syntax import ast, build
from cdsl.syntax.documentation import document
from cdsl.syntax.expected import unexpected
from cdsl.syntax.ignores import ignores_in
from cdsl.syntax.lalr import Reader, Seen, Tables, TooDeep, tables_of
from cdsl.syntax.tables import parser_of
from cdsl.syntax.tokens import BRACES, BRACKETS, ENDS, OUTSIDE, Layout, Lexer, Token, lexer_of, statements

BIDIRECTIONAL = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+")


def grammar_text(name: str = "cdsl") -> str:
    """A grammar: inside the package where it is installed, at the top level in a checkout."""
    try:
        packaged = pkgutil.get_data("cdsl", f"grammars/{name}.lark")
    except FileNotFoundError:
        packaged = None
    return (packaged or (Path(__file__).parents[2] / "grammars" / f"{name}.lark").read_bytes()).decode()


@functools.cache
def parser() -> tuple[Lexer, Tables]:
    """The lexer and the parser's tables."""
    grammar = grammar_text()

    def make() -> dict[str, Any]:
        from cdsl.syntax.generate import generated  # noqa: PLC0415  # with lark, which kept tables do without

        return generated(grammar, OUTSIDE)

    builders = {name: one for name, one in vars(build).items() if isfunction(one)}
    return parser_of(grammar, make, lambda kept: (lexer_of(kept["lexer"]), tables_of(kept["parser"], builders)))


class Piece(NamedTuple):
    """A stretch of a text of whole lines, in which all is closed that was opened: most often one declaration.

    What is in a piece depends on no other; where it ends, on the line after it too.
    """

    span: Span
    declarations: list[ast.Declaration]
    unread: list[Span]
    """What could not be read: each reported and left out, alone."""
    problems: list[Diagnostic]


def parse(text: str) -> ast.Spec:
    """What is written in a text. Never raises for what a text may contain: problems are in `Spec.diagnostics`."""
    source = Source(text.removeprefix("\ufeff"))
    if refused := tuple(refuse_text(source.text)):
        return ast.Spec(span=Span(0, len(source.text)), doc="", declarations=(), diagnostics=refused)
    return assemble(list(pieces(source, 0)), source)


def assemble(read: list[Piece], source: Source) -> ast.Spec:
    """The spec of a text's pieces."""
    diagnostics = [problem for piece in read for problem in piece.problems]
    declarations = [one for piece in read for one in piece.declarations]
    unread = [span for piece in read for span in piece.unread]
    doc, documented = document(declarations, unread, source, diagnostics)
    return ast.Spec(
        span=Span(0, len(source.text)),
        doc=doc,
        declarations=documented,
        diagnostics=in_order(diagnostics),
        ignores=tuple(ignores_in(source)),
    )


def refuse_text(text: str) -> Iterator[Diagnostic]:
    """Why a text is not read at all."""
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > LONGEST_TEXT:
        yield Diagnostic(code="E005", message=f"a spec has at most {LONGEST_TEXT} bytes, this has {size}")
        return
    for found in BIDIRECTIONAL.finditer(text):
        char = found.group()[0]
        yield Diagnostic(
            code="E004",
            message=f"a character that reorders the text around it: U+{ord(char):04X} {unicodedata.name(char)}",
            span=Span(*found.span()),
            label="invisible",
            help="remove it: what a reader sees would not be what is compiled",
        )


def tokens_in(text: str) -> Iterator[Token]:
    """The tokens of a text as the grammar has them: no comments, no newlines inside brackets."""
    return Layout().process(parser()[0].tokens(Source(text), 0))


def pieces(source: Source, start: int) -> Iterator[Piece]:
    """The pieces of a text from a place on where one begins."""
    lexer, tables = parser()
    lines = statements(lexer.tokens(source, start))
    seen: Seen = {}
    for line in lines:
        piece = read(line, lines, Reader(tables, DEEPEST_EXPRESSION, seen), source, start)
        start = piece.span.end
        yield piece


def read(first: list[Token], following: Iterator[list[Token]], reader: Reader, source: Source, start: int) -> Piece:
    """The piece that begins with a statement. A statement that cannot be read is reported and left out, alone."""
    problems, unread = list[Diagnostic](), list[Span]()
    models: list[Token] = []  # the `{` of each that is open here
    for line in chain([first], following):
        last, problem = (
            line[-1],
            beyond_limits(line, len(models)) or hidden(line, source) or refusal(reader, line, source),
        )
        if problem:
            problems.append(problem)
            last = skip(line, following, inside=bool(models))
            unread.append(Span(line[0].start_pos, last.end_pos))
            reader.take([last])
        models = models[:-1] if last.type == "RBRACE" else [*models, last] if last.type == "LBRACE" else models
        if last.type == "_NL" and not models:
            break
    if models:
        problems.append(not_closed(models[-1]))
    end = source.end
    reader.take([Token(kind, "", end, end) for kind in (*("RBRACE" for _ in models), "$END")])
    declarations = list[ast.Declaration]()
    for one in reader.values[0]:
        if isinstance(one, TooDeep):
            message = f"expressions nest at most {DEEPEST_EXPRESSION} deep; a chain of operators counts"
            problems.append(Diagnostic(code="E102", message=message, span=one.span))
            unread.append(one.span)
        else:
            declarations.append(one)
    return Piece(Span(start, last.end_pos), declarations, unread, problems)


def hidden(line: list[Token], source: Source) -> Diagnostic | None:
    """A name with a character that nobody sees: it looks like another one."""
    if source.text.isascii():
        return None
    for token in line:
        found = None if token.isascii() or token.type != "NAME" else INVISIBLE.search(token)
        if found is not None:
            code = ord(found.group())
            return Diagnostic(
                code="E004",
                message=f"a character in a name that nobody sees: U+{code:04X} {unicodedata.name(chr(code), '')}".rstrip(),
                span=Span(token.start_pos + found.start(), token.start_pos + found.end()),
                label="invisible",
                help=f"remove it: this is not `{INVISIBLE.sub('', token)}`",
            )
    return None


def refusal(reader: Reader, line: list[Token], source: Source) -> Diagnostic | None:
    """Read a statement, or say what is wrong with its first token that is not accepted."""
    count = reader.take(line)
    return unexpected(line[count], line[:count], reader.wanted(line[:count]), source) if count < len(line) else None


def skip(line: list[Token], lines: Iterator[list[Token]], *, inside: bool) -> Token:
    """Leave out a statement that cannot be read, the model that it opens, and the rest of its line.

    Returns the token to go on with: the end of the line or, inside a model, the `}` that closes that.
    """
    depth = 0
    while True:
        last = line[-1]
        depth += BRACES.get(last.type, 0)
        if (last.type == "_NL" and depth == 0) or (depth < 0 and inside):
            return last
        depth = max(depth, 0)
        following = next(lines, None)
        if following is None:
            return Token("_NL", "", last.end_pos, last.end_pos)
        line = following


def not_closed(brace: Token) -> Diagnostic:
    """A `{` without its `}`."""
    start = brace.start_pos
    return Diagnostic(
        code="E101",
        message="expected `}`, found the end of the file",
        span=Span(start, start + 1),
        label="not closed",
        help="end the model with `}`",
    )


def beyond_limits(line: list[Token], models: int) -> Diagnostic | None:
    """What a spec may not have: an hour's work for the compiler in one line."""
    if line[-1].end_pos - line[0].start_pos <= LONGEST_NUMBER and models <= DEEPEST_BRACKETS - LONGEST_NUMBER:
        return None  # the smallest of the limits: there is room for nothing beyond one
    brackets = 0
    for count, token in enumerate(line, start=1):
        start, length, message = token.start_pos, len(token), ""
        brackets = max(0, brackets + BRACKETS.get(token.type, 0))
        if token.type == "NUMBER" and length > LONGEST_NUMBER:
            message = f"a number has at most {LONGEST_NUMBER} characters, this has {length}"
        elif token.type == "NAME" and length > LONGEST_NAME:
            message = f"a name has at most {LONGEST_NAME} characters, this has {length}"
        elif brackets + models + (token.type == "LBRACE") > DEEPEST_BRACKETS:
            message = f"brackets nest at most {DEEPEST_BRACKETS} deep"
        elif count > MOST_TOKENS and token.type not in ENDS:
            message = f"a declaration has at most {MOST_TOKENS} tokens"
        if message:
            return Diagnostic(code="E102", message=message, span=Span(start, start + length))
    return None
