"""Editors: their grammars colour every spec as the parser reads it; the extension starts the server; the hooks run."""

import json
import re
import runpy
import shutil
import subprocess

import pytest
from click.testing import CliRunner

import cdsl
from cdsl.cli import cdsl as command_line
from cdsl.constraints import domains
from cdsl.diagnostics import Diagnostic, concise
from cdsl.source import Source, Span
from cdsl.syntax.tokens import KEYWORDS
from tests import textmate
from tests.spec_texts import PLACES, REFUSED, ROOT, SHOWN, parsed

pytest.importorskip("pygments")

EDITORS = ROOT / "editors"
CODE, VIM = EDITORS / "vscode", EDITORS / "vim"
MAKE = runpy.run_path(str(EDITORS / "make.py"))
GRAMMAR = json.loads(MAKE["TEXTMATE"].read_text(encoding="utf-8"))
KINDS = {scope: kind for kind, scope in MAKE["SCOPES"].items()}
OF_WORDS = {"keyword", "constant", "name", "number", "string"} | {one for at in PLACES.values() for one in at.values()}

IMPORTS = (
    'from "noise.cdsl" import Noise as N, from as as, as, import\nfrom: N\nfrom"x"import y # import\nx: as via import'
)
SOFT = "data data: real\nvia: via via via\ntype type(as, via=data) = let\nfrozen frozen: dim\ndim dim = data\nmodel from { from: as }"
LINES = "type rate(\n  hi=1,\n  K=pi\n) = interval(\n  high=exp(hi),\n  low=0\n)[\nK\n] via probit\nx: rate(\n1)"
PRIORS = "sd: positive ~ normal(0, scale=1)\nnormal(x) ~ beta(pi, inf)\ny[0:n] ~ real(0)\ntarget += log(sd) == 1"
OPEN = "x: interval(0, [1\n  # not closed\ny: positive via exp\nz: real(\n}\ntype f(a=\ndim K\nlet a = f(\nfrom: b"
TEXTS = [*SHOWN, IMPORTS, SOFT, LINES, PRIORS, OPEN]


def coloured(tokens):
    """Of the pieces that a grammar finds, the words and numbers, by place."""
    return {(start, end): KINDS[scope] for start, end, scope in tokens if KINDS[scope] in OF_WORDS}


# -- what they colour --------------------------------------------------------------------------------------------------


def test_the_files_are_fresh():
    """`python editors/make.py` writes both."""
    assert MAKE["TEXTMATE"].read_text(encoding="utf-8") == MAKE["textmate"]()
    assert MAKE["VIM"].read_text(encoding="utf-8") == MAKE["vim"]()


@pytest.mark.parametrize("file", [MAKE["TEXTMATE"], MAKE["VIM"]], ids=lambda file: file.name)
def test_every_keyword_of_the_grammar_is_in_them_and_no_domain(file):
    words = set(re.findall(r"\w+", re.sub(r"\\[a-z%]", " ", file.read_text(encoding="utf-8"))))
    assert {one.lower() for one in KEYWORDS} <= words
    assert not {*domains()} & words


def test_textmate_each_word_is_what_the_parser_takes_it_for():
    for text in TEXTS:
        found = coloured(textmate.tokens(GRAMMAR, text))
        assert found.items() >= parsed(text).items()
        if text != OPEN:  # there it colours the lines that the parser refuses, too
            assert found == parsed(text)


def test_textmate_an_open_bracket_ends_where_a_declaration_begins():
    found = {OPEN[start:end]: kind for (start, end), kind in coloured(textmate.tokens(GRAMMAR, OPEN)).items()}
    assert {found[word] for word in ("x", "y", "z", "K")} == {"declared"}
    assert (found["via"], found["exp"], found["dim"], found["let"]) == ("keyword", "transform", "keyword", "keyword")


def test_textmate_comments_are_told_apart():
    text = 'p: prob #: says "why"\r\n# x: real\r\n'
    found = [(text[start:end], KINDS[scope]) for start, end, scope in textmate.tokens(GRAMMAR, text)]
    assert [one for one in found if one[1] in ("doc", "comment")] == [
        ('#: says "why"', "doc"),
        ("# x: real", "comment"),
    ]


