"""The command line: exit codes, what is written where, and that nothing is ever half written."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import cdsl
from cdsl import files
from cdsl.cli import cdsl as command_line
from cdsl.constraints import domains
from cdsl.diagnostics.codes import CODES
from cdsl.discrete import DISCRETE
from cdsl.emit import MARK
from cdsl.files import write_whole
from cdsl.functions import functions

from .conftest import Ran

GOOD = "p: prob = 0.25\n"
BAD = "p: postive\n"
NOT_UTF8 = "#: caf\xe9\np: prob\n".encode("latin-1")


@pytest.fixture
def spec(tmp_path):
    """Writes a spec file into the test's own directory."""

    def write(name="coin.cdsl", text=GOOD):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return tmp_path / name

    return write


@pytest.fixture
def invoke(tmp_path, monkeypatch):
    """As `run_cdsl`, in this process: for what is the same in any."""

    def run(*arguments):
        monkeypatch.chdir(tmp_path)
        done = CliRunner().invoke(command_line, arguments)
        return Ran(done.exit_code, done.stdout, done.stderr)

    return run


def names(folder):
    """What there is in a folder, hidden or not."""
    return sorted(path.name for path in folder.iterdir())


def compiled(name="Coin", text=GOOD):
    return cdsl.compile(text, name=name)


# -- compile -----------------------------------------------------------------------------------------------------------


def test_compile_writes_beside_the_spec_and_says_nothing(run_cdsl, spec, tmp_path):
    spec("more/coin.cdsl")
    assert run_cdsl("compile", "more/coin.cdsl") == (0, "", "")
    assert (tmp_path / "more" / "coin.py").read_text(encoding="utf-8") == compiled()
    assert names(tmp_path / "more") == ["coin.cdsl", "coin.py"]


def test_compile_writes_several_specs(run_cdsl, spec, tmp_path):
    spec("a.cdsl")
    spec("b.cdsl")
    assert run_cdsl("compile", "a.cdsl", "b.cdsl") == (0, "", "")
    assert (tmp_path / "a.py").read_text() == compiled("A")
    assert (tmp_path / "b.py").read_text() == compiled("B")


def test_compile_writes_where_it_is_told(run_cdsl, spec, tmp_path):
    spec()
    (tmp_path / "out").mkdir()
    assert run_cdsl("compile", "coin.cdsl", "-o", "other.py") == (0, "", "")
    assert run_cdsl("compile", "coin.cdsl", "--out-dir", "out") == (0, "", "")
    assert (tmp_path / "other.py").read_text() == (tmp_path / "out" / "coin.py").read_text() == compiled()
    assert names(tmp_path) == ["coin.cdsl", "other.py", "out"]


@pytest.mark.parametrize("arguments", [["--stdout"], ["-o", "-"]])
def test_compile_prints_instead(arguments, run_cdsl, spec, tmp_path):
    spec()
    assert run_cdsl("compile", "coin.cdsl", *arguments) == (0, compiled(), "")
    assert names(tmp_path) == ["coin.cdsl"]


def test_compile_reads_standard_input(run_cdsl, tmp_path):
    assert run_cdsl("compile", "-", stdin=GOOD) == (0, compiled("Model"), "")
    assert run_cdsl("compile", "-", "--name", "Coin", "-o", "coin.py", stdin=GOOD) == (0, "", "")
    assert (tmp_path / "coin.py").read_text() == compiled()
    ran = run_cdsl("compile", "-", stdin=BAD)
    assert (ran.rc, ran.stdout) == (1, "")
    assert " --> <stdin>:1:4" in ran.stderr


def test_compile_names_the_class(run_cdsl, spec):
    spec("my-model.cdsl")
    assert run_cdsl("compile", "my-model.cdsl", "--name", "Mine", "--stdout").stdout == compiled("Mine")


def test_the_class_is_named_after_the_file(run_cdsl, spec):
    spec("gaussian_mixture.cdsl")
    assert "class GaussianMixture(" in run_cdsl("compile", "gaussian_mixture.cdsl", "--stdout").stdout


def test_compile_emits_the_model(run_cdsl, spec):
    spec()
    data = json.loads(run_cdsl("compile", "coin.cdsl", "--emit", "model").stdout)
    assert data == cdsl.check(cdsl.parse(GOOD), "Coin").model.model_dump(mode="json")


