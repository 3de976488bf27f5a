"""The grammar, the places of what is written, doc comments, recovery, limits, and the kept parser tables."""

import hashlib
import json
import pwd
import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lark import Lark
from pydantic import BaseModel

import cdsl
from cdsl.constraints import domains
from cdsl.diagnostics.text import render
from cdsl.source import Source
from cdsl.syntax import ast, tables
from cdsl.syntax.parse import grammar_text, parser
from cdsl.syntax.tokens import Layout

HERE = Path(__file__).parent
TEXTS = {
    file.stem: file.read_bytes().decode("utf-8-sig").split("# ---\n")[0]
    for folder in ("accept", "reject")
    for file in sorted((HERE / folder).glob("*.cdsl"))
}

LANGUAGE = """\
#: Hierarchical returns of J funds.

dim J                                           # a size
dim K = 3
data y: real[J]                                 #: a tensor
data scale: positive = 1.0
p: prob
s: positive = 2.5
W: simplex[J, 4]
mu: ordered[K] = linspace(-1, 1, K)
tau: interval(0.1, 10)[J] via probit
hi: greater_than(lo)
frozen g: positive = 9.81
let cov_factor = s * L
let rows = y[0, :, None, ..., -1:3:2][J].T @ x[::]
type rate = interval(0, 100) via logistic
type between(low, high = 1,)[2] = interval(low, high)
model Noise {                                   # models nest
    df: greater_than(2) = 4
    model Inner { x: real }

    width: positive via softplus ~ gamma(2, rate = 2)
}
noise: Noise(K=K, x=y)[4]
from "more/noise.cdsl" import Noise as N, rate
y ~ normal(mu[0], sqrt(s ** 2 + 1))
target += -0.5 * sum((y - noise.df) ** 2) < 3
""".replace("between(low, high = 1,)[2]", "between(low, high = 1,)")
"""Every form of the language."""


def nodes(value):
    """Every node of a spec, each before what it holds."""
    if isinstance(value, ast.Node):
        yield value
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from nodes(getattr(value, name))
    elif isinstance(value, tuple | list) and not hasattr(value, "_fields"):
        for entry in value:
            yield from nodes(entry)


def found_in(text):
    """The problems of a text."""
    return cdsl.check(cdsl.parse(text)).diagnostics


def codes(text):
    """Their codes, in order."""
    return [one.code for one in found_in(text)]


# -- the grammar -------------------------------------------------------------------------------------------------------


def test_grammar_has_no_conflict():
    """Also in strict mode, which finds terminals that overlap as well."""
    pytest.importorskip("interegular", reason="lark's strict mode needs it")
    Lark(grammar_text(), parser="lalr", lexer="basic", strict=True, postlex=Layout())


def test_grammar_knows_no_domain_and_no_transform():
    written = re.sub(r"//.*", "", grammar_text())
    words = set(re.findall(r"\w+", written))
    assert {"parameter", "dim", "via"} <= words
    for name, domain in domains().items():
        assert not {name, *domain.transforms, *domain.aliases} & words


def test_every_form_of_the_language_is_read():
    spec = cdsl.parse(LANGUAGE)
    assert spec.diagnostics == ()
    forms = [one.form if isinstance(one, ast.Later) else one.kind for one in spec.declarations]
    assert sorted(set(forms)) == sorted(["~", "+=", "data", "dim", "imports", "let", "model", "type", "parameter"])
    assert len(forms) == 20


@pytest.mark.parametrize("word", "dim data let type model from import as frozen via".split())
def test_a_keyword_is_a_name_where_no_keyword_fits(word):
    for text in (f"{word}: real", f"frozen {word}: real = 1", f"x: real = {word}", f"x: {word}({word}=1)[{word}]"):
        assert cdsl.parse(text).diagnostics == (), text
    assert cdsl.parse(f"{word}: {word} via {word}").declarations[0].name.text == word


def test_a_keyword_is_read_whole():
    """`viaexp` is one word, and so is `dimension`."""
    (problem,) = cdsl.parse("x: positive viaexp").diagnostics
    assert problem.span == (12, 18)
    assert cdsl.parse("dimension: real\nfrozen_: real\ndata_y: real").diagnostics == ()


