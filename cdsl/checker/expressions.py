"""Expressions: what each means, which shape it has, and, of a constant, its value. The first problem ends the expression."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, NoReturn

from cdsl.checker.constants import Exact, NotConstant, combine, each, number, rounded
from cdsl.checker.scope import Known, Scope
from cdsl.diagnostics import Diagnostic, Fix, Label
from cdsl.extents import Extent, Shape
from cdsl.functions import functions
from cdsl.functions.base import Function, Misfit, Operand, broadcast, described
from cdsl.model import Expression, Kind, Nested, Size
from cdsl.names import closest, normal
from cdsl.source import Span
from cdsl.syntax import ast
from cdsl.written import spelled


class Wrong(Exception):
    """An expression with a problem; None where that has been told elsewhere."""

    def __init__(self, diagnostic: Diagnostic | None) -> None:
        super().__init__(diagnostic and diagnostic.message)
        self.diagnostic = diagnostic


@dataclass(frozen=True)
class Typed:
    """An expression and what is known of it."""

    kind: Kind
    shape: Shape
    span: Span
    made: Expression | None = None
    """What computes it; None for a constant, which is exact until it is used."""
    exact: Exact | None = None
    """The value of a constant."""
    extent: Extent | None = None
    """Which size it is, where it can be one."""
    thaws: str = ""
    """A parameter that is not frozen on which it depends, if any."""
    known: Known | None = None
    """Of a nested model, or a list of them, what there is in it."""

    @property
    def operand(self) -> Operand:
        """What functions ask of it."""
        return Operand(self.shape, self.kind, self.extent)

    @property
    def varies(self) -> bool:
        """Whether it depends on a parameter."""
        return self.made is not None and self.made.varies

    @property
    def plain(self) -> bool:
        """Whether it is a plain number when the module runs."""
        return self.made.plain if self.made else not self.shape

    @functools.cached_property
    def value(self) -> Nested:
        """A constant, rounded once; infinite where `inf` is written.

        Raises:
            Wrong: it does not fit float64.
        """
        try:
            return rounded(self.exact if self.exact is not None else [], self.span)
        except NotConstant as refused:
            raise Wrong(not_constant(refused)) from None

    @property
    def meant(self) -> Expression:
        """What computes it; a constant is rounded once.

        Raises:
            Wrong: a constant that does not fit float64.
        """
        if self.made is not None:
            return self.made
        value = self.value
        if self.shape or isinstance(value, tuple):
            return Expression(op="constant", value=value, kind=self.kind, rank=len(self.shape))
        whole = self.kind == "int" and isinstance(self.exact, Fraction)
        fits = whole and isinstance(value, float) and abs(value) < 2.0**63  # of an int64
        return Expression(op="number", value=int(self.exact) if fits else value, kind=self.kind, plain=True)  # type: ignore[arg-type]


OPERATORS = ("+", "-", "*", "/", "//", "**")
COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")


class Inference:
    """Expressions of one declaration, `within` its name, under the names of a scope."""

    def __init__(self, scope: Scope, within: str) -> None:
        self.scope = scope
        self.within = within

    def settled(self, written: ast.Expr) -> Typed:
        """What an expression means, and that a constant fits float64.

        Raises:
            Wrong: the first problem in it.
        """
        typed = self.typed(written)
        if typed.exact is not None:
            _ = typed.value
        return typed

    def typed(self, written: ast.Expr) -> Typed:
        """What an expression means.

        Raises:
            Wrong: the first problem in it.
        """
        typed = self.node(written)
        if typed.known is not None:
            values = ", ".join(f"`{spelled(typed.meant)}.{name}`" for name in [*(typed.known.members or ())][:3])
            what = "a list of models" if typed.known.many else "a model"
            help = "its entries are models, counted from 0" if typed.known.many else f"its values are {values}"
            wrong("E404", f"`{spelled(typed.meant)}` is {what}, not a value", written.span, help=help)
        return typed

    def node(self, written: ast.Expr) -> Typed:
        """The same, where a nested model may stand."""
        match written:
            case ast.Number():
                return self.number(written)
            case ast.Name():
                return self.name(written)
            case ast.Array():
                return self.array(written)
            case ast.Negate():
                return self.negate(written)
            case ast.Binary():
                return self.binary(written)
            case ast.Call():
                return self.call(written)
            case ast.Subscript():
                return self.subscript(written)
        return self.member(written)

    # -- leaves --------------------------------------------------------------------------------------------------------

    def number(self, written: ast.Number) -> Typed:
        """A number, as written: whole without a point or an exponent."""
        try:
            exact = number(written)
        except NotConstant as refused:
            raise Wrong(not_constant(refused)) from None
        whole = exact.denominator == 1 and not set(written.text) & set(".eE")
        return constant(exact, "int" if whole else "real", written.span)

    def name(self, written: ast.Name) -> Typed:
        """A declared name, or a constant."""
        name = normal(written.text)
        if name in self.scope.broken:
            raise Wrong(None)
        known = self.scope.known.get(name)
        if known is None:
            if name == "pi":
                return constant(Fraction(math.pi), "real", written.span)
            if name == "inf":
                return constant(math.inf, "real", written.span)
            if name in ("true", "false"):
                meant = Expression(op="number", value=name == "true", kind="bool", plain=True)
                return Typed("bool", (), written.span, meant)
            raise Wrong(self.scope.unknown(name, written.span, self.within))
        if known.sort == "child":
            return Typed("real", (), written.span, Expression(op="child", name=name, varies=True), known=known)
        meant = Expression(
            op=known.sort,
            name=name,
            kind=known.kind,
            rank=len(known.shape),
            plain=known.sort == "dim",
            varies=known.varies,
        )
        whole = known.kind == "int" and not known.shape and not known.varies
        extent = Extent.named(name) if whole else None
        return Typed(known.kind, known.shape, written.span, meant, extent=extent, thaws=known.thaws)

    def member(self, written: ast.Member) -> Typed:
        """`noise.df`: a value of a nested model."""
        typed, name = self.node(written.operand), normal(written.name.text)
        if typed.known is None or typed.known.many is not None:
            what = "a list of models: one of them is" if typed.known else "no model: nothing is"
            text = f"`{spelled(typed.meant)}` is {what} " + (f"`{spelled(typed.meant)}[0]`" if typed.known else "in it")
            wrong("E404", text, written.operand.span)
        members = typed.known.members or {}
        if name not in members:
            close, span = closest(name, members), written.name.span
            help = f"did you mean `{close}`?" if close else f"it has {', '.join(f'`{one}`' for one in members)}"
            message = f"`{spelled(typed.meant)}` has no value `{name}`"
            wrong("E205", message, span, "not known there", help, Fix.respelling(close, span))
        found = here(members[name], typed.known, spelled(typed.meant))
        meant = Expression(
            op="member",
            operands=(typed.meant,),
            name=name,
            kind=found.kind,
            rank=len(found.shape),
            varies=found.varies,
        )
        thaws = f"{spelled(typed.meant)}.{found.thaws}" if found.thaws else ""
        inner = found if found.sort == "child" else None
        return Typed(found.kind, found.shape, written.span, meant, thaws=thaws, known=inner)

    def item(self, typed: Typed, written: ast.Subscript) -> Typed:
        """`noises[0]`: one of several nested models."""
        (index, *more) = written.indices
        at = None if more or isinstance(index, ast.Slice | ast.Ellipsis) else self.typed(index)
        if at is None or at.extent is None:
            wrong("E405", "an index of a list of models is one whole number, of numbers, dims and data", written.span)
        if typed.known is None or typed.known.many is None:
            wrong("E404", f"`{spelled(typed.meant)}` is one model, not a list", written.operand.span)
        self.refuse_beyond(at, typed.known.many)
        meant = Expression(op="item", operands=(typed.meant, at.meant), varies=True)
        return Typed("real", (), written.span, meant, known=replace(typed.known, many=None))

    # -- operators -----------------------------------------------------------------------------------------------------

    def array(self, written: ast.Array) -> Typed:
        """`[a, b]`: a constant of constants, otherwise its entries stacked."""
        entries = [self.typed(one) for one in written.entries]
        if all(one.exact is not None for one in entries):
            exact: Exact = [one.exact for one in entries if one.exact is not None]
            kind: Kind = "int" if entries and all(one.kind == "int" for one in entries) else "real"
            return constant(exact, kind, written.span)
        return self.apply(functions()["stack"], entries, {}, written.span, op="array")

    def negate(self, written: ast.Negate) -> Typed:
        """`-a`"""
        operand = self.typed(written.operand)
        self.refuse_bool(operand, "-")
        if operand.exact is not None:
            return constant(each(lambda entry: -entry, operand.exact), operand.kind, written.span)
        extent = None if operand.extent is None else operand.extent * Extent.of(-1)
        return self.made("negate", [operand], operand.shape, operand.kind, written.span, extent)

    def binary(self, written: ast.Binary) -> Typed:
        """An operator with two sides."""
        op, left, right = written.operator, self.typed(written.left), self.typed(written.right)
        if op == "@":
            return self.apply(functions()["@"], [left, right], {}, written.span)
        if op not in ("==", "!="):
            self.refuse_bool(left, op)
            self.refuse_bool(right, op)
        if op in OPERATORS and left.exact is not None and right.exact is not None:
            try:
                exact = combine(left.exact, right.exact, written)
            except NotConstant as refused:
                raise Wrong(not_constant(refused)) from None
            return constant(exact, whole_if(op, [left, right], exact), written.span)
        for side in (left, right):
            if side.exact is not None and any(isinstance(one, float) for one in flat(side.exact)):
                wrong("E303", "arithmetic on `inf`", side.span)
        shape = self.together([left, right], op, written.span)
        kind: Kind = "bool" if op in COMPARISONS else whole_if(op, [left, right])
        extent = size_by(op, left, right) if kind == "int" and not shape else None
        return self.made(op, [left, right], shape, kind, written.span, extent)

    def refuse_bool(self, operand: Typed, op: str) -> None:
        """Truth values are chosen by, counted and compared, not reckoned with."""
        if operand.kind == "bool":
            help = "`where(condition, a, b)` chooses, `sum(condition)` counts"
            wrong("E404", f"`{op}` takes numbers, got truth values", operand.span, help=help)

    # -- calls ---------------------------------------------------------------------------------------------------------

    def call(self, written: ast.Call) -> Typed:
        """A function of the registry."""
        name = written.function.text
        if name == "size":
            return self.size(written)
        function = functions().get(name)
        if function is None:
            close, span = closest(name, [*functions(), "size"]), written.function.span
            help = f"did you mean `{close}`?" if close else "`cdsl types` lists the functions"
            wrong("E601", f"unknown function `{name}`", span, "not a function", help, Fix.respelling(close, span))
        operands, options = self.arguments(function, written)
        return self.apply(function, operands, options, written.span)

    def arguments(self, function: Function, written: ast.Call) -> tuple[list[Typed], dict[str, Any]]:
        """Operands in their order, and options."""
        names = [one.strip("*?") for one in function.operands]
        several = function.operands[-1].startswith("*") if function.operands else False
        least = sum(not one.endswith("?") and not one.startswith("*") for one in function.operands)
        by_name: dict[str, ast.Expr] = {}
        options: dict[str, Any] = {}
        more: list[ast.Expr] = []
        for position, argument in enumerate(written.arguments):
            name = argument.name.text if argument.name else names[position] if position < len(names) else None
            if argument.name is None and several and position >= len(names):
                more.append(argument.value)
            elif argument.name is None and name is None and position - len(names) < len(function.options):
                option = [*function.options][position - len(names)]
                options[option] = self.option(function, option, argument.value)
            elif name is not None and name in function.options:
                options[name] = self.option(function, name, argument.value)
            elif name is None or name not in names or name in by_name:
                got = f"no `{name}`" if name not in (None, *names) else f"`{name}` twice" if name else "too many"
                message = f"`{function.written}`, got {got}"
                wrong("E602", message, argument.span, help=function.about)
            else:
                by_name[name] = argument.value
        given = [by_name[name] for name in names if name in by_name]
        if len([name for name in names[:least] if name in by_name]) < least:
            wrong(
                "E602", f"`{function.written}`, got {len(given) or 'no'} of {least}", written.span, help=function.about
            )
        return [self.typed(one) for one in (*given, *more)], options

    def option(self, function: Function, name: str, written: ast.Expr) -> int | bool | None:
        """What the compiler must know: a whole number, `true`, `false` or `None`."""
        match written:
            case ast.Name(text="None"):
                return None
            case ast.Name(text="true" | "false" as text) if isinstance(function.options[name], bool):
                return text == "true"
        typed = self.typed(written)
        choice = isinstance(function.options[name], bool)
        if isinstance(typed.exact, Fraction) and typed.exact.denominator == 1 and not choice:
            return int(typed.exact)
        wanted = "`true` or `false`," if choice else "a whole number"
        return wrong(
            "E602", f"`{name}` of `{function.name}` is {wanted} that is known when the spec is read", written.span
        )

    def size(self, written: ast.Call) -> Typed:
        """`size(y)`, `size(X, 1)`: a plain integer."""
        given = [one.value for one in written.arguments]
        if not given or len(given) > 2:
            wrong("E602", f"`size(x, axis)`, got {len(given) or 'no'} arguments", written.span)
        operand = self.typed(given[0])
        if not operand.shape:
            wrong("E404", "`size` takes an array, got a number", operand.span)
        shape: Shape = operand.shape
        options: tuple[tuple[str, int | bool | str | None], ...] = ()
        if len(given) == 2:
            axis = self.typed(given[1])
            if not isinstance(axis.exact, Fraction) or not -len(shape) <= axis.exact < len(shape):
                wrong("E602", f"the axis of `size` is one of 0 … {len(shape) - 1}", axis.span)
            at = int(axis.exact) % len(shape)
            shape, options = (shape[at],), (("axis", at - len(operand.shape)),)
        extent = Extent.of(1)
        for one in shape:
            extent = extent * one
        if extent.number is not None:
            return constant(Fraction(extent.number), "int", written.span)
        meant = Expression(op="size", operands=(operand.meant,), options=options, kind="int", plain=True)
        return Typed("int", (), written.span, meant, extent=extent)

    def apply(
        self, function: Function, operands: Sequence[Typed], options: dict[str, Any], span: Span, *, op: str = ""
    ) -> Typed:
        """A function of these operands."""
        asked = [one.operand for one in operands]
        try:
            shape = function.shape(asked, **{**function.options, **options})
        except Misfit as misfit:
            raise Wrong(self.misfit(misfit, operands, span)) from None
        for one in operands:
            if function.name != "where" and any(isinstance(number, float) for number in flat(one.exact)):
                wrong("E303", "`inf` is only a bound", one.span)
            if one.kind == "bool" and function.name not in ("where", "sum", "mean", "stack", "concat", "reshape"):
                self.refuse_bool(one, function.name)
        kind, whole = function.kind(asked), all(one.extent is not None or one.kind == "bool" for one in operands)
        meant = self.expression(op or function.name, operands, options, kind, shape)
        extent = None
        if not shape and kind == "int" and not meant.varies and (whole or operands[0].shape):
            extent = Extent.named(spelled(meant))
        return Typed(kind, shape, span, meant, extent=extent, thaws=thawed(operands))

    # -- indices -------------------------------------------------------------------------------------------------------

    def subscript(self, written: ast.Subscript) -> Typed:
        """`x[i, 1:3, ..., None]`, as NumPy has it; arrays of whole numbers gather."""
        operand = self.node(written.operand)
        if operand.known is not None:
            return self.item(operand, written)
        pattern: list[str] = []
        more: list[Typed] = []
        shape: list[Extent] = []
        arrays: list[tuple[int, Typed]] = []
        sizes = iter(operand.shape)
        for index in self.indices(written, operand):
            if is_none(index):
                pattern.append("N")
                shape.append(Extent.of(1))
            elif index is None:
                pattern.append(":")
                shape.append(next(sizes))
            elif isinstance(index, ast.Slice):
                text, length, bounds = self.slice(index, next(sizes))
                pattern.append(text)
                more += bounds
                shape.append(length)
            else:
                at = self.index(index, next(sizes))
                more.append(at)
                if at.shape:
                    shape += [] if arrays else [Extent.of(0)]  # where what arrays give goes
                    arrays.append((len(pattern), at))
                pattern.append("_")
        if arrays:
            first, last = arrays[0][0], arrays[-1][0]
            before = sum(text != "_" for text in pattern[:first])
            taken = [place for place, text in enumerate(pattern) if text == "_"]  # to NumPy numbers are arrays here
            apart = last - first != len(arrays) - 1 or (before and taken[-1] - taken[0] != len(taken) - 1)
            if apart:
                help = "take them in two steps: `x[i][:, :, j]`"
                wrong("E405", "arrays of indices stand side by side", written.span, help=help)
            shape[before : before + 1] = self.together([one for _, one in arrays], "[ ]", written.span)
        meant = Expression(
            op="index",
            operands=(operand.meant, *(one.meant for one in more)),
            name=",".join(pattern),  # operands take the places of `_`
            kind=operand.kind,
            rank=len(shape),
            varies=operand.varies,
        )
        whole = not shape and meant.kind == "int" and not meant.varies
        extent = Extent.named(spelled(meant)) if whole else None
        return Typed(operand.kind, tuple(shape), written.span, meant, extent=extent, thaws=thawed([operand, *more]))

    def indices(self, written: ast.Subscript, operand: Typed) -> list[ast.Expr | ast.Slice | None]:
        """One index for each axis, None for a whole one, and `None`s between."""
        taken = sum(not isinstance(one, ast.Ellipsis) and not is_none(one) for one in written.indices)
        dots = [at for at, one in enumerate(written.indices) if isinstance(one, ast.Ellipsis)]
        if taken > len(operand.shape):
            help = f"it has {count(len(operand.shape), 'axis', 'axes')}"
            wrong("E405", f"{count(taken, 'index', 'indices')} of {described(operand.shape)}", written.span, help=help)
        if len(dots) > 1:
            wrong("E405", "`...` stands once", written.span)
        whole = [None] * (len(operand.shape) - taken)
        at = dots[0] if dots else len(written.indices)
        given = [None if isinstance(one, ast.Ellipsis) else one for one in written.indices]
        return [*given[:at], *whole, *given[at + 1 :]]

    def index(self, written: ast.Expr, size: Extent) -> Typed:
        """A whole number, or an array of them."""
        at = self.typed(written)
        if at.kind != "int" or at.varies:
            got = "truth values" if at.kind == "bool" else "real numbers"
            help = "an index is made of whole numbers, dims and data of type `index(K)`, `int` or `count`"
            wrong("E405", f"an index is a whole number, got {got}", at.span, help=help)
        self.refuse_beyond(at, size)
        return at

    def together(self, operands: Sequence[Typed], name: str, span: Span) -> Shape:
        """The shape that operands have together."""
        try:
            return broadcast([one.shape for one in operands], name)
        except Misfit as misfit:
            raise Wrong(self.misfit(misfit, operands, span)) from None

    def refuse_beyond(self, index: Typed, size: Extent) -> None:
        """A constant index of a known size is one of it."""
        beyond = None if index.extent is None else (index.extent - size).number
        if size.number is None and beyond is not None and beyond >= 0:
            help = f"indices are 0 … {size - Extent.of(1)}: cdsl counts from 0"
            wrong("E405", f"index `{index.extent}` of a size of `{size}`", index.span, help=help)
        if size.number is None or index.exact is None:
            return
        for at in flat(index.exact):
            if not -size.number <= at < size.number:
                message = f"index {at} of a size of {size.number}"
                help = f"indices are 0 … {size.number - 1}: cdsl counts from 0" if size.number else "it has no entry"
                wrong("E405", message, index.span, help=help)

    def slice(self, written: ast.Slice, size: Extent) -> tuple[str, Extent, list[Typed]]:
        """The pattern of `a:b:c`, how long it is, and its bounds; the step is a positive number."""
        step = 1
        if written.step is not None:
            typed = self.typed(written.step)
            if not isinstance(typed.exact, Fraction) or typed.exact.denominator != 1 or typed.exact < 1:
                wrong(
                    "E405", "the step of a slice is a positive whole number", typed.span, help="`flip(x)` turns round"
                )
            step = int(typed.exact)
        bounds = [self.bound(one) for one in (written.start, written.stop)]
        start, stop = bounds
        pattern = f"{'_' if start else ''}:{'_' if stop else ''}{f':{step}' if step > 1 else ''}"
        low = Extent.of(0) if start is None else placed(start, size)
        high = size if stop is None else placed(stop, size)
        length = high - low
        numbers = [one.number for one in (low, high, size)]
        if None not in numbers:
            low_, high_, size_ = (one for one in numbers if one is not None)
            length = Extent.of(len(range(size_)[low_:high_:step]))
        elif step > 1:
            length = Extent.named(f"({length} + {step - 1}) // {step}")
        return pattern, length, [one for one in bounds if one]

    def bound(self, written: ast.Expr | None) -> Typed | None:
        """Where a slice begins or ends: a whole number of numbers, dims and data."""
        if written is None:
            return None
        typed = self.typed(written)
        if typed.extent is None:
            wrong("E405", "a slice begins and ends at whole numbers, of numbers, dims and data", typed.span)
        return typed

    # -- results -------------------------------------------------------------------------------------------------------

    def made(
        self, op: str, operands: Sequence[Typed], shape: Shape, kind: Kind, span: Span, extent: Extent | None = None
    ) -> Typed:
        """An operator of these operands."""
        meant = self.expression(op, operands, {}, kind, shape)
        return Typed(kind, shape, span, meant, extent=extent, thaws=thawed(operands))

    def expression(
        self, op: str, operands: Sequence[Typed], options: dict[str, Any], kind: Kind, shape: Shape
    ) -> Expression:
        """The node; plain where it is Python's own arithmetic on plain numbers."""
        by_python = op in (*OPERATORS, *COMPARISONS, "negate", "where") or (op in ("min", "max") and len(operands) == 2)
        plain = by_python and all(one.plain for one in operands)
        return Expression(
            op=op,
            operands=tuple(one.meant for one in operands),
            options=tuple(sorted(options.items())),
            kind=kind,
            rank=len(shape),
            plain=plain,
            varies=any(one.varies for one in operands),
        )

    def misfit(self, misfit: Misfit, operands: Sequence[Typed], span: Span) -> Diagnostic:
        """Operands that do not fit, all of them underlined."""
        guilty = sorted((operands[at] for at in misfit.at if at < len(operands)), key=lambda one: one.span)
        labels = [Label(span=one.span, text=described(one.shape)) for one in guilty] or [Label(span=span, text="")]
        *also, last = labels
        return Diagnostic(
            code="E403", message=misfit.message, span=last.span, label=last.text, also=tuple(also), help=misfit.help
        )


