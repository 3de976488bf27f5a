"""A spec is anybody's: nothing that it says is code, markup or a command, wherever it comes out.

Each string that can be written down is written here as an attack, and read back from every face of cdsl. The allow-list of emitted
source is tests/allowed.py; damaged files, full disks and kills are elsewhere.
"""

import ast
import builtins
import contextlib
import json
import keyword
import os
import pty
import re
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

import cdsl
from cdsl import stan
from cdsl.checker.imports import Files
from cdsl.cli import cdsl as command_line
from cdsl.cli.completion import spec_files
from cdsl.diagnostics import concise, github, sarif
from cdsl.diagnostics import json as as_json
from cdsl.diagnostics.text import render
from cdsl.emit import LAYOUTS, MARK, emit
from cdsl.files import class_of, read_spec
from cdsl.loader import module_of
from cdsl.source import Source

from .allowed import foreign
from .test_show import taken_apart

EVIL = "__import__('builtins').__dict__.update(evil=1)"
"""What leaves a trace where it runs; no test leaves without looking for it."""
TEXTS = {
    "a call": EVIL,
    "single quotes": f"''' + {EVIL} + '''",
    "double quotes": f'""" + {EVIL} + """',
    "a quote at the end": 'ends in "',
    "quotes at the end": 'ends in """',
    "a backslash at the end": "ends in \\",
    "backslash and quotes": '\\""" \\\\""" \\\\\\"',
    "escapes": r"\n \x00 \N{DOLLAR SIGN} \u0041 \777",
    "a hash": f"# {EVIL}",
    "braces": "{0} {{}} {self.__class__} %s %(x)s $x ${x} `x` {% x %}",
    "form feed": f"\x0c{EVIL}\x0b",
    "separators": f"\x1c{EVIL}\x1d\x1e\x1f",
    "next line": f"\x85{EVIL}\x85",
    "line separators": f"\u2028{EVIL}\u2029",
    "nul": f"\0{EVIL}",
    "half a character": f"\ud800{EVIL}",
    "a terminal": "\x1b]0;title\x07 \x1b[2J \x9b31m \x7f",
    "html": '<script>alert(1)</script> </style></title> <img src=x onerror=alert(1)> &lt; " onclick="x',
    "markdown": "[x](javascript:alert(1)) ![x](http://x) # x `` ``` <b> | * _ ~ http://x www.x.org",
    "github": "::error file=x::y %0A::warning::z %25",
    "mermaid": 'n0 --> n1; click n0 "javascript:alert(1)" %% "]) end',
    "a fence": "``` ```` ~~~",
    "a coding": "-*- coding: utf-7 -*- +AGEAYg-",
    "yaml": "--- !!python/object:os.system [x]",
    "the mark": MARK,
    "fmt": "# fmt: off # type: ignore # noqa",
}
texts = pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())


def documented(text):
    """A spec that has a text wherever a text may stand."""
    return f"""\
#: {text}

dim N = 2         #: {text}
data y: real[N] = 0  #: {text}
#: {text}
#: {text}
p: prob           #: {text}
q: greater_than(p)
let r = p + mean(y)   #: {text}
model Inner {{    #: {text}
    #: {text}
    s: simplex[3] #: {text}
}}
inner: Inner      #: {text}
"""


@pytest.fixture(autouse=True)
def no_evil():
    """Whatever is tested, what is written in a spec has not run."""
    yield
    assert not hasattr(builtins, "evil")


def printed(text):
    """Whether nothing in a text acts on a terminal."""
    return all(char.isprintable() or char == "\n" for char in text)


# -- emitted source ----------------------------------------------------------------------------------------------------


@texts
def test_no_text_leaves_its_string(text):
    """In every layout, alone or with the runtime; and what runs has it as documentation."""
    spec = documented(text)
    model = cdsl.check(cdsl.parse(spec)).model
    said = model.parameters[0].doc
    assert text.strip().replace("\ud800", "?") in said
    for layout in LAYOUTS:
        python = emit(model, layout=layout)
        assert list(foreign(python, model)) == []
        assert emit(model, layout=layout, standalone=True).endswith(python.partition("\n\n\n")[2])
    built = module_of(python)
    assert built.Model.__doc__.split() == model.doc.split()
    assert built.Model._doc == model.doc
    assert built.Model(dtype=torch.float64).spec["parameters"][0]["doc"] == said
    tree = ast.parse(python)
    (values,) = (one for one in tree.body if isinstance(one, ast.ClassDef) and one.name == "ModelValues")
    assert any(said.split() == ast.literal_eval(one.value).partition(": ")[2].split() for one in values.body[2::2])