@pytest.mark.parametrize("text", ["ж" * 500 + " x", "a" * 500, "(" * 500, "frozen " * 200, "1_" * 200, '"' * 500])
def test_textmate_takes_no_time_for_what_is_long(text):
    """Of a name of n letters an expression with two ways to read a letter tries 2ⁿ."""
    list(textmate.tokens(GRAMMAR, text))


def test_textmate_as_the_engine_of_vs_code_sees_it():
    """Where `npm install` has been run in `editors/vscode`, so that the engine of these tests is held to it."""
    if not ((CODE / "node_modules" / "vscode-textmate").is_dir() and shutil.which("node")):
        pytest.skip("VS Code's engine is not installed")
    texts = [*TEXTS, *(text for text in REFUSED if len(text) < 20_000)]
    for text, real in zip(texts, run_node([str(CODE / "tokens.js")], texts), strict=True):
        ours = [(units(text[:start]), units(text[:end]), scope) for start, end, scope in textmate.tokens(GRAMMAR, text)]
        assert joined(real) == joined(ours)


def units(text):
    """The length of a text for JavaScript."""
    return len(text.encode("utf-16-le")) // 2


def joined(tokens):
    """Neighbours of one scope as one piece."""
    pieces = []
    for start, end, scope in tokens:
        if pieces and pieces[-1][1:] == [start, scope]:
            pieces[-1][1] = end
        else:
            pieces.append([start, end, scope])
    return pieces


def run_node(arguments, value):
    """What node prints as JSON, given JSON."""
    ran = subprocess.run(
        ["node", *arguments], input=json.dumps(value), capture_output=True, encoding="utf-8", check=False
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


# -- Vim ---------------------------------------------------------------------------------------------------------------


@pytest.fixture
def vim(tmp_path):
    """`vim(script)`: runs a script in Vim, with the files of this project, and returns what it leaves in `g:out`."""
    if shutil.which("vim") is None:
        pytest.skip("Vim is not installed")

    def run(script):
        (tmp_path / "run.vim").write_text(f"{script}\ncall writefile([json_encode(g:out)], 'out.json')\nqall!\n")
        options = ["-es", "-N", "-n", "-u", "NONE", "-i", "NONE", "--cmd", f"set rtp^={VIM} encoding=utf-8"]
        command = ["vim", *options, "-c", "syntax on", "-c", "filetype plugin on", "-S", "run.vim"]
        ran = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=100, check=False)
        assert ran.returncode == 0, ran.stderr
        return json.loads((tmp_path / "out.json").read_text())

    return run


def test_vim_each_word_is_what_the_parser_takes_it_for(vim, tmp_path):
    asked = []
    for number, text in enumerate(TEXTS):
        (tmp_path / f"{number}.cdsl").write_bytes(text.encode())
        places = [place(text, at) for start, end in parsed(text) for at in (start, end - 1)]
        asked.append([f"{number}.cdsl", places])
    (tmp_path / "asked.json").write_text(json.dumps(asked))
    found = vim(
        """
        let g:out = []
        for [s:file, s:places] in json_decode(join(readfile("asked.json"), ""))
          execute "edit" s:file
          call add(g:out, map(s:places, "synIDattr(synID(v:val[0], v:val[1], 1), 'name')"))
        endfor
        """
    )
    for text, groups in zip(TEXTS, found, strict=True):
        names = [group.removeprefix("cdsl") for group in groups]
        kinds = [MAKE["LINKS"].get(name, name).lower() for name in names]
        assert kinds == [kind for kind in parsed(text).values() for _ in range(2)], text


def place(text, at):
    """Line and byte, as Vim counts."""
    start = text.rfind("\n", 0, at) + 1
    return [text.count("\n", 0, at) + 1, len(text[start:at].encode()) + 1]


def test_vim_knows_comments_and_reads_what_check_prints(vim, tmp_path):
    (tmp_path / "coin.cdsl").write_text("p: prob\nq: prop\n")
    problem = Diagnostic(code="E201", message="no domain `prop`", span=Span(11, 15))
    printed = concise.render([([problem], Source("p: prob\nq: prop\n", "coin.cdsl"))])
    (tmp_path / "printed").write_text(printed)
    out = vim("edit coin.cdsl\ncgetfile printed\nlet g:out = [&filetype, &commentstring, &makeprg, getqflist()[0]]")
    assert out[:3] == ["cdsl", "# %s", "cdsl check --format concise %:S"]
    assert (out[3]["lnum"], out[3]["col"], out[3]["type"]) == (2, 4, "e")
    assert out[3]["text"].endswith("[E201]: no domain `prop`")


