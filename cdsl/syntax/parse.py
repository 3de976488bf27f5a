"""Text → Spec. Every problem of a text is collected; a bad line does not hide the next."""

from __future__ import annotations

import functools
import pkgutil
import re
import unicodedata
from collections.abc import Collection, Iterator
from itertools import chain
from pathlib import Path

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedToken
from lark.lark import PostLex
from lark.parsers.lalr_interactive_parser import InteractiveParser

from cdsl.diagnostics import Diagnostic, in_order
from cdsl.source import Source, Span
from cdsl.syntax import ast
from cdsl.syntax.build import Builder
from cdsl.syntax.documentation import document
from cdsl.syntax.expected import unexpected
from cdsl.syntax.tables import parser_of

LONGEST_TEXT = 1 << 20
"""Bytes of UTF-8."""
MOST_TOKENS = 2000
"""Tokens of one declaration."""
DEEPEST_BRACKETS = 100
DEEPEST_EXPRESSION = 200
"""Levels of expression; a chain `a + b + …` counts."""
LONGEST_NAME = 100
LONGEST_NUMBER = 64

OPENING, CLOSING = ("LPAR", "LSQB"), ("RPAR", "RSQB")
BRACE, UNBRACE = ("LBRACE",), ("RBRACE",)
KEYWORDS = ("DIM", "DATA", "LET", "TYPE", "MODEL", "FROM", "IMPORT", "AS", "FROZEN", "VIA")
BIDIRECTIONAL = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def grammar_text() -> str:
    """The grammar: inside the package where it is installed, at the top level in a checkout."""
    try:
        packaged = pkgutil.get_data("cdsl", "grammars/cdsl.lark")
    except FileNotFoundError:
        packaged = None
    return (packaged or (Path(__file__).parents[2] / "grammars" / "cdsl.lark").read_bytes()).decode()


@functools.cache
def parser() -> Lark:
    """The parser of the grammar."""
    return parser_of(grammar_text(), Layout())


def parse(text: str) -> ast.Spec:
    """What is written in a text. Never raises for what a text may contain: problems are in `Spec.diagnostics`."""
    source = Source(text.removeprefix("\ufeff"))
    whole = Span(0, len(source.text))
    if refused := tuple(refuse_text(source.text)):
        return ast.Spec(span=whole, doc="", declarations=(), diagnostics=refused)
    diagnostics: list[Diagnostic] = []
    declarations = build(read(source, diagnostics), diagnostics)
    doc, documented = document(declarations, source, diagnostics)
    return ast.Spec(span=Span(0, len(source.text)), doc=doc, declarations=documented, diagnostics=in_order(diagnostics))


def refuse_text(text: str) -> Iterator[Diagnostic]:
    """Why a text is not read at all."""
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > LONGEST_TEXT:
        yield Diagnostic(code="E005", message=f"a spec has at most {LONGEST_TEXT} bytes, this has {size}")
        return
    for found in BIDIRECTIONAL.finditer(text):
        char = found.group()
        yield Diagnostic(
            code="E004",
            message=f"a character that reorders the text around it: U+{ord(char):04X} {unicodedata.name(char)}",
            span=Span(*found.span()),
            label="invisible",
            help="remove it: what a reader sees would not be what is compiled",
        )


def read(source: Source, diagnostics: list[Diagnostic]) -> list[Tree[Token]]:
    """Text → one tree a declaration. One that cannot be read is reported and left out, up to the end of its line."""
    interactive = parser().parse_interactive(source.text)
    tokens = interactive.lexer_thread.lex(interactive.parser_state)  # `Lark.lex` would build a lexer for every text
    checkpoint = interactive.parser_state.copy(deepcopy_values=False)
    count, brackets, models = 0, 0, 0  # of this declaration, of this declaration, around it
    skipping, skipped_models = False, 0
    for token in chain(tokens, [end_of(source)]):
        count += 1
        brackets = max(0, brackets + opens(token, OPENING, CLOSING))
        if skipping:
            skipped_models += opens(token, BRACE, UNBRACE)
            ends = skipped_models < 0 or (skipped_models == 0 and token.type == "_NL") or token.type == "$END"
            if not ends:
                continue
            skipping = False
        problem = beyond_limits(token, count, brackets + models) or feed(interactive, token, source)
        if problem:
            diagnostics.append(problem)
            interactive.parser_state = checkpoint.copy(deepcopy_values=False)
            skipping, skipped_models = token.type != "_NL", opens(token, BRACE, ())
            continue
        models += opens(token, BRACE, UNBRACE)
        if token.type in ("_NL", *BRACE, *UNBRACE):
            checkpoint = interactive.parser_state.copy(deepcopy_values=False)
            count = brackets = 0
    return finish(interactive, source)


