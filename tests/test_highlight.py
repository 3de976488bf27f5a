"""The Pygments lexer: every piece of a text once, and each word what the parser takes it for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.spec_texts import LARK, PLACES, REFUSED, SHOWN, parsed

pytest.importorskip("pygments")

from pygments import highlight  # only where it is installed
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name, get_lexer_for_filename
from pygments.token import Error

from cdsl.highlight import INTRODUCED, KINDS, CdslLexer, pieces
from cdsl.syntax.tokens import KEYWORDS

OF_WORDS = {"keyword", "constant", "name", "number", "string"} | {one for at in PLACES.values() for one in at.values()}


IMPORTS = 'from "noise.cdsl" import Noise as N, from as as, as, import\nfrom: N\nfrom"x"import y'


def coloured(text):
    """What the lexer makes of each word and number of a text."""
    return {(start, end): kind for start, end, kind in pieces(text) if kind in OF_WORDS}


def test_the_pieces_of_a_text_are_the_text_and_none_is_an_error():
    for text in SHOWN:
        tokens = list(CdslLexer(stripnl=False, ensurenl=False).get_tokens(text))
        assert "".join(value for _, value in tokens) == text.replace("\r\n", "\n")
        assert not [value for token, value in tokens if token in Error]


def test_each_word_is_what_the_parser_takes_it_for():
    seen = set()
    for text in [*SHOWN, IMPORTS]:
        assert coloured(text) == parsed(text)
        seen |= {*parsed(text).values()}
    assert OF_WORDS - seen == set()


def test_soft_keywords_are_keywords_only_where_they_stand_as_such():
    text = "data data: real\nvia: via via via\ntype type(as) = let\nfrozen frozen: dim\ndim dim = data\nmodel from { from: as }"
    of = {word: [] for word in text.replace(":", " ").split()}
    for (start, end), kind in coloured(text).items():
        of.setdefault(text[start:end], []).append(kind)
    assert of["data"] == ["keyword", "declared", "name"]
    assert of["via"] == ["declared", "type", "keyword", "transform"]
    assert of["type"] == ["keyword", "type"]
    assert of["frozen"] == ["keyword", "declared"]
    assert of["from"] == ["type", "declared"]
    assert of["as"] == ["argument", "type"]
    assert coloured(text) == parsed(text)


def test_the_keywords_are_those_of_the_grammar():
    plain = {one.name for one in LARK.terminals if str(one.pattern.value).isalpha()}
    assert {*INTRODUCED, "FROM"} == {*KEYWORDS} == plain


def test_names_on_the_other_side_of_a_newline_inside_brackets():
    text = "type rate(\n  hi\n  = 1,\n  K\n) = interval(\n  high\n  =\n  exp\n  (hi), low=0\n)[\nK] via probit\n"
    assert coloured(text) == parsed(text)


def test_a_prior_and_a_density_and_an_increment():
    text = "sd: positive ~ normal(0, scale=1)\nnormal(x) ~ beta(pi, inf)\ny[0] ~ real(0)\ntarget += log(sd)\n"
    assert coloured(text) == parsed(text)


def test_a_line_that_the_parser_refuses_is_coloured_and_the_next_as_if_nothing_had_happened():
    text = "x: interval(0, 1 via probit =\ny: positive via exp\n"
    assert [(text[start:end], kind) for (start, end), kind in coloured(text).items()] == [
        ("x", "declared"), ("interval", "type"), ("0", "number"), ("1", "number"), ("via", "name"), ("probit", "name"),
        ("y", "declared"), ("positive", "type"), ("via", "keyword"), ("exp", "transform"),
    ]  # fmt: skip


def whole(text):
    """The pieces of a text, which are all of it, each of a kind that Pygments has a word for."""
    found = list(pieces(text))
    assert [start for start, _, _ in found] == [0, *(end for _, end, _ in found)][: len(found)]
    assert "".join(text[start:end] for start, end, _ in found) == text
    assert all(start < end and kind in KINDS for start, end, kind in found)
    return found


@given(
    st.text()
    | st.lists(st.sampled_from('dim data type via from import as x 1 ( ) [ ] { } : = ~ , . " # #: \n'.split(" "))).map(
        " ".join
    )
)
def test_any_text_has_its_pieces(text):
    whole(text)


def test_texts_that_are_refused_have_theirs():
    for text in [*REFUSED, "", "\r", "\r\n", "\ufeff", "\0", "(" * 10_000, '"', "#", "#:", "x: real #: é\r\n"]:
        whole(text)


def test_a_doc_comment_is_told_from_a_comment():
    text = "#: documents\r\n# says\r\np: prob #: at the end\r\n"
    comments = [(text[start:end], kind) for start, end, kind in pieces(text) if kind in ("doc", "comment")]
    assert comments == [("#: documents", "doc"), ("# says", "comment"), ("#: at the end", "doc")]


def test_pygments_finds_the_lexer_by_name_and_by_file():
    assert isinstance(get_lexer_by_name("cdsl"), CdslLexer)
    assert isinstance(get_lexer_for_filename("coin.cdsl"), CdslLexer)


def test_what_a_spec_says_is_escaped_in_html():
    page = highlight('p: prob #: <script>alert("x")</script>\n<b>: real\n', CdslLexer(), HtmlFormatter())
    assert "<script>" not in page
    assert "<b>" not in page
    assert '<span class="nv">p</span>' in page
