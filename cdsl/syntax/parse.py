"""Text → Spec. Every problem of a text is collected; a bad line does not hide the next."""

from __future__ import annotations

import functools
import pkgutil
import re
import unicodedata
from collections.abc import Collection, Iterator
from itertools import accumulate, takewhile
from pathlib import Path

from lark import Lark, Token, Tree
from lark.lark import PostLex
from lark.parsers.lalr_analysis import Shift
from lark.parsers.lalr_interactive_parser import InteractiveParser
from lark.parsers.lalr_parser_state import ParserState

from cdsl.diagnostics import Diagnostic, in_order
from cdsl.source import Source, Span
from cdsl.syntax import ast
from cdsl.syntax.build import Builder
from cdsl.syntax.documentation import document
from cdsl.syntax.expected import unexpected
from cdsl.syntax.ignores import ignores_in
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
ENDS = ("_NL", "LBRACE", "RBRACE")
KEYWORDS = ("DIM", "DATA", "LET", "TYPE", "MODEL", "FROM", "IMPORT", "AS", "FROZEN", "VIA")
BIDIRECTIONAL = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+")


def grammar_text(name: str = "cdsl") -> str:
    """A grammar: inside the package where it is installed, at the top level in a checkout."""
    try:
        packaged = pkgutil.get_data("cdsl", f"grammars/{name}.lark")
    except FileNotFoundError:
        packaged = None
    return (packaged or (Path(__file__).parents[2] / "grammars" / f"{name}.lark").read_bytes()).decode()


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
    trees, unread = read(source, diagnostics)
    declarations = build(trees, unread, diagnostics)
    doc, documented = document(declarations, unread, source, diagnostics)
    return ast.Spec(
        span=whole,
        doc=doc,
        declarations=documented,
        diagnostics=in_order(diagnostics),
        ignores=tuple(ignores_in(source)),
    )


def refuse_text(text: str) -> Iterator[Diagnostic]:
    """Why a text is not read at all."""
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > LONGEST_TEXT:
        yield Diagnostic(code="E005", message=f"a spec has at most {LONGEST_TEXT} bytes, this has {size}")
        return
    for found in BIDIRECTIONAL.finditer(text):
        char = found.group()[0]
        yield Diagnostic(
            code="E004",
            message=f"a character that reorders the text around it: U+{ord(char):04X} {unicodedata.name(char)}",
            span=Span(*found.span()),
            label="invisible",
            help="remove it: what a reader sees would not be what is compiled",
        )


def read(source: Source, problems: list[Diagnostic]) -> tuple[list[Tree[Token]], list[Span]]:
    """Text → one tree a declaration, and the places of what could not be read: each reported and left out, alone."""
    interactive = parser().parse_interactive(source.text)
    tokens = interactive.lexer_thread.lex(interactive.parser_state)  # `Lark.lex` would build a lexer for every text
    lines, unread = statements(tokens), list[Span]()
    models: list[Token] = []  # the `{` of each that is open here
    for line in lines:
        before = interactive.parser_state.copy(deepcopy_values=False)  # the default is a copy of all that was read
        last, problem = line[-1], beyond_limits(line, len(models)) or feed(interactive, line, source)
        if problem:
            problems.append(problem)
            interactive.parser_state = before
            last = skip(line, lines, inside=bool(models))
            unread.append(Span(line[0].start_pos or 0, last.end_pos or 0))
            interactive.feed_token(last)
        models = models[:-1] if last.type == "RBRACE" else [*models, last] if last.type == "LBRACE" else models
    if models:
        problems.append(not_closed(models[-1]))
    end = len(source.text)
    for kind in [*("RBRACE" for _ in models), "$END"]:
        tree = interactive.feed_token(Token(kind, "", end, end_pos=end))
    return [child for child in tree.children if child is not None], unread


def statements(tokens: Iterator[Token]) -> Iterator[list[Token]]:
    """The tokens up to each newline, `{` and `}`, which is the last of its statement."""
    line: list[Token] = []
    for token in tokens:
        line.append(token)
        if token.type in ENDS:
            yield line
            line = []


def feed(interactive: InteractiveParser, line: list[Token], source: Source) -> Diagnostic | None:
    """Give the parser a statement; what is wrong with its first token that the grammar does not accept here."""
    for token in line:
        if not accepts(interactive.parser_state, token.type):
            terminals = filter(str.isupper, interactive.choices())
            wanted = {terminal for terminal in terminals if accepts(interactive.parser_state, terminal)}
            return unexpected(token, wanted, source)
        interactive.feed_token(token)
    return None


def accepts(state: ParserState[Token], terminal: str) -> bool:
    """Whether the parser would take this terminal.

    LALR may reduce before it finds that it would not, and lark's reductions change lists in place: so the tables are
    followed on a copy of the states alone, and what is refused has changed nothing.
    """
    table, stack = state.parse_conf.parse_table.states, list(state.state_stack)
    while action := table[stack[-1]].get(terminal):
        kind, rule = action
        if kind is Shift:
            return True
        del stack[len(stack) - len(rule.expansion) :]
        stack.append(table[stack[-1]][rule.origin.name][1])
    return False


