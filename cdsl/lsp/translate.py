"""What the features found, in the words of the protocol."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.uris import from_fs_path

from cdsl.diagnostics import Diagnostic, Edit, Severity
from cdsl.lsp.completion import Item
from cdsl.lsp.page import Page, markdown, plain
from cdsl.lsp.signatures import Signature, places
from cdsl.lsp.symbols import Fold, Symbol
from cdsl.lsp.text import Change, Place, Text, units
from cdsl.lsp.tokens import MODIFIERS, TYPES, Token
from cdsl.source import Span

SYMBOLS = {
    "dim": types.SymbolKind.Constant,
    "data": types.SymbolKind.Field,
    "parameter": types.SymbolKind.Variable,
    "let": types.SymbolKind.Property,
    "type": types.SymbolKind.TypeParameter,
    "model": types.SymbolKind.Class,
}
ITEMS = {
    "keyword": types.CompletionItemKind.Keyword,
    "type": types.CompletionItemKind.TypeParameter,
    "model": types.CompletionItemKind.Class,
    "value": types.CompletionItemKind.Variable,
    "function": types.CompletionItemKind.Function,
    "transform": types.CompletionItemKind.Operator,
    "argument": types.CompletionItemKind.Property,
    "constant": types.CompletionItemKind.Constant,
    "file": types.CompletionItemKind.File,
    "folder": types.CompletionItemKind.Folder,
}
FOLDS = {
    "region": types.FoldingRangeKind.Region,
    "comment": types.FoldingRangeKind.Comment,
    "imports": types.FoldingRangeKind.Imports,
}
LEGEND = types.SemanticTokensLegend(token_types=[*TYPES], token_modifiers=[*MODIFIERS])


def uri(path: Path) -> str:
    """The URI of a file."""
    return from_fs_path(str(path)) or ""


def position(text: Text, offset: int) -> types.Position:
    """An offset as a line and a character."""
    line, character = text.place(offset)
    return types.Position(line, character)


def range_of(text: Text, span: Span) -> types.Range:
    """A span as a range."""
    return types.Range(position(text, span.start), position(text, span.end))


def place(at: types.Position) -> Place:
    """A line and a character."""
    return Place(at.line, at.character)


def diagnostic(one: Diagnostic, text: Text, document: str) -> types.Diagnostic:
    """A problem, with what else belongs to it; of a whole file, at its beginning."""
    also = [
        types.DiagnosticRelatedInformation(types.Location(document, range_of(text, label.span)), label.text)
        for label in one.also
    ]
    parts = [one.message, one.label and f"({one.label})", one.help and f"\nhelp: {one.help}"]
    return types.Diagnostic(
        range=range_of(text, one.span or Span(0, 0)),
        message=" ".join(filter(None, parts)).replace(" \n", "\n"),
        severity=types.DiagnosticSeverity.Error if one.severity is Severity.ERROR else types.DiagnosticSeverity.Warning,
        code=one.code,
        source="cdsl",
        related_information=also or None,
    )


def edits(changes: Iterable[Edit | Change], text: Text) -> list[types.TextEdit]:
    """Changes of a text."""
    return [types.TextEdit(range_of(text, one.span), one.text) for one in changes]


def content(page: Page, forms: Sequence[Any]) -> types.MarkupContent:
    """A page, in a form that the client reads."""
    if forms and types.MarkupKind.Markdown not in forms:
        return types.MarkupContent(types.MarkupKind.PlainText, plain(page))
    return types.MarkupContent(types.MarkupKind.Markdown, markdown(page))


def item(one: Item, text: Text, number: int) -> types.CompletionItem:
    """Something that may be typed, in the order found."""
    return types.CompletionItem(
        label=one.label,
        kind=ITEMS[one.kind],
        detail=one.detail or None,
        sort_text=f"{number:05}",
        text_edit=types.TextEdit(range_of(text, one.span), one.insert or one.label),
        data={"kind": one.kind, "label": one.label},
    )


def signature_help(found: Signature) -> types.SignatureHelp:
    """How something is called."""
    arguments = [types.ParameterInformation(label=inside(found.label, span)) for span in places(found)]
    information = types.SignatureInformation(
        label=found.label, documentation=found.about or None, parameters=arguments, active_parameter=found.active
    )
    return types.SignatureHelp(signatures=[information], active_signature=0, active_parameter=found.active)


def inside(label: str, span: Span) -> tuple[int, int]:
    """A part of a label, which the protocol always counts in UTF-16."""
    return units(label[: span.start], "utf-16"), units(label[: span.end], "utf-16")


def symbol(one: Symbol, text: Text) -> types.DocumentSymbol:
    """A declaration of the outline."""
    return types.DocumentSymbol(
        name=one.name,
        kind=SYMBOLS[one.kind],
        range=range_of(text, one.span),
        selection_range=range_of(text, one.name_span),
        detail=one.detail or None,
        children=[symbol(inner, text) for inner in one.inner] or None,
    )


def fold(one: Fold) -> types.FoldingRange:
    """Lines that can be shown as one."""
    return types.FoldingRange(start_line=one.first, end_line=one.last, kind=FOLDS[one.kind])


def encoded(tokens: Sequence[Token], text: Text) -> list[int]:
    """Five numbers a token: lines and characters since the one before, length, type, modifiers."""
    type_of = {name: number for number, name in enumerate(TYPES)}
    bit = {name: 1 << number for number, name in enumerate(MODIFIERS)}
    data: list[int] = []
    line, before = 0, -text.mark  # which is counted in the first line
    for (start, end), kind, modifiers in tokens:
        number = text.line(start)
        if number != line:
            before = text.starts[number] - text.mark
        character = units(text.content[before + text.mark : start + text.mark], text.encoding)
        length = units(text.spec[start:end], text.encoding)
        data += [number - line, character, length, type_of[kind], sum(bit[one] for one in modifiers)]
        line, before = number, start
    return data
