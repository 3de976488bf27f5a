"""One parameter: its domain, arguments, sizes, transform and start, each against the registry."""

from __future__ import annotations

import math

from cdsl.checker.constants import NotConstant, fold, fold_integer, shape_of
from cdsl.checker.starts import check_start, entries, entry, local, shape_text
from cdsl.constraints import aliases, domains, plugins
from cdsl.constraints.base import Domain, text
from cdsl.diagnostics import Diagnostic
from cdsl.model import Argument, Parameter
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
    of_sizes: Problems = []
    sizes = resolve_sizes(domain, written.type, of_sizes)
    arguments = resolve_arguments(domain, written.type, sizes and sizes[0], problems)
    problems += of_sizes  # they stand after the arguments, whose shapes depend on them
    transform = resolve_transform(domain, written.via, problems)
    step = resolve_step(domain, written.via, problems) if transform else None
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
    if arguments is None or sizes is None or transform is None or step is None:
        return None
    batch, of_event = sizes
    each_entry = tuple(entries(*arguments))
    if refused := next(filter(None, (domain.refuse(numbers, of_event) for _, numbers in each_entry)), None):
        problems.append(
            Diagnostic(code="E302", message=refused, span=written.type.span, help=f"for example `{domain.examples[0]}`")
        )
        return None
    start = None
    if written.start is not None:
        start = check_start(domain, transform, arguments, batch, of_event, written.start, problems)
    elif domain.elementwise:
        rounded = (at for at, numbers in each_entry if domain.violation(domain.start(of_event, *numbers), *numbers))
        if (index := next(rounded, None)) is not None:
            which = f"entry {list(index)} of `{domain.name}`" if index else f"`{domain.name}`"
            message = f"{which} starts at {domain.starts_at}, which float64 rounds out of the domain"
            help = "give it a start value with `= …`"
            problems.append(Diagnostic(code="E501", message=message, span=written.type.span, help=help))
    if any(one.code.startswith("E") for one in problems[before:]):
        return None
    return Parameter(
        name=normal(written.name.text),
        domain=domain.name,
        arguments=arguments,
        batch=batch,
        sizes=of_event,
        transform=transform,
        step=step,
        start=start,
        frozen=written.frozen,
        doc=written.doc,
    )


def resolve_domain(name: ast.Name, problems: Problems) -> Domain | None:
    """The domain of this name."""
    found = domains().get(name.text) or aliases().get(name.text)
    if found is None:
        failed = plugins()
        found = domains().get(name.text)
    if found is None:
        there_are = did_you_mean(name.text, [*domains(), *aliases()]) or "`cdsl types` lists the domains"
        problems.append(
            Diagnostic(
                code="E201",
                message=f"unknown domain `{name.text}`",
                span=name.span,
                label="not a domain",
                help="; ".join((there_are, *failed)),
            )
        )
    return found


def resolve_arguments(
    domain: Domain, written: ast.Type, batch: tuple[int, ...] | None, problems: Problems
) -> tuple[Argument, ...] | None:
    """What stands in ( ): a number for each of the domain's arguments, by position or by name; defaults at the end go.

    Of a domain of numbers an argument may be an array, of a shape that broadcasts to the sizes.
    """
    names, defaults = domain.arguments, domain.defaults
    example = f"for example `{next((one for one in domain.examples if '(' in one), domain.examples[0])}`"
    by_name = named_arguments(f"`{domain.name}`", names, written.arguments or (), example, problems)
    if by_name is None:
        return None
    required = names[: len(names) - len(defaults)]
    if any(name not in by_name for name in required):
        got = len(written.arguments or ())
        message = f"`{domain.name}` takes {count(len(names), 'argument')} ({', '.join(names)}), got {got}"
        problems.append(wrong_arguments(message, written.name.span, example))
        return None
    arguments = resolve_numbers(names, by_name, defaults, problems, infinite=domain.infinite, arrays=domain.elementwise)
    if arguments is None:
        return None
    arrays = {name: shape_of(value) or () for name, value in zip(names, arguments, strict=True) if shape_of(value)}
    if arrays and (batch is None or refuse_shapes(domain, arrays, by_name, batch, problems)):
        return None
    for index, numbers in entries(*arguments) if names else ():
        if refused := domain.refuse_arguments(*numbers):
            span = Span(written.name.span.start, (written.arguments or (written,))[-1].span.end)
            if index:
                last = [name for name in by_name if name in arrays][-1]
                span = entry(by_name[last], local(arrays[last], index)).span
                refused = f"entry {list(index)}: {refused}"
            problems.append(Diagnostic(code="E302", message=refused, span=span, help=example))
            return None
    return arguments if domain.sized else without_defaults(arguments, defaults)


def refuse_shapes(
    domain: Domain,
    arrays: dict[str, tuple[int, ...]],
    by_name: dict[str, ast.Expr],
    batch: tuple[int, ...],
    problems: Problems,
) -> bool:
    """Whether an array has a shape that does not broadcast to the sizes, where arguments create none."""
    before = len(problems)
    for name, shape in arrays.items():
        fits = len(shape) <= len(batch) and all(
            one in (1, size) for one, size in zip(shape[::-1], batch[::-1], strict=False)
        )
        if not fits:
            message = f"`{name}` has {shape_text(shape)}, which does not broadcast to {shape_text(batch)}"
            help = "" if batch else f"sizes are written in brackets: `{domain.name}(…){list(shape)}`"
            problems.append(Diagnostic(code="E303", message=message, span=by_name[name].span, help=help))
    return len(problems) > before


