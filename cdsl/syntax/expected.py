"""Syntax errors in words: what was expected, what was found, and how the line may have been meant."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from cdsl.diagnostics import Diagnostic, Edit, Fix, Label
from cdsl.source import Source, Span
from cdsl.syntax.tokens import BRACKETS, Token

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

INSTEAD = {"//": "#", "^": "**"}
"""The same, where it takes the place of what was written."""


LONGEST_TYPED = 1000
"""Characters of a line that is read for what it may have meant: the patterns below take time in the square of it."""


class Hint(NamedTuple):
    """How a line may have been meant, and what to write for it where that is plain."""

    help: str = ""
    fix: Fix | None = None


def unexpected(token: Token, before: Sequence[Token], accepts: Collection[str], source: Source) -> Diagnostic:
    """The diagnostic for a token that the grammar does not accept after those before it."""
    start = token.start_pos
    number = source.position(start).line
    hint = meant(token, accepts, source.line(number), source.start_of(number))
    return Diagnostic(
        code="E101",
        message=f"expected {expectation(accepts)}, found {found(token)}",
        span=Span(start, start if token.type == "_NL" else start + len(token)),
        also=tuple(not_closed(before)) if token.type in ("_NL", "RPAR", "RSQB") else (),
        help=hint.help,
        fix=hint.fix,
    )


def not_closed(before: Sequence[Token]) -> Iterator[Label]:
    """The bracket that is open behind these tokens, if one is."""
    depth = 0
    for token in reversed(before):
        depth += BRACKETS.get(token.type, 0)
        if depth > 0:
            yield Label(span=Span(token.start_pos, token.end_pos), text="opened here")
            return


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


def meant(token: Token, accepts: Collection[str], line: str, begins: int) -> Hint:
    """What to write instead, where the mistake is a known one; of a line that nobody typed nothing is guessed."""
    if len(line) > LONGEST_TYPED:
        return Hint()
    hints = (
        habit(token, accepts, line, begins)
        for habit in (swapped, frozen_last, bounds, two_words, other_language, missing)
    )
    return next(filter(None, hints), Hint())


def swapped(token: Token, accepts: Collection[str], line: str, begins: int) -> Hint | None:
    """The start value before the transform."""
    parts = re.fullmatch(r"(?P<head>\s*[^=#]*?)\s*(?P<start>=[^#]*?)\s+(?P<via>via\s[^#~;]*?)\s*(?:[#;].*)?", line)
    if token.type != "VIA" or parts is None:
        return None
    right = f"{parts['via']} {parts['start']}"
    where = Span(begins + parts.start("start"), begins + parts.end("via"))
    help = f"the transform stands before the start value: `{parts['head'].strip()} {right}`"
    return Hint(help, Fix.writing(right, where, safe=True))


def frozen_last(token: Token, accepts: Collection[str], line: str, begins: int) -> Hint | None:
    """`g: positive = 9.81 frozen`, with nothing behind that word."""
    parts = re.fullmatch(r"(?P<before>\s*)(?P<rest>\w+\s*:[^#]*?)(?P<last>\s+frozen)\s*(?:#.*)?", line)
    if token.type != "_NL" or parts is None or in_brackets(accepts):
        return None
    right = f"frozen {parts['rest']}"
    where = Span(begins + parts.start("rest"), begins + parts.end("last"))
    help = f"`frozen` stands first: `{right}`; behind the start value it names entries, `frozen [true, false]`"
    return Hint(help, Fix.writing(right, where, safe=True))


def bounds(token: Token, accepts: Collection[str], line: str, begins: int) -> Hint | None:
    """Stan's `real<lower=0> x`."""
    stan = re.match(r"\s*(\w+\s*:\s*)?\w+(\[.*?\])?\s*<\s*(lower|upper|offset|multiplier)\s*=", line)
    return Hint("bounds are domains: `positive`, `greater_than(0)`, `interval(0, 1)`") if stan else None


def two_words(token: Token, accepts: Collection[str], line: str, begins: int) -> Hint | None:
    """`vector[3] x` or `x prob`: the colon is missing, and perhaps the order is another language's."""
    words = re.fullmatch(r"\s*(\w+)\s*(\[.*?\])?\s+(\w+)\s*[;,]?\s*", line)
    if words is None or token.type not in ("NAME", "LSQB", "LPAR"):
        return None
    first, sizes, second = words.groups()
    if sizes is None:
        return Hint(f"write `{first}: {second}`, or `{second}: {first}` where `{first}` is the domain")
    right = f"{second}: {first}{sizes}"
    where = Span(begins + words.start(1), begins + len(line.rstrip()))
    return Hint(f"the name stands first: `{right}`", Fix.writing(right, where))


def other_language(token: Token, accepts: Collection[str], line: str, begins: int) -> Hint | None:
    """What other languages write, and what cdsl writes for it."""
    word = str(token)
    if word not in HABITS or token.type not in ("UNKNOWN", "MULOP", "COMMA"):
        return None
    where = Span(token.start_pos, token.end_pos)
    fix = Fix.writing(INSTEAD[word], where, safe=True) if word in INSTEAD else None
    rest = line[where.end - begins :].strip()
    if word == ";" and (not rest or rest.startswith("#")) and not in_brackets(accepts):
        fix = Fix(title="remove `;`", edits=(Edit(span=where, text=""),), safe=True)
    return Hint(HABITS[word], fix)


def in_brackets(accepts: Collection[str]) -> bool:
    """Whether a bracket could be closed here."""
    return bool({"RPAR", "RSQB"} & set(accepts))


def missing(token: Token, accepts: Collection[str], line: str, begins: int) -> Hint | None:
    """A bracket that is not closed, a start value without `=`, a line that is no declaration."""
    if in_brackets(accepts) and token.type == "_NL":
        return Hint("a bracket is not closed")
    if token.type in ("NUMBER", "MINUS") and "EQUAL" in accepts and not in_brackets(accepts):
        where = Span(token.start_pos, token.start_pos)
        return Hint(
            "a start value stands after `=`", Fix(title="write `=`", edits=(Edit(span=where, text="= "),), safe=True)
        )
    if "COLON" in accepts or "TILDE" in accepts:
        return Hint("a parameter is declared as `name: domain`, for example `p: prob`")
    return None
