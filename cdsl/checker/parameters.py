"""One parameter: its domain, arguments, sizes, transform and start, each against the registry."""

from __future__ import annotations

import math

from cdsl.checker.constants import NotConstant, fold, fold_integer, shape_of
from cdsl.checker.starts import check_start
from cdsl.constraints import aliases, domains
from cdsl.constraints.base import Domain
from cdsl.diagnostics import Diagnostic
from cdsl.model import Parameter
from cdsl.names import did_you_mean, normal
from cdsl.source import Span
from cdsl.syntax import ast

LARGEST_SIZE = 2**63 - 1
"""What a size of a tensor can be at most."""

Problems = list[Diagnostic]


def check_parameter(written: ast.Parameter, problems: Problems) -> Parameter | None:
    """The parameter's meaning, or None where it has an error."""
    before = len(problems)
    if written.prior is not None:
        message = "`~` is part of the language, and not yet of this version of cdsl"
        problems.append(Diagnostic(code="E110", message=message, span=written.prior.span))
    domain = resolve_domain(written.type.name, problems)
    if domain is None:
        return None
    arguments = resolve_arguments(domain, written.type, problems)
    sizes = resolve_sizes(domain, written.type, problems)
    transform = resolve_transform(domain, written.via, problems)
    if written.frozen and written.start is None:
        problems.append(
            Diagnostic(
                code="W201",
                message=f"`{written.name.text}` is constant and has no value of its own",
                span=written.name.span,
                label=f"stays at its start, {domain.starts_at}",
                help="give it one with `= …`",
            )
        )
    if arguments is None or sizes is None or transform is None:
        return None
    batch, of_event = sizes
    start = None
    if written.start is not None:
        start = check_start(domain, arguments, batch, of_event, written.start, problems)
    elif domain.elementwise and domain.violation(domain.start(of_event, *arguments), *arguments):
        message = f"`{domain.name}` starts at {domain.starts_at}, which float64 rounds out of the domain"
        problems.append(
            Diagnostic(code="E501", message=message, span=written.type.span, help="give it a start value with `= …`")
        )
    if any(one.code.startswith("E") for one in problems[before:]):
        return None
    return Parameter(
        name=normal(written.name.text),
        domain=domain.name,
        arguments=arguments,
        batch=batch,
        sizes=of_event,
        transform=transform,
        start=start,
        frozen=written.frozen,
        doc=written.doc,
    )


def resolve_domain(name: ast.Name, problems: Problems) -> Domain | None:
    """The domain of this name."""
    found = domains().get(name.text) or aliases().get(name.text)
    if found is None:
        problems.append(
            Diagnostic(
                code="E201",
                message=f"unknown domain `{name.text}`",
                span=name.span,
                label="not a domain",
                help=did_you_mean(name.text, [*domains(), *aliases()]) or f"the domains are {', '.join(domains())}",
            )
        )
    return found


def resolve_arguments(domain: Domain, written: ast.Type, problems: Problems) -> tuple[float, ...] | None:
    """What stands in ( ): one finite number for each of the domain's arguments, by position or by name."""
    given, names = written.arguments or (), domain.arguments
    example = f"for example `{domain.examples[0]}`"
    by_name: dict[str, ast.Expr] = {}
    for position, argument in enumerate(given):
        name = argument.name.text if argument.name else names[position] if position < len(names) else None
        if argument.name is None and any(one.name for one in given[:position]):
            message = "an argument by position after one by name"
            problems.append(wrong_arguments(message, argument.span, example))
            return None
        if name is None or name not in names:
            wanted = f"takes {count(len(names), 'argument')}" + (f" ({', '.join(names)})" if names else "")
            got = f"no `{name}`" if name else f"not {len(given)}"
            problems.append(wrong_arguments(f"`{domain.name}` {wanted}, {got}", argument.span, example))
            return None
        if name in by_name:
            problems.append(wrong_arguments(f"`{name}` is given twice", argument.span, example))
            return None
        by_name[name] = argument.value
    missing = [name for name in names if name not in by_name]
    if missing:
        message = f"`{domain.name}` takes {count(len(names), 'argument')} ({', '.join(names)}), got {len(given)}"
        problems.append(wrong_arguments(message, written.name.span, example))
        return None
    values = [resolve_number(name, by_name[name], problems) for name in names]
    arguments = tuple(value for value in values if value is not None)
    if len(arguments) < len(names):
        return None
    if refused := domain.refuse_arguments(*arguments):
        span = Span(written.name.span.start, (written.arguments or (written,))[-1].span.end)
        problems.append(Diagnostic(code="E302", message=refused, span=span, help=example))
        return None
    return arguments


