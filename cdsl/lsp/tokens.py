"""What every word is, for an editor's colours: keywords are words like any other until they stand where one fits."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from cdsl.lsp.context import WORD
from cdsl.lsp.index import Index, Word
from cdsl.lsp.scopes import Kind
from cdsl.source import Span
from cdsl.syntax import ast

TYPES = (
    "keyword", "comment", "string", "number", "type", "class", "function", "variable", "parameter", "property",
    "enumMember", "macro",
)  # fmt: skip
"""Of the protocol; a transform is a `macro`, which no other word is."""
MODIFIERS = ("declaration", "readonly", "defaultLibrary", "documentation")

MOST = 200_000
"""Of a text, from its beginning."""

QUIET = re.compile(
    r'(?P<comment>#[^\r\n]*)|(?P<string>"[^"\\\r\n]*")'
    rf"|(?P<word>{WORD})|(?P<number>\.?\d[\d_]*(?:\.[\d_]*)?(?:[eE][+-]?[\d_]+)?)"
)

OF_KIND: dict[Kind, tuple[str, tuple[str, ...]]] = {
    "dim": ("variable", ("readonly",)),
    "data": ("variable", ("readonly",)),
    "parameter": ("variable", ()),
    "let": ("variable", ()),
    "child": ("variable", ()),
    "param": ("parameter", ()),
    "alias": ("type", ()),
    "model": ("class", ()),
    "file": ("class", ()),
    "import": ("type", ()),
    "domain": ("type", ("defaultLibrary",)),
    "transform": ("macro", ("defaultLibrary",)),
    "function": ("function", ("defaultLibrary",)),
    "argument": ("property", ()),
    "constant": ("enumMember", ("defaultLibrary",)),
}


class Token(NamedTuple):
    """A part of one line, and what it is."""

    span: Span
    type: str
    modifiers: tuple[str, ...] = ()


def tokens(index: Index) -> list[Token]:
    """Every token of a spec, in order, none over another. What could not be read keeps its comments and numbers."""
    named = {word.span.start: token for word in index.words if (token := of_word(word, index.text))}
    keywords = {span.start: Token(span, "keyword") for span in keyword_spans(index.spec.declarations, index.text)}
    found: list[Token] = []
    for match in QUIET.finditer(index.text):
        span, kind = Span(*match.span()), match.lastgroup
        if kind == "word":
            token = keywords.get(span.start) or named.get(span.start)
            found += [token] if token is not None and token.span == span else []
        elif kind == "comment":
            found.append(Token(span, "comment", ("documentation",) * match.group().startswith("#:")))
        elif kind is not None:
            found.append(Token(span, kind))
    return found[:MOST]


def of_word(word: Word, text: str) -> Token | None:
    """What a word is; nothing where it names nothing. A value of a nested model is a property of that."""
    if word.kind not in OF_KIND:
        return None
    kind, modifiers = OF_KIND[word.kind]
    kind = "property" if text[word.span.start - 1 : word.span.start] == "." else kind
    return Token(word.span, kind, (*(("declaration",) * word.defines), *modifiers))


def keyword_spans(declarations: Sequence[ast.Declaration], text: str) -> Iterator[Span]:
    """The words that are keywords where they stand."""
    for one in declarations:
        match one:
            case ast.Dim() | ast.Data() | ast.Let() | ast.Alias() | ast.ModelBlock() | ast.Imports():
                yield first_word(one.span, text)
            case ast.Parameter(frozen=True):
                yield first_word(one.span, text)
        if isinstance(one, ast.Parameter | ast.Alias) and one.via is not None:
            yield first_word(one.via.span, text)
        if isinstance(one, ast.ModelBlock):
            yield from keyword_spans(one.declarations, text)
        if isinstance(one, ast.Imports):
            yield from words_between(Span(one.path_span.end, one.names[0].span.start), "import", text)
            for name in one.names:
                if name.other is not None:
                    yield from words_between(Span(name.name.span.end, name.other.span.start), "as", text)


def first_word(span: Span, text: str) -> Span:
    """The word that a span begins with."""
    word = re.compile(r"\w+").match(text, span.start)
    return Span(*word.span()) if word else Span(span.start, span.start)


def words_between(span: Span, word: str, text: str) -> Iterator[Span]:
    """A word between two others."""
    at = text.find(word, span.start, span.end)
    if at >= 0:
        yield Span(at, at + len(word))
