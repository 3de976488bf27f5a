"""What pygls leaves to a server: documents kept by us, and an answer to every request, however it is formed."""

from __future__ import annotations

import logging
import re
from typing import Any, BinaryIO

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.protocol import LanguageServerProtocol
from pygls.protocol.json_rpc import JsonRPCNotification
from pygls.protocol.language_server import lsp_method

NOTHING = JsonRPCNotification(method="", jsonrpc="", params=None)
"""A message that is not of the protocol, and is passed over."""


MOST_BODY = 1 << 28
"""Bytes of a message."""
MOST_HEADER = 1 << 16
"""Bytes of a line of a header that are read at once; what is longer is passed over in pieces."""
LENGTH = re.compile(rb"Content-Length: 0*([0-9]{1,9})\r\n\Z")
LONGEST_LENGTH = 64
"""Bytes of the line that tells a length, those of zeros in front among them, of which a piece may be in one read and a piece in the next."""


class Headers:
    """What comes in, without the lengths of messages that cannot be: pygls would stop at one, or wait for ever."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream
        self.begun = b""
        """The end of what was read of a line that goes on."""

    def readline(self) -> bytes:
        """A line of a header; one that means nothing in place of an impossible length.

        The body of a message ends without the end of a line: what follows one that was passed over stands behind it.
        """
        line = self.stream.readline(MOST_HEADER)
        whole = self.begun + line
        self.begun = b"" if line.endswith(b"\n") else whole[-LONGEST_LENGTH:]
        if found := LENGTH.search(whole):
            return found[0] if int(found[1]) <= MOST_BODY else b"Passed-Over: length\r\n"
        return b"Passed-Over: length\r\n" if line.startswith(b"Content-Length:") else line

    def read(self, size: int) -> bytes:
        """The body of a message."""
        return self.stream.read(size)


class Protocol(LanguageServerProtocol):
    """The protocol without pygls' own documents, whose lines end where those of the protocol do not."""

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: types.DidOpenTextDocumentParams) -> None:
        """A document is open."""
        self.fm.features[types.TEXT_DOCUMENT_DID_OPEN](params)

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> None:
        """A document has changed."""
        self.fm.features[types.TEXT_DOCUMENT_DID_CHANGE](params)

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: types.DidCloseTextDocumentParams) -> None:
        """A document is closed."""
        self.fm.features[types.TEXT_DOCUMENT_DID_CLOSE](params)

    def structure_message(self, data: dict[str, Any]) -> Any:
        """A message as an object. A request that cannot be one is answered with an error, and nothing else happens."""
        try:
            return super().structure_message(data)
        except JsonRpcException as error:
            logging.getLogger(__name__).warning("a message that is none: %s", error)
            if isinstance(data.get("id"), int | str) and "method" in data:
                self._send_response(data["id"], error=error.to_response_error())
            return NOTHING

    def handle_message(self, message: Any) -> None:
        """A message. A request before the beginning, or after the end, is answered with an error, as the protocol asks."""
        method = getattr(message, "method", "")
        early = method != types.INITIALIZE and not hasattr(self, "client_capabilities")
        if method and getattr(message, "id", None) is not None and (early or self._shutdown):
            code, said = (-32002, "the server is not initialized") if early else (-32600, "the server was shut down")
            self._send_response(message.id, error=types.ResponseError(code=code, message=said))
            return
        super().handle_message(message)