def test_what_is_written_into_a_standalone_module_is_ours_line_by_line():
    """Of its first part no line depends on the spec, but those that name domains of the registry."""
    plain, hostile = (cdsl.compile(documented(text), standalone=True) for text in ("a text", TEXTS["double quotes"]))
    first = "# fmt: on\n"
    assert plain.partition(first)[0] == hostile.partition(first)[0]


LESSONS = {
    "CVE-2016-5641: descriptions and paths": ('#: */ """; import os\np: prob\n', ""),
    "CVE-2026-54655: a type is no annotation": ("x: __import__('os').system('id')\n", "E101"),
    "CVE-2026-54655: nor is a name a path": ("x: torch.load\n", "E101"),
    "CVE-2026-54653: a start is no expression of Python": ("x: real = __import__(0)\n", "E601"),
    "CVE-2026-54653: nor is a let": ("p: prob\nlet y = eval(p)\n", "E601"),
    "CVE-2026-54653: nor is data's default": ("data y: real = exec\n", "E205"),
    "CVE-2026-55415: no line ends in an import": ('from "a\nimport os\n.cdsl" import T\n', "E101"),
    "CVE-2026-55415: nor does a statement": ('from "a; import os.cdsl" import T\n', "E701"),
    "CVE-2026-55415: nor is a name quoted": ("from \"a' + 'b.cdsl\" import T\n", "E701"),
    "CVE-2026-63720: no line ends in an alias": ('from "a.cdsl" import T as b\nimport os\n', "E101"),
    "kiota 7735: a carriage return ends a comment and begins nothing": ("p: prob  #: a\rimport os\n", "E101"),
    "kiota 7735: no other line end ends one": ("p: prob  #: a\x85import os\u2028import os\x0cimport os\n", ""),
    "CVE-2026-23947: entries are numbers": ("x: real[2] = [1, 2]; import os\n", "E101"),
    "CVE-2026-23947: and nothing else": ('x: real[1] = ["a"]\n', "E101"),
    "CVE-2026-72716: defaults are numbers": ('dim K = "3"\n', "E101"),
    "CVE-2026-41242: names of types are looked up": ("x: eval\n", "E201"),
    "CVE-2026-44293: and are words": ("x: positive){}//\n", "E101"),
    "GHSA-gpcc-36pq-8qxr: names are not quoted": ("`p`: prob\n", "E101"),
    "GHSA-rjwr-m7qx-3fjr: triple quotes": ('#: """\n#: \\"""\n#: \'\'\'\np: prob  #: ends in \\\n', ""),
    "a transform is looked up": ("x: positive via __class__\n", "E202"),
    "a member is declared": ("model A { x: real }\na: A\nlet y = a.__class__\n", "E205"),
    "a domain is no module": ("x: cdsl\n", "E201"),
    "a keyword argument is declared": ("x: real = full(1, __globals__=2)\n", "E602"),
}
"""What broke generators of code, by its advisory: `../shared/anchors/ecosystem.md` C3. The code that refuses it, or none where
it is text. (lark's own, of a cache that is unpickled: tests/test_syntax.py.)"""


@pytest.mark.parametrize(("spec", "code"), LESSONS.values(), ids=LESSONS.keys())
def test_what_broke_others_is_refused_or_text(spec, code):
    checked = cdsl.check(cdsl.parse(spec))
    if code:
        assert checked.model is None
        assert code in [one.code for one in checked.diagnostics]
    else:
        assert checked.diagnostics == ()
        assert list(foreign(cdsl.compile(spec), checked.model)) == []


@pytest.mark.parametrize(
    "name", ["a\nimport os", "a\rb", "a'b", 'a"""b', "a;b", "a#b", "a b", "\x1b[31m", "a\u2028b", "", "class"]
)
def test_no_name_of_a_file_reaches_a_module(name, tmp_path):
    """It names the class, or nothing: the first line of a module is the same for all."""
    assert not isinstance(class_of(tmp_path / f"{name}.cdsl"), str)
    with pytest.raises(cdsl.SpecError, match="E003"):
        cdsl.compile("p: prob\n", name=name)
    assert cdsl.compile("p: prob\n").startswith(f"{MARK}\n\nfrom typing")


# -- names -------------------------------------------------------------------------------------------------------------