def wrong_arguments(message: str, span: Span, example: str) -> Diagnostic:
    """Too many, too few, twice, or by a name that there is not."""
    return Diagnostic(code="E301", message=message, span=span, help=example)


def resolve_number(name: str, written: ast.Expr, problems: Problems) -> float | None:
    """An argument: one finite number."""
    try:
        value = fold(written)
    except NotConstant as refused:
        problems.append(Diagnostic(code="E303", message=refused.message, span=refused.span, help=refused.help))
        return None
    if isinstance(value, tuple):
        message = f"`{name}` is one number, got an array of shape {shape_of(value)}"
        problems.append(Diagnostic(code="E303", message=message, span=written.span))
        return None
    if math.isinf(value):
        message, help = (
            f"`{name}` is infinite",
            "`greater_than(low)` and `less_than(high)` have one bound, `real` has none",
        )
        problems.append(Diagnostic(code="E302", message=message, span=written.span, help=help))
        return None
    return value


def resolve_sizes(
    domain: Domain, written: ast.Type, problems: Problems
) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    """What stands in [ ], split into batch and event: the last sizes are the event's, all before are batch."""
    given, needed = written.sizes or (), len(domain.sizes)
    if domain.square and len(given) == 1:
        given = given * needed
    if len(given) < needed:
        message = f"`{domain.name}` needs {count(needed, 'size')} ({', '.join(domain.sizes)}), got {len(given)}"
        problems.append(
            Diagnostic(code="E401", message=message, span=written.span, help=f"for example `{domain.examples[0]}`")
        )
        return None
    least = [0] * (len(given) - needed) + [domain.least] * needed
    sizes = [resolve_size(size, at_least, problems) for size, at_least in zip(given, least, strict=True)]
    known = tuple(size for size in sizes if size is not None)
    if len(known) < len(sizes):
        return None
    batch, event = known[: len(known) - needed], known[len(known) - needed :]
    if math.prod((*batch, *domain.event(event))) > LARGEST_SIZE:
        message = "a parameter has fewer than 2**63 entries"
        problems.append(Diagnostic(code="E402", message=message, span=written.span))
        return None
    if refused := domain.refuse_sizes(*event):
        span = Span(given[-needed].span.start, given[-1].span.end)
        problems.append(Diagnostic(code="E402", message=refused, span=span, help=f"for example `{domain.examples[0]}`"))
        return None
    return batch, event


def resolve_size(written: ast.Expr, least: int, problems: Problems) -> int | None:
    """One size: an integer, at least this."""
    try:
        size = fold_integer(written)
    except NotConstant as refused:
        problems.append(
            Diagnostic(
                code="E402",
                message=f"expected a size, an integer ≥ {least}: {refused.message}",
                span=refused.span,
                help=refused.help,
            )
        )
        return None
    if size is None or not least <= size <= LARGEST_SIZE:
        wanted = f"≥ {least}" if size is None or size < least else "below 2**63"
        got = "a value that is none" if size is None else f"{size}" if abs(size) < 10**20 else "a larger one"
        problems.append(
            Diagnostic(code="E402", message=f"expected a size, an integer {wanted}, got {got}", span=written.span)
        )
        return None
    return size


def resolve_transform(domain: Domain, written: ast.Via | None, problems: Problems) -> str | None:
    """The transform after `via`, under its canonical name; the domain's default without one."""
    if written is None:
        return domain.default
    word = written.name.text
    name = domain.aliases.get(word, word)
    if name not in domain.transforms:
        there_are = f"`{domain.name}` has {', '.join(domain.transforms)}"
        known = [*domain.transforms, *domain.aliases]
        problems.append(
            Diagnostic(
                code="E202",
                message=f"`{domain.name}` has no transform `{word}`",
                span=written.name.span,
                label="not one of its transforms",
                help=" ".join(filter(None, (did_you_mean(word, known), there_are))),
            )
        )
        return None
    if written.arguments:
        message = f"the transform `{word}` takes no arguments"
        problems.append(Diagnostic(code="E301", message=message, span=written.span, help=f"write `via {word}`"))
        return None
    return name


def count(number: int, noun: str) -> str:
    """`1 argument`, `2 arguments`, `no arguments`"""
    return f"{number or 'no'} {noun}{'s' * (number != 1)}"