def skip(line: list[Token], lines: Iterator[list[Token]], *, inside: bool) -> Token:
    """Leave out a statement that cannot be read, the model that it opens, and the rest of its line.

    Returns the token to go on with: the end of the line or, inside a model, the `}` that closes that.
    """
    depth = 0
    while True:
        last = line[-1]
        depth += opens(last, ("LBRACE",), ("RBRACE",))
        if (last.type == "_NL" and depth == 0) or (depth < 0 and inside):
            return last
        depth = max(depth, 0)
        following = next(lines, None)
        if following is None:
            return Token("_NL", "", last.end_pos, end_pos=last.end_pos)
        line = following


def opens(token: Token, opening: Collection[str], closing: Collection[str]) -> int:
    """1 for a token that opens, -1 for one that closes, 0 for any other."""
    return (token.type in opening) - (token.type in closing)


def not_closed(brace: Token) -> Diagnostic:
    """A `{` without its `}`."""
    start = brace.start_pos or 0
    return Diagnostic(
        code="E101",
        message="expected `}`, found the end of the file",
        span=Span(start, start + 1),
        label="not closed",
        help="end the model with `}`",
    )


def beyond_limits(line: list[Token], models: int) -> Diagnostic | None:
    """What a spec may not have: an hour's work for the compiler in one line."""
    brackets = 0
    for count, token in enumerate(line, start=1):
        start, length, message = token.start_pos or 0, len(token), ""
        brackets = max(0, brackets + opens(token, OPENING, CLOSING))
        if token.type == "NUMBER" and length > LONGEST_NUMBER:
            message = f"a number has at most {LONGEST_NUMBER} characters, this has {length}"
        elif token.type == "NAME" and length > LONGEST_NAME:
            message = f"a name has at most {LONGEST_NAME} characters, this has {length}"
        elif brackets + models + (token.type == "LBRACE") > DEEPEST_BRACKETS:
            message = f"brackets nest at most {DEEPEST_BRACKETS} deep"
        elif count > MOST_TOKENS and token.type not in ENDS:
            message = f"a declaration has at most {MOST_TOKENS} tokens"
        if message:
            return Diagnostic(code="E102", message=message, span=Span(start, start + length))
    return None


def build(trees: list[Tree[Token]], unread: list[Span], problems: list[Diagnostic]) -> list[ast.Declaration]:
    """Trees → AST, without the declarations whose expressions are too deep to walk, which join the unread."""
    declarations: list[ast.Declaration] = []
    for tree in trees:
        if depth(tree) <= DEEPEST_EXPRESSION:
            declarations.append(Builder().transform(tree))
        else:
            message = f"expressions nest at most {DEEPEST_EXPRESSION} deep; a chain of operators counts"
            unread.append(Span(tree.meta.start_pos, tree.meta.end_pos))
            problems.append(Diagnostic(code="E102", message=message, span=unread[-1]))
    return declarations


def depth(tree: Tree[Token]) -> int:
    """How deep a tree is, without recursion."""
    deepest, level = 0, [tree]
    while level:
        deepest += 1
        level = [child for node in level for child in node.children if isinstance(child, Tree)]
    return deepest


class Layout(PostLex):
    """Newlines end a declaration, except inside ( ) and [ ]; there, except before a line that begins a declaration.

    A text ends as a line does, with a newline, if an empty one.
    """

    always_accept = ("_NL", "UNKNOWN")

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        """The tokens that the parser sees."""
        tokens, brackets = list(stream), 0
        end = tokens[-1].end_pos if tokens else 0
        if not tokens or tokens[-1].type != "_NL":
            tokens.append(Token("_NL", "", end, end_pos=end))
        for index, token in enumerate(tokens):
            following = tokens[index + 1 : index + 2]
            if token.type == "_NL" and following and following[0].type == "_NL":
                continue  # of blank lines the last one does
            brackets = max(0, brackets + opens(token, OPENING, CLOSING))
            if token.type == "_NL" and brackets:
                if following and not begins_declaration(tokens[index + 1 : index + 1 + MOST_TOKENS]):
                    continue
                brackets = 0
            yield token


def begins_declaration(following: list[Token]) -> bool:
    """Whether a line after an open bracket is a declaration of its own: `name:` or a keyword and a name, and no bracket
    closed that it did not open."""
    line = list(takewhile(lambda token: token.type != "_NL", following))
    words = [token.type for token in line[:3]]
    if words[:2] == ["FROZEN", "NAME"]:
        words = words[1:]
    if len(words) < 2:
        return words == ["RBRACE"]
    heads = (words[0] in ("NAME", *KEYWORDS) and words[1] == "COLON") or words[:2] == ["FROM", "STRING"]
    heads = heads or (words[0] in ("DIM", "DATA", "LET", "TYPE", "MODEL") and words[1] == "NAME")
    closed = accumulate(opens(token, OPENING, CLOSING) for token in line)
    return heads and min(closed) >= 0
