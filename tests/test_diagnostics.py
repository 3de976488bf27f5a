"""Diagnostics in every form, fixes put into texts, warnings and the comments that ignore them."""

import json
import re
from urllib.parse import unquote

import pytest
from click.testing import CliRunner

import cdsl
from cdsl import __version__
from cdsl.checker.ignored import heed, spans_of
from cdsl.checker.imports import Files
from cdsl.cli import cdsl as command_line
from cdsl.cli import specs
from cdsl.diagnostics import Diagnostic, Edit, Fix, Label, concise, github, sarif
from cdsl.diagnostics.codes import CODES, PEDANTIC
from cdsl.diagnostics.fixes import apply, fixed
from cdsl.diagnostics.text import render
from cdsl.source import Source, Span

from .test_reject import FIXTURES, halves

BAD = """\
p: prop
s: prob = 0.3 via probit;
w: simplex[3] = [0.333, 0.333, 0.333]
x: real[3] // three numbers
q: prob = 2^-2
r: prob 0.5
#: nobody's
"""


def problems_of(text):
    """What is wrong with a text."""
    return cdsl.check(cdsl.parse(text)).diagnostics


def span_of(text, word, occurrence=0):
    """Where a word stands."""
    start = [found.start() for found in re.finditer(re.escape(word), text)][occurrence]
    return Span(start, start + len(word))


# -- the text form -----------------------------------------------------------------------------------------------------


def test_both_operands_of_a_mismatch_are_underlined_with_their_shapes():
    text = "dim N\ndim K\ndata X: real[N]\nbeta: real[K]\nlet m = X * beta\n"
    assert (
        render(problems_of(text), Source(text, "m.cdsl"))
        == """\
error[E403]: `*` needs equal last sizes, got `N` and `K`
 --> m.cdsl:5:13
  |
5 | let m = X * beta
  |         -   ^^^^ a vector [K]
  |         |
  |         a vector [N]
"""
    )


def test_labels_on_other_lines_are_shown_in_the_order_of_the_text():
    text = "a: real\n\n\n\nb: real\nc: real\n"
    one = Diagnostic(
        code="E101",
        message="three places",
        span=span_of(text, "b"),
        label="here",
        also=(Label(span=span_of(text, "c"), text="below"), Label(span=span_of(text, "a"), text="above")),
    )
    assert (
        render([one], Source(text, "x.cdsl"))
        == """\
error[E101]: three places
 --> x.cdsl:5:1
  |
1 | a: real
  | - above
...
5 | b: real
  | ^ here
6 | c: real
  | - below
"""
    )


def test_marks_stand_below_wide_characters_and_labels_hang_below_marks():
    text = "名 = αβ + γ\n"
    one = Diagnostic(
        code="E101",
        message="wide",
        span=span_of(text, "αβ"),
        label="greek",
        also=(Label(span=span_of(text, "名"), text="name"), Label(span=span_of(text, "γ"), text="more")),
    )
    assert (
        render([one], Source(text, "x.cdsl"))
        == """\
error[E101]: wide
 --> x.cdsl:1:5
  |
1 | 名 = αβ + γ
  | --   ^^   - more
  | |    |
  | |    greek
  | name
"""
    )


def test_of_a_long_line_the_part_in_question_is_shown():
    text = f"x: concat({'a, ' * 200}guilty{', b' * 200})\n"
    one = Diagnostic(
        code="E205", message="", span=span_of(text, "guilty"), also=(Label(span=Span(0, 1), text="far away"),)
    )
    report = render([one], Source(text))
    shown, marks = report.splitlines()[3:5]
    assert len(shown) < 180
    assert shown[marks.index("^") : marks.rindex("^") + 1] == "guilty"
    assert "far away" not in report


def test_paint_changes_nothing_but_colours():
    text = "a: prop\na: prob\n"
    painted = render(problems_of(text), Source(text), lambda piece, role: f"<{role}>{piece}</>")
    assert re.sub(r"</>|<(error|warning|also|gutter|help)>", "", painted) == render(problems_of(text), Source(text))
    assert {"error", "also", "gutter", "help"} <= set(re.findall(r"<(\w+)>", painted))


# -- the other forms ---------------------------------------------------------------------------------------------------


def test_concise_is_one_line_each():
    lines = concise.render([(problems_of(BAD), Source(BAD, "bad.cdsl"))]).splitlines()
    assert lines[0] == "bad.cdsl:1:4: error[E201]: unknown domain `prop` (did you mean `prob`?)"
    assert len(lines) == len(problems_of(BAD))


