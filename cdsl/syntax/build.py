"""Tree → AST, one method per grammar rule. The builder validates nothing and cannot fail."""

from __future__ import annotations

from typing import Any

from lark import Token, v_args
from lark.tree import Meta
from lark.visitors import Transformer_NonRecursive

from cdsl.source import Span
from cdsl.syntax import ast


@v_args(meta=True)
class Builder(Transformer_NonRecursive[Token, Any]):
    """Builds the nodes of `ast`."""

    def start(self, meta: Meta, declarations: list[Any]) -> tuple[ast.Declaration, ...]:
        return tuple(one for one in declarations if one is not None)

    # -- declarations --------------------------------------------------------------------------------------------------

    def parameter(self, meta: Meta, parts: list[Any]) -> ast.Parameter:
        frozen, name, type_, via, start, held, prior = parts
        return ast.Parameter(
            span=span(meta),
            frozen=frozen is not None,
            name=name,
            type=type_,
            via=via,
            start=start,
            held=held,
            prior=prior,
        )

    def dim(self, meta: Meta, parts: list[Any]) -> ast.Dim:
        _, name, default = parts
        return ast.Dim(span=span(meta), name=name, default=default)

    def data(self, meta: Meta, parts: list[Any]) -> ast.Data:
        _, name, type_, default = parts
        return ast.Data(span=span(meta), name=name, type=type_, default=default)

    def let(self, meta: Meta, parts: list[Any]) -> ast.Let:
        _, name, value = parts
        return ast.Let(span=span(meta), name=name, value=value)

    def alias(self, meta: Meta, parts: list[Any]) -> ast.Alias:
        _, name, params, type_, via = parts
        return ast.Alias(span=span(meta), name=name, params=params or (), type=type_, via=via)

    def model(self, meta: Meta, parts: list[Any]) -> ast.ModelBlock:
        _, name, *declarations = parts
        written = tuple(one for one in declarations if one is not None)
        return ast.ModelBlock(span=span(meta), name=name, declarations=written)

    def imports(self, meta: Meta, parts: list[Any]) -> ast.Imports:
        _, path, _, *names = parts
        where = Span(path.start_pos, path.end_pos)
        return ast.Imports(span=span(meta), path=str(path)[1:-1], path_span=where, names=tuple(names))

    def density(self, meta: Meta, parts: list[Any]) -> ast.Later:
        return ast.Later(span=span(meta), form="~")

    def increment(self, meta: Meta, parts: list[Any]) -> ast.Later:
        return ast.Later(span=span(meta), form="+=")

    def prior(self, meta: Meta, parts: list[Any]) -> ast.Later:
        return ast.Later(span=span(meta), form="~")

    def imported(self, meta: Meta, parts: list[Any]) -> ast.Imported:
        name, _, other = (*parts, None, None)[:3]
        return ast.Imported(span=span(meta), name=name, other=other)

    def params(self, meta: Meta, parts: list[Any]) -> tuple[ast.Param, ...]:
        return tuple(parts)

    def param(self, meta: Meta, parts: list[Any]) -> ast.Param:
        name, default = parts
        return ast.Param(span=span(meta), name=name, default=default)

    def held(self, meta: Meta, parts: list[Any]) -> ast.Expr:
        return parts[1]  # type: ignore[no-any-return]  # lark's children are untyped

    def start_value(self, meta: Meta, parts: list[Any]) -> ast.Expr:
        return parts[0]  # type: ignore[no-any-return]  # lark's children are untyped

    def type(self, meta: Meta, parts: list[Any]) -> ast.Type:
        name, arguments, sizes = parts
        return ast.Type(span=span(meta), name=name, arguments=arguments, sizes=sizes)

    def via(self, meta: Meta, parts: list[Any]) -> ast.Via:
        _, name, arguments = parts
        return ast.Via(span=span(meta), name=name, arguments=arguments)

    def sizes(self, meta: Meta, parts: list[Any]) -> tuple[ast.Expr, ...]:
        return tuple(parts)

    def args(self, meta: Meta, parts: list[Any]) -> tuple[ast.Argument, ...]:
        return tuple(one for one in parts if one is not None)

    def argument(self, meta: Meta, parts: list[Any]) -> ast.Argument:
        return ast.Argument(span=span(meta), name=None, value=parts[0])

    def keyword(self, meta: Meta, parts: list[Any]) -> ast.Argument:
        return ast.Argument(span=span(meta), name=parts[0], value=parts[1])

    # -- expressions ---------------------------------------------------------------------------------------------------

    def name(self, meta: Meta, parts: list[Any]) -> ast.Name:
        return ast.Name(span=span(meta), text=str(parts[0]))

    def number(self, meta: Meta, parts: list[Any]) -> ast.Number:
        return ast.Number(span=span(meta), text=str(parts[0]))

    def reference(self, meta: Meta, parts: list[Any]) -> ast.Name:
        return parts[0]  # type: ignore[no-any-return]  # lark's children are untyped

    def array(self, meta: Meta, parts: list[Any]) -> ast.Array:
        entries = tuple(one for one in parts if one is not None)
        return ast.Array(span=span(meta), entries=entries)

    def negate(self, meta: Meta, parts: list[Any]) -> ast.Negate:
        return ast.Negate(span=span(meta), operand=parts[1])

    def binary(self, meta: Meta, parts: list[Any]) -> ast.Binary:
        left, operator, right = parts
        return ast.Binary(span=span(meta), operator=str(operator), left=left, right=right)

    def call(self, meta: Meta, parts: list[Any]) -> ast.Call:
        function, arguments = parts
        return ast.Call(span=span(meta), function=function, arguments=arguments)

    def subscript(self, meta: Meta, parts: list[Any]) -> ast.Subscript:
        operand, *indices = parts
        return ast.Subscript(span=span(meta), operand=operand, indices=tuple(indices))

    def member(self, meta: Meta, parts: list[Any]) -> ast.Member:
        operand, name = parts
        return ast.Member(span=span(meta), operand=operand, name=name)

    def ellipsis(self, meta: Meta, parts: list[Any]) -> ast.Ellipsis:
        return ast.Ellipsis(span=span(meta))

    def slice(self, meta: Meta, parts: list[Any]) -> ast.Slice:
        start, _, stop, _, step = parts
        return ast.Slice(span=span(meta), start=start, stop=stop, step=step)

    def __default__(self, data: Any, children: list[Any], meta: Meta) -> Any:
        raise AssertionError(f"grammar rule {data!r} has no method in Builder")


def span(meta: Meta) -> Span:
    """Where lark says that a rule matched."""
    return Span(meta.start_pos, meta.end_pos)
