"""A text that is edited: after any edits a session says what a fresh reading of the text says, and does little for it."""

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cdsl
from cdsl import checker
from cdsl.checker.imports import Files
from cdsl.checker.session import Session

HERE = Path(__file__).parent
TEXTS = [
    text
    for folder in ("accept", "reject")
    for file in sorted((HERE / folder).glob("*.cdsl"))
    if len(text := file.read_bytes().decode("utf-8-sig").split("# ---\n")[0]) < 1500
]
LINES = """\
a: prob
dim N
dim N = 3
data N: real
x: real[N]
x: real[N + 1] = a
model A {
}
model A { x: real }
y: A
type t(k) = interval(0, k)
type t(k) = positive
z: t(3)
z: t(N)
#: doc
# c
# cdsl: ignore[W202]

x: real[
3]
let a = x + 1
let _h = 2
b: greater_than(a)
frozen f: real
w: interval(0, 1)
q: positve
x real
pi: real
v: real = pi
from "a.cdsl" import t
""".split("\n")


def agree(session, text):
    """Hold a session against a fresh reading."""
    checked, fresh = session.update(text), cdsl.parse(text)
    assert checked == cdsl.check(fresh, session.name, session.files)
    assert session.spec == fresh


@st.composite
def histories(draw):
    """Texts, each an edit of the one before."""
    lines = st.lists(st.sampled_from(LINES), max_size=10).map("\n".join)
    texts = [draw(st.one_of(lines, st.sampled_from(TEXTS)))]
    for _ in range(draw(st.integers(1, 5))):
        text = texts[-1]
        match draw(st.sampled_from(["characters", "lines", "lines", "back", "end", "other"])):
            case "characters":
                begin = draw(st.integers(0, len(text)))
                end = draw(st.integers(begin, min(len(text), begin + 8)))
                text = text[:begin] + draw(st.text('ab:=[](){}#\n ,"\r\u202e\ufeff1', max_size=3)) + text[end:]
            case "lines":
                old = text.split("\n")
                begin = draw(st.integers(0, len(old)))
                old[begin : draw(st.integers(begin, len(old)))] = draw(st.lists(st.sampled_from(LINES), max_size=2))
                text = "\n".join(old)
            case "back":
                text = draw(st.sampled_from(texts))
            case "end":
                text = text[: draw(st.integers(0, len(text)))] if draw(st.booleans()) else text + "\n" + draw(lines)
            case "other":
                text = draw(st.sampled_from(TEXTS))
        texts.append(text)
    return texts


@pytest.mark.untraced
@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(histories())
def test_a_session_says_what_a_fresh_reading_says(texts):
    session = Session()
    for text in texts:
        agree(session, text)


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_a_text_that_is_typed_line_by_line_is_read_as_if_it_had_always_been_there(ends):
    for text in TEXTS[::7]:
        session, lines = Session(), text.replace("\r", "").split("\n")
        for count in range(0, len(lines) + 1, 3):
            agree(session, ends.join(lines[:count]))
        agree(session, ends.join(lines))


@pytest.mark.parametrize(
    "texts",
    [
        pytest.param(
            ["x: real[\ny: prob\nz: prob\n", "x: real[\n3]\nz: prob\n"], id="the line below is no declaration now"
        ),
        pytest.param(["a: prob\nx: real[\ny: pro", "a: prob\nx: real[\ny: pro]"], id="half a line below"),
        pytest.param(["a: prob\nb: prob", "a: prob\nb: prob2"], id="half a line"),
        pytest.param(["a: prob\n\nb: prob\n", "a: prob\n\n\n# c\n\nb: prob\n"], id="blank lines"),
        pytest.param(["model A {\nx: real\n}\ny: A\n", "model A {\nx: real\n\ny: A\n"], id="a brace that is gone"),
        pytest.param(
            ["model A {\nx: real\n# c", "model A {\nx: real\n# comment", "model A {\nx: real\n}"], id="open to the end"
        ),
        pytest.param(["p: prob\n", "p: prob # \u202e\n", "p: prob\nq: prob\n"], id="a text that is not read between"),
        pytest.param(["p: prob\n", "\ufeffp: prob\n", "\ufeffq: real\np: prob\n"], id="a byte order mark"),
        pytest.param(["p: prob\n", "", "# c\n", "p: prob\n"], id="nothing between"),
        pytest.param(["p: prob\np: prob\n", "p: prob\np: prob\np: prob\n", "p: prob\n"], id="one line many times"),
    ],
)
def test_lines_that_concern_each_other_are_read_together(texts):
    session = Session()
    for text in texts:
        agree(session, text)
    again = Session()
    for text in reversed(texts):
        agree(again, text)


