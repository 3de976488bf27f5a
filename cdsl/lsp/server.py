"""Documents as they are opened, changed and checked.

Texts are checked in one thread beside the loop, after a short rest: a change takes the place of one that has not been
checked yet. Requests that ask for places in a text wait until that is checked; completion does not.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from cdsl import __version__
from cdsl.lsp import translate
from cdsl.lsp.index import Index
from cdsl.lsp.navigation import Location
from cdsl.lsp.project import Document, Project
from cdsl.lsp.protocol import Protocol
from cdsl.lsp.text import Encoding, Text

REST = 0.05
"""Seconds without a change before a text is checked."""
MOST_SHOWN = 1000
"""Problems of a document that a client is told of."""

Result = TypeVar("Result")
logger = logging.getLogger(__name__)


class RequestFailed(JsonRpcException):
    """A request that makes sense, and cannot be done: the message says why."""

    CODE = -32803
    MESSAGE = "Request Failed"


class Server(LanguageServer):
    """Open documents, and what is being found of them."""

    def __init__(self, root: Path | None = None) -> None:
        super().__init__("cdsl", __version__, protocol_cls=Protocol)
        self.project = Project(root)
        self.documents: dict[str, Document] = {}
        self.checks: dict[str, asyncio.Task[None]] = {}
        self.worker = ThreadPoolExecutor(1, "cdsl")
        self.encoding: Encoding = "utf-16"

    # -- documents -----------------------------------------------------------------------------------------------------

    def put(self, document: Document) -> None:
        """A document has this text now."""
        self.documents[document.uri] = document
        if document.path is not None:
            self.project.buffers.open[document.path] = document.text.spec

    def schedule(self, document: Document, rest: float = REST, *, importers: bool = True) -> None:
        """Check a document, unless it changes before; then those that import it."""
        if before := self.checks.get(document.uri):
            before.cancel()
        self.checks[document.uri] = asyncio.ensure_future(self.check(document, rest, importers))

    async def check(self, document: Document, rest: float, importers: bool) -> None:
        """Find all that there is to say about a document, and say it."""
        await asyncio.sleep(rest)
        text, version = document.text, document.version
        try:
            analysis = await self.aside(self.project.analyse, text.spec, document.path)
        except Exception:  # a bug of ours: it must not end the server
            logger.exception("%s could not be checked", document.uri)
            return
        if self.documents.get(document.uri) is not document or document.text is not text:
            return
        document.analysis = analysis
        found = [translate.diagnostic(one, text, document.uri) for one in analysis.diagnostics[:MOST_SHOWN]]
        self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(document.uri, found, version))
        if importers and document.path is not None:
            self.check_importers({document.path})

    def check_importers(self, changed: set[Path]) -> None:
        """Check the open documents that import one of these files."""
        for one in [*self.documents.values()]:
            if one.analysis is not None and one.path not in changed and changed & one.analysis.needs:
                self.schedule(one, 0, importers=False)

    async def aside(self, work: Callable[..., Result], *arguments: Any) -> Result:
        """What a function gives, in the thread beside the loop."""
        return await asyncio.get_running_loop().run_in_executor(self.worker, work, *arguments)

    async def settled(self, uri: str) -> Document | None:
        """A document, once its present text is checked; None where there is none, or it cannot be checked."""
        while (document := self.documents.get(uri)) is not None and not document.current:
            check = self.checks.get(uri)
            if check is None or check.done():
                return None
            await asyncio.wait([check])
        return document

    async def asked(self, uri: str, work: Callable[[Document, Index], Result]) -> Result | None:
        """The answer of a feature for a document."""
        document = await self.settled(uri)
        if document is None or document.analysis is None:
            return None
        analysis, now = document.analysis, replace(document)  # as it is now, whatever comes while this waits

        def answer() -> Result:
            return work(now, self.project.index_of(analysis, now.path))

        return await self.aside(answer)

    def document_text(self, path: Path | None, document: Document) -> tuple[str, Text, int | None]:
        """The URI, the text and the version of a file, as the client has it where it is open."""
        if path is None or path == document.path:
            return document.uri, document.text, document.version
        for one in [*self.documents.values()]:
            if one.path == path:
                return one.uri, one.text, one.version
        return translate.uri(path), Text(self.project.text(path), self.encoding), None

    def location(self, one: Location, document: Document) -> types.Location:
        """A part of a file."""
        uri, text, _ = self.document_text(one.file, document)
        return types.Location(uri, translate.range_of(text, one.span))

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Errors go to the client's log, not before the user's eyes."""
        if isinstance(error, RequestFailed):
            return
        logger.error("%s", error, exc_info=error)
        message = types.LogMessageParams(types.MessageType.Error, f"cdsl: {type(error).__name__}: {error}")
        self.window_log_message(message)


