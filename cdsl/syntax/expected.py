"""Syntax errors in words: what was expected, what was found, and how the line may have been meant."""

from __future__ import annotations

import re
from collections.abc import Collection

from lark import Token

from cdsl.diagnostics import Diagnostic
from cdsl.source import Source, Span

WORDS = {
    "_NL": "the end of the line",
    "$END": "the end of the file",
    "COLON": "`:`",
    "EQUAL": "`=`",
    "LPAR": "`(`",
    "RPAR": "`)`",
    "LSQB": "`[`",
    "RSQB": "`]`",
    "LBRACE": "`{`",
    "RBRACE": "`}`",
    "COMMA": "`,`",
    "VIA": "`via`",
    "NUMBER": "a number",
    "NAME": "a name",
    "STRING": 'a "path"',
    "IMPORT": "`import`",
}

HABITS = {
    ";": "a line ends without `;`: one declaration a line",
    "//": "a comment begins with `#`",
    "^": "a power is written `**`",
    "'": "a transpose is written `transpose(x)`",
    "<": "constraints stand before the sizes, by name: `positive`, `greater_than(0)`, `interval(0, 1)`",
    '"': "doc comments begin with `#:`",
}
"""What other languages write, and what cdsl writes for it."""


def unexpected(token: Token, accepts: Collection[str], source: Source) -> Diagnostic:
    """The diagnostic for a token that the grammar does not accept."""
    start = token.start_pos or 0
    line = source.line(source.position(start).line)
    return Diagnostic(
        code="E101",
        message=f"expected {expectation(accepts)}, found {found(token)}",
        span=Span(start, start if token.type in ("_NL", "$END") else start + len(token)),
        help=meant(token, accepts, line),
    )


def expectation(accepts: Collection[str]) -> str:
    """The accepted tokens in words, at most four of them, in the order of `WORDS`."""
    wanted = set(accepts) - ({"$END"} if "_NL" in accepts else set())
    words = [word for terminal, word in WORDS.items() if terminal in wanted]
    if "NUMBER" in accepts and "NAME" in accepts:
        return "a value"
    if len(words) > 4:
        words = words[:4]
    return f"{', '.join(words[:-1])} or {words[-1]}" if len(words) > 1 else "".join(words) or "something else"


def found(token: Token) -> str:
    """The token in words."""
    return WORDS[token.type] if token.type in ("_NL", "$END") else f"`{token}`"


def meant(token: Token, accepts: Collection[str], line: str) -> str:
    """What to write instead, where the mistake is a known one."""
    if token.type == "VIA" and (swapped := re.fullmatch(r"(\s*[^=#]*?)\s*(=[^#]*?)\s+(via\s[^#~]*?)\s*(#.*)?", line)):
        head, start, via, _ = swapped.groups()
        return f"the transform stands before the start value: `{head.strip()} {via} {start}`"
    if token.type in ("EQUAL", "LSQB", "LPAR", "NAME") and (
        stan := re.fullmatch(r"\s*(\w+)\s*((?:\[.*?\])?)\s+(\w+)\s*;?\s*", line)
    ):
        domain, sizes, name = stan.groups()
        return f"the name stands first: `{name}: {domain}{sizes}`"
    if str(token) in HABITS and token.type in ("UNKNOWN", "MULOP", "COMPARE"):
        return HABITS[str(token)]
    if {"RPAR", "RSQB"} & set(accepts) and token.type in ("_NL", "$END"):
        return "a bracket is not closed"
    if accepts == {"COLON"} or ("COLON" in accepts and token.type in ("_NL", "$END", "EQUAL")):
        return "a parameter is declared as `name: domain`, for example `p: prob`"
    return ""