def opens(token: Token, opening: Collection[str], closing: Collection[str]) -> int:
    """1 for a token that opens, -1 for one that closes, 0 for any other."""
    return (token.type in opening) - (token.type in closing)


def feed(interactive: InteractiveParser, token: Token, source: Source) -> Diagnostic | None:
    """Give the parser a token; what is wrong with it, if the grammar does not accept it here."""
    before = interactive.parser_state.copy(deepcopy_values=False)  # a token may reduce before it is refused
    try:
        if token.type != "$END":
            interactive.feed_token(token)
        elif "$END" not in interactive.accepts():
            return unexpected(token, interactive.accepts(), source)
    except UnexpectedToken:
        interactive.parser_state = before
        return unexpected(token, interactive.accepts(), source)
    return None


def finish(interactive: InteractiveParser, source: Source) -> list[Tree[Token]]:
    """The trees, with every model closed that a missing `}` left open."""
    while "$END" not in interactive.accepts():
        interactive.feed_token(Token("RBRACE", "}", len(source.text), end_pos=len(source.text)))
    tree = interactive.feed_token(end_of(source))
    return [child for child in tree.children if child is not None]


def end_of(source: Source) -> Token:
    """The end of the text, as a token."""
    return Token("$END", "", len(source.text), end_pos=len(source.text))


def beyond_limits(token: Token, count: int, brackets: int) -> Diagnostic | None:
    """What a spec may not have: an hour's work for the compiler in one line."""
    start, length = token.start_pos or 0, len(token)
    message = ""
    if token.type == "NUMBER" and length > LONGEST_NUMBER:
        message = f"a number has at most {LONGEST_NUMBER} characters, this has {length}"
    elif token.type == "NAME" and length > LONGEST_NAME:
        message = f"a name has at most {LONGEST_NAME} characters, this has {length}"
    elif brackets > DEEPEST_BRACKETS:
        message = f"brackets nest at most {DEEPEST_BRACKETS} deep"
    elif count > MOST_TOKENS:
        message = f"a declaration has at most {MOST_TOKENS} tokens"
    return Diagnostic(code="E102", message=message, span=Span(start, start + length)) if message else None


def build(trees: list[Tree[Token]], diagnostics: list[Diagnostic]) -> list[ast.Declaration]:
    """Trees → AST, without the declarations whose expressions are too deep to walk."""
    declarations: list[ast.Declaration] = []
    for tree in trees:
        if depth(tree) <= DEEPEST_EXPRESSION:
            declarations.append(Builder().transform(tree))
        else:
            message = f"expressions nest at most {DEEPEST_EXPRESSION} deep; a chain of operators counts"
            diagnostics.append(
                Diagnostic(code="E102", message=message, span=Span(tree.meta.start_pos, tree.meta.end_pos))
            )
    return declarations


def depth(tree: Tree[Token]) -> int:
    """How deep a tree is, without recursion."""
    deepest, level = 0, [tree]
    while level:
        deepest += 1
        level = [child for node in level for child in node.children if isinstance(child, Tree)]
    return deepest


class Layout(PostLex):
    """Newlines end a declaration, except inside ( ) and [ ]; there, except before a line that begins a declaration."""

    always_accept = ("_NL", "UNKNOWN")

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        """The tokens that the parser sees."""
        tokens, brackets = list(stream), 0
        for index, token in enumerate(tokens):
            if token.type == "_NL" and index + 1 < len(tokens) and tokens[index + 1].type == "_NL":
                continue  # of blank lines the last one does
            brackets = max(0, brackets + opens(token, OPENING, CLOSING))
            if token.type == "_NL" and brackets:
                if not begins_declaration(tokens[index + 1 : index + 1 + MOST_TOKENS]):
                    continue
                brackets = 0
            yield token


def begins_declaration(following: list[Token]) -> bool:
    """Whether a line after an open bracket is a declaration of its own: `name:` or a keyword and a name, and no bracket
    closed that it did not open."""
    line: list[Token] = []
    for token in following:
        if token.type == "_NL":
            break
        line.append(token)
    words = [token.type for token in line if token.type != "FROZEN"][:2]
    if len(words) < 2:
        return words == ["RBRACE"]
    is_name = words[0] == "NAME" or words[0] in KEYWORDS
    heads = is_name and words[1] == "COLON"
    heads = heads or (words[0] in ("DIM", "DATA", "LET", "TYPE", "MODEL") and words[1] == "NAME")
    heads = heads or words == ["FROM", "STRING"]
    balance = 0
    for token in line:
        balance += opens(token, OPENING, CLOSING)
        if balance < 0:
            return False
    return heads