@pytest.mark.parametrize(
    "number", ["3", "0.5", ".5", "1.", "1e-3", "1_000", "0", "0.0", "1E5", "1.5e+3", "1_0.0_1e1_0", "1.e5", "9" * 64]
)
def test_number_is_read_whole(number):
    start = cdsl.parse(f"x: real = {number}").declarations[0].start
    assert (type(start), start.text) == (ast.Number, number)


@pytest.mark.parametrize(
    "number", ["0x10", "1f", "1__0", "1_", "_1e", "1e", "1e+", "1..2", "1.2.3", "0b1", "٣", "\uff11", "1e٣"]
)
def test_other_spellings_of_numbers_are_refused(number):
    """Digits of other scripts among them: they look like others than they are."""
    assert codes(f"x: real = {number}")


@pytest.mark.parametrize(
    "name", ["σ", "μ_0", "größe", "变量", "x̂", "e\u0301", "मान", "நிகழ்தகவு", "p‿q", "ª", "l·l", "\U0001d431", "_"]
)
def test_every_identifier_of_python_is_read_as_a_name(name):
    assert name.isidentifier()
    assert [one.code for one in cdsl.parse(f"{name}: prob").diagnostics] == []
    assert cdsl.parse(f"x: real = {name}").declarations[0].start.text == name


# -- places ------------------------------------------------------------------------------------------------------------


@pytest.mark.untraced
@pytest.mark.parametrize("text", [LANGUAGE, *TEXTS.values()], ids=["language", *TEXTS])
def test_spans_lie_within_each_other_and_words_slice_back_to_themselves(text):
    spec = cdsl.parse(text)
    for node in nodes(spec):
        start, end = node.span
        written = spec_text(text)[start:end]
        if isinstance(node, ast.Name | ast.Number):
            assert written == node.text
        if not isinstance(node, ast.Spec) and not spec.diagnostics:
            assert written == written.strip() != ""
        within = [child for child in nodes(node) if child is not node]
        assert all(start <= child.span.start < child.span.end <= end for child in within)


def spec_text(text):
    """The text that spans are offsets into."""
    return text.removeprefix("\ufeff")


NOT_EXPRESSIONS = (
    "later",
    "model",
    "imports",
    "imported",
    "dim",
    "data",
    "let",
    "type",
    "param",
    "parameter",
    "argument",
    "slice",
    "ellipsis",
)


@pytest.mark.untraced
@pytest.mark.parametrize("text", [LANGUAGE, *TEXTS.values()], ids=["language", *TEXTS])
def test_every_expression_reads_the_same_where_it_is_cut_out(text):
    for node in nodes(cdsl.parse(text)):
        if not hasattr(node, "kind") or node.kind in NOT_EXPRESSIONS:
            continue
        alone = cdsl.parse(f"x: real = ({spec_text(text)[slice(*node.span)]})").declarations[0].start
        assert without_spans(alone) == without_spans(node)


def without_spans(node):
    """What a node says, wherever it stands."""
    found = node.model_dump(mode="json")
    return json.loads(re.sub(r'"span": \[\d+, \d+\](, )?', "", json.dumps(found)))


def test_spans_of_every_part_of_a_parameter():
    text = (
        "frozen  σ : interval ( -1.5, high = 2 ** k )[ 3 , n ] via  probit ( a ) = [ 1, -x ] ~ normal ( 0 , 1 )  # end"
    )
    (one,) = cdsl.parse(text).declarations
    parts = {
        "declaration": one,
        "name": one.name,
        "type": one.type,
        "domain": one.type.name,
        "first argument": one.type.arguments[0],
        "second argument": one.type.arguments[1],
        "its name": one.type.arguments[1].name,
        "its value": one.type.arguments[1].value,
        "size": one.type.sizes[1],
        "via": one.via,
        "transform": one.via.name,
        "start": one.start,
        "entry": one.start.entries[1],
        "prior": one.prior,
    }
    assert {part: text[slice(*node.span)] for part, node in parts.items()} == {
        "declaration": text.removesuffix("  # end"),
        "name": "σ",
        "type": "interval ( -1.5, high = 2 ** k )[ 3 , n ]",
        "domain": "interval",
        "first argument": "-1.5",
        "second argument": "high = 2 ** k",
        "its name": "high",
        "its value": "2 ** k",
        "size": "n",
        "via": "via  probit ( a )",
        "transform": "probit",
        "start": "[ 1, -x ]",
        "entry": "-x",
        "prior": "~ normal ( 0 , 1 )",
    }