def test_compile_emits_the_syntax_tree(run_cdsl, spec):
    spec()
    data = json.loads(run_cdsl("compile", "coin.cdsl", "--emit", "ast").stdout)
    assert data == cdsl.parse(GOOD).model_dump(mode="json")


@pytest.mark.parametrize("form", ["model", "ast"])
def test_other_forms_are_written_where_they_are_told_to_be(form, run_cdsl, spec, tmp_path):
    spec()
    assert run_cdsl("compile", "coin.cdsl", "--emit", form, "-o", "coin.json") == (0, "", "")
    assert json.loads((tmp_path / "coin.json").read_text())
    assert run_cdsl("compile", "coin.cdsl", "--emit", form, "-o", "coin.json") == (0, "", "")


def test_a_directory_for_another_form_is_not_ignored(run_cdsl, spec, tmp_path):
    spec()
    (tmp_path / "out").mkdir()
    ran = run_cdsl("compile", "coin.cdsl", "--emit", "model", "--out-dir", "out")
    assert names(tmp_path / "out") or ran.rc == 2


def test_compile_shows_warnings_and_writes(run_cdsl, spec, tmp_path):
    spec(text="frozen g: positive\n")
    ran = run_cdsl("compile", "coin.cdsl")
    assert (ran.rc, ran.stdout) == (0, "")
    assert ran.stderr.startswith("warning[W201]")
    assert ran.stderr.endswith("coin.cdsl: 1 warning\n")
    assert (tmp_path / "coin.py").exists()


def test_check_of_what_was_compiled(run_cdsl, spec, tmp_path):
    spec()
    ran = run_cdsl("compile", "--check", "coin.cdsl")
    assert (ran.rc, ran.stdout) == (1, "")
    assert "error[E007]: `coin.py` is not there" in ran.stderr
    assert names(tmp_path) == ["coin.cdsl"]
    run_cdsl("compile", "coin.cdsl")
    assert run_cdsl("compile", "--check", "coin.cdsl") == (0, "", "")
    spec(text=GOOD + "q: prob\n")
    ran = run_cdsl("compile", "--check", "coin.cdsl")
    assert (ran.rc, ran.stdout) == (1, "")
    assert "error[E007]: `coin.py` is not what the spec compiles to" in ran.stderr
    assert (tmp_path / "coin.py").read_text() == compiled()


@pytest.mark.parametrize("more", ["\n", "x = 1\n", " "])
def test_check_compares_to_the_end(more, run_cdsl, spec, tmp_path):
    spec()
    (tmp_path / "coin.py").write_text(compiled() + more)
    assert run_cdsl("compile", "--check", "coin.cdsl").rc == 1


def test_a_file_of_someone_else_is_not_replaced(run_cdsl, spec, tmp_path):
    spec()
    (tmp_path / "coin.py").write_text("precious = 1\n")
    ran = run_cdsl("compile", "coin.cdsl")
    assert (ran.rc, ran.stdout) == (1, "")
    assert "error[E006]: `coin.py` was not compiled by cdsl" in ran.stderr
    assert (tmp_path / "coin.py").read_text() == "precious = 1\n"
    assert run_cdsl("compile", "--force", "coin.cdsl") == (0, "", "")
    assert (tmp_path / "coin.py").read_text() == compiled()


def test_a_file_of_ours_is_replaced(run_cdsl, spec, tmp_path):
    spec()
    (tmp_path / "coin.py").write_text(f"{MARK}\n\nolder = True\n")
    assert run_cdsl("compile", "coin.cdsl") == (0, "", "")
    assert (tmp_path / "coin.py").read_text() == compiled()


@pytest.mark.parametrize("before", [b"\xff\xfe", b"#!/bin/sh\n", f" {MARK}\n".encode(), MARK[:-1].encode()])
def test_only_the_mark_makes_a_file_ours(before, invoke, spec, tmp_path):
    spec()
    (tmp_path / "coin.py").write_bytes(before)
    assert invoke("compile", "coin.cdsl").rc == 1
    assert (tmp_path / "coin.py").read_bytes() == before