def test_github_commands_escape_what_would_end_them():
    source = Source("p: prop\n", "a,b:c%.cdsl")
    assert github.render([(problems_of(source.text), source)]) == (
        "::error file=a%2Cb%3Ac%25.cdsl,title=error[E201],line=1,endLine=1,col=4,endColumn=8"
        "::unknown domain `prop`%0Adid you mean `prob`?\n"
    )


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda file: file.stem)
def test_every_form_has_every_problem(fixture):
    spec, _ = halves(fixture)
    found = [(problems_of(spec), Source(spec, "a b.cdsl"))]
    count = len(found[0][0])
    assert concise.render(found).count("\n") == count
    assert github.render(found).count("\n") == count
    results = json.loads(sarif.render(found, __version__))["runs"][0]["results"]
    assert [one["ruleId"] for one in results] == [one.code for one in found[0][0]]
    for one, result in zip(found[0][0], results, strict=True):
        place = result["locations"][0]["physicalLocation"]
        assert unquote(place["artifactLocation"]["uri"]) == "a b.cdsl"
        assert ("region" in place) == (one.span is not None)
        assert len(result.get("relatedLocations", ())) == len(one.also)
        assert ("fixes" in result) == (one.fix is not None)


def test_sarif_says_what_its_rules_mean():
    (run,) = json.loads(sarif.render([(problems_of(BAD), Source(BAD, "bad.cdsl"))], "1.2.3"))["runs"]
    driver = run["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("cdsl", "1.2.3")
    for result in run["results"]:
        rule = driver["rules"][result["ruleIndex"]]
        assert rule["id"] == result["ruleId"]
        assert rule["shortDescription"]["text"] == CODES[rule["id"]].title


# -- fixes -------------------------------------------------------------------------------------------------------------


def test_safe_fixes_write_what_was_plainly_meant():
    text, done = fixed(BAD, problems_of)
    assert (
        text
        == """\
p: prop
s: prob via probit = 0.3
w: simplex[3] = [0.333, 0.333, 0.333] / 0.999
x: real[3] # three numbers
q: prob = 2**-2
r: prob = 0.5
# nobody's
"""
    )
    assert all(one.safe for one in done)
    assert [one.code for one in problems_of(text)] == ["E201"]


def test_unsafe_fixes_guess():
    text, _ = fixed(BAD, problems_of, unsafe=True)
    assert text.startswith("p: prob\n")
    assert problems_of(text) == ()


@pytest.mark.untraced
@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda file: file.stem)
def test_fixes_never_make_a_text_worse(fixture):
    """They come to an end with none left to apply; a syntax error may hide others, and a fix gives none of its own."""
    spec, _ = halves(fixture)
    text, done = fixed(spec, problems_of, unsafe=True)
    assert (text == spec) == (not done)
    assert not any(one.fix for one in problems_of(text))
    before, after = ([one.code for one in problems_of(each)].count("E101") for each in (spec, text))
    assert after <= before


def test_of_two_fixes_for_one_place_the_first_is_applied():
    first = Fix.writing("A", Span(0, 1))
    second = Fix(title="two edits", edits=(Edit(span=Span(0, 1), text="B"), Edit(span=Span(2, 3), text="B")))
    third = Fix.writing("C", Span(2, 3))
    assert apply("abc", [first, second, third]) == ("AbC", [first, third])


def test_fixes_that_undo_each_other_come_to_an_end():
    def swap(text):
        other = {"a": "b", "b": "a"}[text]
        return [Diagnostic(code="W101", message="", fix=Fix.writing(other, Span(0, 1), safe=True))]

    text, done = fixed("a", swap)
    assert text in ("a", "b")
    assert len(done) == 10


def test_a_fix_that_gives_a_good_spec_an_error_is_not_taken():
    text = "model A {\n    dim K\n    x: real\n}\na: A(K=2)\n"
    assert [one.code for one in problems_of(text) if one.fix] == ["W202"]
    assert fixed(text, problems_of, unsafe=True) == (text, [])


def test_what_is_removed_takes_its_doc_along_and_no_other():
    text = "#: of x\nx: real\n\n#: observations\n#: in years\ndim N\ny: real\n"
    assert fixed(text, problems_of, unsafe=True)[0] == "#: of x\nx: real\n\ny: real\n"


