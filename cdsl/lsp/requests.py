"""Requests of the protocol, each passed on to its feature, and the server that answers them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from lsprotocol import types

from cdsl.lsp import translate
from cdsl.lsp.actions import fix_all, fixes
from cdsl.lsp.completion import Item, complete
from cdsl.lsp.hints import hints
from cdsl.lsp.hover import hover, of_domain
from cdsl.lsp.index import Index
from cdsl.lsp.navigation import definition, highlights, references
from cdsl.lsp.project import Document
from cdsl.lsp.rename import Refused, rename, renameable
from cdsl.lsp.server import LIFE, RequestFailed, Server
from cdsl.lsp.signatures import signature
from cdsl.lsp.symbols import folds, links, outline, workspace
from cdsl.lsp.text import Text
from cdsl.lsp.tokens import tokens
from cdsl.source import Span
from cdsl.syntax.format import edits, format_range

FIX_ALL = f"{types.CodeActionKind.SourceFixAll.value}.cdsl"


async def on_hover(ls: Server, params: types.HoverParams) -> types.Hover | None:
    """What there is to know about a word."""

    def work(document: Document, index: Index) -> types.Hover | None:
        analysis = document.analysis
        found = analysis and hover(index, analysis, document.text.offset(translate.place(params.position)))
        if not found:
            return None
        able = ls.client_capabilities.text_document
        forms = (able.hover.content_format if able and able.hover else None) or []
        return types.Hover(translate.content(found.page, forms), translate.range_of(document.text, found.span))

    return await ls.asked(params.text_document.uri, work)


async def on_completion(ls: Server, params: types.CompletionParams) -> types.CompletionList | None:
    """What may be typed, by the last that is known of the document: typing waits for nothing."""
    document = ls.documents.get(params.text_document.uri)
    if document is not None and document.analysis is None:
        document = await ls.settled(document.uri)
    if document is None or document.analysis is None:
        return None
    analysis, text, offset = document.analysis, document.text, document.text.offset(translate.place(params.position))

    def work() -> list[Item]:
        return complete(text.spec, offset, ls.project.index_of(analysis, document.path), analysis, ls.project)

    found = await asyncio.get_running_loop().run_in_executor(None, work)  # not behind a check
    items = [translate.item(one, text, number) for number, one in enumerate(found)]
    return types.CompletionList(is_incomplete=False, items=items)


def on_resolve(ls: Server, item: types.CompletionItem) -> types.CompletionItem:
    """The formulas of a domain, once it is looked at."""
    data = item.data if isinstance(item.data, dict) else {}
    if data.get("kind") == "type" and isinstance(data.get("label"), str):
        able = ls.client_capabilities.text_document
        items = able.completion.completion_item if able and able.completion else None
        page, forms = of_domain(data["label"]), (items.documentation_format if items else None) or []
        item.documentation = translate.content(page, forms) if page else None
    return item


async def on_signature(ls: Server, params: types.SignatureHelpParams) -> types.SignatureHelp | None:
    """How what is being written is called."""

    def work(document: Document, index: Index) -> types.SignatureHelp | None:
        found = signature(document.text.spec, document.text.offset(translate.place(params.position)), index)
        return translate.signature_help(found) if found else None

    return await ls.asked(params.text_document.uri, work)


async def on_definition(ls: Server, params: types.DefinitionParams) -> types.Location | None:
    """Where a name is declared."""

    def work(document: Document, index: Index) -> types.Location | None:
        found = definition(index, document.text.offset(translate.place(params.position)), ls.project)
        return ls.location(found, document) if found else None

    return await ls.asked(params.text_document.uri, work)


async def on_references(ls: Server, params: types.ReferenceParams) -> list[types.Location] | None:
    """Where a name is used."""

    def work(document: Document, index: Index) -> list[types.Location]:
        offset = document.text.offset(translate.place(params.position))
        found = references(index, offset, ls.project, declaration=params.context.include_declaration)
        return [ls.location(one, document) for one in found]

    return await ls.asked(params.text_document.uri, work)


async def on_highlight(ls: Server, params: types.DocumentHighlightParams) -> list[types.DocumentHighlight] | None:
    """Where a name is used in this text."""

    def work(document: Document, index: Index) -> list[types.DocumentHighlight]:
        found = highlights(index, document.text.offset(translate.place(params.position)))
        kinds = {True: types.DocumentHighlightKind.Write, False: types.DocumentHighlightKind.Read}
        return [
            types.DocumentHighlight(translate.range_of(document.text, one.span), kinds[one.defines]) for one in found
        ]

    return await ls.asked(params.text_document.uri, work)


async def on_prepare_rename(ls: Server, params: types.PrepareRenameParams) -> types.Range | None:
    """The word that would be renamed."""

    def work(document: Document, index: Index) -> types.Range:
        found = renameable(index, document.text.offset(translate.place(params.position)))
        if isinstance(found, Refused):
            raise RequestFailed(found.reason)
        return translate.range_of(document.text, found)

    return await ls.asked(params.text_document.uri, work)


async def on_rename(ls: Server, params: types.RenameParams) -> types.WorkspaceEdit | None:
    """Another name for what a word names, everywhere."""

    def work(document: Document, index: Index) -> types.WorkspaceEdit:
        found = rename(index, document.text.offset(translate.place(params.position)), params.new_name, ls.project)
        if isinstance(found, Refused):
            raise RequestFailed(found.reason)
        of_documents = {}
        for path, changes in found.items():
            uri, text, version = ls.document_text(path, document)
            of_documents[uri] = (version, translate.edits(changes, text))
        return workspace_edit(ls, of_documents)

    return await ls.asked(params.text_document.uri, work)


def workspace_edit(ls: Server, found: dict[str, tuple[int | None, list[types.TextEdit]]]) -> types.WorkspaceEdit:
    """Edits of several documents, of the versions that they were made for where the client can hold to that."""
    workspace = ls.client_capabilities.workspace
    versioned = workspace.workspace_edit.document_changes if workspace and workspace.workspace_edit else False
    if not versioned:
        return types.WorkspaceEdit(changes={uri: one for uri, (_, one) in found.items()})
    changes: list[Any] = [
        types.TextDocumentEdit(types.OptionalVersionedTextDocumentIdentifier(uri=uri, version=version), [*one])
        for uri, (version, one) in found.items()
    ]
    return types.WorkspaceEdit(document_changes=changes)


async def on_symbols(ls: Server, params: types.DocumentSymbolParams) -> list[types.DocumentSymbol] | None:
    """The outline."""

    def work(document: Document, index: Index) -> list[types.DocumentSymbol]:
        found = outline(index.spec.declarations, index.text)
        return [translate.symbol(one, document.text) for one in found]

    return await ls.asked(params.text_document.uri, work)


async def on_workspace_symbols(ls: Server, params: types.WorkspaceSymbolParams) -> list[types.SymbolInformation]:
    """The declarations of all specs."""

    def work() -> list[types.SymbolInformation]:
        answer = []
        texts: dict[Path, tuple[str, Text]] = {
            one.path: (one.uri, one.text) for one in [*ls.documents.values()] if one.path
        }
        for found in workspace(params.query, ls.project):
            if found.file not in texts:
                texts[found.file] = translate.uri(found.file), Text(ls.project.text(found.file), ls.encoding)
            uri, text = texts[found.file]
            where = types.Location(uri, translate.range_of(text, found.symbol.name_span))
            kind = translate.SYMBOLS[found.symbol.kind]
            answer.append(types.SymbolInformation(where, found.symbol.name, kind, container_name=found.within or None))
        return answer

    return await ls.aside(work)


async def on_tokens(ls: Server, params: types.SemanticTokensParams) -> types.SemanticTokens | None:
    """What every word is."""

    def work(document: Document, index: Index) -> types.SemanticTokens:
        return types.SemanticTokens(translate.encoded(tokens(index), document.text))

    return await ls.asked(params.text_document.uri, work)


async def on_hints(ls: Server, params: types.InlayHintParams) -> list[types.InlayHint] | None:
    """Shapes and raw sizes between the words."""

    def work(document: Document, index: Index) -> list[types.InlayHint]:
        if document.analysis is None:
            return []
        span = span_of(params.range, document.text)
        return [
            types.InlayHint(translate.position(document.text, one.offset), one.text, tooltip=one.about)
            for one in hints(index, document.analysis, span)
        ]

    return await ls.asked(params.text_document.uri, work)


async def on_folds(ls: Server, params: types.FoldingRangeParams) -> list[types.FoldingRange] | None:
    """What can be folded."""

    def work(document: Document, index: Index) -> list[types.FoldingRange]:
        return [translate.fold(one) for one in folds(index.spec, document.text)]

    return await ls.asked(params.text_document.uri, work)


async def on_links(ls: Server, params: types.DocumentLinkParams) -> list[types.DocumentLink] | None:
    """The files that are imported."""

    def work(document: Document, index: Index) -> list[types.DocumentLink]:
        found = links(index, ls.project)
        return [
            types.DocumentLink(translate.range_of(document.text, one.span), translate.uri(one.file)) for one in found
        ]

    return await ls.asked(params.text_document.uri, work)


async def on_actions(ls: Server, params: types.CodeActionParams) -> list[types.CodeAction] | None:
    """Fixes of the problems at a place, and all safe ones at once."""
    only = params.context.only
    document = await ls.settled(params.text_document.uri)
    if document is None or document.analysis is None:
        return None
    problems, text = document.analysis.diagnostics, document.text
    found: list[types.CodeAction] = []
    if wanted(types.CodeActionKind.QuickFix.value, only):
        for one in fixes(text.spec, problems, span_of(params.range, text)):
            edit = workspace_edit(ls, {document.uri: (document.version, translate.edits(one.edits, text))})
            solved = [translate.diagnostic(one.problem, text, document.uri)] if one.problem else None
            found.append(
                types.CodeAction(
                    one.title, types.CodeActionKind.QuickFix, solved, is_preferred=one.preferred or None, edit=edit
                )
            )
    every = fix_all(text.spec, problems) if wanted(FIX_ALL, only) else None
    if every is not None:
        edit = workspace_edit(ls, {document.uri: (document.version, translate.edits(every.edits, text))})
        found.append(types.CodeAction(every.title, FIX_ALL, edit=edit))
    return found


def wanted(kind: str, only: Sequence[Any] | None) -> bool:
    """Whether the client asks for actions of a kind: for all, or for it or one that it belongs to."""
    kinds = [str(getattr(one, "value", one)) for one in only or ()]
    return not kinds or any(kind == one or kind.startswith(f"{one}.") for one in kinds)


async def on_formatting(ls: Server, params: types.DocumentFormattingParams) -> list[types.TextEdit] | None:
    """The canonical layout."""
    return await ls.asked(params.text_document.uri, lambda now, index: translate.edits(edits(index.text), now.text))


async def on_range_formatting(ls: Server, params: types.DocumentRangeFormattingParams) -> list[types.TextEdit] | None:
    """The canonical layout of some lines."""

    def work(now: Document, index: Index) -> list[types.TextEdit]:
        return translate.edits(format_range(index.text, span_of(params.range, now.text)), now.text)

    return await ls.asked(params.text_document.uri, work)


def span_of(range_: types.Range, text: Text) -> Span:
    """A range as a span."""
    return Span(text.offset(translate.place(range_.start)), text.offset(translate.place(range_.end)))


FEATURES: tuple[tuple[str, Callable[..., Any], Any], ...] = (
    (types.TEXT_DOCUMENT_HOVER, on_hover, None),
    (
        types.TEXT_DOCUMENT_COMPLETION,
        on_completion,
        types.CompletionOptions(trigger_characters=[":", ".", '"', "/", "(", "[", ",", "="], resolve_provider=True),
    ),
    (types.COMPLETION_ITEM_RESOLVE, on_resolve, None),
    (
        types.TEXT_DOCUMENT_SIGNATURE_HELP,
        on_signature,
        types.SignatureHelpOptions(trigger_characters=["(", "[", ",", "="], retrigger_characters=[")", "]"]),
    ),
    (types.TEXT_DOCUMENT_DEFINITION, on_definition, None),
    (types.TEXT_DOCUMENT_REFERENCES, on_references, None),
    (types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT, on_highlight, None),
    (types.TEXT_DOCUMENT_PREPARE_RENAME, on_prepare_rename, None),
    (types.TEXT_DOCUMENT_RENAME, on_rename, types.RenameOptions(prepare_provider=True)),
    (types.TEXT_DOCUMENT_DOCUMENT_SYMBOL, on_symbols, None),
    (types.WORKSPACE_SYMBOL, on_workspace_symbols, None),
    (types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL, on_tokens, translate.LEGEND),
    (types.TEXT_DOCUMENT_INLAY_HINT, on_hints, None),
    (types.TEXT_DOCUMENT_FOLDING_RANGE, on_folds, None),
    (types.TEXT_DOCUMENT_DOCUMENT_LINK, on_links, None),
    (types.TEXT_DOCUMENT_FORMATTING, on_formatting, None),
    (types.TEXT_DOCUMENT_RANGE_FORMATTING, on_range_formatting, None),
    (
        types.TEXT_DOCUMENT_CODE_ACTION,
        on_actions,
        types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix, FIX_ALL]),
    ),
)


def server(root: Path | None = None) -> Server:
    """The server; specs import others below this root, or below their own directory."""
    made = Server(root)
    for name, feature, options in (*LIFE, *FEATURES):
        made.feature(name, options)(feature)
    return made