def test_spec_as_json_holds_every_node():
    data = json.loads(cdsl.parse("p: interval(0, 2 * pi)[3] via probit = [1, 2, x[0]]").model_dump_json())
    (one,) = data["declarations"]
    assert one["type"]["arguments"][1]["value"]["operator"] == "*"
    assert one["start"]["entries"][2]["indices"][0]["text"] == "0"


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("-2**2", "(- (** 2 2))"),
        ("2**-1", "(** 2 (- 1))"),
        ("2**3**2", "(** 2 (** 3 2))"),
        ("-a**-b**-c", "(- (** a (- (** b (- c)))))"),
        ("1 - 2 - 3", "(- (- 1 2) 3)"),
        ("1 - 2 * 3 / 4", "(- 1 (/ (* 2 3) 4))"),
        ("a // b @ c", "(@ (// a b) c)"),
        ("a + b < c * d", "(< (+ a b) (* c d))"),
        ("(1 - 2) * 3", "(* (- 1 2) 3)"),
        ("-x.y[0]**2", "(- (** ([] (. x y) 0) 2))"),
    ],
)
def test_precedence(text, shape):
    assert drawn(cdsl.parse(f"x: real = {text}").declarations[0].start) == shape


def drawn(node):
    """An expression in Polish notation."""
    match node:
        case ast.Negate():
            return f"(- {drawn(node.operand)})"
        case ast.Binary():
            return f"({node.operator} {drawn(node.left)} {drawn(node.right)})"
        case ast.Subscript():
            return f"([] {drawn(node.operand)} {' '.join(map(drawn, node.indices))})"
        case ast.Member():
            return f"(. {drawn(node.operand)} {node.name.text})"
    return node.text


# -- bytes and lines ---------------------------------------------------------------------------------------------------


@pytest.mark.untraced
@pytest.mark.parametrize("text", [LANGUAGE, *TEXTS.values()], ids=["language", *TEXTS])
def test_windows_line_ends_and_a_byte_order_mark_mean_nothing(text):
    plain = text.replace("\r", "").removeprefix("\ufeff")
    windows = "\ufeff" + plain.replace("\n", "\r\n")
    ours, theirs = cdsl.check(cdsl.parse(plain)), cdsl.check(cdsl.parse(windows))
    assert theirs.model == ours.model
    at = Source(plain), Source(windows.removeprefix("\ufeff"))
    for one, other in zip(ours.diagnostics, theirs.diagnostics, strict=True):
        assert (other.code, other.message) == (one.code, one.message)
        assert at[1].position(other.span.start) == at[0].position(one.span.start)
    assert [one.doc for one in cdsl.parse(windows).declarations] == [one.doc for one in cdsl.parse(plain).declarations]


def test_a_byte_order_mark_elsewhere_is_a_stray_character():
    assert codes("p: prob\n\ufeffq: prob") == ["E101"]


@pytest.mark.parametrize("char", ["\r", "\x0b", "\x1c", "\x85", "\u2028", "\x00", "\x1b"])
def test_only_newlines_end_a_line(char):
    """What some editors show as a line's end, and what a terminal acts on, is refused, and never shown as it is."""
    text = f"p: prob{char}q: prob"
    assert codes(text) == ["E101"]
    assert char not in render(found_in(text), Source(text))