# -- VS Code -----------------------------------------------------------------------------------------------------------


def test_the_extension_is_whole():
    package = json.loads((CODE / "package.json").read_text())
    language, grammar = package["contributes"]["languages"][0], package["contributes"]["grammars"][0]
    assert package["version"] == cdsl.__version__
    assert (grammar["language"], grammar["scopeName"]) == (language["id"], GRAMMAR["scopeName"])
    assert language["extensions"] == [".cdsl"]
    for file in (package["main"], language["configuration"], grammar["path"]):
        assert (CODE / file).is_file()
    configuration = json.loads((CODE / "language-configuration.json").read_text())
    rules = configuration["indentationRules"]
    assert re.search(rules["increaseIndentPattern"], "model Noise {  #: closed")
    assert not re.search(rules["increaseIndentPattern"], "model Noise { x: real }")
    assert re.search(rules["decreaseIndentPattern"], "    }")
    assert [re.search(configuration["onEnterRules"][0]["beforeText"], line) for line in ("x: real", "# no")] == [
        None
    ] * 2
    assert re.search(configuration["onEnterRules"][0]["beforeText"], "  #: says")


STUBS = """
const log = [];
const settings = { "cdsl.path": "cdsl" };
let changed;
const stubs = {
  vscode: {
    workspace: {
      getConfiguration: (section) => ({ get: (key) => settings[`${section}.${key}`] }),
      onDidChangeConfiguration: (listener) => { changed = listener; },
    },
    window: { showErrorMessage: (message) => log.push(["error", message]) },
    commands: { registerCommand: (name) => log.push(["command", name]) },
  },
  "vscode-languageclient/node": {
    LanguageClient: class {
      constructor(id, name, server, options) { this.server = server; this.options = options; }
      async start() {
        log.push(["start", this.server, this.options.documentSelector.map((one) => one.language)]);
        if (this.server.command === "gone") throw new Error("not found");
      }
      async stop() { log.push(["stop"]); }
    },
  },
};
const Module = require("module");
const load = Module._load;
Module._load = (name, ...rest) => stubs[name] ?? load(name, ...rest);
const extension = require(process.argv[1]);
(async () => {
  await extension.activate({ subscriptions: [] });
  settings["cdsl.path"] = "gone";
  await changed({ affectsConfiguration: (name) => name === "cdsl.path" });
  await extension.deactivate();
  console.log(JSON.stringify(log));
})();
"""


def test_the_extension_starts_the_server_and_says_where_it_cannot():
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    log = run_node(["-e", STUBS, str(CODE / "extension.js")], None)
    assert log[:-1] == [
        ["command", "cdsl.restart"],
        ["start", {"command": "cdsl", "args": ["lsp"]}, ["cdsl", "cdsl"]],
        ["stop"],
        ["start", {"command": "gone", "args": ["lsp"]}, ["cdsl", "cdsl"]],
    ]
    assert log[-1][0] == "error"
    assert "`gone lsp` does not start: not found" in log[-1][1]


# -- pre-commit --------------------------------------------------------------------------------------------------------


def hooks():
    """The entries of the hooks by id. The file is plain enough to be read without YAML."""
    text = (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    return dict(re.findall(r"^- id: (\S+)\n(?:  .*\n)*?  entry: cdsl (.+)\n", text, re.MULTILINE))


def test_the_hooks_run_on_files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.cdsl").write_text("p: prob\n")
    (tmp_path / "bad.cdsl").write_text("p: prop\n")

    def run(command, *files):
        return CliRunner().invoke(command_line, [*command.split(), *files]).exit_code

    assert run("compile", "good.cdsl") == 0
    assert {*hooks()} == {"cdsl-check", "cdsl-fmt", "cdsl-compile"}
    assert [run(entry, "good.cdsl") for entry in hooks().values()] == [0, 0, 0]
    assert [run(hooks()[name], "good.cdsl", "bad.cdsl") for name in ("cdsl-check", "cdsl-compile")] == [1, 1]
    (tmp_path / "good.cdsl").write_text("p: prob\nq: prob\n")
    assert run(hooks()["cdsl-compile"], "good.cdsl") == 1