@pytest.mark.parametrize("force", [[], ["--force"]])
def test_a_spec_is_never_replaced_by_what_it_compiles_to(force, run_cdsl, spec, tmp_path):
    spec("model.py")
    spec()
    assert run_cdsl("compile", "model.py", *force).rc != 0
    assert run_cdsl("compile", "coin.cdsl", "-o", "coin.cdsl", *force).rc != 0
    assert [(tmp_path / name).read_text() for name in names(tmp_path)] == [GOOD, GOOD]


def test_two_specs_do_not_compile_to_one_file(run_cdsl, spec, tmp_path):
    spec("a/coin.cdsl")
    spec("b/coin.cdsl", "q: real\n")
    (tmp_path / "out").mkdir()
    assert run_cdsl("compile", "a/coin.cdsl", "b/coin.cdsl", "--out-dir", "out").rc != 0
    assert names(tmp_path / "out") == []


@pytest.mark.parametrize("name", ["torch", "typing"])
def test_a_module_that_the_output_needs_is_not_shadowed(name, run_cdsl, spec, tmp_path):
    """`typing.py` beside a script breaks Python itself; the spec may come from anyone."""
    spec(f"{name}.cdsl")
    assert run_cdsl("compile", f"{name}.cdsl").rc != 0
    assert names(tmp_path) == [f"{name}.cdsl"]


def test_nothing_is_written_when_any_spec_has_an_error(run_cdsl, spec, tmp_path):
    spec("a.cdsl")
    spec("b.cdsl", BAD)
    spec("c.cdsl")
    ran = run_cdsl("compile", "a.cdsl", "b.cdsl", "c.cdsl", "missing.cdsl")
    assert (ran.rc, ran.stdout) == (1, "")
    assert "b.cdsl:1:4" in ran.stderr
    assert "error[E002]" in ran.stderr
    assert names(tmp_path) == ["a.cdsl", "b.cdsl", "c.cdsl"]


@pytest.mark.parametrize("arguments", [["--stdout"], ["--emit", "model"], ["--emit", "ast"]])
def test_nothing_is_printed_when_any_spec_has_an_error(arguments, invoke, spec):
    spec("a.cdsl")
    spec("b.cdsl", BAD)
    ran = invoke("compile", "a.cdsl", "b.cdsl", *arguments)
    assert ran.rc in (1, 2)
    assert ran.stdout == ""


def test_nothing_is_written_when_any_target_is_someone_else_s(run_cdsl, spec, tmp_path):
    spec("a.cdsl")
    spec("b.cdsl")
    (tmp_path / "b.py").write_text("precious = 1\n")
    assert run_cdsl("compile", "a.cdsl", "b.cdsl").rc == 1
    assert names(tmp_path) == ["a.cdsl", "b.cdsl", "b.py"]


@pytest.mark.parametrize(
    "target", [["-o", "no/such/place.py"], ["--out-dir", "no"], ["-o", "folder"], ["-o", "coin.cdsl/x.py"]]
)
def test_a_target_that_cannot_be_written_is_said_so(target, invoke, spec, tmp_path):
    spec()
    (tmp_path / "folder").mkdir()
    ran = invoke("compile", "coin.cdsl", *target)
    assert (ran.rc, ran.stdout) == (1, "")
    assert "error[E008]: " in ran.stderr
    assert "Traceback" not in ran.stderr
    assert names(tmp_path) == ["coin.cdsl", "folder"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_directory_that_may_not_be_written_is_said_so(run_cdsl, spec, tmp_path):
    spec()
    tmp_path.chmod(0o555)
    try:
        ran = run_cdsl("compile", "coin.cdsl")
    finally:
        tmp_path.chmod(0o755)
    assert ran.rc == 1
    assert "error[E008]" in ran.stderr


# -- bad input ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["check", "compile"])
@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("coin.cdsl", NOT_UTF8, "E001"),
        ("missing.cdsl", None, "E002"),
        ("folder", None, "E002"),
        ("my-model.cdsl", GOOD, "E003"),
        ("2d.cdsl", GOOD, "E003"),
        ("class.cdsl", GOOD, "E003"),
        ("coin.cdsl", "p: prob # \u202e\n", "E004"),
        ("coin.cdsl", "#" * (1 << 20) + "\n", "E005"),
        ("coin.cdsl", "p prob\n", "E101"),
        ("coin.cdsl", "", "E103"),
        ("coin.cdsl", BAD, "E201"),
    ],
)
def test_bad_input_has_its_code_and_exits_with_1(command, name, text, code, invoke, spec, tmp_path):
    (tmp_path / "folder").mkdir()
    if text is not None:
        spec(name, text)
    before = names(tmp_path)
    ran = invoke(command, name)
    said = ran.stderr if command == "compile" else ran.stdout
    assert ran.rc == 1
    assert f"error[{code}]: " in said
    assert f"--> {name}" in said
    assert said.splitlines()[-1].startswith(f"{name}: 1 error")
    assert names(tmp_path) == before