@pytest.mark.parametrize(
    "text", ["x: interval(0, frozen\n", "x: real[2;2]\n", "y: interval(0; 1)\n", "z: int(0, via 1)\n"]
)
def test_no_safe_fix_guesses_inside_brackets(text):
    assert fixed(text, problems_of) == (text, [])


# -- warnings ----------------------------------------------------------------------------------------------------------


def test_an_ignore_is_heeded_on_its_line_or_the_next_and_nowhere_else():
    codes = [
        one.code for one in problems_of("dim A  # cdsl: ignore[W202]\n#cdsl:ignore[W202]\ndim B\ndim C\np: prob\n")
    ]
    assert codes == ["W202"]


def test_an_ignore_never_hides_an_error():
    codes = [one.code for one in problems_of("p: prop  # cdsl: ignore[E201]\n")]
    assert codes == ["E201", "W102"]


def test_an_ignore_speaks_of_a_declaration_on_all_its_lines_and_behind_another_comment():
    for text in (
        "w: cholesky_corr[  # cdsl: ignore[W302]\n    5,\n    5]\n",
        "w: cholesky_corr[\n    5,\n    5]  #: a doc  # cdsl: ignore[W302]\n",
        "#: a doc\n# cdsl: ignore[W302]\nw: cholesky_corr[\n    5,\n    5]\n",
    ):
        assert problems_of(text) == (), text
    (one,) = cdsl.parse("p: prob  #: a doc  # cdsl: ignore[W302]\n").declarations
    assert one.doc == "a doc"


def test_an_ignore_of_nothing_in_particular_ignores_nothing():
    found = problems_of("dim K  # cdsl: ignore\np: prob\n")
    assert [one.code for one in found] == ["W202", "W102"]
    assert found[1].message == "what is ignored is named"


def test_what_a_nested_model_uses_is_used(tmp_path):
    (tmp_path / "noise.cdsl").write_text("model Noise { width: positive }\n")
    (tmp_path / "outer.cdsl").write_text('from "noise.cdsl" import Noise\nmodel Outer {\n    n: Noise\n}\no: Outer\n')
    checked = cdsl.check(cdsl.parse((tmp_path / "outer.cdsl").read_text()), "Outer_", Files.of(tmp_path / "outer.cdsl"))
    assert checked.diagnostics == ()


def test_what_an_alias_stands_for_was_chosen():
    spec = cdsl.parse("type share = interval(0, 1)\ntype safe = interval(-1e9, 1e9)\nx: share\ny: safe\n")
    assert cdsl.check(spec, pedantic=True).diagnostics == ()


def test_an_ignore_in_a_string_is_none():
    assert cdsl.parse('from "# cdsl: ignore[W202]" import a\n').ignores == ()


def test_a_warning_that_is_only_heard_on_demand_can_be_ignored_all_the_same():
    spec = cdsl.parse("p: interval(0, 1)  # cdsl: ignore[W402]\n")
    assert cdsl.check(spec).diagnostics == ()
    assert cdsl.check(spec, pedantic=True).diagnostics == ()


def test_many_ignores_and_problems_take_no_time_in_their_product():
    text = "dim A  # cdsl: ignore[W202]\n" * 3000
    spec = cdsl.parse(text)
    warnings = [Diagnostic(code="W202", message="", span=Span(place, place + 1)) for place in range(0, len(text), 9)]
    assert list(heed(spec.ignores, spans_of(spec.declarations), warnings, whole=True)) == []


def test_pedantic_warnings_are_warnings():
    assert {code[0] for code in PEDANTIC} == {"W"}
    assert set(CODES) >= PEDANTIC


# -- the command -------------------------------------------------------------------------------------------------------


