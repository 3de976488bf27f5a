"""Text → tokens, as the parser sees them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import accumulate, chain, pairwise
from typing import Any, NamedTuple

from cdsl.source import Source

KEYWORDS = ("DIM", "DATA", "LET", "TYPE", "MODEL", "FROM", "IMPORT", "AS", "FROZEN", "VIA")
ENDS = ("_NL", "LBRACE", "RBRACE")
BRACKETS = {"LPAR": 1, "LSQB": 1, "RPAR": -1, "RSQB": -1}
BRACES = {"LBRACE": 1, "RBRACE": -1}
OUTSIDE = ("_NL", "UNKNOWN")
"""Terminals that are tokens where no rule of the grammar has them, too."""


class Token(str):
    """A word of a text: which terminal it is, and where it stands."""

    __slots__ = ("end_pos", "start_pos", "type")

    type: str
    start_pos: int
    end_pos: int

    def __new__(cls, type: str, text: str, start_pos: int, end_pos: int) -> Token:
        made = str.__new__(cls, text)
        made.type, made.start_pos, made.end_pos = type, start_pos, end_pos
        return made


class Lexer(NamedTuple):
    """lark's basic lexer without lines and columns: those are asked of `Source`, where something is shown."""

    pattern: re.Pattern[str]
    """What is no token, as often as it stands there, and one group a terminal. All together match every character."""
    kinds: tuple[str, ...]
    """The terminal of each group, from 1 on; of the last, which is the end of the text, nothing."""
    words: dict[str, str]
    """Keywords, which match as names."""

    def tokens(self, source: Source, start: int) -> Iterator[Token]:
        """The tokens of a text from a place on."""
        first, text, kinds, keyword = source.first, source.text, self.kinds, self.words.get
        for match in self.pattern.finditer(text, start - first):
            at = match.lastindex or 0
            begin, end = match.span(at)
            if kind := kinds[at]:
                word = text[begin:end]
                yield Token(keyword(word, kind), word, first + begin, first + end)


def lexer_of(kept: Any) -> Lexer:
    """The lexer of kept patterns.

    What is no token is tried first: no terminal begins with such a character, but the last that takes any one. At the end of
    the text something matches as well, so that no character which was taken is given back.
    """
    patterns = {str(name): str(pattern) for name, pattern in kept["patterns"]}
    ignored = [patterns.pop(name) for name in kept["ignored"]]
    groups = "|".join(f"({pattern})" for pattern in patterns.values())
    whole = re.compile(rf"(?:{'|'.join(ignored)})*(?:{groups}|(\Z))", int(kept["flags"]))
    if whole.groups != len(patterns) + 1:
        raise ValueError("a terminal has a group of its own")
    return Lexer(whole, ("", *patterns, ""), {str(word): str(name) for word, name in kept["words"].items()})


class Layout:
    """Newlines end a declaration, except inside ( ) and [ ]; there, except before a line that begins a declaration.

    A last line ends as the others do, with a newline, if an empty one. lark takes it for a `postlex`.
    """

    always_accept = OUTSIDE

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        """The tokens that the parser sees."""
        return chain.from_iterable(whole_lines(stream))


def whole_lines(stream: Iterator[Token]) -> Iterator[list[Token]]:
    """The tokens up to each newline that ends a declaration. One line is read ahead, and no more."""
    whole: list[Token] = []
    brackets = 0
    for line, following in pairwise(chain(lines(stream), [[]])):
        for token in line:
            if token.type in BRACKETS:
                brackets = max(0, brackets + BRACKETS[token.type])
        whole += line
        if not brackets or not following or begins_declaration(following[:-1]):
            yield whole
            whole, brackets = [], 0
        else:
            whole.pop()


def lines(stream: Iterator[Token]) -> Iterator[list[Token]]:
    """The tokens up to each newline; of newlines in a row, which blank lines are, the last one."""
    line: list[Token] = []
    ended = False
    for token in stream:
        if token.type == "_NL":
            if ended:
                line.pop()
            line.append(token)
            ended = True
        else:
            if ended:
                yield line
                line, ended = [], False
            line.append(token)
    if line and not ended:
        line.append(Token("_NL", "", line[-1].end_pos, line[-1].end_pos))
    if line:
        yield line


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
    """The tokens up to each newline that ends a declaration, `{` and `}`, which is the last of its statement."""
    for whole in whole_lines(tokens):
        begin = 0
        for end, token in enumerate(whole, start=1):
            if token.type in ENDS:
                yield whole[begin:end]
                begin = end
