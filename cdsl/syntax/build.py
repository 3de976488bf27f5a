"""What the grammar's rules become: a function for each that has a node, given its place and its parts.

They validate nothing and cannot fail.
"""

from __future__ import annotations

from typing import TypeVar

from cdsl.source import Span
from cdsl.syntax import ast
from cdsl.syntax.tokens import Token

# -- declarations ------------------------------------------------------------------------------------------------------


def parameter(
    span: Span,
    frozen: Token | None,
    name: ast.Name,
    type_: ast.Type,
    via: ast.Via | None,
    start: ast.Expr | None,
    held: ast.Expr | None,
    prior: ast.Later | None,
) -> ast.Parameter:
    return ast.Parameter(
        span=span, frozen=frozen is not None, name=name, type=type_, via=via, start=start, held=held, prior=prior
    )


def dim(span: Span, _: Token, name: ast.Name, default: ast.Expr | None) -> ast.Dim:
    return ast.Dim(span=span, name=name, default=default)


def data(span: Span, _: Token, name: ast.Name, type_: ast.Type, default: ast.Expr | None) -> ast.Data:
    return ast.Data(span=span, name=name, type=type_, default=default)


def let(span: Span, _: Token, name: ast.Name, value: ast.Expr) -> ast.Let:
    return ast.Let(span=span, name=name, value=value)


def alias(
    span: Span,
    _: Token,
    name: ast.Name,
    params: tuple[ast.Param, ...] | None,
    type_: ast.Type,
    via: ast.Via | None,
) -> ast.Alias:
    return ast.Alias(span=span, name=name, params=params or (), type=type_, via=via)


def model(span: Span, _: Token, name: ast.Name, *declarations: ast.Declaration | None) -> ast.ModelBlock:
    return ast.ModelBlock(span=span, name=name, declarations=present(declarations))


def imports(span: Span, _: Token, path: Token, __: Token, *names: ast.Imported) -> ast.Imports:
    where = Span(path.start_pos, path.end_pos)
    return ast.Imports(span=span, path=str(path)[1:-1], path_span=where, names=names)


def density(span: Span, *_: object) -> ast.Later:
    return ast.Later(span=span, form="~")


def increment(span: Span, *_: object) -> ast.Later:
    return ast.Later(span=span, form="+=")


def prior(span: Span, *_: object) -> ast.Later:
    return ast.Later(span=span, form="~")


def imported(span: Span, name: ast.Name, _: Token | None = None, other: ast.Name | None = None) -> ast.Imported:
    return ast.Imported(span=span, name=name, other=other)


def params(span: Span, *parts: ast.Param) -> tuple[ast.Param, ...]:
    return parts


def param(span: Span, name: ast.Name, default: ast.Expr | None) -> ast.Param:
    return ast.Param(span=span, name=name, default=default)


def held(span: Span, _: Token, entries: ast.Expr) -> ast.Expr:
    return entries


def start_value(span: Span, value: ast.Expr) -> ast.Expr:
    return value


def type(
    span: Span, name: ast.Name, arguments: tuple[ast.Argument, ...] | None, sizes: tuple[ast.Expr, ...] | None
) -> ast.Type:
    return ast.Type(span=span, name=name, arguments=arguments, sizes=sizes)


def via(span: Span, _: Token, name: ast.Name, arguments: tuple[ast.Argument, ...] | None) -> ast.Via:
    return ast.Via(span=span, name=name, arguments=arguments)


def sizes(span: Span, *parts: ast.Expr) -> tuple[ast.Expr, ...]:
    return parts


def args(span: Span, *parts: ast.Argument | None) -> tuple[ast.Argument, ...]:
    return present(parts)


def argument(span: Span, value: ast.Expr) -> ast.Argument:
    return ast.Argument(span=span, name=None, value=value)


def keyword(span: Span, name: ast.Name, value: ast.Expr) -> ast.Argument:
    return ast.Argument(span=span, name=name, value=value)


# -- expressions -------------------------------------------------------------------------------------------------------


def name(span: Span, word: Token) -> ast.Name:
    return ast.Name(span=span, text=str(word))


def number(span: Span, digits: Token) -> ast.Number:
    return ast.Number(span=span, text=str(digits))


def reference(span: Span, name: ast.Name) -> ast.Name:
    return name


def array(span: Span, *entries: ast.Expr | None) -> ast.Array:
    return ast.Array(span=span, entries=present(entries))


def negate(span: Span, _: Token, operand: ast.Expr) -> ast.Negate:
    return ast.Negate(span=span, operand=operand)


def binary(span: Span, left: ast.Expr, operator: Token, right: ast.Expr) -> ast.Binary:
    return ast.Binary(span=span, operator=str(operator), left=left, right=right)


def call(span: Span, function: ast.Name, arguments: tuple[ast.Argument, ...]) -> ast.Call:
    return ast.Call(span=span, function=function, arguments=arguments)


def subscript(span: Span, operand: ast.Expr, *indices: ast.Index) -> ast.Subscript:
    return ast.Subscript(span=span, operand=operand, indices=indices)


def member(span: Span, operand: ast.Expr, name: ast.Name) -> ast.Member:
    return ast.Member(span=span, operand=operand, name=name)


def ellipsis(span: Span, _: Token) -> ast.Ellipsis:
    return ast.Ellipsis(span=span)


def slice(
    span: Span,
    start: ast.Expr | None,
    _: Token,
    stop: ast.Expr | None,
    __: Token | None = None,
    step: ast.Expr | None = None,
) -> ast.Slice:
    return ast.Slice(span=span, start=start, stop=stop, step=step)


T = TypeVar("T")


def present(parts: tuple[T | None, ...]) -> tuple[T, ...]:
    """Those that are there: an absent `[…]` of the grammar is None."""
    return tuple(part for part in parts if part is not None)