TWINS = [
    ("fi", "\ufb01"),
    ("\u03bc", "\xb5"),
    ("K", "\u212a"),
    ("a", "\uff41"),
    ("x", "\U0001d431"),
    ("s", "\u017f"),
    ("\xe9", "e\u0301"),
    ("evil", "\uff45vil"),
]


@pytest.mark.parametrize(("one", "other"), TWINS)
def test_names_that_python_takes_for_one_are_one(one, other):
    """Declared twice they are refused; used by the other spelling they are found; and the module has Python's own."""
    assert [each.code for each in cdsl.check(cdsl.parse(f"{one}: prob\n{other}: prob\n")).diagnostics] == ["E203"]
    python = cdsl.compile(f"{other}: prob\nq: greater_than({one})\n")
    assert unicodedata.is_normalized("NFKC", python)
    assert python == cdsl.compile(f"{one}: prob\nq: greater_than({other})\n")
    assert module_of(python).Model().raw_names()[0] == f"{unicodedata.normalize('NFKC', one)}_raw"


REFUSED = [
    *("__class__", "_x", "__init__", "self", "torch", "cdsl", "forward", "state_dict", "raw", "count", "property"),
    *(word for word in keyword.kwlist if word not in ("True", "False", "None")),
    *("\uff53elf", "\uff3f\uff3fclass\uff3f\uff3f", "tr\uff41in", "\ufb01nally"),
]


@pytest.mark.parametrize("name", REFUSED)
def test_names_that_would_stand_in_for_something_are_refused(name):
    assert cdsl.check(cdsl.parse(f"{name}: prob\n")).model is None
    assert cdsl.check(cdsl.parse(f"data {name}: real\n")).model is None
    assert cdsl.check(cdsl.parse(f"model A {{\n    {name}: real\n}}\na: A\n")).model is None


@pytest.mark.parametrize(
    "char", "\u202e\u2066\u200b\u200d\xad\xa0\u3000\u2028\x85\0\x1b\x7f$\xb2\ufe0e\U000e0041\ue000\ud800", ids=ascii
)
def test_no_name_has_what_cannot_be_seen_or_is_no_letter(char):
    checked = cdsl.check(cdsl.parse(f"a{char}b: prob\n"))
    assert checked.model is None


def test_names_in_two_alphabets_stay_two_names():
    """Latin a, Cyrillic a, Greek alpha: Python tells them apart, and so do the module, its state and reports."""
    spec = "a: prob\n\u0430: positive\n\u03b1: real\n"
    built = cdsl.loads(spec).Model()
    assert built.raw_names() == ["a_raw", "\u0430_raw", "\u03b1_raw"]
    assert [one.item() for one in built()] == [0.5, 1.0, 0.0]


# -- the faces ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Specs with every text in them, where commands run."""
    folder = tmp_path_factory.mktemp("hostile")
    for at, text in enumerate(TEXTS.values()):
        spec = documented(text).encode("utf-8", "replace")
        (folder / f"s{at}.cdsl").write_bytes(spec)
        (folder / f"t{at}.cdsl").write_bytes(spec.replace(b"p: prob", b"p: positive"))
        (folder / f"b{at}.cdsl").write_bytes(
            f"p: \"{text}\"\n{text}: prob\nq: prob('{text}')\n# {text}\nr: prob = 2\n".encode("utf-8", "replace")
        )
    return folder


def run(folder, *arguments):
    """A command in this process, in a folder."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        return CliRunner().invoke(command_line, list(map(str, arguments)))
    finally:
        os.chdir(before)


@pytest.mark.parametrize("at", range(len(TEXTS)), ids=TEXTS.keys())
def test_no_text_acts_where_it_is_shown(at, folder):
    """Every command that prints or draws a spec: a terminal, JSON, Mermaid, Graphviz, HTML, a runner of GitHub's."""
    spec, other, bad = f"s{at}.cdsl", f"t{at}.cdsl", f"b{at}.cdsl"
    for arguments in (
        *(
            ("compile", spec, "--stdout"),
            ("compile", spec, "--stdout", "--emit", "ast"),
            ("compile", spec, "--stdout", "--emit", "model"),
        ),
        *(
            ("describe", spec),
            ("describe", spec, "--json"),
            ("describe", spec, "--graph", "dot"),
            ("describe", spec, "--graph", "mermaid"),
        ),
        *(
            ("diff", spec, other),
            ("diff", spec, other, "--json"),
            ("check", spec),
            ("fmt", "--check", spec),
            ("show", spec, "-o", "p.html"),
        ),
        *(("check", bad, "--format", form) for form in ("text", "concise", "json", "github", "sarif")),
        *(("compile", bad), ("fmt", "--check", bad), ("describe", bad), ("check", "--warn", "all", spec)),
    ):
        ran = run(folder, *arguments)
        assert ran.exit_code in (0, 1), (arguments, ran.output)
        assert printed(ran.output), arguments
        if "--json" in arguments or "json" in arguments or "sarif" in arguments or "--emit" in arguments:
            json.loads(ran.stdout)
        if "github" in arguments:
            assert all(re.match(r"::(error|warning) file=b\d+\.cdsl,[^:]*::", line) for line in ran.stdout.splitlines())
    taken_apart((folder / "p.html").read_text(encoding="utf-8"))