def test_a_file_without_a_name_for_its_class_is_checked_all_the_same(run_cdsl, spec):
    spec("my-model.cdsl", BAD)
    said = run_cdsl("check", "my-model.cdsl").stdout
    assert said.index("error[E003]") < said.index("error[E201]")
    assert said.splitlines()[-1].startswith("my-model.cdsl: 2 errors")
    assert (
        run_cdsl("check", "my-model.cdsl", "--name", "Mine")
        .stdout.splitlines()[-1]
        .startswith("my-model.cdsl: 1 error")
    )


def test_the_first_byte_that_is_not_utf8_is_named(run_cdsl, spec):
    spec(text=NOT_UTF8)
    assert "byte 0xe9 at offset 6" in run_cdsl("check", "coin.cdsl").stdout


@pytest.mark.parametrize("command", ["check", "compile"])
def test_a_byte_order_mark_means_nothing(command, run_cdsl, spec, tmp_path):
    spec(text=b"\xef\xbb\xbf" + GOOD.encode())
    assert run_cdsl(command, "coin.cdsl").rc == 0


def test_columns_do_not_count_a_byte_order_mark(run_cdsl, spec):
    spec(text=b"\xef\xbb\xbf" + BAD.encode())
    assert "coin.cdsl:1:4" in run_cdsl("check", "coin.cdsl").stdout


@pytest.mark.parametrize("text", [BAD, "p: prob \x1b[31m\n", 'p: "\x1b]0;title\x07"\n', "\x9b31m: prob\n"])
def test_output_is_free_of_colours_and_of_what_a_terminal_acts_on(text, run_cdsl, spec):
    spec(text=text)
    for arguments in (["check"], ["compile"], ["check", "--format", "json"]):
        ran = run_cdsl(*arguments, "coin.cdsl", env={"FORCE_COLOR": "1", "CLICOLOR_FORCE": "1", "TERM": "xterm"})
        assert all(char.isprintable() or char == "\n" for char in ran.stdout + ran.stderr)


# -- check -------------------------------------------------------------------------------------------------------------


def test_check_of_good_and_bad_specs(run_cdsl, spec):
    spec("a.cdsl")
    spec("b.cdsl", BAD + "q: prob = 2\n#: lost\n")
    ran = run_cdsl("check", "a.cdsl", "b.cdsl")
    assert (ran.rc, ran.stderr) == (1, "")
    assert ran.stdout.startswith("a.cdsl: no problems\nerror[E201]")
    assert ran.stdout.endswith("b.cdsl: 2 errors, 1 warning (`--fix` mends 1, `--fix --unsafe-fixes` mends 2)\n")
    assert run_cdsl("check", "a.cdsl") == (0, "a.cdsl: no problems\n", "")


def test_check_of_warnings_alone_is_fine(run_cdsl, spec):
    spec(text="frozen g: positive\n")
    ran = run_cdsl("check", "coin.cdsl")
    assert (ran.rc, ran.stderr) == (0, "")
    assert ran.stdout.endswith("coin.cdsl: 1 warning\n")


def test_check_says_what_the_library_says(run_cdsl, spec):
    from cdsl.diagnostics.text import render
    from cdsl.source import Source

    spec(text=BAD)
    expected = render(cdsl.check(cdsl.parse(BAD)).diagnostics, Source(BAD, "coin.cdsl"))
    assert run_cdsl("check", "coin.cdsl").stdout == f"{expected}\ncoin.cdsl: 1 error (`--fix --unsafe-fixes` mends 1)\n"


def test_check_reads_standard_input(run_cdsl):
    assert run_cdsl("check", "-", stdin=GOOD) == (0, "<stdin>: no problems\n", "")
    assert run_cdsl("check", "-", stdin=NOT_UTF8).rc == 1


