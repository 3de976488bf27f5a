"""Text → tokens, as the parser sees them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import accumulate, chain, groupby, pairwise
from typing import NamedTuple

from lark import Lark, Token
from lark.lark import PostLex

from cdsl.source import Source

KEYWORDS = ("DIM", "DATA", "LET", "TYPE", "MODEL", "FROM", "IMPORT", "AS", "FROZEN", "VIA")
ENDS = ("_NL", "LBRACE", "RBRACE")
BRACKETS = {"LPAR": 1, "LSQB": 1, "RPAR": -1, "RSQB": -1}
BRACES = {"LBRACE": 1, "RBRACE": -1}


class Lexer(NamedTuple):
    """lark's basic lexer without lines and columns: those are asked of `Source`, where something is shown."""

    pattern: re.Pattern[str]
    """One group a terminal. All together match every character."""
    words: dict[str, str]
    """Keywords, which match as names."""
    ignored: frozenset[str]

    def tokens(self, source: Source, start: int) -> Iterator[Token]:
        """The tokens of a text from a place on."""
        first = source.first
        for match in self.pattern.finditer(source.text, start - first):
            kind, word = match.lastgroup or "", match.group()
            if kind not in self.ignored:
                yield Token(self.words.get(word, kind), word, first + match.start(), end_pos=first + match.end())


def lexer_of(parser: Lark) -> Lexer:
    """The lexer of a parser's terminals, in lark's order of them."""
    lexer = parser.parser.lexer.lexer
    matched = lexer.scanner.terminals
    pattern = "|".join(f"(?P<{terminal.name}>{terminal.pattern.to_regexp()})" for terminal in matched)
    words = {terminal.pattern.value: terminal.name for terminal in lexer.terminals if terminal not in matched}
    return Lexer(re.compile(pattern, lexer.g_regex_flags), words, lexer.ignore_types)


class Layout(PostLex):
    """Newlines end a declaration, except inside ( ) and [ ]; there, except before a line that begins a declaration.

    A last line ends as the others do, with a newline, if an empty one.
    """

    always_accept = ("_NL", "UNKNOWN")

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        """The tokens that the parser sees. One line is read ahead, and no more."""
        brackets = 0
        for (*line, newline), following in pairwise(chain(lines(stream), [[]])):
            for token in line:
                brackets = max(0, brackets + BRACKETS.get(token.type, 0))
                yield token
            if not brackets or not following or begins_declaration(following[:-1]):
                brackets = 0
                yield newline


def lines(stream: Iterator[Token]) -> Iterator[list[Token]]:
    """The tokens up to each newline; of newlines in a row, which blank lines are, the last one."""
    line: list[Token] = []
    for ends, group in groupby(stream, lambda token: token.type == "_NL"):
        tokens = list(group)
        if ends:
            yield [*line, tokens[-1]]
        line = [] if ends else tokens
    if line:
        yield [*line, Token("_NL", "", line[-1].end_pos, end_pos=line[-1].end_pos)]


def begins_declaration(line: list[Token]) -> bool:
    """Whether a line after an open bracket is a declaration of its own: `name:` or a keyword and a name, and no bracket
    closed that it did not open."""
    words = [token.type for token in line[:3]]
    if words[:2] == ["FROZEN", "NAME"]:
        words = words[1:]
    if len(words) < 2:
        return words == ["RBRACE"]
    heads = (words[0] in ("NAME", *KEYWORDS) and words[1] == "COLON") or words[:2] == ["FROM", "STRING"]
    heads = heads or (words[0] in ("DIM", "DATA", "LET", "TYPE", "MODEL") and words[1] == "NAME")
    return heads and min(accumulate(BRACKETS.get(token.type, 0) for token in line)) >= 0


def statements(tokens: Iterator[Token]) -> Iterator[list[Token]]:
    """The tokens up to each newline, `{` and `}`, which is the last of its statement."""
    line: list[Token] = []
    for token in tokens:
        line.append(token)
        if token.type in ENDS:
            yield line
            line = []
