"""Dims, data and lets: what the caller passes in, and what follows from that."""

from __future__ import annotations

from cdsl.checker.expressions import Inference, Typed, Wrong, inlined, size_of, weigh
from cdsl.checker.parameters import resolve_arguments, resolve_domain, resolve_sizes, shape_of_value
from cdsl.checker.scope import Known, Scope
from cdsl.checker.starts import entries, entry, infinite, shape_text
from cdsl.constraints.base import Bounded, Domain, text
from cdsl.diagnostics import Diagnostic
from cdsl.discrete import DISCRETE, Discrete
from cdsl.extents import may_be
from cdsl.limits import DEEPEST_EXPRESSION, MOST_OPERATIONS
from cdsl.model import Data, Dim, Expression, Given, Let, Nested
from cdsl.names import normal
from cdsl.syntax import ast

Problems = list[Diagnostic]


def check_dim(written: ast.Dim, scope: Scope, problems: Problems) -> tuple[Dim, Known] | None:
    """A size, with its default."""
    name, default = normal(written.name.text), None
    if written.default is not None:
        typed = judged(written.default, Inference(scope, name), problems)
        if typed is None:
            return None
        default = size_of(typed, scope)
        if default is None or (isinstance(default, int) and default < 0):
            message = "the default of a dim is a whole number ≥ 0, of numbers, dims and sizes of data"
            problems.append(Diagnostic(code="E402", message=message, span=written.default.span))
            return None
    return Dim(name=name, default=default, doc=written.doc), Known("dim", kind="int")


def check_data(written: ast.Data, scope: Scope, problems: Problems) -> tuple[Data, Known] | None:
    """An input: its domain, discrete ones among them, sizes, and default."""
    name = normal(written.name.text)
    infer = Inference(scope, name)
    domain = resolve_domain(written.type.name, problems, discrete=True)
    if domain is None:
        return None
    of_sizes: Problems = []
    sizes = resolve_sizes(domain, written.type, infer, of_sizes)
    arguments = resolve_arguments(domain, written.type, sizes and sizes.shape[: len(sizes.batch)], infer, problems)
    problems += of_sizes
    if sizes is None or arguments is None:
        return None
    if arguments.thaws:
        message = f"the domain of data cannot depend on `{arguments.thaws}`, a parameter"
        problems.append(Diagnostic(code="E503", message=message, span=written.type.span))
        return None
    shape = shape_of_value(domain, sizes)
    default: Nested | Expression | None = None
    if written.default is not None:
        typed = judged(written.default, infer, problems)
        if typed is None:
            return None
        if typed.varies or not (may_be(typed.shape, shape) or not typed.shape):
            got = f"one that depends on `{typed.thaws}`" if typed.varies else shape_text(typed.shape)
            wanted = " or ".join(dict.fromkeys((shape_text(shape), "one number")))
            message = f"expected a default of {wanted}, got {got}"
            problems.append(Diagnostic(code="E502", message=message, span=written.default.span))
            return None
        default = inlined(typed.meant, scope) if typed.exact is None else typed.value
        if problem := outside(domain, arguments.given, typed, written.default):
            problems.append(problem)
            return None
    meant = Data(
        name=name,
        domain=domain.name,
        arguments=tuple(inlined(one, scope) if isinstance(one, Expression) else one for one in arguments.given),
        batch=sizes.batch,
        sizes=sizes.event,
        default=default,
        doc=written.doc,
    )
    return meant, Known("data", shape, DISCRETE[domain.name].kind if domain.name in DISCRETE else "real")


def outside(
    domain: Domain | Discrete, given: tuple[Given, ...], default: Typed, written: ast.Expr
) -> Diagnostic | None:
    """Why a constant default is no value of a domain of single numbers, its bounds included; what is known later is told then."""
    if default.exact is not None and (
        problem := infinite(f"the default is outside `{domain.name}`", default.value, written)
    ):
        return problem
    arguments = tuple(one for one in given if not isinstance(one, Expression))
    if default.exact is None or len(arguments) < len(given) or not isinstance(domain, Discrete | Bounded):
        return None
    for index, (value, *numbers) in entries(default.value, *arguments):
        low, high = domain.bounds(*numbers)
        whole = not isinstance(domain, Discrete) or float(value).is_integer()
        if not (low <= value <= high and whole):
            must = f"be between {text(low)} and {text(high)}" if whole else "be a whole number"
            at = f"entry {list(index)} of the default" if index else "the default"
            return Diagnostic(
                code="E501",
                message=f"{at} is outside `{domain.name}`: {text(value)}, must {must}",
                span=entry(written, index).span,
            )
    return None


def check_let(written: ast.Let, scope: Scope, problems: Problems) -> tuple[Let, Known] | None:
    """A value that follows from others."""
    name = normal(written.name.text)
    typed = judged(written.value, Inference(scope, name), problems)
    if typed is None:
        return None
    let = Let(name=name, value=typed.meant, shape=tuple(map(str, typed.shape)), doc=written.doc)
    if typed.varies:
        return let, Known("let", typed.shape, typed.kind, typed.varies, typed.thaws)
    weight, depth = weigh(typed.meant, scope)
    if weight > MOST_OPERATIONS or depth > DEEPEST_EXPRESSION:
        message = f"`{name}`, with the lets that it is made of, has more than {MOST_OPERATIONS} operations"
        if depth > DEEPEST_EXPRESSION:
            message = f"`{name}` stands on lets that nest more than {DEEPEST_EXPRESSION} deep"
        problems.append(Diagnostic(code="E102", message=message, span=written.name.span))
        return None
    return let, Known("let", typed.shape, typed.kind, value=inlined(typed.meant, scope), weight=weight, depth=depth)


def judged(written: ast.Expr, infer: Inference, problems: Problems) -> Typed | None:
    """What an expression means, or None where it has an error, which is told."""
    try:
        return infer.settled(written)
    except Wrong as problem:
        problems += [problem.diagnostic] if problem.diagnostic else []
        return None