def test_check_as_json(run_cdsl, spec):
    spec("a.cdsl")
    spec("b.cdsl", "p: prob\nσ: postive\n")
    spec("c.cdsl", NOT_UTF8)
    ran = run_cdsl("check", "--format", "json", "a.cdsl", "b.cdsl", "c.cdsl")
    assert (ran.rc, ran.stderr) == (1, "")
    first, second = json.loads(ran.stdout)
    assert first == {
        "code": "E201",
        "severity": "error",
        "message": "unknown domain `postive`",
        "label": "not a domain",
        "help": "did you mean `positive`?",
        "file": "b.cdsl",
        "start": {"offset": 11, "line": 2, "column": 4},
        "end": {"offset": 18, "line": 2, "column": 11},
        "fix": {
            "title": "write `positive`",
            "safe": False,
            "edits": [
                {
                    "text": "positive",
                    "start": {"offset": 11, "line": 2, "column": 4},
                    "end": {"offset": 18, "line": 2, "column": 11},
                }
            ],
        },
    }
    assert (second["code"], second["file"]) == ("E001", "c.cdsl")
    assert "start" not in second
    assert ran.stdout.isascii()


def test_check_as_json_of_nothing_wrong_is_an_empty_array(run_cdsl, spec):
    spec()
    assert run_cdsl("check", "--format", "json", "coin.cdsl") == (0, "[]\n", "")


def test_check_writes_nothing(run_cdsl, spec, tmp_path):
    spec()
    run_cdsl("check", "coin.cdsl")
    assert names(tmp_path) == ["coin.cdsl"]


# -- types and explain -------------------------------------------------------------------------------------------------


def test_types_lists_every_domain(run_cdsl):
    ran = run_cdsl("types")
    assert (ran.rc, ran.stderr) == (0, "")
    table, data, called = ran.stdout.split("\n\n")
    assert [row.split()[0].split("(")[0].split("[")[0] for row in data.splitlines()[1:]] == list(DISCRETE)
    assert [row.split("(")[0] for row in called.splitlines()[1:]][1:3] == [*functions()][1:3]
    rows = table.splitlines()[1:]
    assert [row.split("(")[0].split("[")[0].split()[0] for row in rows] == list(domains())
    assert all(
        transform in row for row, one in zip(rows, domains().values(), strict=True) for transform in one.transforms
    )


@pytest.mark.parametrize("name", ["simplex", "interval", "prob"])
def test_types_shows_one_domain_with_its_formulas(name, run_cdsl):
    ran = run_cdsl("types", name)
    assert (ran.rc, ran.stderr) == (0, "")
    assert ran.stdout.startswith(name)
    for transform in domains()[name].transforms:
        assert f"  via {transform}" in ran.stdout
    assert "log |d" in ran.stdout


def test_types_as_json(run_cdsl):
    every = json.loads(run_cdsl("types", "--json").stdout)
    assert [one["name"] for one in every] == list(domains())
    one = json.loads(run_cdsl("types", "simplex", "--json").stdout)
    assert one == next(entry for entry in every if entry["name"] == "simplex")
    assert [transform["name"] for transform in one["transforms"]] == list(domains()["simplex"].transforms)
    assert [transform["default"] for transform in one["transforms"]] == [True, False, False]


def test_types_of_no_domain(run_cdsl):
    ran = run_cdsl("types", "postive")
    assert (ran.rc, ran.stdout) == (2, "")
    assert "no domain or function `postive`, did you mean `positive`?" in ran.stderr


@pytest.mark.parametrize("name", functions())
def test_types_shows_one_function(name, invoke):
    ran = invoke("types", name)
    assert (ran.rc, ran.stderr) == (0, "")
    assert ran.stdout == f"{functions()[name].written}: {functions()[name].about}\n"


def test_types_says_which_package_could_not_be_loaded(invoke, monkeypatch):
    """After what it was asked for, and apart from it."""
    whole = invoke("types", "prob")
    monkeypatch.setattr("cdsl.cli.types.plugins", lambda: ("`mine:Domain` could not be loaded: no licence",))
    assert invoke("types", "prob") == (0, whole.stdout, "cdsl: `mine:Domain` could not be loaded: no licence\n")