@pytest.mark.parametrize("char", "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
@pytest.mark.parametrize("text", ["p{}: prob", "p: prob  # {}", "#: {}\n\np: prob", 'from "{}" import x'])
def test_bidirectional_controls_are_refused_everywhere(char, text):
    text = text.format(char)
    assert "E004" in codes(text)
    assert char not in render(found_in(text), Source(text))


# -- doc comments ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "spec", "declarations", "lost"),
    [
        pytest.param("#: a\np: prob", "", ["a"], [], id="above"),
        pytest.param("p: prob  #: a", "", ["a"], [], id="at the end"),
        pytest.param("#: a\n#: b\np: prob #: c", "", ["a\nb\nc"], [], id="above and at the end"),
        pytest.param("    #: a\n  p: prob", "", ["a"], [], id="indented"),
        pytest.param("#: a\n#:    b\n#:c\np: prob", "", ["a\n   b\nc"], [], id="indentation is kept"),
        pytest.param("#: a\n#:\n#: b\np: prob", "", ["a\n\nb"], [], id="an empty line of a block"),
        pytest.param("#:\np: prob  #:", "", [""], [], id="empty"),
        pytest.param("p: prob  #: a # b #: c", "", ["a # b #: c"], [], id="hashes in a doc comment"),
        pytest.param("p: prob  # a #: b", "", [""], [], id="a doc comment in a comment"),
        pytest.param("#: a\n\np: prob", "a", [""], [], id="the spec's"),
        pytest.param("\n \n#: a\n#: b\n\t\n#: c\np: prob", "a\nb", ["c"], [], id="the spec's below blank lines"),
        pytest.param("#: a", "a", [], [], id="the spec's, of a spec without declarations"),
        pytest.param("#: a\np: prob\n\n#: b\nq: prob", "", ["a", "b"], [], id="not the spec's"),
        pytest.param("#: a\n\n#: b\n\np: prob", "a", [""], [3], id="a second block at the top"),
        pytest.param("p: prob\n\n#: a\n\nq: prob", "", ["", ""], [3], id="between blank lines"),
        pytest.param("p: prob\n#: a\n#: b", "", [""], [2, 3], id="at the end of the file"),
        pytest.param("w: simplex[\n  3,  #: a\n]", "", [""], [2], id="inside brackets"),
        pytest.param("w: simplex[\n  3,\n]  #: a", "", ["a"], [], id="at the end of the last line"),
        pytest.param("w: simplex[\n  #: a\n  3,\n]", "", [""], [2], id="a line of its own inside brackets"),
        pytest.param("#: a\ndim K  #: b", "", ["a\nb"], [], id="a form that is not compiled yet"),
        pytest.param('from "a#: b" import c', "", [""], [], id="in a string"),
    ],
)
def test_doc_comments_find_what_they_document(text, spec, declarations, lost):
    parsed = cdsl.parse(text)
    assert (parsed.doc, [one.doc for one in parsed.declarations]) == (spec, declarations)
    warnings = [one for one in parsed.diagnostics if one.code == "W101"]
    assert [Source(text).position(one.span.start).line for one in warnings] == lost
    assert all(text[slice(*one.span)].startswith("#:") for one in warnings)


@pytest.mark.parametrize("text", ["#: a\np prob", "p prob  #: a", "#: a\np: prob $ #: b", "#: a\u202e\np: prob"])
def test_the_doc_comment_of_a_declaration_that_cannot_be_read_is_not_called_lost(text):
    assert "W101" not in codes(text)


# -- recovery ----------------------------------------------------------------------------------------------------------


def lines_of(text):
    """The lines on which a text has problems."""
    return [Source(text).position(one.span.start).line for one in found_in(text)]


def test_every_bad_line_is_reported_and_every_good_line_is_read():
    text = "a: prob\nb prob\nc: prob\n= d\ne: prob\nf: [prob]\ng: prob ~\nh: prob\n"
    spec = cdsl.parse(text)
    assert lines_of(text) == [2, 4, 6, 7]
    assert [one.name.text for one in spec.declarations] == ["a", "c", "e", "h"]


@pytest.mark.parametrize(
    "header",
    [
        "q: postive",
        "  q: postive",
        "frozen q: postive",
        "dim K",
        "data y: real",
        "let t = 3",
        "type t = real",
        "model A { x: real }",
        'from "a.cdsl" import b',
        "via: postive",
        "dim: postive",
        "frozen: postive",
    ],
)
@pytest.mark.parametrize(
    "opening", ["p: simplex[3", "p: interval(0, 1", "p: real[3] = [1, 2,", "p: real = ((1 + 2) * (3"]
)
def test_an_unclosed_bracket_hides_no_declaration_below_it(opening, header):
    text = f"{opening}\n\n# a comment\n{header}\nz: Prob\n"
    assert codes(text)[0] == "E101"
    understood = header.split()[0] in ("dim", "data", "let", "type", "model")  # and has nothing wrong
    assert lines_of(text)[1:] == ([5] if understood else [4, 5])


def test_a_keyword_argument_on_a_line_of_its_own_begins_no_declaration():
    assert codes("tau: interval(\n    low=0,\n    high\n      =\n    1\n)[\n  2]\n= [\n1, 2]")[:1] == ["E101"]
    assert codes("tau: interval(\n    low=0,\n    high\n      =\n    1\n)[\n  2] = [\n0.1, 0.2]") == []


