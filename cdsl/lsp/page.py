"""Text for a reader, as Markdown or plain. What comes from a spec is shown as it was written and never acts as markup."""

from __future__ import annotations

import re
from typing import NamedTuple

SPECIAL = re.compile(
    r"[\\`*\[\]<>#|&~]"  # anywhere
    r"|(?<![^\W_])_|_(?![^\W_])"  # not inside of a word
    r"|(?m:^)[ \t]*(?:[-+=]|\d+(?=[.)]))"  # lists and headings
    r"|:(?=//)|(?<=www)\.|@"  # addresses that would become links
)


class Code(NamedTuple):
    """Lines of a spec, or of a formula."""

    text: str
    language: str = "cdsl"


class Prose(NamedTuple):
    """A paragraph."""

    text: str


Page = list["Code | Prose"]

LONGEST = 10_000
"""Characters of one part of a page."""


def markdown(page: Page) -> str:
    """As Markdown."""
    return "\n\n".join(
        fenced(one._replace(text=one.text[:LONGEST])) if isinstance(one, Code) else escaped(one.text[:LONGEST])
        for one in page
        if one.text
    )


def plain(page: Page) -> str:
    """As it is."""
    return "\n\n".join(one.text[:LONGEST] for one in page if one.text)


def fenced(code: Code) -> str:
    """A block that its content cannot end."""
    longest = max(map(len, re.findall(r"`+", code.text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{code.language}\n{code.text}\n{fence}"


def escaped(text: str) -> str:
    """Words that stay words: every mark that Markdown reads is escaped, and single line ends are kept."""
    return SPECIAL.sub(lambda mark: escape(mark.group()), text).replace("\n", "  \n")


def escape(mark: str) -> str:
    """A mark that is only that; a number at the beginning of a line escapes what follows it."""
    return f"{mark}\\" if mark[-1:].isdigit() else f"{mark[:-1]}\\{mark[-1:]}"