def constant(exact: Exact, kind: Kind, span: Span) -> Typed:
    """A number or an array whose value is known.

    Raises:
        Wrong: rows differ in length.
    """
    shape = exact_shape(exact)
    if shape is None:
        wrong("E403", "an array whose rows differ in length", span)
    whole = kind == "int" and isinstance(exact, Fraction)
    return Typed(kind, shape, span, exact=exact, extent=Extent.of(int(exact)) if whole else None)  # type: ignore[arg-type]  # a Fraction


def exact_shape(exact: Exact) -> Shape | None:
    """The shape of a constant; None where it is ragged."""
    if not isinstance(exact, list):
        return ()
    inner = {exact_shape(one) for one in exact}
    if len(inner) > 1 or None in inner:
        return None
    return (Extent.of(len(exact)), *(next(iter(inner), None) or ()))


def whole_if(op: str, operands: Sequence[Typed], exact: Exact | None = None) -> Kind:
    """Whole of whole numbers, but for `/` and for powers that may be fractions."""
    if op == "/" or any(one.kind != "int" for one in operands):
        return "real"
    if op == "**" and exact is None:
        power = operands[1].exact
        return "int" if isinstance(power, Fraction) and power >= 0 else "real"
    entries = flat(exact) if exact is not None else []
    return "int" if all(isinstance(one, Fraction) and one.denominator == 1 for one in entries) else "real"


