"""Calls and tuples laid out as `ruff format` would, so that no formatter runs when a spec is compiled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from cdsl.source import width

WIDEST = 88
"""Columns of a line: the formatter's default."""


class Group(NamedTuple):
    """`before(items)after`: what may be broken after its bracket."""

    before: str
    items: tuple[Piece, ...]
    after: str = ""
    call: bool = True
    """A call or a signature tries its items on one line of their own; a tuple goes straight to one line for each."""
    bare: bool = False
    """A tuple that needs its parentheses only when it is broken."""
    brackets: tuple[str, str] = ("(", ")")


class Wrapped(NamedTuple):
    """`before body`, the body in parentheses, on lines of its own, where it is too long for one."""

    before: str
    body: str


Piece: TypeAlias = "str | Group | Wrapped"


def tuple_of(items: tuple[Piece, ...], before: str = "", after: str = "", *, bare: bool = False) -> Group:
    """`before(a, b)after`; bare: `before a, b after`, as in `return a, b`."""
    return Group(before, items, after, call=False, bare=bare and len(items) > 1)


def flat(piece: Piece) -> str:
    """The piece on one line."""
    if isinstance(piece, str):
        return piece
    if isinstance(piece, Wrapped):
        return piece.before + piece.body
    opening, closing = piece.brackets
    inner = ", ".join([item if isinstance(item, str) else flat(item) for item in piece.items])
    if piece.bare:
        return f"{piece.before}{inner}{piece.after}"
    comma = "," if len(piece.items) == 1 and not piece.call and opening == "(" else ""
    return f"{piece.before}{opening}{inner}{comma}{closing}{piece.after}"


def lay_out(piece: Piece, indent: int, after: str = "") -> Iterator[str]:
    """The piece as lines, indented, none wider than `WIDEST` where that can be had."""
    line = " " * indent + flat(piece) + after
    if isinstance(piece, str) or width(line) <= WIDEST or (isinstance(piece, Group) and not piece.items):
        yield line
        return
    if isinstance(piece, Wrapped):
        yield from (f"{' ' * indent}{piece.before}(", f"{' ' * (indent + 4)}{piece.body}", f"{' ' * indent}){after}")
        return
    opening, closing = piece.brackets
    yield " " * indent + piece.before + opening
    inside = " " * (indent + 4) + ", ".join(map(flat, piece.items))
    if piece.call and width(inside) <= WIDEST:
        yield inside
    else:
        for item in piece.items:
            yield from lay_out(item, indent + 4, ",")
    yield " " * indent + closing + piece.after + after


def kept(lines: Iterator[str]) -> Iterator[str]:
    """A statement; one with a line that cannot be broken keeps its own form, and tells the formatter so."""
    found = list(lines)
    if not found:
        return
    too_long = any(width(line) > WIDEST for line in found)
    yield from found[:-1]
    yield f"{found[-1]}  # fmt: skip" if too_long else found[-1]


def statement(before: str, call: Group, indent: int) -> Iterator[str]:
    """`before call`, as in `return f(x)`; a call whose own name is too far right goes into parentheses."""
    head, pad = Group(before + call.before, call.items, call.after, call.call), " " * indent
    fits = width(f"{pad}{head.before}(") <= WIDEST or width(pad + flat(head)) <= WIDEST
    if fits or width(f"{pad}{before}(") > WIDEST:
        yield from lay_out(head, indent)
        return
    yield f"{pad}{before}("
    yield from lay_out(call, indent + 4)
    yield f"{pad})"


def assignment(targets: tuple[str, ...], call: Group, indent: int) -> Iterator[str]:
    """`a, b = call`; targets that are too long for a line are broken first."""
    before, pad = f"{', '.join(targets)} = ", " " * indent
    if len(targets) == 1 or width(f"{pad}{before}(") <= WIDEST:
        yield from statement(before, call, indent)
        return
    yield f"{pad}("
    yield from (f"{pad}    {target}," for target in targets)
    yield from statement(") = ", call, indent)


def annotation(name: str, annotated: str, indent: int) -> Iterator[str]:
    """`name: annotated`, or the latter in parentheses."""
    pad = " " * indent
    if width(f"{pad}{name}: {annotated}") <= WIDEST or width(f"{pad}{name}: (") > WIDEST:
        yield f"{pad}{name}: {annotated}"
    else:
        yield from (f"{pad}{name}: (", f"{pad}    {annotated}", f"{pad})")


def in_parentheses(before: str, text: str, indent: int) -> Iterator[str]:
    """`before text`, the latter in parentheses where it is only with them no wider than a line."""
    pad = " " * indent
    if width(f"{pad}{before}{text}") <= WIDEST or width(f"{pad}    {text}") > WIDEST:
        yield f"{pad}{before}{text}"
    else:
        yield from (f"{pad}{before}(", f"{pad}    {text}", f"{pad})")