def test_what_is_formatted_is_kept_byte_for_byte(folder):
    """A filter shows what it is given: to a program. Formatting changes no comment, so no text is lost either."""
    for at, text in enumerate(TEXTS.values()):
        before = (folder / f"s{at}.cdsl").read_bytes()
        ran = CliRunner().invoke(command_line, ["fmt", "-"], input=before)
        assert ran.exit_code == 0
        assert ran.stdout_bytes.count(text.strip().encode("utf-8", "replace")) == before.count(
            text.strip().encode("utf-8", "replace")
        )


def test_nothing_that_acts_on_a_terminal_reaches_one(folder):
    """On a terminal, of which this is a real one, a formatted spec and a difference are shown with escapes."""
    at = [*TEXTS].index("a terminal")
    for arguments in (["fmt", "--diff", f"s{at}.cdsl"], ["fmt", "--diff", "\x1b]0;x\x07.cdsl"]):
        ours, theirs = pty.openpty()
        with subprocess.Popen(
            [sys.executable, "-m", "cdsl", *arguments], stdin=theirs, stdout=theirs, stderr=theirs, cwd=folder
        ) as running:
            os.close(theirs)
            shown = b""
            with contextlib.suppress(OSError):  # how a terminal ends
                while piece := os.read(ours, 65536):
                    shown += piece
        os.close(ours)
        assert running.returncode == 1
        text = re.sub(r"\x1b\[\d*(;\d+)*m", "", shown.decode().replace("\r\n", "\n"))  # our own colours
        assert printed(text), (arguments, shown)
        assert "\\x1b]0;" in text


NAMES = [
    "a\nb.cdsl",
    "a\x1b[2J.cdsl",
    "a%0A::error::x.cdsl",
    "a::b,c.cdsl",
    "<b>.cdsl",
    "\u202ea.cdsl",
    "a\x85b.cdsl",
    "--help.cdsl",
    "\udcff.cdsl",
]


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_no_name_of_a_file_acts_where_it_is_shown(name, tmp_path):
    (tmp_path / name).write_text("p: positve\n")
    for command in ("check", "compile", "describe", "fmt"):
        ran = run(tmp_path, command, "--", name)
        assert ran.exit_code == (0 if command == "fmt" else 1), ran.output
        assert printed(ran.output.encode("utf-8", "backslashreplace").decode())
    for form in ("concise", "json", "github", "sarif"):
        ran = run(tmp_path, "check", "--name", "A", "--format", form, "--", name)
        assert printed(ran.output)
        assert form in ("json", "sarif") or ran.output.count("\n") == 1
    for arguments in (
        ["compile", "-o", name, "--", name],
        ["show", "-o", name, "--", name],
        ["new", "--", name],
        ["explain", name],
        ["types", name],
    ):
        assert printed(run(tmp_path, *arguments).output), arguments
    ran = run(tmp_path, "fmt", "--diff", "--", name)
    assert printed(ran.output.encode("utf-8", "backslashreplace").decode())