def named_arguments(
    what: str, names: tuple[str, ...], given: tuple[ast.Argument, ...], example: str, problems: Problems
) -> dict[str, ast.Expr] | None:
    """Every argument by its name, or None where one has no place."""
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
            problems.append(wrong_arguments(f"{what} {wanted}, {got}", argument.span, example))
            return None
        if name in by_name:
            problems.append(wrong_arguments(f"`{name}` is given twice", argument.span, example))
            return None
        by_name[name] = argument.value
    return by_name


def resolve_numbers(
    names: tuple[str, ...],
    by_name: dict[str, ast.Expr],
    defaults: tuple[float, ...],
    problems: Problems,
    *,
    infinite: bool = False,
    arrays: bool = False,
) -> tuple[Argument, ...] | None:
    """The number of every name, its default where it is not given; None where one is no number, nor an array of `arrays`."""
    before = len(problems)
    known: dict[str, Argument] = dict(zip(names[len(names) - len(defaults) :], defaults, strict=True))
    known |= {
        name: value
        for name, written in by_name.items()
        if (value := resolve_number(name, written, problems, infinite=infinite, arrays=arrays)) is not None
    }
    wrong = any(name not in known for name in names) or len(problems) > before
    return None if wrong else tuple(known[name] for name in names)


def without_defaults(arguments: tuple[Argument, ...], defaults: tuple[float, ...]) -> tuple[Argument, ...]:
    """The arguments up to the last that says more than its default: `real(0, 1)` is `real`."""
    least = len(arguments) - len(defaults)
    while len(arguments) > least and arguments[-1] == defaults[len(arguments) - least - 1]:
        arguments = arguments[:-1]
    return arguments


def wrong_arguments(message: str, span: Span, example: str) -> Diagnostic:
    """Too many, too few, twice, or by a name that there is not."""
    return Diagnostic(code="E301", message=message, span=span, help=example)


def resolve_number(
    name: str, written: ast.Expr, problems: Problems, *, infinite: bool, arrays: bool
) -> Argument | None:
    """An argument: one number, finite unless it may be `infinite`; with `arrays` also an array of such numbers."""
    try:
        value = fold(written)
    except NotConstant as refused:
        problems.append(Diagnostic(code="E303", message=refused.message, span=refused.span, help=refused.help))
        return None
    shape = shape_of(value)
    if isinstance(value, tuple) and (shape is None or not arrays):
        wanted = "one number, or an array" if arrays else "one number"
        got = "whose rows differ in length" if shape is None else f"of shape {shape}"
        message = f"`{name}` is {wanted}, got an array {got}"
        problems.append(Diagnostic(code="E303", message=message, span=written.span))
        return None
    for index, (number,) in entries(value) if not infinite else ():
        if math.isinf(number):
            message = f"`{name}` is infinite" if not index else f"entry {list(index)} of `{name}` is infinite"
            help = "only bounds can be infinite, those of `interval`, `greater_than` and `less_than`"
            span = entry(written, index).span
            problems.append(Diagnostic(code="E302", message=message, span=span, help=help))
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
                help=" ".join(filter(None, (did_you_mean(word, known) or transform_elsewhere(word), there_are))),
            )
        )
        return None
    return name


def transform_elsewhere(word: str) -> str:
    """Which domains have a transform of this name, if any."""
    having = [one for one in domains().values() if word in one.transforms or word in one.aliases]
    numbers = [one for one in having if one.elementwise]
    names = ", ".join(f"`{one.name}`" for one in numbers or having)
    return f"`{word}` is a transform of {names};" if names else ""


STEP, NO_STEP = ("loc", "scale"), (0.0, 1.0)
"""The arguments that a transform of single numbers takes, and what they are where they are left out."""


def resolve_step(domain: Domain, written: ast.Via | None, problems: Problems) -> tuple[()] | tuple[float, float] | None:
    """What stands in ( ) after a transform: `loc` and `scale` of an affine step before it; () where that does nothing."""
    if written is None or not written.arguments:
        return ()
    word = written.name.text
    if not domain.elementwise or domain.arguments == STEP:
        help = f"write `via {word}`"
        if domain.arguments == STEP:
            help = f"`{domain.name}` has `loc` and `scale` of its own: write `{domain.name}(loc, scale)`"
        else:
            help += "; only transforms of single numbers take `loc` and `scale`, an affine step before them"
        problems.append(
            Diagnostic(code="E301", message=f"the transform `{word}` takes no arguments", span=written.span, help=help)
        )
        return None
    example = f"for example `via {word}(loc=1, scale=2)`: raw ↦ {word}(1 + 2 raw)"
    by_name = named_arguments(f"the transform `{word}`", STEP, written.arguments, example, problems)
    numbers = resolve_numbers(STEP, by_name, NO_STEP, problems) if by_name is not None else None
    if numbers is None:
        return None
    loc, scale = (one for one in numbers if isinstance(one, float))  # both: no `arrays`
    if not scale > 0:
        message = f"`scale` must be greater than 0, got {text(scale)}"
        problems.append(Diagnostic(code="E302", message=message, span=written.span, help=example))
        return None
    return () if (loc, scale) == NO_STEP else (loc, scale)


def count(number: int, noun: str) -> str:
    """`1 argument`, `2 arguments`, `no arguments`"""
    return f"{number or 'no'} {noun}{'s' * (number != 1)}"
