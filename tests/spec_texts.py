"""Every spec that the project shows, and what the parser makes of each word in it."""

import re
from pathlib import Path

from lark import Lark, Token

from cdsl.source import Source
from cdsl.syntax.parse import grammar_text, pieces
from cdsl.syntax.tokens import KEYWORDS, Layout

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(r"^```cdsl\n(.*?)^```$", re.MULTILINE | re.DOTALL)

FILES = sorted(
    path for folder in ("accept", "posteriordb", "reject") for path in (ROOT / "tests" / folder).glob("*.cdsl")
)
SHOWN = [path.read_bytes().decode("utf-8-sig") for path in FILES if path.parent.name != "reject"] + [
    block
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
    for block in BLOCK.findall(page.read_text(encoding="utf-8"))
    if not any(piece.problems for piece in pieces(Source(block), 0))
]
"""Texts of the accepted fixtures, of posteriordb and of the docs, without those that show a syntax error."""
REFUSED = [path.read_bytes().decode("utf-8", "replace") for path in FILES if path.parent.name == "reject"]

PLACES = {
    "parameter": {1: "declared"},
    "dim": {1: "declared"},
    "data": {1: "declared"},
    "let": {1: "declared"},
    "alias": {1: "type"},
    "model": {1: "type"},
    "imported": {0: "type", 2: "type"},
    "param": {0: "argument"},
    "prior": {0: "function"},
    "type": {0: "type"},
    "via": {1: "transform"},
    "keyword": {0: "argument"},
    "call": {0: "function"},
    "member": {1: "member"},
}
"""What a name is, by the rule of the grammar that it is a child of, and which child."""


LARK = Lark(grammar_text(), parser="lalr", lexer="basic", postlex=Layout(), maybe_placeholders=True)
"""lark's own parser of the grammar, with trees: of what was read without a problem, these are the words."""


def parsed(text):
    """What the grammar makes of each word and number of what is right in a text: `{(start, end): kind}`."""
    return {
        (start + piece.span.start, end + piece.span.start): kind
        for piece in pieces(Source(text), 0)
        if not piece.problems
        for (start, end), kind in words(LARK.parse(text[slice(*piece.span)]))
    }


def words(tree):
    for index, child in enumerate(tree.children):
        if isinstance(child, Token):
            kind = "keyword" if child.type in KEYWORDS else {"NUMBER": "number", "STRING": "string"}.get(child.type)
            if kind:
                yield (child.start_pos, child.end_pos), kind
        elif child is None:
            continue
        elif child.data == "name":
            (token,) = child.children
            known = "constant" if token in ("inf", "true", "false", "None", "pi") else "name"
            yield (token.start_pos, token.end_pos), PLACES.get(tree.data, {}).get(index, known)
        else:
            yield from words(child)
