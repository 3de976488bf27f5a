"""Warnings about specs that are right, and say something that is seldom meant."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from cdsl.checker.scope import names_in
from cdsl.constraints import domains
from cdsl.constraints.base import text
from cdsl.diagnostics import Diagnostic, Edit, Fix
from cdsl.model import Expression, Model, Parameter
from cdsl.names import normal
from cdsl.source import Span
from cdsl.syntax import ast
from cdsl.written import spelled

Found = TypeVar("Found")

WIDE = 1e6
"""A bounded domain at least this wide starts far from where its values are; its middle says nothing about them."""


def anew(function: Callable[..., Found], *given: object) -> Found:
    """What a function returns."""
    return function(*given)


def lints(
    declarations: Sequence[ast.Declaration],
    model: Model,
    once: Callable[..., Any] = anew,
    models: Mapping[str, Model] | None = None,
) -> Iterator[Diagnostic]:
    """What there is to doubt in a model without errors, and in those that are written in it: of `models`, or its own.

    `once` may remember what a function returned for the same objects.
    """
    parameters = {one.name: one for one in model.parameters}
    models = {one.name: one for one in model.models} if models is None else models
    yield from unused(declarations, model, once)
    for one in declarations:
        match one:
            case ast.ModelBlock():
                yield from lints(one.declarations, models[normal(one.name.text)], once, models)
            case ast.Parameter() if normal(one.name.text) in parameters:
                yield from once(of_parameter, one, parameters[normal(one.name.text)])
        if isinstance(one, ast.Dim | ast.Data | ast.Let | ast.Parameter) and one.name.text == "pi":
            message = "`pi` is no longer 3.14… below this line"
            yield Diagnostic(code="W203", message=message, span=one.name.span, help="give it another name")


def unused(declarations: Sequence[ast.Declaration], model: Model, once: Callable[..., Any]) -> Iterator[Diagnostic]:
    """Dims, helpers and imports that nothing uses: they are seen nowhere else."""
    doubtful = [one for one in declarations if isinstance(one, ast.Dim | ast.Let | ast.Imports)]
    if not doubtful:
        return
    used = {name for one in declarations for name in once(names_in, one)}
    types = {normal(name) for name in types_in(declarations)}
    for one in doubtful:
        match one:
            case ast.Dim() if normal(one.name.text) not in used:
                help = "nothing has this size; without the dim there is less to pass in"
                yield no_use("dim", one.name, one.span, help)
            case ast.Let() if one.name.text.startswith("_") and normal(one.name.text) not in used:
                yield no_use("helper", one.name, one.span, "without `_` it is part of what the model returns")
            case ast.Imports() if model.order or model.parameters:  # a file without values may import for others
                for imported in one.names:
                    name = imported.other or imported.name
                    if normal(name.text) not in types:
                        yield no_use("import", name, one.span if len(one.names) == 1 else None, "")


def types_in(declarations: Sequence[ast.Declaration]) -> Iterator[str]:
    """The types that declarations have, those in nested models too."""
    for one in declarations:
        if isinstance(one, ast.ModelBlock):
            yield from types_in(one.declarations)
        elif isinstance(one, ast.Data | ast.Parameter | ast.Alias):
            yield one.type.name.text


def no_use(what: str, name: ast.Name, line: Span | None, help: str) -> Diagnostic:
    """The warning for what nothing uses; `line` is what goes with it."""
    fix = Fix(title="remove it", edits=(Edit(span=line, text=""),)) if line else None
    return Diagnostic(code="W202", message=f"the {what} `{name.text}` is not used", span=name.span, help=help, fix=fix)


def of_parameter(written: ast.Parameter, meant: Parameter) -> list[Diagnostic]:
    """What there is to doubt in one parameter; what an alias stands for was chosen where that is declared."""
    domain = domains()[meant.domain]
    of_type = (far_start, square, plainer) if written.type.name.text in (domain.name, *domain.also) else ()
    return [one for doubt in (*of_type, nothing_to_learn, surjective) for one in doubt(written, meant)]


def far_start(written: ast.Parameter, meant: Parameter) -> Iterator[Diagnostic]:
    """Wide bounds put there for safety put the start in their middle."""
    bounds = [one for one in meant.arguments if isinstance(one, float)]
    if meant.domain != "interval" or meant.start is not None or len(bounds) < 2 or not all(map(math.isfinite, bounds)):
        return
    low, high = bounds
    if high - low >= WIDE:
        help = f"give it a start with `= …`, or leave the bound out: `greater_than({text(low)})`"
        message = f"`{written.name.text}` starts at {(low + high) / 2:g}, the middle of wide bounds"
        yield Diagnostic(code="W301", message=message, span=written.type.span, help=help)


def square(written: ast.Parameter, meant: Parameter) -> Iterator[Diagnostic]:
    """`cholesky_corr[5, 5]` is five matrices."""
    domain, sizes = domains()[meant.domain], written.type.sizes or ()
    if (
        len(domain.sizes) != 1
        or domain.square
        or len(sizes) < 2
        or meant.batch[-1:] != meant.sizes
        or meant.sizes == (1,)
    ):
        return
    if len(domain.event((7,))) == 2:
        *more, many, last = (text_of(one) for one in (*meant.batch, *meant.sizes))
        message = f"these are {' × '.join((*more, many))} matrices of {last} × {last}"
        help = f"`{meant.domain}` takes one size, and all before it are batch: `{meant.domain}[{', '.join((*more, last))}]`"
        where = Span(sizes[-2].span.start, sizes[-1].span.end)
        yield Diagnostic(code="W302", message=message, span=where, help=help, fix=Fix.writing(last, where))


def nothing_to_learn(written: ast.Parameter, meant: Parameter) -> Iterator[Diagnostic]:
    """`simplex[1]` is 1, whatever happens."""
    domain, sizes = domains()[meant.domain], tuple(one for one in meant.sizes if isinstance(one, int))
    if len(sizes) < len(meant.sizes) or meant.frozen or 0 in (*meant.batch, *domain.event(sizes)):
        return
    if 0 in domain.transforms[meant.transform].raw_event(sizes):
        message = f"`{written.name.text}` has one value only, and nothing to learn"
        yield Diagnostic(
            code="W303", message=message, span=written.type.span, help="write it as a `let`, or give it a larger size"
        )


def surjective(written: ast.Parameter, meant: Parameter) -> Iterator[Diagnostic]:
    """A density of such a parameter is undefined; that matters to some, and not to all."""
    domain = domains()[meant.domain]
    has = domain.transforms[meant.transform].parts
    used = [(domain, name) for name in (meant.transform, meant.eval) if name]
    used += [(domains()[has[part][0]], name) for part, name in meant.parts]
    found = next(((of, name) for of, name in used if not of.transforms[name].bijective), None)
    if found and not meant.frozen:
        of, name = found
        bijective = [f"`{name}`" for name, one in of.transforms.items() if one.bijective]
        message = f"`{name}` is surjective: `{written.name.text}` has no log-Jacobian"
        help = f"bijective are {', '.join(bijective)}" if bijective else ""
        span = written.via.span if written.via else written.type.span
        yield Diagnostic(code="W401", message=message, span=span, help=help)


PLAINER = {
    "interval(0.0, 1.0)": "prob",
    "interval(0.0, inf)": "positive",
    "interval(-inf, 0.0)": "negative",
    "interval(-inf, inf)": "real",
    "greater_than(0.0,)": "positive",
    "less_than(0.0,)": "negative",
}
"""The same sets under their own names."""


def plainer(written: ast.Parameter, meant: Parameter) -> Iterator[Diagnostic]:
    """`interval(0, 1)` is `prob`."""
    instead = PLAINER.get(f"{meant.domain}{meant.arguments}") if meant.arguments else None
    if instead is not None and instead in domains() and (written.via is None):
        span = Span(written.type.name.span.start, written.type.span.end)
        sizes = f"[{', '.join(map(text_of, (*meant.batch, *meant.sizes)))}]" if meant.batch else ""
        message = f"`{instead}` is the name of this set"
        yield Diagnostic(code="W402", message=message, span=span, fix=Fix.writing(f"{instead}{sizes}", span))


def text_of(size: int | Expression) -> str:
    """A size as it is written."""
    return str(size) if isinstance(size, int) else spelled(size)
