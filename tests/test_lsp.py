"""The language server as an editor drives it: a process of its own, messages over standard input and output."""

import asyncio
import io
import json
import os
import queue
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from cdsl.cli import cdsl as command_line
from tests.conftest import THOROUGH

pytest.importorskip("pygls")
from cdsl.lsp.project import Document
from cdsl.lsp.protocol import MOST_HEADER, Headers
from cdsl.lsp.server import Server, path_of
from cdsl.lsp.text import Text

PATIENCE = 60
"""Seconds for an answer, on a machine that is busy."""

NO_TORCH = """
import sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "torch":
            print("torch was asked for", file=sys.stderr, flush=True)
            raise ImportError("the language server must not import torch")

sys.meta_path.insert(0, Refuse())
from cdsl.cli import main
sys.argv = ["cdsl", "lsp", *sys.argv[1:]]
main()
"""


class Client:
    """An editor: it sends, and keeps what comes back."""

    def __init__(self, folder, *options, capabilities=None, **more):
        self.process = subprocess.Popen(
            [sys.executable, "-c", NO_TORCH, *options],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=folder, env={**os.environ},
        )  # fmt: skip
        self.answers, self.diagnostics, self.other = {}, queue.Queue(), []
        self.arrived = threading.Condition()
        self.errors = []
        self.readers = [
            threading.Thread(target=self.read, daemon=True),
            threading.Thread(target=lambda: self.errors.extend(self.process.stderr), daemon=True),
        ]
        for one in self.readers:
            one.start()
        self.number = 0
        folders = [{"uri": folder.as_uri(), "name": "here"}]
        parameters = {"processId": None, "rootUri": folder.as_uri(), "workspaceFolders": folders, **more}
        self.server = self.ask("initialize", {**parameters, "capabilities": capabilities or {}})
        self.tell("initialized", {})

    def read(self):
        out = self.process.stdout
        while header := out.readline():
            if header.lower().startswith(b"content-length:"):
                length = int(header.split(b":")[1])
                while out.readline().strip():
                    pass
                self.take(json.loads(out.read(length)))

    def take(self, message):
        with self.arrived:
            if message.get("method") == "textDocument/publishDiagnostics":
                self.diagnostics.put(message["params"])
            elif "method" in message:
                self.other.append(message)
            else:
                self.answers[message["id"]] = message
            self.arrived.notify_all()

    def send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.raw(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))

    def raw(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def tell(self, method, params):
        self.send({"method": method, "params": params})

    def request(self, method, params):
        self.number += 1
        self.send({"id": self.number, "method": method, "params": params})
        return self.number

    def answer(self, number):
        with self.arrived:
            assert self.arrived.wait_for(lambda: number in self.answers, PATIENCE), self.errors
        return self.answers.pop(number)

    def ask(self, method, params):
        message = self.answer(self.request(method, params))
        assert "error" not in message, message
        return message["result"]

    def open(self, uri, text):
        self.tell(
            "textDocument/didOpen", {"textDocument": {"uri": uri, "languageId": "cdsl", "version": 1, "text": text}}
        )
        return self.said(uri, 1)

    def change(self, uri, version, *changes):
        document = {"uri": uri, "version": version}
        self.tell("textDocument/didChange", {"textDocument": document, "contentChanges": list(changes)})

    def said(self, uri, version=None):
        """The diagnostics of a document, of this version, if it has one."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            found = self.diagnostics.get(timeout=PATIENCE)
            if found["uri"] == uri and version in (None, found.get("version")):
                return found["diagnostics"]
        raise AssertionError(self.errors)

    def until(self, uri, wanted):
        """Wait for the diagnostics of a document to have these codes: what it imports may be told of more than once."""
        while codes(self.said(uri)) != wanted:
            pass

    def at(self, method, uri, line, character, **more):
        where = {"textDocument": {"uri": uri}, "position": {"line": line, "character": character}}
        return self.ask(f"textDocument/{method}", {**where, **more})

    def close(self):
        """The server's exit code."""
        self.ask("shutdown", None)
        self.tell("exit", None)
        return self.gone()

    def gone(self):
        with self.process as process:
            process.stdin.close()
            for one in self.readers:
                one.join(PATIENCE)
        return process.returncode


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The workspace of the shared server."""
    return tmp_path_factory.mktemp("specs").resolve()


@pytest.fixture(scope="module")
def client(folder):
    """One server for all tests that leave it as it was: each opens documents of its own."""
    capabilities = {
        "general": {"positionEncodings": ["utf-16"]},
        "workspace": {"didChangeWatchedFiles": {"dynamicRegistration": True}},
        "textDocument": {"rename": {"prepareSupport": True}},
    }
    found = Client(folder, capabilities=capabilities)
    yield found
    assert found.close() == 0
    assert not [one for one in found.errors if b"torch was asked for" in one], found.errors


def whole(last=10**6):
    return {"start": {"line": 0, "character": 0}, "end": {"line": last, "character": 0}}


def change(start, end, text):
    (l1, c1), (l2, c2) = start, end
    return {"range": {"start": {"line": l1, "character": c1}, "end": {"line": l2, "character": c2}}, "text": text}


def codes(diagnostics):
    return [one["code"] for one in diagnostics]


# -- diagnostics -------------------------------------------------------------------------------------------------------


def test_the_server_says_what_it_can(client):
    able = client.server["capabilities"]
    assert able["positionEncoding"] == "utf-16"
    assert able["textDocumentSync"]["change"] == 2
    for one in (
        "hover", "definition", "references", "documentHighlight", "documentSymbol", "workspaceSymbol", "documentFormatting",
        "documentRangeFormatting", "foldingRange", "inlayHint", "documentLink", "codeAction", "completion", "signatureHelp",
        "semanticTokens",
    ):  # fmt: skip
        assert able[f"{one}Provider"], one
    assert able["renameProvider"] == {"prepareProvider": True}
    assert client.server["serverInfo"]["name"] == "cdsl"


def test_diagnostics_come_as_one_types(client, folder):
    uri = (folder / "typing.cdsl").as_uri()
    (found,) = client.open(uri, "p: prob\nq: postive\n")
    assert (found["code"], found["severity"], found["source"]) == ("E201", 1, "cdsl")
    assert found["range"] == {"start": {"line": 1, "character": 3}, "end": {"line": 1, "character": 10}}
    assert "did you mean `positive`?" in found["message"]
    client.change(
        uri,
        2,
        change((1, 4), (1, 4), "si"),
        change((1, 6), (1, 6), ""),
        change((1, 4), (1, 6), "o"),
        change((1, 5), (1, 6), "si"),
    )
    client.change(uri, 3, change((1, 3), (1, 12), "positive"), change((2, 0), (2, 0), "q: real\n"))
    (found,) = client.said(uri, 3)
    (also,) = found["relatedInformation"]
    assert (found["code"], also["location"]["uri"], also["location"]["range"]["start"]["line"]) == ("E203", uri, 1)
    client.change(uri, 4, {"text": "p: prob\n"})
    assert client.said(uri, 4) == []
    client.tell("textDocument/didClose", {"textDocument": {"uri": uri}})
    assert client.said(uri) == []


def test_characters_beyond_the_basic_plane_are_two_units_of_utf_16(client, folder):
    uri = (folder / "astral.cdsl").as_uri()
    (found,) = client.open(uri, "#: 🦊🦊\n𐀀: postive  # 🦊\n")
    assert found["range"]["start"] == {"line": 1, "character": 4}
    client.change(
        uri, 2, change((1, 4), (1, 11), "positive"), change((0, 3), (0, 5), "x"), change((1, 15), (1, 15), "y")
    )
    assert client.said(uri, 2) == []
    assert client.at("hover", uri, 1, 0)["contents"]["value"].splitlines()[4] == "x🦊"
    assert client.at("rename", uri, 1, 0, newName="a")["changes"][uri][0]["range"]["end"]["character"] == 2


def test_utf_8_is_spoken_with_those_who_ask_for_it(tmp_path):
    edits = {"workspaceEdit": {"documentChanges": True}}
    client = Client(tmp_path, capabilities={"general": {"positionEncodings": ["utf-8", "utf-16"]}, "workspace": edits})
    assert client.server["capabilities"]["positionEncoding"] == "utf-8"
    uri = (tmp_path / "utf8.cdsl").as_uri()
    (found,) = client.open(uri, "# 🦊\n𐀀: postive\n")
    assert found["range"]["start"] == {"line": 1, "character": 6}
    client.change(uri, 2, change((1, 6), (1, 13), "positive"), change((0, 2), (0, 6), "fox"))
    assert client.said(uri, 2) == []
    (edit,) = client.at("rename", uri, 1, 1, newName="a")["documentChanges"]
    assert edit["textDocument"] == {"uri": uri, "version": 2}
    assert edit["edits"][0]["range"]["end"]["character"] == 4
    assert client.close() == 0


def test_documents_without_a_file_are_checked_and_import_nothing(client):
    assert client.open("untitled:Untitled-1", "p: prob\n") == []
    assert codes(client.open("untitled:Untitled-2", 'from "a.cdsl" import b\n')) == ["E701"]
    assert client.at("hover", "untitled:Untitled-1", 0, 4)


# -- features ----------------------------------------------------------------------------------------------------------

TEXT = """#: How many.
dim N
data X: real[N, 3]
beta: real[3]
w: simplex[4]
let eta = X @ beta
model Noise {
    df: greater_than(2) = 4
}
n: Noise
let total = sum(eta) + n.df
"""


@pytest.fixture(scope="module")
def doc(client, folder):
    """A document that no test changes."""
    uri = (folder / "features.cdsl").as_uri()
    assert codes(client.open(uri, TEXT)) in ([], ["W202"])
    return uri


def test_every_feature_answers(client, doc):
    asked = {"textDocument": {"uri": doc}}
    assert "a vector \\[N\\]" in client.at("hover", doc, 5, 5)["contents"]["value"]
    assert client.at("definition", doc, 10, 25)["range"]["start"] == {"line": 7, "character": 4}
    assert len(client.at("references", doc, 3, 0, context={"includeDeclaration": True})) == 2
    assert len(client.at("references", doc, 3, 0, context={"includeDeclaration": False})) == 1
    assert [one["kind"] for one in client.at("documentHighlight", doc, 3, 0)] == [3, 2]
    labels = [one["label"] for one in client.at("completion", doc, 10, 25)["items"]]
    assert labels == ["df"]
    help = client.at("signatureHelp", doc, 10, 16)
    assert (help["signatures"][0]["label"], help["activeParameter"]) == ("sum(x, axis=None)", 0)
    assert [one["name"] for one in client.ask("textDocument/documentSymbol", asked)] == [
        "N",
        "X",
        "beta",
        "w",
        "eta",
        "Noise",
        "n",
        "total",
    ]
    assert len(client.ask("textDocument/semanticTokens/full", asked)["data"]) % 5 == 0
    hints = client.ask("textDocument/inlayHint", {**asked, "range": whole()})
    assert [(one["position"]["line"], one["label"]) for one in hints] == [(4, " 3 raw"), (5, " [N]")]
    assert client.ask("textDocument/foldingRange", asked) == [{"startLine": 6, "endLine": 8, "kind": "region"}]
    assert client.ask("textDocument/documentLink", asked) == []
    assert "Noise" in [one["name"] for one in client.ask("workspace/symbol", {"query": "noi"})]


def test_a_domain_is_explained_when_its_completion_is_looked_at(client, folder):
    uri = (folder / "completing.cdsl").as_uri()
    client.open(uri, "x: sim\n")
    (item,) = [one for one in client.at("completion", uri, 0, 6)["items"] if one["label"] == "simplex"]
    assert item["textEdit"]["range"] == {"start": {"line": 0, "character": 3}, "end": {"line": 0, "character": 6}}
    assert "y = softmax(V x)" in client.ask("completionItem/resolve", item)["documentation"]["value"]


def test_completion_does_not_wait_for_the_check(client, folder):
    uri = (folder / "fast.cdsl").as_uri()
    client.open(uri, "mu: real\n")
    client.change(uri, 2, {"text": "mu: real\nlet z = m"})
    assert "mu" in [one["label"] for one in client.at("completion", uri, 1, 9)["items"]]


def test_a_rename_edits_everything_or_says_why_not(client, doc):
    assert client.at("prepareRename", doc, 3, 1) == {
        "start": {"line": 3, "character": 0},
        "end": {"line": 3, "character": 4},
    }
    found = client.at("rename", doc, 3, 1, newName="b")
    assert [one["range"]["start"]["line"] for one in found["changes"][doc]] == [3, 5]
    for new, reason in (("train", "torch.nn.Module"), ("w", "is declared twice"), ("x y", "is not a name")):
        asked = {"textDocument": {"uri": doc}, "position": {"line": 3, "character": 1}, "newName": new}
        error = client.answer(client.request("textDocument/rename", asked))["error"]
        assert (error["code"], reason in error["message"]) == (-32803, True), error


def test_what_has_no_name_cannot_be_renamed(client, doc):
    asked = {"textDocument": {"uri": doc}, "position": {"line": 4, "character": 4}}
    error = client.answer(client.request("textDocument/prepareRename", asked))["error"]
    assert (error["code"], "simplex" in error["message"]) == (-32803, True), error


def test_what_stands_in_a_file_that_is_not_open_is_found_there(client, folder, tmp_path):
    library = folder / "closed_library.cdsl"
    library.write_text("type closed_rate = prob\n")
    uri = (folder / "of_closed.cdsl").as_uri()
    assert client.open(uri, 'from "closed_library.cdsl" import closed_rate\nr: closed_rate\n') == []
    assert client.at("definition", uri, 1, 5) == {
        "uri": library.as_uri(),
        "range": {"start": {"line": 0, "character": 5}, "end": {"line": 0, "character": 16}},
    }
    (tmp_path / "elsewhere.cdsl").write_text("elsewhere_rate: prob\n")
    added = {"uri": tmp_path.as_uri(), "name": "elsewhere"}
    for event in ({"added": [added], "removed": []}, {"added": [], "removed": [added]}):
        client.tell("workspace/didChangeWorkspaceFolders", {"event": event})
        found = client.ask("workspace/symbol", {"query": "elsewhere_rate"}) or []
        assert [one["location"]["uri"] for one in found] == [
            (tmp_path / "elsewhere.cdsl").as_uri() for _ in event["added"]
        ]


def test_a_bug_of_ours_in_a_check_is_logged_and_the_server_goes_on(caplog, tmp_path):
    """In this process, where a check can be made to fail: nothing is known of the document then, and nobody waits for it."""
    server = Server()
    document = Document((tmp_path / "a.cdsl").as_uri(), tmp_path / "a.cdsl", 1, Text("p: prob\n", "utf-16"))

    def fails(text, path):
        raise RuntimeError("a bug of ours")

    async def check():
        server.put(document)
        server.project.analyse = fails
        server.schedule(document, 0)
        return await server.settled(document.uri), await server.settled("file:///unknown.cdsl")

    assert asyncio.run(check()) == (None, None)
    assert document.analysis is None
    assert "a.cdsl could not be checked" in caplog.text
    assert "a bug of ours" in caplog.text


def test_a_uri_that_names_no_file_has_no_path():
    assert path_of("file:///a%00b.cdsl") is None
    assert path_of("file:///a.cdsl") == Path("/a.cdsl").resolve()


def test_formatting_changes_what_is_not_canonical(client, folder):
    uri = (folder / "layout.cdsl").as_uri()
    client.open(uri, "p:prob\nq :  real\n")
    options = {"textDocument": {"uri": uri}, "options": {"tabSize": 4, "insertSpaces": True}}
    edits = client.ask("textDocument/formatting", options)
    assert "".join(one["newText"] for one in edits) == "p: prob\nq: real\n"
    one_line = {**options, "range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 1}}}
    for one in client.ask("textDocument/rangeFormatting", one_line):
        assert one["range"]["end"]["line"] <= 1
    client.change(uri, 2, {"text": "p:prob\nq ((\n"})
    assert not client.ask("textDocument/formatting", options)


def test_fixes_are_offered_as_actions(client, folder):
    uri = (folder / "fixing.cdsl").as_uri()
    (problem,) = client.open(uri, "q: postive\n")
    asked = {"textDocument": {"uri": uri}, "range": problem["range"], "context": {"diagnostics": [problem]}}
    (action,) = client.ask("textDocument/codeAction", asked)
    assert (action["kind"], action["diagnostics"]) == ("quickfix", [problem])
    (edit,) = action["edit"]["changes"][uri]
    assert (edit["newText"], edit["range"]) == ("positive", problem["range"])
    only = {**asked, "context": {"diagnostics": [], "only": ["refactor"]}}
    assert client.ask("textDocument/codeAction", only) == []


def test_all_safe_fixes_are_one_action(client, folder):
    uri = (folder / "fixing_all.cdsl").as_uri()
    found = client.open(uri, "p: prob  # cdsl: ignore[W202]\nq: prob  # cdsl: ignore[W202]\n")
    asked = {
        "textDocument": {"uri": uri},
        "range": whole(),
        "context": {"diagnostics": found, "only": ["source.fixAll"]},
    }
    (action,) = client.ask("textDocument/codeAction", asked)
    assert (action["kind"], len(action["edit"]["changes"][uri])) == ("source.fixAll.cdsl", 2)


# -- across files ------------------------------------------------------------------------------------------------------


def test_an_open_buffer_counts_for_those_that_import_it(client, folder):
    (folder / "lib.cdsl").write_text("type rate = interval(0, 1)\n")
    library, main = (folder / "lib.cdsl").as_uri(), (folder / "main.cdsl").as_uri()
    assert client.open(main, 'from "lib.cdsl" import rate\nr: rate\n') == []
    assert client.open(library, "type rate = interval(0, 1)\n") == []
    client.change(library, 2, {"text": "type speed = interval(0, 1)\n"})
    client.until(main, ["E703"])
    client.change(library, 3, {"text": "type rate = interval(0, 2)\ntype unfinished = (\n"})
    client.until(main, ["E702"])
    client.change(library, 4, {"text": "type rate = interval(0, 2)\nmodel A {\n    rate_: real\n}\n"})
    client.until(main, [])
    where = {"textDocument": {"uri": main}, "position": {"line": 1, "character": 4}, "newName": "pace"}
    changes = client.ask("textDocument/rename", where)["changes"]
    assert {uri: len(edits) for uri, edits in changes.items()} == {main: 2, library: 1}
    client.change(library, 5, {"text": "type other = prob\n"})
    client.until(main, ["E703"])
    client.tell("textDocument/didClose", {"textDocument": {"uri": library}})
    client.until(main, [])  # what is on disk counts again


def test_a_file_that_changes_on_disk_is_read_again(client, folder):
    (watched,) = [one for one in client.other if one["method"] == "client/registerCapability"][:1]
    assert watched["params"]["registrations"][0]["method"] == "workspace/didChangeWatchedFiles"
    uri = (folder / "importer.cdsl").as_uri()
    assert codes(client.open(uri, 'from "later.cdsl" import rate\nr: rate\n')) == ["E702"]
    (folder / "later.cdsl").write_text("type rate = prob\n")
    client.tell("workspace/didChangeWatchedFiles", {"changes": [{"uri": (folder / "later.cdsl").as_uri(), "type": 1}]})
    client.until(uri, [])


@pytest.mark.parametrize("how", ["an option of the command", "an option of the client"])
def test_imports_are_seen_from_the_root_that_the_client_names(how, tmp_path):
    (tmp_path / "lib").mkdir()
    (tmp_path / "specs").mkdir()
    (tmp_path / "lib" / "rates.cdsl").write_text("type rate = prob\n")
    uri, text = (tmp_path / "specs" / "main.cdsl").as_uri(), 'from "../lib/rates.cdsl" import rate\nr: rate\n'
    if how == "an option of the command":
        client = Client(tmp_path, "--stdio", "--root", str(tmp_path))
    else:
        client = Client(tmp_path, initializationOptions={"root": str(tmp_path)})
    assert client.open(uri, text) == []
    assert client.gone() == 0  # a client that goes away takes the server with it


# -- what an editor should not send ------------------------------------------------------------------------------------


def test_garbage_is_answered_or_passed_over_and_the_server_stays(client, folder):
    uri = (folder / "garbage.cdsl").as_uri()
    client.open(uri, "p: prob\n")
    for junk in (
        b"hello\r\n\r\n",
        b"Content-Length: 3\r\n\r\n{{{",
        b"Content-Length: 2\r\n\r\n[]",
        b"\r\n\r\n",
        b"\xff\xfe\r\n",
    ):
        client.raw(junk)
    body = json.dumps(
        {"jsonrpc": "2.0", "id": 9001, "method": "textDocument/hover", "params": {"position": 3}}
    ).encode()
    client.raw(b"Content-Length: %d\r\n\r\n" % len(body))
    client.raw(body[:10])
    time.sleep(0.05)
    client.raw(body[10:])
    assert client.answer(9001)["error"]["code"] in (-32602, -32603)
    assert client.answer(client.request("textDocument/nothing", {}))["error"]["code"] == -32601
    assert client.answer(client.request("workspace/executeCommand", {"command": "rm"}))["error"]
    client.tell("textDocument/nothing", {})
    client.tell("$/cancelRequest", {"id": 12345})
    client.change("file:///not/open.cdsl", 3, {"text": "x"})
    client.change(uri, 2, change((99, 99), (5, 5), "q: real\n"))
    assert client.said(uri, 2) == []
    assert client.at("hover", uri, 99, 99) is None
    for method in ("hover", "definition", "completion", "signatureHelp"):
        assert client.at(method, "file:///not/open.cdsl", 0, 0) is None
        assert client.at(method, "no uri", 0, 0) is None
    assert "prob" in client.at("hover", uri, 0, 4)["contents"]["value"]


def test_a_cancelled_request_is_answered_as_one(client, folder):
    uri = (folder / "cancelled.cdsl").as_uri()
    client.open(uri, "p: prob\n")
    client.change(uri, 2, {"text": "q: prob\n"})  # what is asked for now waits for the check
    number = client.request(
        "textDocument/hover", {"textDocument": {"uri": uri}, "position": {"line": 0, "character": 0}}
    )
    client.tell("$/cancelRequest", {"id": number})
    assert client.answer(number)["error"]["code"] == -32800
    assert client.said(uri, 2) == []


BROKEN = [
    "",
    "((((",
    "x:",
    "model A {",
    'from "',
    "let z = a.",
    "\x00",
    "\u202e",
    "x: " + "(" * 5000,
    "\ufeffp: prob",
    "p: prob\r\nq :",
    "\ud83e",
]


def test_every_request_is_answered_on_a_text_that_is_no_spec(client, folder):
    uri = (folder / "broken.cdsl").as_uri()
    client.open(uri, "p: prob\n")
    for version, text in enumerate(BROKEN, start=2):
        client.change(uri, version, {"text": text})
        for method in ("hover", "definition", "completion", "signatureHelp", "documentHighlight"):
            client.at(method, uri, 0, 2)
        for method in ("documentSymbol", "foldingRange", "documentLink", "semanticTokens/full"):
            client.ask(f"textDocument/{method}", {"textDocument": {"uri": uri}})
        client.ask("textDocument/inlayHint", {"textDocument": {"uri": uri}, "range": whole()})
        client.ask(
            "textDocument/formatting", {"textDocument": {"uri": uri}, "options": {"tabSize": 4, "insertSpaces": True}}
        )
    client.change(uri, 99, {"text": "p: prob\n"})
    assert client.said(uri, 99) == []


def test_a_text_beyond_the_limit_is_refused_and_one_below_it_is_not(client, folder):
    uri = (folder / "large.cdsl").as_uri()
    assert codes(client.open(uri, "# " + "x" * (1 << 20))) == ["E005"]
    client.change(uri, 2, {"text": "p: prob  # " + "x" * ((1 << 20) - 20)})
    assert client.said(uri, 2) == []
    assert client.at("hover", uri, 0, 4)


def test_only_the_last_of_many_changes_is_checked(client, folder):
    uri = (folder / "hasty.cdsl").as_uri()
    client.open(uri, "")
    for version in range(2, 52):
        client.change(uri, version, {"text": f"x_{version}: real\n"})
    seen = set()
    while 51 not in seen:
        found = client.diagnostics.get(timeout=PATIENCE)
        if found["uri"] == uri:
            seen.add(found["version"])
    assert len(seen) < 10


def test_without_pygls_the_command_says_what_is_missing(python):
    ran = python(
        "-c", "import sys; sys.modules['pygls'] = None\nfrom cdsl.cli import main\nsys.argv = ['cdsl', 'lsp']\nmain()"
    )
    assert (ran.rc, "pip install 'cdsl[lsp]'" in ran.stderr) == (2, True)


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="no terminals of one's own")
def test_at_a_terminal_it_says_who_it_speaks_to(tmp_path):
    ours, theirs = os.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "cdsl", "lsp"],
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
    ) as process:
        os.write(ours, b"\x04")  # Ctrl-D: there is nothing to read
        out, said = process.communicate(timeout=PATIENCE)
    os.close(ours)
    os.close(theirs)
    assert (process.returncode, out) == (0, b"")
    assert said == b"cdsl lsp speaks to an editor, on standard input and output; Ctrl-C ends it\n"


def test_a_module_of_ours_that_is_missing_is_no_missing_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "cdsl.lsp.protocol", None)
    ran = CliRunner().invoke(command_line, ["lsp"])
    assert isinstance(ran.exception, ModuleNotFoundError)
    assert "pip install" not in ran.output


def test_the_guard_against_torch_can_fail(python):
    ran = python("-c", NO_TORCH.replace("from cdsl.cli", "import cdsl.runtime\nfrom cdsl.cli"))
    assert (ran.rc, "torch was asked for" in ran.stderr) == (1, True)


# -- speed -------------------------------------------------------------------------------------------------------------

GOAL = 1.0
"""Seconds from a change of a file of 10,000 lines to its diagnostics."""


def large(lines):
    """A spec of so many lines: docs, parameters, starts, derived values."""
    declared = ["dim N", "data X: real[N, 3]"]
    for number in range((lines - 2) // 5):
        declared += [
            f"#: the rate of group {number}",
            f"rate_{number}: interval(0, {number + 1})[N] via logistic = {(number + 1) / 2}",
            f"w_{number}: simplex[4]",
            f"let twice_{number} = 2 * rate_{number} + sum(w_{number})",
            "",
        ]
    return declared


@pytest.mark.untraced
def test_a_file_of_10_000_lines_is_checked_within_a_second_of_a_change(folder):
    client = Client(folder)
    uri, lines = (folder / "thousands.cdsl").as_uri(), large(10_002)
    assert "E201" not in codes(client.open(uri, "\n".join(lines)))
    at, took = lines.index("w_1000: simplex[4]"), []
    for version in range(2, 8):  # the best of several: other tests run beside this one
        word, other = ("simplex", "simlex") if version % 2 == 0 else ("simlex", "simplex")
        start = time.monotonic()
        client.change(uri, version, change((at, 8), (at, 8 + len(word)), other))
        assert ("E201" in codes(client.said(uri, version))) == (other == "simlex")
        took.append(time.monotonic() - start)
    assert client.gone() == 0
    assert min(took) < GOAL, took


# -- garbage, at length ------------------------------------------------------------------------------------------------


def framed(message, length=None):
    body = message if isinstance(message, bytes) else json.dumps({"jsonrpc": "2.0", **message}).encode()
    return b"Content-Length: %d\r\n\r\n%s" % (len(body) if length is None else length, body)


def is_up(client, uri):
    """Whether it answers the next good request, after the end of a line that garbage may have begun."""
    client.raw(b"\r\n\r\n")
    return "prob" in client.at("hover", uri, 0, 4)["contents"]["value"]


@pytest.fixture
def good(client, folder):
    """A document, open."""
    uri = (folder / "good.cdsl").as_uri()
    client.open(uri, "p: prob\n")
    yield uri
    client.tell("textDocument/didClose", {"textDocument": {"uri": uri}})


JUNK = {
    "no number": b"Content-Length: many\r\n\r\n{}",
    "a length below 0": b"Content-Length: -5\r\n\r\n{}",
    "a length of 0": b"Content-Length: 0\r\n\r\n",
    "a length in digits that are not ASCII": "Content-Length: ٣\r\n\r\n{}\n".encode(),
    "a length of 5000 digits": b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n",
    "two lengths": b"Content-Length: 3\r\nContent-Length: 2\r\n\r\n{}",
    "a header of a megabyte": b"X: " + b"x" * (1 << 20) + b"\r\n\r\n",
    "another header": b"Content-Type: text/plain; charset=klingon\r\nContent-Length: 2\r\n\r\n{}",
    "no UTF-8": framed(b'{"jsonrpc": "2.0", "method": "\xff\xfe"}'),
    "half a surrogate": framed(b'{"jsonrpc": "2.0", "method": "\\ud800", "params": {"\\ud800": 1}}'),
    "deep JSON": framed(b"[" * 100_000),
    "a number of 5000 digits": framed(b'{"jsonrpc": "2.0", "id": ' + b"9" * 5000 + b', "method": "shutdown"}'),
    "no JSON": framed(b"p: prob"),
    "null": framed(b"null"),
    "an empty batch": framed(b"[]"),
    "a batch": framed(b'[{"jsonrpc": "2.0", "id": 1, "method": "textDocument/hover"}]'),
    "another version": framed(b'{"jsonrpc": "1.0", "id": 77, "method": "textDocument/hover", "params": {}}'),
    "an answer to nothing": framed({"id": 123456, "result": None}),
    "an error to nothing": framed({"id": "x", "error": {"code": 1, "message": "m"}}),
    "an error that is none": framed({"id": "x", "error": 3}),
    "an id that is a list": framed({"id": [1], "method": "textDocument/hover", "params": {}}),
    "a method that is a number": framed({"id": 5001, "method": 7}),
    "both a result and a method": framed({"id": 5002, "method": "textDocument/hover", "result": 3}),
}


@pytest.mark.parametrize("junk", JUNK.values(), ids=JUNK.keys())
def test_junk_is_passed_over(client, good, junk):
    client.raw(junk)
    assert is_up(client, good)


@pytest.mark.parametrize("params", [None, 3, "text", [], {}, {"textDocument": None}, {"textDocument": {"uri": 3}}])
def test_params_of_a_wrong_type_are_answered_with_an_error_or_with_nothing(client, good, params):
    methods = ("hover", "completion", "rename", "formatting", "codeAction", "semanticTokens/full", "documentSymbol")
    for method in methods:
        answer = client.answer(client.request(f"textDocument/{method}", params))
        assert "error" in answer or answer["result"] is None, answer
    for method in ("didOpen", "didChange", "didClose", "didSave"):
        client.tell(f"textDocument/{method}", params)
    assert is_up(client, good)


def test_what_stands_behind_a_body_that_was_passed_over_is_read(monkeypatch):
    """Clients end no message with a line, so the next header follows at once."""
    monkeypatch.setattr("cdsl.lsp.protocol.MOST_BODY", 1000)
    for many in (1001, MOST_HEADER - 70, *range(MOST_HEADER - 40, MOST_HEADER + 2), 3 * MOST_HEADER):
        headers = Headers(io.BytesIO(framed(b"x" * many) + framed(b"{}") + framed(b"x" * 9, length=4) + framed(b"[]")))
        lengths, bodies = [], []
        while line := headers.readline():
            if line.startswith(b"Content-Length"):
                lengths.append(line)
                assert headers.readline() == b"\r\n"
                bodies.append(headers.read(int(line[16:])))
        assert bodies == [b"{}", b"xxxx", b"[]"], many
        assert lengths == [b"Content-Length: %d\r\n" % one for one in (2, 4, 2)]


def test_random_bytes_are_passed_over(client, good):
    """Lines of them: none begins a header that promises more than there is."""
    draw = random.Random(0)
    for _ in range(200 if not THOROUGH else 20_000):
        client.raw(draw.randbytes(draw.randrange(200)).lower().replace(b"content", b"") + b"\r\n\r\n")
    assert is_up(client, good)


def test_a_message_in_halves_is_read_when_it_is_whole(client, good):
    asked = {"textDocument": {"uri": good}, "position": {"line": 0, "character": 4}}
    data = framed({"id": 7001, "method": "textDocument/hover", "params": asked})
    for at in range(0, len(data), 7):
        client.raw(data[at : at + 7])
        time.sleep(0.001)
    assert "prob" in client.answer(7001)["result"]["contents"]["value"]


def test_ranges_and_versions_that_cannot_be_are_taken_as_near_as_they_are(client, folder):
    uri = (folder / "ranges.cdsl").as_uri()
    client.open(uri, "p: prob\n")
    huge = 2**31 - 1
    for version, one in (
        (9, change((huge, huge), (huge, huge), "q: real\n")),
        (3, change((5, 0), (0, 0), "r: real\n")),
    ):
        client.change(uri, version, one)
    client.change(uri, 5, {"text": "p: prob\n"})
    assert client.said(uri, 5) == []
    client.change(uri, 6, change((-1, -4), (0, 2), "p: "))
    client.change(uri, 7, {"text": "p: prob\n"}, change((0, 3), (0, 7), "positive"))
    assert client.said(uri, 7) == []


def test_many_quick_edits_are_all_taken_and_the_last_is_checked(client, folder):
    uri, many = (folder / "quick.cdsl").as_uri(), 100_000 if THOROUGH else 3000
    client.open(uri, "p: prob\n")
    for version in range(2, many):
        client.change(uri, version, change((0, 1), (0, 1 + (version % 2)), "" if version % 2 else "x"))
    client.change(uri, many, change((0, 0), (9, 0), "q: postive\n"))
    assert codes(client.said(uri, many)) == ["E201"]


def test_requests_that_are_cancelled_before_while_and_after_are_each_answered_once(client, good):
    asked = {"textDocument": {"uri": good}, "position": {"line": 0, "character": 4}}
    numbers = []
    for version in range(2, 60):
        client.change(good, version, {"text": "p: prob\n"})
        number = client.request("textDocument/hover", asked)
        for _ in range(version % 3):
            client.tell("$/cancelRequest", {"id": number})
        numbers.append(number)
    for number in numbers:
        answer = client.answer(number)
        assert answer.get("result") or answer["error"]["code"] == -32800, answer
    for what in (None, 3, {}, {"id": None}, {"id": [3]}, {"id": "none"}):
        client.tell("$/cancelRequest", what)
    assert is_up(client, good)


def start(folder):
    """A server that nobody has said anything to."""
    return subprocess.Popen(
        [sys.executable, "-c", NO_TORCH],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=folder,
    )


def spoken(process, *messages):
    """What a server answers to messages, after which it is closed; and its exit code."""
    out, _ = process.communicate(b"".join(map(framed, messages)), timeout=PATIENCE)
    answers, rest = {}, out
    while rest:
        header, _, rest = rest.partition(b"\r\n\r\n")
        length = int(header.split(b"Content-Length:")[1].split()[0])
        message = json.loads(rest[:length])
        answers[message.get("id")] = message
        rest = rest[length:]
    return answers, process.returncode


def test_requests_before_the_beginning_and_after_the_end_are_refused(tmp_path):
    where = {"textDocument": {"uri": "file:///a.cdsl"}, "position": {"line": 0, "character": 0}}
    initialize = {"id": 2, "method": "initialize", "params": {"processId": None, "rootUri": None, "capabilities": {}}}
    hover = {"method": "textDocument/hover", "params": where}
    answers, code = spoken(
        start(tmp_path), {"id": 1, **hover}, {"method": "textDocument/didChange", "params": {}}, initialize,
        {"id": 3, **hover}, {"id": 4, "method": "initialize", "params": initialize["params"]},
        {"id": 5, "method": "shutdown"}, {"id": 6, **hover}, {"method": "exit"},
    )  # fmt: skip
    assert answers[1]["error"]["code"] == -32002, answers
    assert "capabilities" in answers[2]["result"]
    assert answers[3] == {"id": 3, "jsonrpc": "2.0", "result": None}
    assert answers[5]["result"] is None
    assert answers[6]["error"]["code"] == -32600, answers
    assert code == 0


def test_a_message_that_never_comes_whole_ends_with_its_client(tmp_path):
    for last in (b"Content-Length: 1000000000000\r\n\r\n{", b"Content-Length: 50\r\n\r\n{}", b"Content-Le"):
        process = start(tmp_path)
        process.communicate(last, timeout=PATIENCE)
        assert process.returncode is not None