def size_by(op: str, left: Typed, right: Typed) -> Extent | None:
    """Which size an operator gives of two."""
    if left.extent is None or right.extent is None:
        return None
    match op:
        case "+":
            return left.extent + right.extent
        case "-":
            return left.extent - right.extent
        case "*":
            return left.extent * right.extent
    if op == "**" and isinstance(right.exact, Fraction) and right.exact <= 8:
        power = Extent.of(1)
        for _ in range(int(right.exact)):
            power = power * left.extent
        return power
    return Extent.named(f"{in_parts(left)} {op} {in_parts(right)}")


def in_parts(typed: Typed) -> str:
    """An operand of what is no polynomial."""
    text = spelled(typed.meant)
    return f"({text})" if " " in text and not text.endswith(")") else text


def placed(bound: Typed, size: Extent) -> Extent:
    """Where a bound of a slice is, counted from the start."""
    extent = bound.extent or Extent()
    if extent.number is not None and extent.number < 0:
        return size + extent
    return extent


def here(known: Known, within: Known, prefix: str) -> Known:
    """What is known of a value of a nested model, its sizes as they are outside of that."""
    shape = tuple(one.renamed(within.extents, prefix) for one in known.shape)
    extents = {name: one.renamed(within.extents, prefix) for name, one in known.extents.items()}
    many = known.many and known.many.renamed(within.extents, prefix)
    return replace(known, shape=shape, extents=extents, many=many)