@pytest.mark.parametrize("code", CODES)
def test_explain_says_what_a_code_means(code):
    """In this process: what the command adds is below."""
    from cdsl.diagnostics.codes import explain

    text = explain(code.lower())
    assert text.startswith(f"{code}: {CODES[code].title}\n\n{CODES[code].text}\n\nExample:\n\n    ")
    assert explain(code) == text


def test_explain(run_cdsl):
    ran = run_cdsl("explain", "e501")
    assert (ran.rc, ran.stderr) == (0, "")
    assert ran.stdout.startswith("E501: ")
    ran = run_cdsl("explain", "E50")
    assert (ran.rc, ran.stdout) == (2, "")
    assert "no code `E50`, did you mean `E50" in ran.stderr


# -- usage -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["chekc"],
        ["check"],
        ["compile"],
        ["explain"],
        ["check", "--no-such-option", "coin.cdsl"],
        ["check", "--format", "xml", "coin.cdsl"],
        ["compile", "--emit", "java", "coin.cdsl"],
        ["compile", "--stdout", "-o", "x.py", "coin.cdsl"],
        ["compile", "--stdout", "--out-dir", ".", "coin.cdsl"],
        ["compile", "--out-dir", ".", "-o", "x.py", "coin.cdsl"],
        ["compile", "-o", "x.py", "coin.cdsl", "coin.cdsl"],
        ["compile", "--name", "X", "coin.cdsl", "coin.cdsl"],
        ["compile", "--check", "--stdout", "coin.cdsl"],
        ["compile", "--check", "-"],
        ["types", "prob", "real"],
        ["explain", "E999"],
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_with_2_and_writes_nothing(arguments, invoke, spec, tmp_path):
    spec()
    ran = invoke(*arguments)
    assert (ran.rc, ran.stdout) == (2, "")
    assert ran.stderr.startswith("Usage: cdsl")
    assert names(tmp_path) == ["coin.cdsl"]


@pytest.mark.parametrize(
    ("word", "meant"), [("chekc", "check"), ("complie", "compile"), ("type", "types"), ("Explain", "explain")]
)
def test_a_command_that_there_is_not_suggests_one(word, meant, run_cdsl):
    assert f"no command `{word}`, did you mean `{meant}`?" in run_cdsl(word).stderr


@pytest.mark.parametrize(
    "arguments", [["--help"], ["-h"], ["compile", "--help"], ["check", "-h"], ["--version"]], ids=" ".join
)
def test_help_and_version_exit_with_0(arguments, invoke):
    ran = invoke(*arguments)
    assert (ran.rc, ran.stderr) == (0, "")
    assert ran.stdout.startswith(("Usage: cdsl", f"cdsl, version {cdsl.__version__}\n"))


def test_the_installed_command_is_the_module(run_cdsl, spec, tmp_path):
    script = Path(sys.executable).with_name("cdsl")
    if not script.exists():
        pytest.skip("cdsl is not installed as a command")
    done = subprocess.run([script, "types"], capture_output=True, text=True, encoding="utf-8", check=True)
    assert done.stdout == run_cdsl("types").stdout


def test_a_bug_of_ours_exits_with_70_and_says_so(python, spec):
    spec()
    code = (
        "import sys, cdsl.cli.specs as specs, cdsl.cli\n"
        "def broken(*arguments): raise RuntimeError('boom')\n"
        "specs.parse = broken\n"
        "sys.argv = ['cdsl', 'check', 'coin.cdsl']\n"
        "cdsl.cli.main()\n"
    )
    ran = python("-c", code)
    assert (ran.rc, ran.stdout) == (70, "")
    assert "RuntimeError: boom" in ran.stderr
    assert "this is a bug of cdsl's" in ran.stderr


def test_a_terminal_that_is_not_utf8_is_no_bug(run_cdsl, spec):
    spec(text="σ: postive\n")
    for encoding in ("ascii", "latin-1"):
        ran = run_cdsl("check", "coin.cdsl", env={"PYTHONIOENCODING": encoding, "LC_ALL": "C", "PYTHONUTF8": "0"})
        assert ran.rc == 1
        assert "σ: postive" in ran.stdout