@pytest.fixture
def judged(monkeypatch):
    """The names of the declarations that are judged, in order."""
    names, meaning = [], checker.meaning

    def watched(written, *others):
        names.append(written.name.text)
        return meaning(written, *others)

    monkeypatch.setattr(checker, "meaning", watched)
    return names


DECLARATIONS = (
    "dim N",
    "type row(k) = interval(0, k)[N]",
    "model A {\n    df: positive\n}",
    "x: real[N]",
    "let y = x + 1",
    "z: greater_than(y)[N]",
    "r: row(2)",
    "a: A",
    "p: prob",
)
SPEC = "".join(f"{one}\nbetween{n}: prob\n" for n, one in enumerate(DECLARATIONS))
"""The line above an edit is read again, because where it ends depends on the next one."""


@pytest.mark.parametrize(
    ("old", "new", "again"),
    [
        pytest.param("p: prob", "p: positive", "p", id="alone"),
        pytest.param("dim N", "\n\n# far above\ndim N", "", id="a comment above"),
        pytest.param("dim N", "dim N = 3", "N", id="the same to those that use it"),
        pytest.param("dim N", "data N: int", "N x z r", id="another kind of thing"),
        pytest.param("x: real[N]", "x: real", "x y z", id="another shape"),
        pytest.param("interval(0, k)", "interval(-1, k)", "r", id="an alias"),
        pytest.param("df: positive", "df: prob", "df a", id="a model"),
        pytest.param("p: prob", "#: what it is\np: prob", "p", id="a doc comment"),
        pytest.param("p: prob", "q: prob", "q", id="another name"),
        pytest.param("let y = x + 1\n", "", "z", id="a name that is missing now"),
    ],
)
def test_only_what_an_edit_concerns_is_judged_again(old, new, again, judged):
    session = Session()
    session.update(SPEC)
    judged.clear()
    session.update(SPEC.replace(old, new))
    assert [name for name in judged if not name.startswith("between")] == again.split()
    assert len(judged) <= len(again.split()) + 1


def test_what_has_an_error_is_judged_until_it_has_none(judged):
    session = Session()
    for text in ("x: real[N]\np: prob\n", "x: real[N]\np: prob\n\n", "dim N\nx: real[N]\np: prob\n"):
        agree(session, text)
        judged.clear()
    assert session.update(text).diagnostics == ()
    assert judged == []


def test_types_of_other_files_are_known_and_their_changes_too(tmp_path):
    spec, other = tmp_path / "spec.cdsl", tmp_path / "other.cdsl"
    text = 'from "other.cdsl" import rate, Noise\nr: rate[3]\nnoise: Noise\np: prob\n'
    spec.write_text(text)
    session = Session()
    for there in (
        "type rate = positive\nmodel Noise { s: positive }",
        "type rate = prob\nmodel Noise { s: real }",
        "x",
    ):
        other.write_text(there)
        session.files = Files.of(spec)
        agree(session, text)
        agree(session, "\n" + text)


@pytest.mark.untraced
def test_a_long_text_is_edited_in_little_time():
    """Far less than reading it anew takes; the bound leaves room for a busy machine."""
    text = "".join(f"x{n}: interval(0, {n + 1})[3] = 0.5\n" for n in range(10_000))
    session = Session()
    session.update(text)
    begun = time.process_time()
    (problem,) = session.update("p prob\n" + text.replace("x0:", "y0:")).diagnostics
    assert time.process_time() - begun < 1.5
    assert problem.span.start < 7
