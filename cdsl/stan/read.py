"""Text of a Stan program → the trees of its declarations. Every problem is collected; a bad statement does not hide the next."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

import lark
from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedToken
from lark.grammar import Rule
from lark.lark import PostLex
from lark.lexer import TerminalDef

from cdsl.limits import DEEPEST_EXPRESSION, LONGEST_TEXT, MOST_TOKENS
from cdsl.syntax.parse import grammar_text
from cdsl.syntax.tables import parser_of

Node: TypeAlias = "Tree[Token]"

BLOCKS = (
    "functions",
    "data",
    "transformed data",
    "parameters",
    "transformed parameters",
    "model",
    "generated quantities",
)

CONTROL = ("if", "else", "for", "while")
"""Words that begin a statement and are no types."""


class Problem(NamedTuple):
    """What has no counterpart in cdsl, or is no Stan, and the line where it stands."""

    line: int
    message: str


@dataclass
class Declared:
    """A declaration of one name."""

    name: str
    line: int
    type: Node
    arrays: tuple[Node, ...]
    """Sizes of `array[…]`."""
    value: Node | None = None


@dataclass
class Program:
    """What a program declares, block by block."""

    data: list[Declared] = field(default_factory=list)
    transformed: list[Declared] = field(default_factory=list)
    """Those of transformed data, with their values where one assignment gives the whole of it."""
    parameters: list[Declared] = field(default_factory=list)


class Whole(PostLex):
    """Leaves the tokens as they are, those too that occur in no rule: loops and strings are read as well."""

    always_accept = ("SEMICOLON", "UPDATE", "STRING", "INCLUDE", "UNCLOSED", "UNKNOWN")

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        """The tokens."""
        return stream


@functools.cache
def parser() -> Lark:
    """The parser of one statement, and the lexer of a whole program."""
    grammar = grammar_text("stan")

    def make() -> dict[str, Any]:
        made = Lark(
            grammar, parser="lalr", lexer="basic", propagate_positions=True, maybe_placeholders=True, postlex=Whole()
        )
        data, memo = made.memo_serialize([TerminalDef, Rule])
        return {
            "data": {**data, "options": {**data["options"], "postlex": None}},
            "memo": memo,
        }  # code, which is given again

    def read(kept: Any) -> Lark:
        found = with_integer_keys(kept)
        restored: Lark = Lark._load_from_dict(found["data"], found["memo"], postlex=Whole())
        return restored

    return parser_of(f"{lark.__version__} {grammar}", make, read)


def with_integer_keys(value: Any) -> Any:
    """JSON has text for keys where lark has states' and rules' numbers."""
    if isinstance(value, dict):
        return {int(key) if key.isdigit() else key: with_integer_keys(entry) for key, entry in value.items()}
    return [with_integer_keys(entry) for entry in value] if isinstance(value, list) else value


def read(text: str, problems: list[Problem]) -> Program:
    """What a program declares. Never raises for what a text may contain."""
    if len(text.encode("utf-8", "surrogatepass")) > LONGEST_TEXT:
        problems.append(Problem(1, f"a program has at most {LONGEST_TEXT} bytes"))
        return Program()
    interactive = parser().parse_interactive(text.removeprefix("\ufeff"))
    tokens = list(interactive.lexer_thread.lex(interactive.parser_state))
    if tokens and tokens[-1].type == "UNCLOSED":
        problems.append(Problem(line_of(tokens.pop()), "`/*` is not closed"))
    found = blocks(tokens, problems)
    return Program(
        data=declarations(found.get("data", []), problems),
        transformed=definitions(found.get("transformed data", [])),
        parameters=declarations(found.get("parameters", []), problems),
    )


# -- blocks and statements ---------------------------------------------------------------------------------------------


def blocks(tokens: list[Token], problems: list[Problem]) -> dict[str, list[Token]]:
    """The tokens between the braces of each block, by its name."""
    found: dict[str, list[Token]] = {}
    at, told = 0, False
    while at < len(tokens):
        start, words = tokens[at], list[str]()
        while at < len(tokens) and tokens[at].type == "NAME":
            words.append(str(tokens[at]))
            at += 1
        if at == len(tokens) or tokens[at].type != "LBRACE":
            if not told or start.type == "INCLUDE":
                problems.append(Problem(line_of(start), outside(start)))
            at, told = at if words else at + 1, True  # of what follows, up to the next block, nothing more is said
            continue
        told, name, end = False, " ".join(words), closing(tokens, at)
        if end == len(tokens):
            problems.append(Problem(line_of(tokens[at]), "`{` is not closed"))
        if name not in BLOCKS:
            problems.append(
                Problem(line_of(start), f"no block of Stan: `{name}`" if name else "a block without a name")
            )
        elif name in found:
            problems.append(Problem(line_of(start), f"a second block `{name}`"))
        else:
            found[name] = tokens[at + 1 : end]
        at = end + 1
    return found


def outside(token: Token) -> str:
    """What a token says that stands in no block."""
    if token.type == "INCLUDE":
        return (
            "`#include` is not followed: put the text itself here" if token.startswith("#include") else "no Stan: `#`"
        )
    return f"`{shown(token)}` stands in no block"


def closing(tokens: list[Token], at: int) -> int:
    """Where the brace is that closes the one here; behind the end where there is none."""
    level = 0
    for place in range(at, len(tokens)):
        level += braces(tokens[place])
        if level == 0:
            return place
    return len(tokens)


def braces(token: Token) -> int:
    """1 for `{`, -1 for `}`, 0 for any other."""
    return (token.type == "LBRACE") - (token.type == "RBRACE")


def declarations(tokens: list[Token], problems: list[Problem]) -> list[Declared]:
    """The declarations of a block that holds nothing else, statement by statement."""
    found: list[Declared] = []
    statement: list[Token] = []
    for token in tokens:
        if token.type == "INCLUDE":
            problems.append(Problem(line_of(token), outside(token)))
        elif token.type != "SEMICOLON":
            statement.append(token)
        elif statement:
            found += declared(statement, problems)
            statement = []
    if statement:
        problems.append(Problem(line_of(statement[-1]), f"expected `;` after `{shown(statement[-1])}`"))
    return found


def declared(statement: list[Token], problems: list[Problem]) -> list[Declared]:
    """The names that one statement declares."""
    tree = parsed(statement)
    if isinstance(tree, Problem):
        problems.append(tree)
        return []
    if tree.data != "declaration":
        problems.append(Problem(line_of(statement[0]), "expected a declaration, found an assignment"))
        return []
    found = list(names_of(tree, line_of(statement[0]), problems))
    valued = [one for one in found if one.value is not None]
    problems += [Problem(one.line, f"`{one.name}` has a value: only transformed data have") for one in valued]
    return found


def names_of(tree: Node, line: int, problems: list[Problem]) -> Iterator[Declared]:
    """Each name of a declaration: `real x, y` has two."""
    array, type_, *declarators = tree.children
    sizes = tuple(array.children) if isinstance(array, Tree) else ()
    for declarator in declarators:
        name, behind, value = declarator.children  # type: ignore[union-attr]  # a rule's children are as the grammar says
        text = str(name.children[0])  # type: ignore[union-attr]
        if behind is not None:
            message = f"sizes behind the name are no longer Stan: write `array[…] {type_word(type_)} {text}`"  # type: ignore[arg-type]
            problems.append(Problem(line, message))
        old = tuple(behind.children) if isinstance(behind, Tree) else ()
        yield Declared(text, line, type_, (*sizes, *old), value)  # type: ignore[arg-type]


def type_word(type_: Node) -> str:
    """The word of a type: `vector`."""
    return str(type_.children[0].children[0])  # type: ignore[union-attr]  # the grammar's `name`


def parsed(statement: list[Token]) -> Node | Problem:
    """The tree of a statement without its `;`, or why there is none."""
    line = line_of(statement[0])
    if len(statement) > MOST_TOKENS:
        return Problem(line, f"a declaration has at most {MOST_TOKENS} tokens")
    interactive, last = parser().parse_interactive(""), shown(statement[-1])
    try:
        for token in statement:
            interactive.feed_token(token)
        tree = interactive.feed_eof(statement[-1])
    except UnexpectedToken as refused:
        if refused.token.type == "$END":
            return Problem(line_of(statement[-1]), f"something is missing after `{last}`")
        return Problem(line_of(refused.token), f"`{shown(refused.token)}` is not expected here")
    if depth(tree) > DEEPEST_EXPRESSION:
        return Problem(line, f"expressions nest at most {DEEPEST_EXPRESSION} deep; a chain of operators counts")
    return tree.children[0]  # type: ignore[no-any-return]  # lark's children are untyped


def depth(tree: Node) -> int:
    """How deep a tree is, without recursion."""
    deepest, level = 0, [tree]
    while level:
        deepest += 1
        level = [child for node in level for child in node.children if isinstance(child, Tree)]
    return deepest


def shown(token: Token) -> str:
    """A token in a message."""
    return str(token) if len(token) <= 20 else f"{token[:20]}…"


def line_of(token: Token) -> int:
    """Where a token stands."""
    return token.line or 1


# -- transformed data --------------------------------------------------------------------------------------------------


def definitions(tokens: list[Token]) -> list[Declared]:
    """The declarations of transformed data; a value where one assignment, in no loop and in no branch, gives all of it.

    They are in the order in which they get their values.
    What cannot be read is left out in silence: it counts only where a parameter needs it, and is missed there.
    """
    found: dict[str, Declared] = {}
    assigned: Counter[str] = Counter()
    values: dict[str, Node] = {}
    for level, statement in steps(tokens):
        tree = parsed(statement) if level == 0 and statement[0] not in CONTROL else None
        if isinstance(tree, Tree) and tree.data == "declaration":
            for one in names_of(tree, line_of(statement[0]), []):
                found[one.name] = one
                assigned[one.name] += one.value is not None
        elif isinstance(tree, Tree):
            name, value = str(tree.children[0].children[0]), tree.children[1]  # type: ignore[union-attr]  # `name = expr`
            values[name] = value  # type: ignore[assignment]
            assigned[name] += 1
            if name in found:
                found[name] = found.pop(name)  # what its value uses may stand between
        elif (target := target_of(statement)) is not None:
            assigned[target] += 2  # or how often soever
    for one in found.values():
        one.value = (one.value or values.get(one.name)) if assigned[one.name] == 1 else None
    return list(found.values())


def steps(tokens: list[Token]) -> Iterator[tuple[int, list[Token]]]:
    """The statements of a block with how many loops and branches they are in; the head of a loop is none."""
    level, literal, statement = 0, 0, list[Token]()
    for token in tokens:
        if token.type == "LBRACE" and not literal and (not statement or statement[-1] in (")", "else")):
            level, statement = level + 1, []
        elif token.type == "RBRACE" and not literal:
            level, statement = max(0, level - 1), []
        elif token.type == "SEMICOLON":
            if statement:
                yield level, statement
            literal, statement = 0, []
        else:
            literal += braces(token)
            statement.append(token)


def target_of(statement: list[Token]) -> str | None:
    """The name that a statement assigns to, wholly or in part: `for (i in 1 : N) x[i] = 2`."""
    at = next((i for i, token in enumerate(statement) if token.type in ("EQUAL", "UPDATE")), 0)
    brackets = 0
    for token in reversed(statement[:at]):
        brackets += (token.type == "RSQB") - (token.type == "LSQB")
        if token.type == "NAME" and brackets == 0:
            return str(token)
    return None