@pytest.fixture
def bad(tmp_path, monkeypatch):
    """A file with mistakes, in the working directory."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "bad.cdsl"
    path.write_text(BAD, encoding="utf-8")
    return path


def test_fix_writes_the_file_and_reports_what_is_left(bad, run_cdsl):
    ran = run_cdsl("check", "--fix", "bad.cdsl")
    assert ran.rc == 1
    assert ran.stdout.endswith("bad.cdsl: 1 error (`--fix --unsafe-fixes` mends 1)\n")
    assert "s: prob via probit = 0.3\n" in bad.read_text()
    assert run_cdsl("check", "--fix", "--unsafe-fixes", "bad.cdsl") == (0, "bad.cdsl: no problems\n", "")


def test_diff_shows_and_writes_nothing(bad, run_cdsl):
    ran = run_cdsl("check", "--diff", "bad.cdsl")
    assert (ran.rc, ran.stderr) == (1, "bad.cdsl:1:4: error[E201]: unknown domain `prop` (did you mean `prob`?)\n")
    assert {"-q: prob = 2^-2", "+q: prob = 2**-2"} <= {*ran.stdout.splitlines()}
    assert bad.read_text() == BAD
    bad.write_text("p: prob\n")
    assert run_cdsl("check", "--diff", "bad.cdsl") == (0, "", "")
    bad.write_text("p: prop\n")  # which no safe fix mends
    ran = run_cdsl("check", "--diff", "bad.cdsl", "nothing.cdsl")
    assert (ran.rc, ran.stdout) == (1, "")
    assert "error[E201]" in ran.stderr
    assert "error[E002]" in ran.stderr


def test_what_is_removed_takes_its_line_along(bad, run_cdsl):
    bad.write_text("# the sizes\ndim N\ndim M  # columns of X\nx: real  # cdsl: ignore[W202]\n")
    assert run_cdsl("check", "--fix", "--unsafe-fixes", "bad.cdsl").rc == 0
    assert bad.read_text() == "# the sizes\nx: real\n"


def test_fixes_are_of_the_warnings_that_are_heard(bad, run_cdsl):
    bad.write_text("p: interval(0, 1)\n#: lost\n")
    assert run_cdsl("check", "--fix", "--warn", "none", "bad.cdsl").rc == 0
    assert bad.read_text() == "p: interval(0, 1)\n#: lost\n"
    assert run_cdsl("check", "--fix", "--unsafe-fixes", "--warn", "all", "bad.cdsl").rc == 0
    assert bad.read_text() == "p: prob\n# lost\n"


def test_fix_keeps_a_byte_order_mark_and_line_ends(bad, run_cdsl):
    bad.write_bytes("\ufeffq: prob = 2^-2\r\np: prob;\r\n".encode())
    assert run_cdsl("check", "--fix", "bad.cdsl").rc == 0
    assert bad.read_bytes() == "\ufeffq: prob = 2**-2\r\np: prob\r\n".encode()


def test_levels_of_warnings(bad, run_cdsl):
    bad.write_text("dim K\np: interval(0, 1)\n")
    said = {
        level: run_cdsl("check", "--format", "concise", "--warn", level, "bad.cdsl")
        for level in "none default all error".split()
    }
    codes = {level: re.findall(r"\[(\w+)\]", ran.stdout) for level, ran in said.items()}
    assert codes == {"none": [], "default": ["W202"], "all": ["W202", "W402"], "error": ["W202"]}
    assert {level: ran.rc for level, ran in said.items()} == {"none": 0, "default": 0, "all": 0, "error": 1}


@pytest.mark.parametrize("arguments", [("--fix", "-"), ("--fix", "--diff", "bad.cdsl"), ("--unsafe-fixes", "bad.cdsl")])
def test_wrong_uses_of_fix(bad, run_cdsl, arguments):
    assert run_cdsl("check", *arguments).rc == 2
    assert bad.read_text() == BAD


def test_a_file_that_cannot_be_written_is_told_and_the_others_are_mended(bad, run_cdsl, monkeypatch):
    good = bad.with_name("good.cdsl")
    good.write_text("q: prob = 2^-2\n")
    real = specs.write_whole

    def refuse(path, text):
        if path.name == "bad.cdsl":
            raise PermissionError(13, "Permission denied")
        real(path, text)

    monkeypatch.setattr(specs, "write_whole", refuse)
    ran = CliRunner().invoke(command_line, ["check", "--fix", "bad.cdsl", "good.cdsl"])
    assert ran.exit_code == 1
    assert "error[E008]: cannot write `bad.cdsl`: Permission denied" in ran.output
    assert bad.read_text() == BAD
    assert good.read_text() == "q: prob = 2**-2\n"


def test_sarif_has_a_file_whose_name_is_no_text():
    source = Source("p: prop\n", b"\xff.cdsl".decode("utf-8", "surrogateescape"))
    (run,) = json.loads(sarif.render([(problems_of(source.text), source)], __version__))["runs"]
    (result,) = run["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "%FF.cdsl"