def thawed(operands: Sequence[Typed]) -> str:
    """A parameter that is not frozen on which one of them depends."""
    return next((one.thaws for one in operands if one.thaws), "")


def flat(exact: Exact | None) -> list[Any]:
    """Every number of a constant."""
    return [number for one in exact for number in flat(one)] if isinstance(exact, list) else [exact]


def count(number: int, one: str, more: str) -> str:
    """`1 axis`, `2 axes`"""
    return f"{number} {one if number == 1 else more}"


def is_none(index: object) -> bool:
    """`None` between brackets: a new axis."""
    return isinstance(index, ast.Name) and index.text == "None"


def not_constant(refused: NotConstant) -> Diagnostic:
    """The same as a diagnostic."""
    return Diagnostic(code="E303", message=refused.message, span=refused.span, help=refused.help)


def wrong(code: str, message: str, span: Span, label: str = "", help: str = "", fix: Fix | None = None) -> NoReturn:
    """A problem that ends the expression."""
    raise Wrong(Diagnostic(code=code, message=message, span=span, label=label, help=help, fix=fix))


def size_of(typed: Typed, scope: Scope) -> Size | None:
    """A size as the model has it, or None where it is none."""
    if typed.extent is None:
        return None
    return inlined(typed.meant, scope) if typed.extent.number is None else typed.extent.number


def weigh(expression: Expression, scope: Scope) -> tuple[int, int]:
    """How many operations an expression has without lets, and how deep they stand."""
    if expression.op == "let":
        known = scope.known[expression.name]
        return known.weight, known.depth
    weights = [weigh(one, scope) for one in expression.operands]
    return 1 + sum(weight for weight, _ in weights), 1 + max((depth for _, depth in weights), default=0)


def inlined(expression: Expression, scope: Scope) -> Expression:
    """The expression without lets: where sizes and start values are computed, none is known."""
    if expression.op == "let":
        return scope.known[expression.name].value or expression
    operands = tuple(inlined(one, scope) for one in expression.operands)
    return expression.model_copy(update={"operands": operands}) if operands != expression.operands else expression