def test_completion_offers_no_name_that_acts(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in (*NAMES, "good.cdsl", "b\tc.cdsl"):
        (tmp_path / name).write_text("")
    offered = [one.value for one in spec_files(None, None, "")]
    assert "good.cdsl" in offered
    assert all(value.isprintable() for value in offered)


@texts
def test_hover_is_words(text):
    """Markdown of an editor: as a reader of it sees them, the texts are paragraphs and blocks of code, and nothing else."""
    reader = pytest.importorskip("markdown_it")
    from cdsl.lsp.page import Code, Prose, markdown

    html = reader.MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(
        markdown([Code(text), Prose(text), Prose(f"a\n{text}\n{text}")])
    )
    assert {*re.findall(r"<(/?\w+)", html)} <= {"p", "/p", "pre", "/pre", "code", "/code", "br"}
    assert re.findall(r'<code class="([^"]*)"', html) == ["language-cdsl"]


@texts
def test_reports_of_any_text_are_whole_and_harmless(text):
    spec = f'{text}\np: {text}\nfrom "{text}" import {text}\n'
    source = Source(spec, text.replace("\ud800", ""))  # of which no file's name is made
    found = [(cdsl.check(cdsl.parse(spec), files=Files.of(Path("/nowhere/a.cdsl"))).diagnostics, source)]
    assert found[0][0]
    assert printed(render(found[0][0], source))
    for report in (concise.render(found), github.render(found)):
        assert printed(report)
        assert report.count("\n") == len(found[0][0])
    assert len(json.loads(as_json.render(found))) == len(found[0][0])
    assert sarif.render(found, "1").isascii()


@texts
def test_what_is_imported_from_stan_is_a_spec(text):
    """Comments, strings and names of a Stan program, and a program that is none."""
    for program in (
        f"data {{ int N; // {text}\n}} parameters {{ real<lower=0> x; /* {text} */ }}",
        f"parameters {{ real {text}; }}",
        text,
        f'parameters {{ real x = "{text}"; }}',
    ):
        spec, problems, _ = stan.spec_of(program)
        checked = cdsl.check(cdsl.parse(spec))
        assert {one.code for one in checked.diagnostics} <= {"E103"}, "nothing is declared"
        assert checked.model is None or list(foreign(cdsl.compile(spec), checked.model)) == []
        assert problems or "real<lower=0> x" in program


@texts
def test_what_is_imported_from_torch_is_a_spec(text):
    from cdsl import live

    spec, _, _ = live.spec_of(
        {text: torch.distributions.constraints.positive, "good": torch.distributions.constraints.simplex}
    )
    checked = cdsl.check(cdsl.parse(spec))
    assert not [one for one in checked.diagnostics if one.code.startswith("E")]
    assert list(foreign(cdsl.compile(spec), checked.model)) == []


@texts
def test_a_cell_of_a_notebook_is_a_spec(text):
    pytest.importorskip("IPython")
    from cdsl.jupyter import CellError, classes

    (found,) = classes(f"p: prob  #: {text}\n", "Model", show=False).values()
    table = found()._repr_html_()
    assert {*re.findall(r"<(/?\w+)", table)} <= {
        "table",
        "/table",
        "thead",
        "/thead",
        "tbody",
        "/tbody",
        "tr",
        "/tr",
        "th",
        "/th",
        "td",
        "/td",
    }
    with pytest.raises(CellError) as raised:
        classes(f"p: {text}\nq: 1\n", "Model", show=False)
    assert printed(str(raised.value))


@texts
def test_keys_of_a_checkpoint_are_shown_as_text(text, tmp_path):
    (tmp_path / "old.cdsl").write_text("p: prob\n")
    (tmp_path / "new.cdsl").write_text("p: positive\n")
    state = {**cdsl.loads("p: prob\n").Model().state_dict(), text: torch.zeros(1), f"a.{text}_raw": torch.zeros(1)}
    torch.save({key: value for key, value in state.items() if not key.startswith("_")}, tmp_path / "a.pt")
    ran = run(tmp_path, "migrate", "old.cdsl", "new.cdsl", "a.pt", "-o", "b.pt")
    assert ran.exit_code in (0, 1), ran.output
    assert printed(ran.output.encode("utf-8", "backslashreplace").decode())


@texts
def test_no_option_is_code(text, tmp_path):
    (tmp_path / "a.cdsl").write_text("p: prob\n")
    for arguments in (
        ["compile", "a.cdsl", "--name", text, "--stdout"],
        ["check", "a.cdsl", "--name", text],
        ["diff", "a.cdsl", "a.cdsl", "--drop", text],
    ):
        ran = run(tmp_path, *arguments)
        assert ran.exit_code in (1, 2), ran.output
        assert printed(ran.output)


def test_a_file_that_is_not_utf8_is_not_quoted(tmp_path):
    (tmp_path / "a.cdsl").write_bytes(b"secret: prob # \xff more of the secret\n")
    _, (problem,) = read_spec(tmp_path / "a.cdsl")
    assert problem.code == "E001"
    assert "secret" not in str(problem)