def test_a_model_with_a_bad_line_is_still_a_model():
    text = "model A {\n    x real\n    y: real\n}\nz: postive\n"
    assert (codes(text), lines_of(text)) == (["E101", "E201"], [2, 5])


def test_a_model_with_a_bad_header_is_left_out_whole():
    text = "model 3 {\n    x: real\n    y: real\n}\nz: postive\n"
    assert (codes(text), lines_of(text)) == (["E101", "E201"], [1, 5])


@pytest.mark.parametrize(
    "text", ["model A {\n    x: real\n", "model A {\n    model B {\n    x: real\n}\n", "model A {", "model A { x: real"]
)
def test_a_missing_brace_is_one_error_that_says_so(text):
    problems = [one for one in found_in(text) if one.code == "E101"]
    assert len(problems) == 1
    assert "`}`" in problems[0].message + problems[0].help


def test_nothing_is_said_twice():
    for name, text in TEXTS.items():
        said = [(one.code, one.message, one.span) for one in found_in(text)]
        assert len(said) == len(set(said)), name


# -- limits ------------------------------------------------------------------------------------------------------------

LIMITS = {
    "characters of a number": (64, lambda size: "x: real = 0." + "3" * (size - 2)),
    "characters of a name": (100, lambda size: "x" * size + ": real"),
    "round brackets": (100, lambda size: "x: real = " + "(" * size + "1" + ")" * size),
    "terms": (197, lambda size: "x: real = 1" + " + 1" * size),
    "minus signs": (197, lambda size: "x: real = " + "-" * size + "1"),
    "tokens": (2000, lambda size: "x: real = [" + "1," * ((size - 7) // 2) + "1]"),
}
"""How many there may be, and a declaration with so many."""


@pytest.mark.parametrize("what", LIMITS)
def test_a_declaration_at_a_limit_is_read_and_one_beyond_it_is_refused_in_one_message(what):
    most, text = LIMITS[what]
    assert "E102" not in codes(text(most))
    beyond = text(most + 8) + "\np: postive\nq: Prob\n"
    assert codes(beyond) == ["E102", "E201", "E201"]
    assert lines_of(beyond) == [1, 2, 3]


def test_brackets_of_every_kind_count():
    assert codes("x: real = " + "[(" * 50 + "1" + ")]" * 50) == ["E502"]
    assert codes("x: real = " + "[(" * 51 + "1" + ")]" * 51) == ["E102"]
    assert codes("x: real[" + "f(" * 100 + "1" + ")" * 100 + "]") == ["E102"]


def test_models_too_deep_are_one_error_and_hide_nothing_below_them():
    text = "".join(f"model M{depth} {{\n" for depth in range(120)) + "x: real\n" + "}\n" * 120 + "p: postive\n"
    assert codes(text) == ["E102", "E201"]


def test_limits_are_a_declaration_s_not_a_file_s():
    assert codes("".join(f"x{number}: real[40] = [{'1,' * 40}]\n" for number in range(100))) == []


HOSTILE = {
    "spaces before a mistake": "w" + " " * 16_000 + "=",
    "spaces inside a line": "x" + " " * 16_000 + "y z",
    "closing braces": "}" * 50_000,
    "closing braces on lines of their own": "}\n" * 25_000,
    "newlines inside brackets": "x: real[" + "\n" * 50_000,
    "unclosed brackets": "x: real[\n" * 10_000,
    "opening brackets": "[" * 50_000,
    "models": "model A {" * 10_000,
    "bad lines": "p prob\n" * 2_000,
    "good lines": "".join(f"p{number}: prob\n" for number in range(2_000)),
    "quotes": '"' * 49_999,
    "doc comments that document nothing": "#: a\n\n" * 10_000,
    "one long word": "p: " + "a" * 100_000,
    "one long string": 'p: "' + "a" * 100_000 + '"',
    "operators": "x: real = 1" + "+1" * 50_000,
    "defaults of many powers": ("data y{0}: real[2] = " + "2 ** " * 95 + "ones(2)\n") * 200,
    "towers of powers": "x: real = 9" + "**9" * 60,
    "large fractions": "x: real = " + " + ".join(f"1 / {10**60 + number}" for number in range(190)),
    "near misses of a domain": "".join(f"p{number}: positiv{number}\n" for number in range(2_000)),
    "one name": "p: prob\n" * 2_000,
    "lets that double": "dim N\nlet a0 = N\n"
    + "".join(f"let a{n} = a{n - 1} + a{n - 1}\n" for n in range(1, 200))
    + "x: real[a199] = a199\n",
    "lets on lets": "dim N\nlet a0 = N\n"
    + "".join(f"let a{n} = a{n - 1} + 1\n" for n in range(1, 2_000))
    + "x: real[a1999]\n",
    "aliases that double": "type t0(x) = greater_than(x)\n"
    + "".join(f"type t{n}(x) = t{n - 1}(x + x)\n" for n in range(1, 200))
    + "y: t199(1)\n",
    "aliases on aliases": "type t0(x) = greater_than(x)\n"
    + "".join(f"type t{n}(x) = t{n - 1}(x + 1)\n" for n in range(1, 2_000))
    + "y: t1999(1)\n",
    "products of sums": "".join(f"dim n{n}\n" for n in range(40))
    + f"x: real[{' * '.join(['(' + ' + '.join(f'n{n}' for n in range(40)) + ')'] * 12)}]\n",
    "powers of sums": "".join(f"dim n{n}\n" for n in range(40))
    + f"x: real[({' + '.join(f'n{n}' for n in range(40))})**8]\n",
    "sizes of a large rank": "".join(f"dim n{n}\n" for n in range(200))
    + f"x: real[{', '.join(f'n{n} + 1' for n in range(200))}]\nlet s = size(x)\n",
    "a chain from below": "".join(f"x{n}: greater_than(x{n + 1})\n" for n in range(2_000)) + "x2000: real\n",
    "unknown names": "".join(f"x{n}: greater_than(y{n})\n" for n in range(2_000)),
    "models in models": "".join(f"model M{n} {{ {'x: real' if n == 0 else f'a: M{n - 1}'} }}\n" for n in range(300)),
    "models that double": "".join(
        f"model M{n} {{ {'x: real' if n == 0 else f'a: M{n - 1}'}\n{'' if n == 0 else f'b: M{n - 1}'}\n}}\n"
        for n in range(100)
    ),
}


@pytest.mark.untraced
@pytest.mark.parametrize("what", HOSTILE)
def test_no_text_keeps_the_compiler_busy(what):
    """Some percent of the largest text, in seconds of this process: far more than each should take."""
    text, begun = HOSTILE[what], time.process_time()
    cdsl.check(cdsl.parse(text))
    assert time.process_time() - begun < 5


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("p: prob  # " + "\u202e" * 1_000, id="characters that reorder"),
        pytest.param("x: real[" + "1.5, " * 900 + "2]  # " + "a" * 20_000, id="sizes on a long line"),
        pytest.param('p: "' + "a" * 500_000 + '"', id="a long string"),
        pytest.param("p prob  # " + "a" * 500_000, id="a long comment"),
        pytest.param("p: " + "positive" * 10_000, id="a long word"),
    ],
)
def test_a_report_is_not_much_longer_than_what_it_is_about(text):
    """A reader needs the guilty part of a line, not all of a long one for every problem on it."""
    begun = time.process_time()
    report = render(found_in(text), Source(text))
    assert len(report) < 20 * len(text)
    assert time.process_time() - begun < 5


