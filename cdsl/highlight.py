"""A lexer for Pygments: `pygmentize coin.cdsl`, blocks of cdsl in Sphinx, MkDocs and notebooks.

The tokens are those of the grammar. What a word is, is seen from the words around it, as the parser sees it: a keyword only
where another word follows, a domain after `:`, a transform after `via`. A line that the parser refuses is coloured all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from typing import Any, ClassVar

from pygments.lexer import Lexer
from pygments.token import Comment, Error, Keyword, Name, Number, Operator, Punctuation, String, Whitespace

from cdsl.names import CONSTANTS
from cdsl.syntax.parse import tokens_in
from cdsl.syntax.tokens import BRACKETS, KEYWORDS, Token

KINDS: dict[str, Any] = {
    "comment": Comment.Single,
    "doc": String.Doc,
    "keyword": Keyword,
    "declared": Name.Variable,
    "type": Name.Class,
    "transform": Name.Decorator,
    "function": Name.Function,
    "argument": Name.Attribute,
    "member": Name.Property,
    "constant": Keyword.Constant,
    "name": Name,
    "number": Number,
    "string": String,
    "operator": Operator,
    "punctuation": Punctuation,
    "unknown": Error,
    "space": Whitespace,
}
"""What a piece of a spec can be, and Pygments' word for it."""

WORDS = ("NAME", *KEYWORDS)
BEGINS = ("_NL", "LBRACE", "RBRACE")
"""After these a statement may begin."""
TOKENS = {
    **dict.fromkeys((*BRACKETS, *BEGINS, "COLON", "COMMA", "DOT"), "punctuation"),
    "_NL": "space",
    "NUMBER": "number",
    "STRING": "string",
    "UNKNOWN": "unknown",
}
"""What a token is, if not a word; any other is an operator."""
INTRODUCED = {
    **dict.fromkeys(("DIM", "DATA", "LET", "FROZEN"), "declared"),
    **dict.fromkeys(("TYPE", "MODEL", "IMPORT", "AS"), "type"),
    "VIA": "transform",
}
"""What the word after a keyword is."""
LATER = ("VIA", "IMPORT", "AS")
"""Keywords that do not begin a statement."""
ENDS_OPERAND = (*WORDS, "NUMBER", "RPAR", "RSQB")
"""After these `frozen` names entries of what stands before it."""
CONSTANT = CONSTANTS | {"pi"}
BETWEEN = re.compile(r"(?P<doc>#:[^\r\n]*)|(?P<comment>#[^\r\n]*)|[^#]+")
"""What there is between two tokens: comments and white space, newlines inside brackets too."""


class CdslLexer(Lexer):  # type: ignore[misc]  # Pygments has no types
    """Specs."""

    name = "cdsl"
    aliases: ClassVar = ["cdsl"]
    filenames: ClassVar = ["*.cdsl"]
    mimetypes: ClassVar = ["text/x-cdsl"]

    def get_tokens_unprocessed(self, text: str) -> Iterator[tuple[int, Any, str]]:
        """Offset, token and text of each piece; together they are the text."""
        for start, end, kind in pieces(text):
            yield start, KINDS[kind], text[start:end]


def pieces(text: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and kind of every piece of any text, comments and white space among them; none is empty."""
    tokens, done = list(tokens_in(text)), 0
    for token, kind in zip(tokens, kinds(tokens), strict=True):
        start, end = token.start_pos, token.end_pos
        yield from between(text, done, start)
        if start < end:
            yield start, end, kind
        done = end
    yield from between(text, done, len(text))


def between(text: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
    """The pieces of what lies between two tokens."""
    for found in BETWEEN.finditer(text, start, end):
        yield *found.span(), found.lastgroup or "space"


def kinds(tokens: list[Token]) -> Iterator[str]:
    """What each token is."""
    expected = ""  # what the next word is, where it is known before it comes
    head = ""  # the keyword that the statement begins with; of an alias, up to its `=`
    before = "_NL"
    brackets: list[str] = []
    for token, following in zip(tokens, chain((one.type for one in tokens[1:]), ["_NL"]), strict=False):
        here = token.type
        if here in WORDS:
            kind = expected or word(token, before, following, brackets, head)
            keyword = kind == "keyword"
            expected = INTRODUCED.get(here, "") if keyword else ""
            if before in BEGINS:
                head = here if keyword else ""
        else:
            kind = TOKENS.get(here, "operator")
            expected = "" if brackets else introduced(here, head)
            if (here, expected) == ("EQUAL", "type"):
                head = ""
        if BRACKETS.get(here) == 1:
            brackets.append(here)
        elif here in BRACKETS:
            del brackets[-1:]
        elif here == "_NL":
            brackets.clear()
        before = here
        yield kind


def introduced(sign: str, head: str) -> str:
    """What the word after a sign outside brackets is, where that is known."""
    types = sign == "COLON" or (head, sign) in (("TYPE", "EQUAL"), ("FROM", "COMMA"))
    return "type" if types else ""


def word(token: Token, before: str, following: str, brackets: list[str], head: str) -> str:
    """What a word is of which nothing is known before it comes."""
    begins, named = before in BEGINS, brackets[-1:] == ["LPAR"] and before in ("LPAR", "COMMA")
    if not brackets and is_keyword(token.type, before, following):
        return "keyword"
    if begins and following == "COLON":
        return "declared"
    if named and (following == "EQUAL" or (head == "TYPE" and len(brackets) == 1)):
        return "argument"
    if before == "DOT":
        return "member"
    if following == "LPAR":
        return "function"
    return "constant" if token in CONSTANT else "name"


def is_keyword(here: str, before: str, following: str) -> bool:
    """Whether a word outside brackets is a keyword where it stands."""
    begins = before in BEGINS
    if here == "FROM":
        return begins and following == "STRING"
    if here == "FROZEN" and before in ENDS_OPERAND:
        return True
    return here in KEYWORDS and following in WORDS and begins != (here in LATER)