# -- the life of the server --------------------------------------------------------------------------------------------


def initialize(ls: Server, params: types.InitializeParams) -> None:
    """What the client counts in, and where its files are."""
    ls.encoding = str(getattr(ls.workspace.position_encoding, "value", ls.workspace.position_encoding))  # type: ignore[assignment]  # one of three words
    options = params.initialization_options
    root = options.get("root") if isinstance(options, dict) else None
    if isinstance(root, str) and root:
        ls.project.root = Path(root)
    folders = [one.uri for one in params.workspace_folders or ()] or [params.root_uri or ""]
    ls.project.folders = tuple(path for uri in folders if (path := path_of(uri)))


def initialized(ls: Server, params: types.InitializedParams) -> None:
    """Read what every check needs, and ask to be told of specs that change on disk."""
    ls.worker.submit(ls.project.analyse, "p: prob\n", None)
    workspace = ls.client_capabilities.workspace
    watched = workspace.did_change_watched_files if workspace else None
    if watched and watched.dynamic_registration:
        watcher = types.FileSystemWatcher(glob_pattern="**/*.cdsl")
        options = types.DidChangeWatchedFilesRegistrationOptions(watchers=[watcher])
        one = types.Registration("cdsl-files", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
        ls.client_register_capability(types.RegistrationParams([one]))


def path_of(uri: str) -> Path | None:
    """The file of a URI; None for what is none."""
    try:
        path = to_fs_path(uri)
        return Path(path).resolve() if path else None
    except (OSError, ValueError):
        return None


def did_open(ls: Server, params: types.DidOpenTextDocumentParams) -> None:
    """A document is open: its text counts, not that on disk."""
    one = params.text_document
    document = Document(one.uri, path_of(one.uri), one.version, Text(one.text, ls.encoding))
    ls.put(document)
    ls.schedule(document, 0)


def did_change(ls: Server, params: types.DidChangeTextDocumentParams) -> None:
    """A document has changed, in parts or as a whole."""
    document = ls.documents.get(params.text_document.uri)
    if document is None:
        return
    for change in params.content_changes:
        if isinstance(change, types.TextDocumentContentChangePartial):
            start, end = translate.place(change.range.start), translate.place(change.range.end)
            document.text = document.text.changed(start, end, change.text)
        else:
            document.text = Text(change.text, ls.encoding)
    document.version = params.text_document.version
    ls.put(document)
    ls.schedule(document)


def did_close(ls: Server, params: types.DidCloseTextDocumentParams) -> None:
    """A document is closed: what is on disk counts again."""
    document = ls.documents.pop(params.text_document.uri, None)
    if document is None:
        return
    if check := ls.checks.pop(document.uri, None):
        check.cancel()
    ls.text_document_publish_diagnostics(types.PublishDiagnosticsParams(document.uri, []))
    if document.path is not None:
        ls.project.buffers.open.pop(document.path, None)
        ls.check_importers({document.path})


def did_change_files(ls: Server, params: types.DidChangeWatchedFilesParams) -> None:
    """Files have changed on disk."""
    ls.check_importers({path for one in params.changes if (path := path_of(one.uri))})


def did_change_folders(ls: Server, params: types.DidChangeWorkspaceFoldersParams) -> None:
    """Folders of the workspace have come or gone."""
    ls.project.folders = tuple(path for one in ls.workspace.folders.values() if (path := path_of(one.uri)))


LIFE: tuple[tuple[str, Callable[..., Any], Any], ...] = (
    (types.INITIALIZE, initialize, None),
    (types.INITIALIZED, initialized, None),
    (types.TEXT_DOCUMENT_DID_OPEN, did_open, None),
    (types.TEXT_DOCUMENT_DID_CHANGE, did_change, None),
    (types.TEXT_DOCUMENT_DID_CLOSE, did_close, None),
    (types.WORKSPACE_DID_CHANGE_WATCHED_FILES, did_change_files, None),
    (types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS, did_change_folders, None),
)
"""What a client tells, and by what it is heard."""
