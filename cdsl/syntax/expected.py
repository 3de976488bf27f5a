"""Syntax errors in words: what was expected, what was found, and how the line may have been meant."""

from __future__ import annotations

import re
from collections.abc import Collection

from lark import Token

from cdsl.diagnostics import Diagnostic
from cdsl.source import Source, Span

WORDS = {
    "_NL": "the end of the line",
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
    ";": "one declaration a line; a line ends without `;`",
    ",": "one declaration a line",
    "//": "a comment begins with `#`",
    "^": "a power is written `**`",
    "'": "a transpose is written `transpose(x)`",
}
"""What other languages write, and what cdsl writes for it."""


LONGEST_TYPED = 1000
"""Characters of a line that is read for what it may have meant: the patterns below take time in the square of it."""


def unexpected(token: Token, accepts: Collection[str], source: Source) -> Diagnostic:
    """The diagnostic for a token that the grammar does not accept."""
    start = token.start_pos or 0
    line = source.line(source.position(start).line)
    return Diagnostic(
        code="E101",
        message=f"expected {expectation(accepts)}, found {found(token)}",
        span=Span(start, start if token.type == "_NL" else start + len(token)),
        help=meant(token, accepts, line),
    )


def expectation(accepts: Collection[str]) -> str:
    """The accepted tokens in words, at most four of them, in the order of `WORDS`."""
    wanted = set(accepts)
    if "NAME" in wanted:  # every keyword is a name there
        wanted -= {"VIA", "IMPORT", "FROZEN"} if "NUMBER" in wanted or "FROZEN" in wanted else set()
    if {"NAME", "NUMBER", "_NL"} <= wanted:
        return "a declaration"
    if {"NAME", "NUMBER"} <= wanted:
        return "a value"
    words = [word for terminal, word in WORDS.items() if terminal in wanted][:4]
    return f"{', '.join(words[:-1])} or {words[-1]}" if len(words) > 1 else "".join(words) or "something else"


def found(token: Token) -> str:
    """The token in words."""
    if token.type == "_NL":
        return WORDS["_NL"] if token else "the end of the file"
    return f"`{token}`"


def meant(token: Token, accepts: Collection[str], line: str) -> str:
    """What to write instead, where the mistake is a known one; of a line that nobody typed nothing is guessed."""
    if len(line) > LONGEST_TYPED:
        return ""
    for habit in (swapped, bounds, two_words, other_language, missing):
        if help := habit(token, accepts, line):
            return help
    return ""


def swapped(token: Token, accepts: Collection[str], line: str) -> str:
    """The start value before the transform."""
    parts = re.fullmatch(r"(\s*[^=#]*?)\s*(=[^#]*?)\s+(via\s[^#~]*?)\s*(#.*)?", line)
    if token.type != "VIA" or parts is None:
        return ""
    head, start, via, _ = parts.groups()
    return f"the transform stands before the start value: `{head.strip()} {via} {start}`"


def bounds(token: Token, accepts: Collection[str], line: str) -> str:
    """Stan's `real<lower=0> x`."""
    stan = re.match(r"\s*(\w+\s*:\s*)?\w+(\[.*?\])?\s*<\s*(lower|upper|offset|multiplier)\s*=", line)
    return "bounds are domains: `positive`, `greater_than(0)`, `interval(0, 1)`" if stan else ""


def two_words(token: Token, accepts: Collection[str], line: str) -> str:
    """`vector[3] x` or `x prob`: the colon is missing, and perhaps the order is another language's."""
    words = re.fullmatch(r"\s*(\w+)\s*(\[.*?\])?\s+(\w+)\s*[;,]?\s*", line)
    if words is None or token.type not in ("NAME", "LSQB", "LPAR"):
        return ""
    first, sizes, second = words.groups()
    if sizes:
        return f"the name stands first: `{second}: {first}{sizes}`"
    return f"write `{first}: {second}`, or `{second}: {first}` where `{first}` is the domain"


def other_language(token: Token, accepts: Collection[str], line: str) -> str:
    """What other languages write, and what cdsl writes for it."""
    return HABITS.get(str(token), "") if token.type in ("UNKNOWN", "MULOP", "COMMA") else ""


def missing(token: Token, accepts: Collection[str], line: str) -> str:
    """A bracket that is not closed, a start value without `=`, a line that is no declaration."""
    if {"RPAR", "RSQB"} & set(accepts) and token.type == "_NL":
        return "a bracket is not closed"
    if token.type in ("NUMBER", "MINUS") and "EQUAL" in accepts:
        return "a start value stands after `=`"
    if "COLON" in accepts or "TILDE" in accepts:
        return "a parameter is declared as `name: domain`, for example `p: prob`"
    return ""
