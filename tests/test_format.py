"""The formatter: what it keeps, whatever it is given, and what specs look like that went through it."""

import os
import re
import stat
import time
from itertools import count, pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

import cdsl
from cdsl.cli import cdsl as command_line
from cdsl.source import Span, width
from cdsl.syntax.format import MARK, edits, format_range
from cdsl.syntax.parse import parse, tokens_in

from .conftest import Ran
from .test_random_specs import specs

TESTS = Path(__file__).parent
ROOT = TESTS.parent

FILES = {
    "accept": sorted((TESTS / "accept").glob("*.cdsl")),
    "examples": sorted((ROOT / "examples").glob("*.cdsl")),
    "posteriordb": sorted((TESTS / "posteriordb").glob("*.cdsl")),
    "reject": sorted((TESTS / "reject").glob("*.cdsl")),
    "docs": [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))],
}


def texts(file):
    """The specs in a file: each block of a page, or the file; a report in it is comments."""
    text = file.read_bytes().decode()
    if file.suffix == ".md":
        return re.findall(r"^```cdsl\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [text]


def meaning(node):
    """What is written, without where."""
    if isinstance(node, BaseModel):
        fields = {name: getattr(node, name) for name in type(node).model_fields}
        return type(node).__name__, {name: meaning(value) for name, value in fields.items() if name != "diagnostics"}
    if isinstance(node, Span):
        return None
    return [meaning(one) for one in node] if isinstance(node, tuple) else node


def comments(text):
    """Every comment in order, found without the lexer."""
    found = (re.fullmatch(r'(?:[^"#]|"[^"]*")*(#.*)', line.rstrip(" \t\f\r")) for line in text.split("\n"))
    return [one[1] for one in found if one]


def tokens(text):
    """The tokens but for commas that nothing follows, and where lines end."""
    kept = [token for token in tokens_in(text.removeprefix(MARK)) if token.type != "_NL"]
    following = [*(token.type for token in kept[1:]), ""]
    return [
        str(token)
        for token, after in zip(kept, following[: len(kept)], strict=True)
        if not (token.type == "COMMA" and after in ("RPAR", "RSQB"))
    ]


def codes(text):
    """The codes of all problems."""
    return sorted(one.code for one in cdsl.check(cdsl.parse(text)).diagnostics)


def applied(text, changes):
    """A text with edits made."""
    for one in reversed(changes):
        text = text[: one.span.start] + one.text + text[one.span.end :]
    return text


def assert_laws(text):
    """All that holds of the layout of any spec, which it returns."""
    out = cdsl.format(text)
    assert cdsl.format(out) == out
    assert meaning(parse(out)) == meaning(parse(text))
    assert comments(out) == comments(text)
    assert tokens(out) == tokens(text)
    assert applied(text, edits(text)) == out
    newline = "\r\n" if "\r\n" in out else "\n"
    lines = out.removeprefix(MARK).split(newline)
    assert lines[-1] == ""
    assert all(lines[:1]) or lines == [""]
    assert not [line for line in lines if line.endswith((" ", "\t", "\f", "\r")) or line.startswith(("\t", "\f"))]
    assert lines[-2:] != ["", ""]
    return out


def readable(text):
    """Whether a text has no syntax errors."""
    return not any(one.code.startswith("E") for one in parse(text).diagnostics)


# -- laws --------------------------------------------------------------------------------------------------------------


@pytest.mark.untraced
@pytest.mark.parametrize("kind", FILES)
def test_every_spec_of_the_repository_keeps_its_meaning_and_its_comments(kind):
    formatted = 0
    for file in FILES[kind]:
        for text in texts(file):
            if readable(text):
                out = assert_laws(text)
                if kind in ("reject", "docs"):
                    assert codes(out) == codes(text), file
                formatted += 1
            else:
                with pytest.raises(cdsl.SpecError):
                    cdsl.format(text)
    assert formatted > {"accept": 20, "examples": 0, "posteriordb": 100, "reject": 100, "docs": 4}[kind]


WORD = re.compile(r"[\w.\"]")


def glued(before, after):
    """Whether two tokens may stand without a blank between them."""
    return not (WORD.match(before[-1]) and WORD.match(after[0]))


def mangled(text, one, *, remarks):
    """The same spec with other blanks, and newlines inside brackets; with comments and blank lines if they are asked for."""
    number, depth, parts = count(), 0, []
    for token, after in pairwise([*tokens_in(text), None]):
        parts.append(str(token) if token.type != "_NL" else "")
        depth += (token.type in ("LPAR", "LSQB")) - (token.type in ("RPAR", "RSQB"))
        if token.type in ("_NL", "LBRACE"):
            if remarks and one([False, True]):
                parts.append(one([" #", "#: doc ", "  # cdsl: remark "]) + f"{next(number)}" + one(["", "  ", "\t"]))
            if token.type == "_NL" or one([False, True]) or remarks:
                parts.append(one(["\n", " \n", "\t\n"]))
            if remarks:
                lines = ["", "\n", "\n\n \n", f"\t# own {next(number)}\n", f"\n#: own {next(number)} \n\n"]
                parts.append(one(lines) + one(["", "  ", "\t"]))
        elif after is not None and after.type not in ("_NL", "RBRACE"):
            blanks = [" ", "  ", "\t", *[""] * glued(token, after)]
            inside = ["\n", "\n\n    "] + [f" # in {next(number)}\n"] * remarks if depth else []
            parts.append(one([*blanks, *blanks, *inside]))
    return "".join(parts)


ONE = st.randoms(use_true_random=False).map(lambda random: random.choice)


@settings(max_examples=30, suppress_health_check=list(HealthCheck))
@given(spec=specs(), one=ONE)
def test_the_layout_does_not_depend_on_the_blanks_that_were_there(spec, one):
    other = mangled(spec, one, remarks=False)
    assert cdsl.format(other) == assert_laws(spec)


@settings(max_examples=30, suppress_health_check=list(HealthCheck))
@given(spec=specs(), one=ONE, newline=st.sampled_from(["\n", "\r\n"]), mark=st.sampled_from(["", MARK]))
def test_comments_stay_wherever_they_stand(spec, one, newline, mark):
    other = mark + mangled(spec, one, remarks=True).replace("\n", newline)
    assert readable(other), other
    out = assert_laws(other)
    assert out.startswith(MARK) == bool(mark)
    assert out.count("\n") == out.count(newline)


PIECES = st.sampled_from(
    [*"abx ( ) [ ] { } = : , . + - * / ** < ~ += # #: \n \r\n \t ... 1 2.5 1. .5 \" é 数 \x0c \x0b \u2028 \ufeff".split(" "),
     " ", "dim", "data", "let", "type", "model", "via", "frozen", "from", "x: real", "x: real[", "model A {", "\n"]
)  # fmt: skip


@settings(max_examples=200, suppress_health_check=list(HealthCheck))
@given(st.lists(PIECES, max_size=12).map("".join))
def test_any_text_is_formatted_or_refused(text):
    if readable(text):
        assert_laws(text)
    else:
        with pytest.raises(cdsl.SpecError) as raised:
            cdsl.format(text)
        assert raised.value.diagnostics
        assert edits(text) == ()


def test_what_cannot_be_read_is_refused_as_check_refuses_it():
    nested = "".join(f"model A{depth} {{\n" for depth in range(101)) + "x: real\n" + "}\n" * 101
    for text in (
        "x real\n",
        "x: real[\n",
        "x: real = " + "(" * 200,
        "x: real  # \u202e\n",
        "x: real\n" * 150_000,
        nested,
    ):
        with pytest.raises(cdsl.SpecError) as raised:
            cdsl.format(text)
        expected = [one for one in cdsl.parse(text).diagnostics if one.code.startswith("E")]
        assert raised.value.diagnostics == tuple(expected)


def test_limits_that_are_just_met_are_formatted():
    for text in (
        f"x: real = {'[' * 99}1{']' * 99}\n",
        f"x: real = {' + '.join(['1'] * 190)}\n",
        f"x: real = ({' + '.join(['long_name'] * 190)})\n",
        f"x: real[300] = [{', '.join(['0.25'] * 900)}]\n",
        f"x: real = {'-' * 190}1\n",
        "x: real\n" + "# long " * 100_000 + "\n",
        "".join("    " * depth + f"model A{depth} {{\n" for depth in range(90)) + "x: real\n" + "}\n" * 90,
    ):
        assert_laws(text)


def test_only_an_ignore_keeps_a_declaration_on_its_lines():
    spec = "w: simplex[\n    4]  # {} of plants\n"
    assert cdsl.format(spec.format("cdsl: a spec")) == "w: simplex[4]  # cdsl: a spec of plants\n"
    kept = spec.format("cdsl: ignore[W303]")
    assert cdsl.format(kept) == kept


@pytest.mark.untraced
def test_time_grows_with_the_length():
    def seconds(many):
        text = "".join(f"x{at}:interval(0,{at}+1)[3]via probit=[1,2,3]#: {at}\n" for at in range(many))
        start = time.process_time()
        cdsl.format(text)
        return time.process_time() - start

    # linear is 8 times, quadratic 64; the best of three, because other tests run beside this one
    assert min(seconds(1600) for _ in range(3)) < 24 * min(seconds(200) for _ in range(3))


# -- what it looks like ------------------------------------------------------------------------------------------------

GOLDEN = {
    "columns of neighbours of one kind": (
        """\
dim N
dim K=3   # how many
data y:real[N]   #: what was seen
dim D
data temperature : positive=1.0

p:prob=0.3
weights : simplex[K]    #: shares
tau:interval(0.1,10)[K] via probit
mu: ordered[ 3 ]=[-1,0,2.5]  #: in order
s: positive via exp=2
scales: positive[K]   via softplus(scale=2) = 1
frozen gravity:positive=9.81
let a=p
let longer = a+1
type row=simplex[4]
""",
        """\
dim N
dim K = 3                  # how many
data y:           real[N]  #: what was seen
dim D
data temperature: positive = 1.0

p:       prob       = 0.3
weights: simplex[K]                 #: shares
tau:     interval(0.1, 10)[K] via probit
mu:      ordered[3] = [-1, 0, 2.5]  #: in order
s:       positive             via exp               = 2
scales:  positive[K]          via softplus(scale=2) = 1
frozen gravity: positive = 9.81
let a      = p
let longer = a + 1
type row = simplex[4]
""",
    ),
    "a column costs no more than twenty blanks, or forty before a comment": (
        """\
p: prob
a_name_that_is_longer_than_others: positive
scale: positive = 1 # near
wide: interval(-1.25, 1.25)[100, 100, 100] via hard_sigmoid = 1 # far
""",
        """\
p:     prob
a_name_that_is_longer_than_others: positive
scale: positive = 1  # near
wide:  interval(-1.25, 1.25)[100, 100, 100] via hard_sigmoid = 1  # far
""",
    ),
    "a blank line, a comment and a broken declaration end a block": (
        """\
p: prob
weights: simplex[4]

x: real # one
# a comment
longer: real # two
rows: real[2, 2] = [[1,2],[3,4],]
y: real
lower_bound: real
""",
        """\
p:       prob
weights: simplex[4]

x: real  # one
# a comment
longer: real  # two
rows: real[2, 2] = [
    [1, 2],
    [3, 4],
]
y:           real
lower_bound: real
""",
    ),
    "blanks": (
        """\
let a = - x+y *-2 / (1-z) @ w//3
let b = x ** 2 ** - 1 - - y
let c = f ( a , key = b , ) [ 0 ] . d
let d = x [ : , 1 : 3 ] + x[ ... , None , a+1 : , : : 2, b-1:b ]
let e = a<=b
let g = 1 . a + x [ 1 : 2 , ]
via:positive   via exp
x: real[2]=[1,2]frozen[true,false]
y: real via frozen = frozen[0]
type rate ( high , low = 0 ) = interval ( low , high ) via probit
from  "noise.cdsl"  import  Noise,rate  as  speed
y~normal( mu , s )
target+=sum( a )
""",
        """\
let a = -x + y * -2 / (1 - z) @ w // 3
let b = x**2**-1 - -y
let c = f(
    a,
    key=b,
)[0].d
let d = x[:, 1:3] + x[..., None, a + 1 :, ::2, b - 1 : b]
let e = a <= b
let g = 1 .a + x[1:2]
via: positive via exp
x:   real[2] = [1, 2] frozen [true, false]
y:   real     via frozen = frozen[0]
type rate(high, low=0) = interval(low, high) via probit
from "noise.cdsl" import Noise, rate as speed
y ~ normal(mu, s)
target += sum(a)
""",
    ),
    "models": (
        """\
model A { x:real }   #: of A
model B {#: of B

  x: real   #: of x

  longer: prob
  #: of C


  model C { y : prob }

  # at the end

} # after
model D {
model E {
z: real
} } # both
model F { w: interval(
0, 1)   #: of w
}
b:B
""",
        """\
model A {  #: of A
    x: real
}
model B {  #: of B
    x: real  #: of x

    longer: prob
    #: of C

    model C {
        y: prob
    }

    # at the end
}  # after
model D {
    model E {
        z: real
    }
}  # both
model F {
    w: interval(0, 1)  #: of w
}
b: B
""",
    ),
    "long lines": (
        """\
a: interval(-1.2345678901234567e-300, 1.2345678901234567e-300)[3, 4] via hard_sigmoid(1, scale=2) = 0.5
matrix: real[2, 4] = [[1000000.5, 2000000.5, 3000000.5, 4000000.5], [5000000.5, 6000000.5, 7000000.5, 8]]
let sum_of = (first_term * second_term + third_term * (fourth_term - fifth_term) - sixth_term / seventh_term)
let picked = some_value[first_index_of_the_value:last_index_of_the_value, another_index_of_the_same_value, 1]
let called = where(first_condition > second_condition, first_value + second_value + third_value, concat(a, b, c))
""",
        """\
a: interval(
    -1.2345678901234567e-300,
    1.2345678901234567e-300,
)[3, 4] via hard_sigmoid(1, scale=2) = 0.5
matrix: real[2, 4] = [
    [1000000.5, 2000000.5, 3000000.5, 4000000.5],
    [5000000.5, 6000000.5, 7000000.5, 8],
]
let sum_of = (
    first_term * second_term + third_term * (fourth_term - fifth_term) - sixth_term / seventh_term
)
let picked = some_value[first_index_of_the_value:last_index_of_the_value, another_index_of_the_same_value, 1]
let called = where(
    first_condition > second_condition,
    first_value + second_value + third_value,
    concat(a, b, c),
)
""",
    ),
    "a trailing comma keeps a line for each": (
        """\
rows: real[2, 2] = [[1, 2], [3, 4],]
w: simplex[3] = [0.2, 0.3,
  0.5]
""",
        """\
rows: real[2, 2] = [
    [1, 2],
    [3, 4],
]
w: simplex[3] = [0.2, 0.3, 0.5]
""",
    ),
    "comments inside brackets": (
        """\
tau   : interval(
  0.1,   # low
  10)    via   probit   # both
model A {
# a
tau   : interval(
      0.1,   # low

  10)
}
""",
        """\
tau   : interval(
  0.1,   # low
  10)    via   probit  # both
model A {
    # a
    tau   : interval(
          0.1,   # low

      10)
}
""",
    ),
    "a comment that speaks of a line keeps the declaration on it": (
        """\
a: interval(-1.2345678901234567e-300, 1.2345678901234567e-300)[3, 4] via hard_sigmoid(loc=1, scale=2) = 0.5 # cdsl: ignore[W202]
# cdsl: ignore[W203]
b: interval(
  0, 1)
c:prob
""",
        """\
a: interval(-1.2345678901234567e-300, 1.2345678901234567e-300)[3, 4] via hard_sigmoid(loc=1, scale=2) = 0.5  # cdsl: ignore[W202]
# cdsl: ignore[W203]
b: interval(
  0, 1)
c: prob
""",
    ),
}


@pytest.mark.parametrize(("written", "expected"), GOLDEN.values(), ids=GOLDEN)
def test_it_looks_like_this(written, expected):
    assert assert_laws(written) == expected


def test_lines_are_broken_at_a_hundred_columns_and_wide_characters_take_two():
    for name in ("x", "数"):
        start = f"{name}: real[2] = [a, "
        fits = f"{start}{'b' * (99 - width(start))}]\n"
        assert cdsl.format(fits) == fits
        assert cdsl.format(fits.replace("bb", "bbb", 1)).count("\n") == 4


def test_columns_count_wide_characters_twice():
    assert cdsl.format("数: real # a\nbbbb:real# b\n") == "数:   real  # a\nbbbb: real  # b\n"


def test_an_example_of_the_repository_is_as_it_should_be():
    """So that people see one layout: the column of its comments aside, which its author set wider."""
    text = (ROOT / "examples" / "mixture.cdsl").read_text(encoding="utf-8")
    assert cdsl.format(text).splitlines()[:2] == text.splitlines()[:2]


@pytest.mark.parametrize("text", ["", "\n", " \n\t\n", "\r\n", "\f"])
def test_a_text_of_blanks_is_empty(text):
    assert cdsl.format(text) == ""


def test_the_line_ends_of_the_first_line_are_those_of_all():
    assert cdsl.format("x:real\r\n\r\n\ny:real") == "x: real\r\n\r\ny: real\r\n"
    assert cdsl.format("x:real\n\r\ny:real\r\n") == "x: real\n\ny: real\n"


def test_a_byte_order_mark_stays():
    assert cdsl.format(f"{MARK}\n\nx:real") == f"{MARK}x: real\n"


def test_a_doc_comment_above_or_beside_a_model_on_one_line_stays_the_models():
    for text in ("#: of A\nmodel A { x: real }\n", "model A { x: real } #: of A\n"):
        for one in (text, assert_laws(text)):
            model = cdsl.parse(one).declarations[0]
            assert (model.doc, model.declarations[0].doc) == ("of A", "")


# -- a part of a text --------------------------------------------------------------------------------------------------


def test_only_lines_that_the_span_touches_are_changed():
    text = "a:real\nb:real\n\n\nc:real\n"
    begin = text.index("b")
    for span in (Span(begin, begin), Span(begin + 2, begin + 5), Span(begin, begin + len("b:real\n"))):
        assert applied(text, format_range(text, span)) == "a:real\nb: real\n\n\nc:real\n"
    assert applied(text, format_range(text, Span(begin, len(text)))) == "a:real\nb: real\n\nc: real\n"


def test_a_part_of_a_line_is_changed_with_its_line():
    text = "model A { x:real }  #: of A\ny:real\n"
    assert applied(text, format_range(text, Span(10, 11))) == "model A {  #: of A\n    x: real\n}\ny:real\n"


def test_what_is_canonical_is_not_edited():
    text = cdsl.format("".join(written for written, _ in GOLDEN.values()))
    assert edits(text) == ()
    changed = text.replace("target += sum(a)", "target+=sum(a)")
    assert len(edits(changed)) == 1


@settings(max_examples=30, suppress_health_check=list(HealthCheck))
@given(
    spec=specs(), one=ONE, ends=st.tuples(st.integers(0, 500), st.integers(0, 500)), mark=st.sampled_from(["", MARK])
)
def test_any_span_gives_some_of_the_edits_of_the_whole(spec, one, ends, mark):
    text = mark + mangled(spec, one, remarks=True)
    some, every = format_range(text, Span(*sorted(ends))), edits(text)
    assert set(some) <= set(every)
    assert meaning(parse(applied(text, some))) == meaning(parse(text))
    assert all(before.span.end <= after.span.start for before, after in pairwise(every))


# -- the command -------------------------------------------------------------------------------------------------------

UGLY, PRETTY = "x :real", "x: real\n"


@pytest.fixture
def fmt(tmp_path, monkeypatch):
    """`cdsl fmt` with these arguments in the test's own directory."""

    def run(*arguments, stdin=None):
        monkeypatch.chdir(tmp_path)
        done = CliRunner().invoke(command_line, ["fmt", *arguments], input=stdin)
        return Ran(done.exit_code, done.stdout, done.stderr)

    return run


@pytest.fixture
def files(tmp_path):
    """One file that would change, one that would not, and one that cannot be read."""
    for name, text in (("ugly", UGLY), ("pretty", PRETTY), ("wrong", "x real\n")):
        (tmp_path / f"{name}.cdsl").write_bytes(text.encode())
    return tmp_path


def test_files_are_formatted_and_those_with_errors_left(fmt, files):
    before = {path: path.stat().st_mtime_ns for path in files.iterdir()}
    ran = fmt("ugly.cdsl", "wrong.cdsl", "pretty.cdsl")
    assert (ran.rc, ran.stdout) == (1, "")
    assert ran.stderr.startswith("error[E101]: expected `:`, `(` or `[`, found `real`\n --> wrong.cdsl:1:3\n")
    assert ran.stderr.endswith("reformatted ugly.cdsl\n1 file reformatted, 1 file unchanged, 1 file with problems\n")
    assert (files / "ugly.cdsl").read_text() == PRETTY
    assert {path.name for path in files.iterdir() if path.stat().st_mtime_ns != before[path]} == {"ugly.cdsl"}
    assert fmt("ugly.cdsl", "pretty.cdsl") == Ran(0, "", "2 files unchanged\n")


def test_check_writes_nothing_and_names_what_would_change(fmt, files):
    ran = fmt("--check", "pretty.cdsl", "ugly.cdsl")
    assert ran == Ran(1, "", "would reformat ugly.cdsl\n1 file would be reformatted, 1 file unchanged\n")
    assert (files / "ugly.cdsl").read_text() == UGLY
    assert fmt("--check", "pretty.cdsl") == Ran(0, "", "1 file unchanged\n")
    assert fmt("--check", "wrong.cdsl").rc == 1


def test_diff_writes_nothing_and_shows_what_would_change(fmt, files):
    for options in (["--diff"], ["--diff", "--check"]):
        ran = fmt(*options, "ugly.cdsl", "pretty.cdsl")
        assert (ran.rc, ran.stdout.splitlines()) == (
            1,
            ["--- ugly.cdsl", "+++ ugly.cdsl", "@@ -1 +1 @@", "-x :real", "\\ No newline at end of file", "+x: real"],
        )
        assert (files / "ugly.cdsl").read_text() == UGLY
    assert fmt("--diff", "pretty.cdsl") == Ran(0, "", "1 file unchanged\n")


@pytest.mark.skipif(not Path("/usr/bin/patch").exists(), reason="no patch")
def test_a_diff_is_a_patch(fmt, tmp_path, python):
    written = "".join(one for one, _ in GOLDEN.values())
    (tmp_path / "a.cdsl").write_bytes(written.encode())
    (tmp_path / "a.patch").write_bytes(fmt("--diff", "a.cdsl").stdout.encode())
    done = python("-c", "import subprocess; subprocess.run(['/usr/bin/patch', '-p0', '-i', 'a.patch'], check=True)")
    assert done.rc == 0, done.stderr
    assert (tmp_path / "a.cdsl").read_bytes().decode() == cdsl.format(written)


def test_standard_input_goes_to_standard_output(fmt):
    assert fmt("-", stdin=UGLY).stdout == PRETTY
    assert fmt("-", stdin=UGLY).rc == 0
    ran = fmt("-", "--check", stdin=UGLY)
    assert (ran.rc, ran.stdout) == (1, "")
    assert "would reformat <stdin>" in ran.stderr
    ran = fmt("-", stdin="x real\n")
    assert (ran.rc, ran.stdout) == (1, "")
    assert "<stdin>:1:3" in ran.stderr


def test_bytes_of_a_file_that_are_no_layout_stay(fmt, run_cdsl, tmp_path):
    file = tmp_path / "a.cdsl"
    file.write_bytes(b"\xef\xbb\xbfx :real\r\n\r\n\r\ny:real\r\n")
    assert fmt("a.cdsl").rc == 0
    assert file.read_bytes() == b"\xef\xbb\xbfx: real\r\n\r\ny: real\r\n"
    assert run_cdsl("fmt", "-", stdin=file.read_bytes()).stdout.encode() == file.read_bytes()


def test_a_file_keeps_its_mode_and_a_link_stays_a_link(fmt, tmp_path):
    (tmp_path / "real.cdsl").write_text(UGLY)
    (tmp_path / "real.cdsl").chmod(0o640)
    (tmp_path / "link.cdsl").symlink_to("real.cdsl")
    assert fmt("link.cdsl").rc == 0
    assert (tmp_path / "link.cdsl").is_symlink()
    assert (tmp_path / "real.cdsl").read_text() == PRETTY
    assert stat.S_IMODE((tmp_path / "real.cdsl").stat().st_mode) == 0o640


def test_what_is_no_readable_file_is_reported(fmt, tmp_path):
    (tmp_path / "latin.cdsl").write_bytes(b"# caf\xe9\nx:real")
    (tmp_path / "folder.cdsl").mkdir()
    for name, code in (("latin.cdsl", "E001"), ("folder.cdsl", "E002"), ("none.cdsl", "E002")):
        ran = fmt(name)
        assert ran.rc == 1
        assert f"error[{code}]" in ran.stderr
        assert "Traceback" not in ran.stderr
    assert (tmp_path / "latin.cdsl").read_bytes() == b"# caf\xe9\nx:real"


def test_a_file_that_cannot_be_replaced_is_whole(fmt, tmp_path, monkeypatch):
    (tmp_path / "a.cdsl").write_text(UGLY)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    ran = fmt("a.cdsl")
    assert ran.rc == 1
    assert "error[E008]: cannot write `a.cdsl`: No space left on device" in ran.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["a.cdsl"]
    assert (tmp_path / "a.cdsl").read_text() == UGLY


def test_it_runs_without_torch(python, tmp_path):
    (tmp_path / "a.cdsl").write_text(UGLY)
    code = "import sys; sys.modules['torch'] = None; from cdsl.cli import cdsl; cdsl(['fmt', 'a.cdsl'])"
    ran = python("-c", code)
    assert ran.rc == 0, ran.stderr
    assert (tmp_path / "a.cdsl").read_text() == PRETTY