# -- nothing crashes ---------------------------------------------------------------------------------------------------

WORDS = [
    *"p q_1 σ x_raw prob real positive simplex interval ordered via exp softplus frozen dim data let type model".split(),
    *"from import as low high = : ; , . ( ) [ ] { } ~ += + - * / // ** @ < <= == ... #: # // ' \" $ \\ ^ ?".split(),
    *'"a" 0 1 3 0.5 1e400 1e-400 007 9999 .5 2. inf pi None true é ² ½ 10**-400 2**2**99'.split(),
    *["\n"] * 3,
    *["\u202e", "\x00", " ", "\r\n", "\t", "\x0c", "\r"],
]
soup = st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(["", " ", " "])), max_size=60).map(
    lambda words: "".join(word + space for word, space in words)
)


@st.composite
def mutated(draw):
    """A text that means something, with pieces cut out, doubled or replaced."""
    text = draw(st.sampled_from([LANGUAGE, *(text for text in TEXTS.values() if len(text) < 3000)]))
    for _ in range(draw(st.integers(1, 4))):
        begin = draw(st.integers(0, len(text)))
        end = draw(st.integers(begin, min(len(text), begin + 12)))
        text = text[:begin] + draw(st.sampled_from([*WORDS, text[begin:end] * 2, ""])) + text[end:]
    return text


