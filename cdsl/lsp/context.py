"""Where in a declaration an offset is: read from the words before it, which need not be a spec yet."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias

from cdsl.limits import MOST_TOKENS
from cdsl.source import Span

WORD = r"[^\W\d](?:[0-9A-Za-z_]|[^\x00-\x7f\s])*"  # as the grammar has it; no character is of both kinds
TOKEN = re.compile(
    rf'(?P<comment>#[^\n]*)|(?P<string>"[^"\n]*"?)|(?P<word>{WORD})|(?P<number>\.?\d[\w.]*)|(?P<mark>\S)|(?P<end>\n)'
)
BEGINS = re.compile(
    rf"[ \t]*(?:(?:frozen[ \t]+)?{WORD}[ \t]*:|(?:dim|data|let|type|model|frozen)[ \t]+{WORD}|from[ \t]*\"|\}})"
)
MOST_LINES = 200
"""How far up the beginning of a declaration is looked for."""

Role: TypeAlias = Literal[
    "line", "type", "after_type", "transform", "after_transform", "expression", "member", "path", "after_path", "import",
    "after_import", "name", "nothing",
]  # fmt: skip
"""What may stand there: a declaration, a type, `via` or `=`, a transform, `=`, an expression, a value of a nested model,
the path of an import, `import`, a name of the imported file, `as`, a new name, or nothing."""


Owner: TypeAlias = Literal["type", "transform", "function", "params", "sizes", "index", "group"]
"""What a bracket belongs to: arguments of the first three, the parameters of an alias, sizes, an index, or nothing."""


class Token(NamedTuple):
    """A piece of text before the offset."""

    kind: str
    text: str
    start: int


@dataclass
class Open:
    """A bracket that is not closed before the offset."""

    callee: str
    """The word before it."""
    what: Owner
    argument: int = 0
    """How many commas stand before the offset."""
    keyword: str = ""
    """`name` of `name=` where the offset is in that argument."""
    given: list[str] = field(default_factory=list)
    """The keywords that were given."""


@dataclass
class Context:
    """What stands before an offset, in its declaration."""

    role: Role
    word: Span
    """The word that ends at the offset, which is still being typed, and what of it stands behind."""
    brackets: list[Open] = field(default_factory=list)
    head: str = ""
    """`data`, `type`, `let`, `dim`, `from`, or nothing for a parameter."""
    type: str = ""
    """The type that was named."""
    path: str = ""
    """What an import reads, as far as it is written."""
    operand: list[str] = field(default_factory=list)
    """Of a member, the names before it."""


def context(text: str, offset: int) -> Context:
    """What may stand at an offset."""
    start, end = word_around(text, offset)
    tokens = tokens_before(text, start)
    if tokens and (quiet := in_quiet(text, offset, tokens)):
        return quiet
    words = [one for one in tokens if one.kind not in ("comment", "end")]
    found = Context("nothing", Span(start, end), open_brackets(words))
    read_head(found, words)
    found.role = role(found, [one.text for one in words])
    return found


def word_around(text: str, offset: int) -> tuple[int, int]:
    """The word that an offset is in or behind."""
    start = end = offset
    while start > 0 and in_word(text[start - 1]):
        start -= 1
    while end < len(text) and in_word(text[end]):
        end += 1
    return start, end


def in_word(char: str) -> bool:
    """Whether a name may have this character, or the lexer takes it for part of one."""
    return char == "_" or char.isalnum() or (char > "\x7f" and not char.isspace())


def tokens_before(text: str, offset: int) -> list[Token]:
    """The tokens of the declaration that an offset is in, up to there."""
    first = text.rfind("\n", 0, offset) + 1
    for _ in range(MOST_LINES):
        if first == 0 or BEGINS.match(text, first):
            break
        first = text.rfind("\n", 0, first - 1) + 1
    tokens: list[Token] = []
    depth = 0
    for found in TOKEN.finditer(text, first, offset):
        kind, token = found.lastgroup or "", Token(found.lastgroup or "", found.group(), found.start())
        depth = max(0, depth + (token.text in ("(", "[")) - (token.text in (")", "]")))
        if (kind == "end" and depth == 0) or token.text in ("{", "}"):
            tokens = []
        else:
            tokens.append(token)
    return tokens[-MOST_TOKENS:]


def in_quiet(text: str, offset: int, tokens: list[Token]) -> Context | None:
    """In a comment nothing is completed, in the path of an import a path; None elsewhere."""
    last = tokens[-1]
    words = [one.text for one in tokens if one.kind not in ("comment", "end")]
    closed = last.kind != "comment" and (last.kind != "string" or (len(last.text) > 1 and last.text.endswith('"')))
    if closed and not (last.kind == "string" and offset < last.start + len(last.text)):
        return None
    if last.kind == "string" and words[:-1] == ["from"]:
        end = offset
        while end < len(text) and text[end] not in '"\r\n ':
            end += 1
        return Context("path", Span(last.start + 1, end), head="from", path=text[last.start + 1 : offset])
    return Context("nothing", Span(offset, offset))


def open_brackets(words: list[Token]) -> list[Open]:
    """The brackets that are not closed."""
    brackets: list[Open] = []
    for at, (_, text, _) in enumerate(words):
        before = words[at - 1] if at else Token("", "", 0)
        if text in ("(", "["):
            owner = owner_of(text, before, [one.text for one in words[:at]], inside=bool(brackets))
            brackets.append(Open(before.text if before.kind == "word" else "", owner))
        elif text in (")", "]") and brackets:
            brackets.pop()
        elif brackets and text == ",":
            brackets[-1].argument += 1
            brackets[-1].keyword = ""
        elif brackets and text == "=" and before.kind == "word":
            brackets[-1].keyword = before.text
            brackets[-1].given.append(before.text)
    return brackets


def owner_of(bracket: str, before: Token, texts: list[str], *, inside: bool) -> Owner:
    """What a bracket belongs to that stands behind these words."""
    where = place(texts)
    if bracket == "[":
        behind = before.kind == "word" or before.text in (")", "]")
        return "sizes" if where == "type" and not inside else "index" if behind else "group"
    if before.kind != "word":
        return "group"
    if inside or where not in ("type", "transform"):
        return "function"
    if texts[0] == "type" and "=" not in texts and ":" not in texts:
        return "params"
    return "type" if where == "type" else "transform"


def outside(texts: list[str]) -> list[str]:
    """The words that stand in no brackets."""
    found, depth = [], 0
    for text in texts:
        depth = max(0, depth - (text in (")", "]")))
        if depth == 0:
            found.append(text)
        depth += text in ("(", "[")
    return found


def place(texts: list[str]) -> Literal["type", "transform", "expression", "head"]:
    """Which part of a declaration its words have come to."""
    flat = outside(texts)
    if flat[:1] == ["type"] and ":" not in flat:
        rest = flat[flat.index("=") :] if "=" in flat else []
        return "transform" if "via" in rest else "type"
    if ":" in flat:
        rest = flat[flat.index(":") + 1 :]
        if "=" in rest or "~" in rest:
            return "expression"
        return "transform" if "via" in rest[1:] else "type"
    return "expression" if "=" in flat or "~" in flat or flat[:1] not in (["dim"], ["let"], ["data"]) else "head"


def read_head(found: Context, words: list[Token]) -> None:
    """What kind of declaration it is, and its type."""
    texts = [one.text for one in words]
    if texts[:1] and texts[0] in ("data", "type", "let", "dim", "from", "model") and texts[1:2] != [":"]:
        found.head = texts[0]
    if found.head == "from":
        found.path = next((one.text.strip('"') for one in words if one.kind == "string"), "")
    marker, flat = "=" if found.head == "type" else ":", outside(texts)
    if marker in flat and found.head not in ("let", "dim", "from", "model"):
        found.type = next(iter(flat[flat.index(marker) + 1 :]), "")


def role(found: Context, texts: list[str]) -> Role:
    """What may stand behind these words."""
    last = texts[-1] if texts else ""
    if last == "." and texts[-2:-1] != ["."]:
        found.operand = operand_before(texts[:-1])
        return "member" if found.operand else "nothing"
    if found.brackets:
        inner = found.brackets[-1]
        if inner.what == "transform" and inner.callee == "staged":
            return "transform" if inner.keyword else "expression"
        return "nothing" if inner.what == "params" and not inner.keyword else "expression"
    if not texts:
        return "line"
    if found.head == "from":
        if "import" not in texts:
            return "after_path" if found.path else "nothing"
        return "import" if last in ("import", ",") else "nothing" if last == "as" else "after_import"
    if texts == ["frozen"] or texts in (["dim"], ["let"], ["data"], ["type"], ["model"]):
        return "name"
    if last == "via":
        return "transform"
    if last == "=" and found.head == "type":
        return "type"
    if last in ("=", "~", "+", "-", "*", "/", "//", "**", "@", "<", ">", "<=", ">=", "==", "!="):
        return "expression"
    where = place(texts)
    if last == ":" and where == "type":
        return "type"
    if where == "type" and found.type:
        return "after_type"
    return "after_transform" if where == "transform" else "nothing"


def operand_before(texts: list[str]) -> list[str]:
    """`noise`, `noise[0]` or `noise.inner` at the end, as its names; brackets are left out."""
    names: list[str] = []
    at = len(texts) - 1
    while at >= 0:
        if texts[at] == "]":
            depth = 0
            while at >= 0:
                depth += (texts[at] == "]") - (texts[at] == "[")
                at -= 1
                if depth == 0:
                    break
        if at < 0 or not re.fullmatch(WORD, texts[at]):
            return []
        names.append(texts[at])
        if at == 0 or texts[at - 1] != ".":
            return names[::-1]
        at -= 2
    return []