def test_a_reader_that_goes_away_is_no_bug(spec, tmp_path):
    text = "".join(f"p{number}: prob\n" for number in range(500))
    spec(text=text)
    ran = subprocess.run(
        f"{sys.executable} -m cdsl compile coin.cdsl --stdout | head -1",
        shell=True,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stdout == f"{MARK}\n"
    assert "Traceback" not in ran.stderr


# -- whole or not at all -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", [0o644, 0o600, 0o755, 0o664])
def test_a_file_that_is_replaced_keeps_its_permissions(mode, tmp_path):
    target = tmp_path / "target.py"
    target.write_text("before")
    target.chmod(mode)
    write_whole(target, "after")
    assert target.read_text() == "after"
    assert stat.S_IMODE(target.stat().st_mode) == mode
    assert names(tmp_path) == ["target.py"]


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_a_new_file_has_the_permissions_of_any_new_file(mask, mode, tmp_path):
    before = os.umask(mask)
    try:
        write_whole(tmp_path / "target.py", "text")
        assert os.umask(mask) == mask
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "target.py").stat().st_mode) == mode


def test_lines_end_and_letters_are_written_as_they_are(tmp_path):
    write_whole(tmp_path / "target.py", "σ\n数\r\n")
    assert (tmp_path / "target.py").read_bytes() == "σ\n数\r\n".encode()


@pytest.mark.parametrize("broken", ["replace", "fsync", "fchmod"])
def test_a_failure_leaves_the_old_file_and_nothing_else(broken, tmp_path, monkeypatch):
    target = tmp_path / "target.py"
    target.write_text("before")

    def fail(*arguments, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, broken, fail)
    if broken == "replace":
        monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="No space left"):
        write_whole(target, "after")
    monkeypatch.undo()
    assert target.read_text() == "before"
    assert names(tmp_path) == ["target.py"]


def test_an_interrupt_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    target = tmp_path / "target.py"
    target.write_text("before")

    def interrupt(number):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_whole(target, "after")
    assert target.read_text() == "before"
    assert names(tmp_path) == ["target.py"]


def test_a_text_that_cannot_be_encoded_leaves_the_old_file(tmp_path):
    target = tmp_path / "target.py"
    target.write_text("before")
    with pytest.raises(UnicodeEncodeError):
        write_whole(target, "\ud800")
    assert target.read_text() == "before"
    assert names(tmp_path) == ["target.py"]


def test_the_old_file_is_there_until_the_new_one_is(tmp_path, monkeypatch):
    """A reader at any moment sees one of the two: what was written is whole, and on disk, before it takes the name."""
    target = tmp_path / "target.py"
    target.write_text("before")
    seen = []
    real = os.fsync

    def fsync(number):
        (temporary,) = set(tmp_path.iterdir()) - {target}
        seen.append((target.read_text(), temporary.read_text()))
        real(number)

    monkeypatch.setattr(files.os, "fsync", fsync)
    write_whole(target, "after")
    assert seen[0] == ("before", "after")
    assert target.read_text() == "after"


FULL_DISK = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (64, 64))
from cdsl.cli import main
sys.argv = ["cdsl", "compile", "coin.cdsl"]
main()
"""


def test_a_full_disk_leaves_the_old_file_and_exits_with_1(python, spec, tmp_path):
    pytest.importorskip("resource")
    spec()
    old = f"{MARK}\nolder = True\n"
    (tmp_path / "coin.py").write_text(old)
    ran = python("-c", FULL_DISK)
    assert (ran.rc, ran.stdout) == (1, "")
    assert "error[E008]: cannot write `coin.py`: File too large" in ran.stderr
    assert (tmp_path / "coin.py").read_text() == old
    assert names(tmp_path) == ["coin.cdsl", "coin.py"]


def test_a_link_is_followed_or_replaced_and_never_broken(run_cdsl, spec, tmp_path):
    spec()
    (tmp_path / "real.py").write_text(f"{MARK}\n")
    (tmp_path / "coin.py").symlink_to("real.py")
    assert run_cdsl("compile", "coin.cdsl").rc == 0
    assert (tmp_path / "coin.py").read_text() == compiled()


def test_a_link_to_a_file_of_someone_else_is_not_replaced(run_cdsl, spec, tmp_path):
    spec()
    (tmp_path / "real.py").write_text("precious = 1\n")
    (tmp_path / "coin.py").symlink_to("real.py")
    assert run_cdsl("compile", "coin.cdsl").rc == 1
    assert (tmp_path / "coin.py").is_symlink()
    assert (tmp_path / "real.py").read_text() == "precious = 1\n"