@settings(max_examples=400, deadline=None, derandomize=True, database=None)
@given(st.one_of(soup, mutated(), mutated(), st.text(max_size=80)))
def test_no_text_raises_and_every_problem_lies_in_it(text):
    spec = cdsl.parse(text)
    checked = cdsl.check(spec)
    read = spec_text(text)
    for one in checked.diagnostics:
        assert one.span is None or 0 <= one.span.start <= one.span.end <= len(read)
        assert one.message
    starts = [one.span.start for one in checked.diagnostics if one.span is not None]
    assert starts == sorted(starts)
    assert (checked.model is None) == any(one.code.startswith("E") for one in checked.diagnostics)
    if checked.model is not None:
        compile(cdsl.compile(text), "compiled", "exec")


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(st.one_of(soup, mutated(), st.text(max_size=80)))
def test_no_report_holds_what_a_terminal_acts_on(text):
    shown = render(found_in(text), Source(spec_text(text)))
    assert all(char.isprintable() or char == "\n" for char in shown)


# -- kept tables -------------------------------------------------------------------------------------------------------


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache directory, and no parser in memory."""
    monkeypatch.setenv("CDSL_CACHE_DIR", str(tmp_path / "cache"))
    parser.cache_clear()
    yield tmp_path / "cache"
    parser.cache_clear()


def kept(cache):
    """The one file of the cache."""
    (file,) = cache.iterdir()
    return file


def trees(text):
    """What the parser of this moment makes of a text, in words."""
    parser.cache_clear()
    return cdsl.parse(text).model_dump_json()


def test_restored_parser_reads_what_a_built_one_reads(cache):
    texts = {**TEXTS, "language": LANGUAGE}
    built = {name: cdsl.parse(text).model_dump_json() for name, text in texts.items()}
    assert kept(cache).is_file()
    parser.cache_clear()
    assert [name for name, text in texts.items() if cdsl.parse(text).model_dump_json() != built[name]] == []


def test_restored_parser_reads_newlines_in_brackets_as_a_built_one_does(cache):
    text = "tau: interval(\n    0,\n    1,\n)\n"
    for run in ("first", "second", "third"):
        parser.cache_clear()
        assert found_in(text) == (), f"the {run} run"


def test_first_and_second_run_of_the_command_say_the_same(run_cdsl, tmp_path):
    text = "tau: interval(\n    0,\n    1,\n)\np: postive\n"
    first, second = (
        run_cdsl("check", "-", stdin=text, env={"CDSL_CACHE_DIR": str(tmp_path / "fresh")}) for _ in range(2)
    )
    assert first == second
    assert first.stdout.count("error[") == 1


def damaged(whole):
    """Files that the cache might hold in the place of a whole one."""
    checksum, _, body = whole.partition("\n")
    other = json.loads(body)

    def signed(value):
        text = value if isinstance(value, str) else json.dumps(value)
        return f"{hashlib.sha256(text.encode()).hexdigest()}\n{text}"

    yield "empty", ""
    yield "truncated", whole[: len(whole) // 2]
    yield "one byte changed", whole[:-10] + "0" + whole[-9:]
    yield "only a checksum", f"{checksum}\n"
    yield "another checksum", f"{'0' * 64}\n{body}"
    yield "noise", "\x00" * 1000
    yield "not JSON", signed("not JSON")
    yield "another JSON", signed([1, 2, 3])
    yield "a number", signed(3)
    yield "null", signed(None)
    yield "an empty object", signed({})
    lexer, read = other["tables"]["lexer"], other["tables"]["parser"]
    yield "no tables", signed({**other, "tables": {}})
    yield "half of the tables", signed({**other, "tables": {"lexer": lexer}})
    yield "another rule", signed({**other, "tables": {"lexer": lexer, "parser": {**read, "rules": read["rules"][:9]}}})
    build = [{**rule, "build": "__import__"} for rule in read["rules"]]
    yield "another builder", signed({**other, "tables": {"lexer": lexer, "parser": {**read, "rules": build}}})
    patterns = [[name, "("] for name, _ in lexer["patterns"]]
    yield "no pattern", signed({**other, "tables": {"lexer": {**lexer, "patterns": patterns}, "parser": read}})
    yield "deep", signed("[" * 100_000)


KINDS = (
    "empty, truncated, one byte changed, only a checksum, another checksum, noise, not JSON, another JSON, a number, null, "
    "an empty object, no tables, half of the tables, another rule, another builder, no pattern, deep"
).split(", ")


@pytest.mark.untraced
@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_file_of_the_cache_is_ignored(kind, cache):
    expected = trees(LANGUAGE)
    file = kept(cache)
    found = dict(damaged(file.read_text(encoding="utf-8")))
    assert list(found) == KINDS
    file.write_text(found[kind], encoding="utf-8")
    assert trees(LANGUAGE) == expected
    assert trees(LANGUAGE) == expected


def test_a_file_of_the_cache_that_is_no_text_is_ignored(cache):
    expected = trees(LANGUAGE)
    kept(cache).write_bytes(b"\xff\xfe\x00")
    assert trees(LANGUAGE) == expected


def test_the_tables_of_another_grammar_are_ignored(cache):
    """A file is used only where it was made from this grammar, whatever its name."""
    expected = trees(LANGUAGE)
    file = kept(cache)
    tables.parser_of(grammar_text().replace('"dim"', '"dimension"'), dict, dict)
    (other,) = set(cache.iterdir()) - {file}
    file.write_bytes(other.read_bytes())
    assert trees(LANGUAGE) == expected


def test_the_file_of_a_cache_is_no_pickle(cache):
    trees(LANGUAGE)
    checksum, _, body = kept(cache).read_text(encoding="utf-8").partition("\n")
    assert re.fullmatch(r"[0-9a-f]{64}", checksum)
    assert set(json.loads(body)) == {"made_from", "tables"}


def test_lark_is_not_imported_where_tables_are_kept(python, tmp_path):
    code = "import sys, cdsl; cdsl.compile('p: prob'); print('lark' in sys.modules)"
    env = {"CDSL_CACHE_DIR": str(tmp_path / "fresh")}
    assert [python("-c", code, env=env).stdout.split() for _ in range(2)] == [["True"], ["False"]]


def test_another_grammar_has_another_file(cache):
    trees(LANGUAGE)
    tables.parser_of(grammar_text() + "\n// changed\n", dict, dict)
    assert len(list(cache.iterdir())) == 2


@pytest.mark.parametrize("place", ["file/below", "/proc/nothing/here", "/dev/null"])
def test_a_cache_that_cannot_be_written_is_no_cache(place, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("a file, no directory")
    monkeypatch.setenv("CDSL_CACHE_DIR", str(tmp_path / place))
    assert json.loads(trees("p: prob"))["diagnostics"] == []
    parser.cache_clear()


def test_a_directory_in_the_place_of_the_file_is_no_cache(cache):
    trees("p: prob")
    file = kept(cache)
    file.unlink()
    file.mkdir()
    assert json.loads(trees("p: prob"))["diagnostics"] == []


def test_a_user_without_a_home_has_no_cache(monkeypatch, tmp_path):
    """As in a container that runs under a number that no user has; a folder named `~` is no home."""

    def unknown(number):
        raise KeyError(number)

    for variable in ("CDSL_CACHE_DIR", "XDG_CACHE_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", unknown)
    monkeypatch.chdir(tmp_path)
    assert json.loads(trees("p: prob"))["diagnostics"] == []
    assert list(tmp_path.iterdir()) == []
    parser.cache_clear()


def test_the_cache_stands_where_the_environment_says(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert tables.cache_directory() == Path(__import__("os").environ["CDSL_CACHE_DIR"])
    monkeypatch.delenv("CDSL_CACHE_DIR")
    assert tables.cache_directory() == tmp_path / "xdg" / "cdsl"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert tables.cache_directory() == tmp_path / "home" / ".cache" / "cdsl"


@pytest.mark.parametrize("rest", ["p: prob", "dim N\np: prob[N]"])
def test_half_a_character_in_a_doc_comment_is_a_question_mark(rest):
    """A lone surrogate comes from programs alone: no file has it, and no JSON of a model could."""
    text = cdsl.compile(f"#: a \ud800 b\n\n{rest}\n")
    assert "a ? b" in text
    compile(text.encode(), "<compiled>", "exec")
