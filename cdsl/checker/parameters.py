"""One parameter: its domain, arguments, sizes, transform and start, each against the registry."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any, NamedTuple

from cdsl.checker.expressions import Inference, Typed, Wrong, inlined
from cdsl.checker.held import check_held, computed_start
from cdsl.checker.scope import Known, Scope
from cdsl.checker.starts import check_start, entries, entry, local, shape_text, start_by_shape
from cdsl.constraints import aliases, domains, made_of, plugins
from cdsl.constraints.base import Domain, text
from cdsl.diagnostics import Diagnostic, Fix
from cdsl.discrete import DISCRETE, Discrete
from cdsl.extents import Extent, Shape
from cdsl.limits import LARGEST_SIZE
from cdsl.model import Argument, Expression, Given, Nested, Parameter, Size
from cdsl.names import closest, normal
from cdsl.source import Span
from cdsl.syntax import ast

Problems = list[Diagnostic]


def check_parameter(written: ast.Parameter, scope: Scope, problems: Problems) -> tuple[Parameter, Known] | None:
    """The parameter's meaning and what expressions know of it, or None where it has an error."""
    before = len(problems)
    name = normal(written.name.text)
    infer = Inference(scope, name)
    if written.prior is not None:
        message = "`~` is part of the language, and not yet of this version of cdsl"
        problems.append(Diagnostic(code="E110", message=message, span=written.prior.span))
    if (refused := refuse_discrete(written.type.name)) is not None:
        problems.append(refused)
        return None
    domain = resolve_domain(written.type.name, problems)
    if not isinstance(domain, Domain):
        return None
    of_sizes: Problems = []
    sizes = resolve_sizes(domain, written.type, infer, of_sizes)
    arguments = resolve_arguments(domain, written.type, sizes and sizes.shape[: len(sizes.batch)], infer, problems)
    problems += of_sizes  # they stand after the arguments, whose shapes depend on them
    stages = resolve_stages(domain, written, problems)
    parts: tuple[tuple[str, str], ...] | None = ()
    step: Step | None = Step()
    if stages and written.via is not None and not is_staged(written.via):
        if domain.transforms[stages[0]].parts:
            parts = resolve_parts(domain, stages[0], written.via, problems)
        else:
            step = resolve_step(domain, written.via, infer, problems)
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
    if arguments is None or sizes is None or stages is None or step is None or parts is None:
        return None
    transform, other = stages
    thaws = arguments.thaws or step.thaws
    if written.frozen and thaws:
        problems.append(not_frozen(thaws, written.type.span))
        return None
    numbers = arguments.constants
    start: Nested | Expression | None = None
    held = check_held(domain, whole_shape(domain, sizes) if numbers is not None else None, written, problems)
    if numbers is not None and (of_event := sizes.numbers) is not None:
        each_entry = tuple(entries(*numbers))
        if refused_ := next(filter(None, (domain.refuse(one, of_event[1]) for _, one in each_entry)), None):
            help = f"for example `{domain.examples[0]}`"
            problems.append(Diagnostic(code="E302", message=refused_, span=written.type.span, help=help))
            return None
        if written.start is not None:
            bijective = made_of(domain, transform, parts).bijective
            start = check_start(domain, transform, bijective, numbers, *of_event, written.start, held, infer, problems)
        elif domain.elementwise:
            refuse_rounded_start(domain, each_entry, written.type.span, problems)
    elif written.start is not None:
        start = start_by_shape(domain, sizes.shape, len(sizes.batch), written.start, infer, problems)
    if held and isinstance(start, Expression):
        problems.append(computed_start(written))
    if any(one.code.startswith("E") for one in problems[before:]):
        return None
    parameter = (
        Parameter.model_construct(  # of parts that were judged above: a closed spec needs no schemas of pydantic's
            name=name,
            domain=domain.name,
            arguments=arguments.given,
            batch=sizes.batch,
            sizes=sizes.event,
            transform=transform,
            eval=other,
            step=step.given,
            parts=parts,
            start=start,
            frozen=written.frozen,
            held=held,
            doc=written.doc,
        )
    )
    shape = shape_of_value(domain, sizes)
    return parameter, Known("parameter", shape, varies=True, thaws=thaws if written.frozen else name)


def shape_of_value(domain: Domain | Discrete, sizes: Sizes) -> Shape:
    """The shape of a value, in the spec's own names."""
    batch, event = sizes.shape[: len(sizes.batch)], sizes.shape[len(sizes.batch) :]
    of_event: Any = event if isinstance(domain, Discrete) else domain.event(event)  # type: ignore[arg-type]  # of extents
    return (*batch, *of_event)


def whole_shape(domain: Domain, sizes: Sizes) -> tuple[int, ...] | None:
    """The shape of a value in numbers, where all sizes are."""
    return None if sizes.numbers is None else sizes.numbers[0] + domain.event(sizes.numbers[1])


def not_frozen(name: str, span: Span) -> Diagnostic:
    """What is constant depends on nothing that is not."""
    message = f"a frozen parameter is constant, and `{name}` is not"
    return Diagnostic(code="E206", message=message, span=span, help=f"declare `{name}` frozen as well, or neither")


def refuse_discrete(name: ast.Name) -> Diagnostic | None:
    """A parameter has a gradient, which whole numbers have not."""
    if name.text not in DISCRETE:
        return None
    message = f"`{name.text}` is a type of data: a discrete parameter has no gradient"
    help = "sum it out of the density, or pass it in with `data`"
    return Diagnostic(code="E207", message=message, span=name.span, label="for data alone", help=help)


def refuse_rounded_start(
    domain: Domain,
    each_entry: tuple[tuple[tuple[int, ...], tuple[float, ...]], ...],
    span: Span,
    problems: Problems,
) -> None:
    """The neutral value of a narrow interval may be rounded to one of its bounds."""
    rounded = (at for at, numbers in each_entry if domain.violation(domain.start((), *numbers), *numbers))
    if (index := next(rounded, None)) is not None:
        which = f"entry {list(index)} of `{domain.name}`" if index else f"`{domain.name}`"
        message = f"{which} starts at {domain.starts_at}, which float64 rounds out of the domain"
        help = "give it a start value with `= …`"
        problems.append(Diagnostic(code="E501", message=message, span=span, help=help))


def resolve_domain(name: ast.Name, problems: Problems, *, discrete: bool = False) -> Domain | Discrete | None:
    """The domain of this name, or where they may be the type of whole numbers."""
    if discrete and name.text in DISCRETE:
        return DISCRETE[name.text]
    found = domains().get(name.text) or aliases().get(name.text)
    if found is None:
        failed = plugins()
        found = domains().get(name.text)
    if found is None:
        close = closest(name.text, [*domains(), *aliases()])
        there_are = f"did you mean `{close}`?" if close else "`cdsl types` lists the domains"
        problems.append(
            Diagnostic(
                code="E201",
                message=f"unknown domain `{name.text}`",
                span=name.span,
                label="not a domain",
                help="; ".join((there_are, *failed)),
                fix=Fix.respelling(close, name.span),
            )
        )
    return found


class Arguments(NamedTuple):
    """What stands in ( ), as the model has it."""

    given: tuple[Given, ...]
    constants: tuple[Argument, ...] | None
    """The same where all of them are constants."""
    thaws: str = ""
    """A parameter that is not frozen on which one depends, if any."""


def resolve_arguments(
    domain: Domain | Discrete, written: ast.Type, batch: Shape | None, infer: Inference, problems: Problems
) -> Arguments | None:
    """What stands in ( ): a number for each of the domain's arguments, by position or by name; defaults at the end go.

    An argument may be computed from what stands above, and of a domain of numbers be an array, of a shape that broadcasts to
    the sizes.
    """
    names, defaults = domain.arguments, domain.defaults
    examples = (domain.example,) if isinstance(domain, Discrete) else domain.examples
    example = f"for example `{next((one for one in examples if '(' in one), examples[0])}`"
    by_name = named_arguments(f"`{domain.name}`", names, written.arguments or (), example, problems)
    if by_name is None:
        return None
    required = names[: len(names) - len(defaults)]
    if any(name not in by_name for name in required):
        got = len(written.arguments or ())
        message = f"`{domain.name}` takes {count(len(names), 'argument')} ({', '.join(names)}), got {got}"
        problems.append(wrong_arguments(message, written.name.span, example))
        return None
    numbers = isinstance(domain, Discrete) or domain.elementwise
    infinite = isinstance(domain, Discrete) or domain.infinite
    typed = {name: resolve_number(name, one, infer, problems, infinite=infinite) for name, one in by_name.items()}
    if any(one is None for one in typed.values()):
        return None
    found = {name: one for name, one in typed.items() if one is not None}
    arrays = {name: one.shape for name, one in found.items() if one.shape}
    if arrays and (batch is None or refuse_shapes(domain.name, numbers, arrays, by_name, batch, problems)):
        return None
    known: dict[str, Given] = dict(zip(names[len(names) - len(defaults) :], map(float, defaults), strict=True))
    known |= {name: meant_by(one) for name, one in found.items()}
    given = tuple(known[name] for name in names)
    thaws = next((one.thaws for one in found.values() if one.thaws), "")
    if isinstance(domain, Discrete):
        return Arguments(without_defaults(given, defaults), None, thaws)
    constants = tuple(one for one in given if not isinstance(one, Expression))
    if len(constants) < len(given):
        return Arguments(given if domain.sized else without_defaults(given, defaults), None, thaws)
    for index, entry_numbers in entries(*constants) if names else ():
        if refused := domain.refuse_arguments(*entry_numbers):
            span = Span(written.name.span.start, (written.arguments or (written,))[-1].span.end)
            if index:
                last = [name for name in by_name if name in arrays][-1]
                span = entry(by_name[last], local(tuple(one.number or 0 for one in arrays[last]), index)).span
                refused = f"entry {list(index)}: {refused}"
            problems.append(Diagnostic(code="E302", message=refused, span=span, help=example))
            return None
    if not domain.sized:
        constants = without_defaults(constants, defaults)  # type: ignore[assignment]  # constants in, constants out
    return Arguments(constants, constants)


def meant_by(typed: Typed) -> Given:
    """An argument as the model has it: a constant rounded once, or what computes it."""
    return typed.meant if typed.exact is None else typed.value


def refuse_shapes(
    name: str, numbers: bool, arrays: dict[str, Shape], by_name: dict[str, ast.Expr], batch: Shape, problems: Problems
) -> bool:
    """Whether an array has a shape that does not broadcast to the sizes, where arguments create none."""
    before = len(problems)
    for argument, shape in arrays.items():
        fits = len(shape) <= len(batch) and all(
            one == size or one.number == 1 for one, size in zip(shape[::-1], batch[::-1], strict=False)
        )
        if not fits:
            message = f"`{argument}` has {shape_text(shape)}, which does not broadcast to {shape_text(batch)}"
            example = f"`{name}(…)[{', '.join(map(str, shape))}]`"
            help = "" if batch or not numbers else f"sizes are written in brackets: {example}"
            problems.append(Diagnostic(code="E303", message=message, span=by_name[argument].span, help=help))
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


def without_defaults(arguments: tuple[Given, ...], defaults: tuple[float, ...]) -> tuple[Given, ...]:
    """The arguments up to the last that says more than its default: `real(0, 1)` is `real`."""
    least = len(arguments) - len(defaults)
    while len(arguments) > least and arguments[-1] == defaults[len(arguments) - least - 1]:
        arguments = arguments[:-1]
    return arguments


def wrong_arguments(message: str, span: Span, example: str) -> Diagnostic:
    """Too many, too few, twice, or by a name that there is not."""
    return Diagnostic(code="E301", message=message, span=span, help=example)


def resolve_number(
    name: str, written: ast.Expr, infer: Inference, problems: Problems, *, infinite: bool
) -> Typed | None:
    """An argument: a number or an array of numbers, finite unless it may be `infinite`."""
    try:
        typed = infer.settled(written)
    except Wrong as problem:
        problems += [problem.diagnostic] if problem.diagnostic else []
        return None
    if typed.kind == "bool":
        problems.append(Diagnostic(code="E303", message=f"`{name}` is a number, got a truth value", span=written.span))
        return None
    if typed.exact is None or infinite:
        return typed
    for index, (number,) in entries(typed.value):
        if math.isinf(number):
            message = f"`{name}` is infinite" if not index else f"entry {list(index)} of `{name}` is infinite"
            help = "only bounds can be infinite, those of `interval`, `greater_than` and `less_than`"
            span = entry(written, index).span
            problems.append(Diagnostic(code="E302", message=message, span=span, help=help))
            return None
    return typed


class Sizes(NamedTuple):
    """What stands in [ ]: sizes before the event's own, those of one event, and all of them by name."""

    batch: tuple[Size, ...]
    event: tuple[Size, ...]
    shape: Shape
    numbers: tuple[tuple[int, ...], tuple[int, ...]] | None
    """Batch and event, where all of them are known to the compiler."""


def resolve_sizes(domain: Domain | Discrete, written: ast.Type, infer: Inference, problems: Problems) -> Sizes | None:
    """What stands in [ ], split into batch and event: the last sizes are the event's, all before are batch."""
    names: tuple[str, ...] = () if isinstance(domain, Discrete) else domain.sizes
    smallest = 0 if isinstance(domain, Discrete) else domain.least
    given, needed = written.sizes or (), len(names)
    if not isinstance(domain, Discrete) and domain.square and len(given) == 1:
        given = given * needed
    if len(given) < needed:
        message = f"`{domain.name}` needs {count(needed, 'size')} ({', '.join(names)}), got {len(given)}"
        help = f"for example `{domain.examples[0]}`" if isinstance(domain, Domain) else ""
        problems.append(Diagnostic(code="E401", message=message, span=written.span, help=help))
        return None
    least = [0] * (len(given) - needed) + [smallest] * needed
    found = [resolve_size(size, at_least, infer, problems) for size, at_least in zip(given, least, strict=True)]
    known = [one for one in found if one is not None]
    if len(known) < len(found):
        return None
    meant = tuple(size for size, _ in known)
    cut = len(meant) - needed
    batch, event = (tuple([one for one in part if isinstance(one, int)]) for part in (meant[:cut], meant[cut:]))
    numbers = (batch, event) if len(batch) + len(event) == len(meant) else None
    sizes = Sizes(meant[:cut], meant[cut:], tuple([extent for _, extent in known]), numbers)
    if isinstance(domain, Discrete) or len(event) < needed:
        return sizes
    if numbers is not None and math.prod((*numbers[0], *domain.event(event))) > LARGEST_SIZE:
        message = "a parameter has fewer than 2**63 entries"
        problems.append(Diagnostic(code="E402", message=message, span=written.span))
        return None
    if refused := domain.refuse_sizes(*event):
        span = Span(given[-needed].span.start, given[-1].span.end)
        problems.append(Diagnostic(code="E402", message=refused, span=span, help=f"for example `{domain.examples[0]}`"))
        return None
    return sizes


def resolve_size(written: ast.Expr, least: int, infer: Inference, problems: Problems) -> tuple[Size, Extent] | None:
    """One size: an integer, at least this, of numbers, dims and data."""
    try:
        typed = infer.typed(written)
    except Wrong as problem:
        if problem.diagnostic is not None:
            found = problem.diagnostic
            message = f"expected a size, an integer ≥ {least}: {found.message}"
            changed: dict[str, object] = {"code": "E402", "message": message} if found.code == "E303" else {}
            if found.message.startswith("unknown name"):
                sizes = [name for name, known in infer.scope.known.items() if known.sort == "dim"]
                declare = f"declare it with `dim {infer.scope.missing}`, or write a number"
                close = closest(infer.scope.missing, sizes)
                help = f"did you mean `{close}`?" if close else declare
                changed = {"help": help, "fix": Fix.respelling(close, found.span) if found.span else None}
            problems.append(found.model_copy(update=changed))
        return None
    extent = typed.extent
    if extent is None and isinstance(typed.exact, Fraction) and typed.exact.denominator == 1 and not typed.shape:
        extent = Extent.of(int(typed.exact))
    size = None if extent is None else extent.number
    if extent is not None and size is None:
        return inlined(typed.meant, infer.scope), extent
    if size is None or not least <= size <= LARGEST_SIZE:
        wanted = f"≥ {least}" if size is None or size < least else "below 2**63"
        got = (
            f"{size}" if size is not None and abs(size) < 10**20 else "a larger one" if size else "a value that is none"
        )
        help = ""
        if size is None and typed.thaws:
            got, help = f"one that depends on `{typed.thaws}`", "a size is made of numbers, dims and data"
        message = f"expected a size, an integer {wanted}, got {got}"
        problems.append(Diagnostic(code="E402", message=message, span=written.span, help=help))
        return None
    return size, Extent.of(size)


def is_staged(written: ast.Via | None) -> bool:
    """Whether a transform is one for training and another for use."""
    return written is not None and written.name.text == "staged"


def resolve_stages(domain: Domain, written: ast.Parameter, problems: Problems) -> tuple[str, str] | None:
    """The transform after `via`, and that of a module that does not train, or nothing where it is the same one."""
    if written.via is None or not is_staged(written.via):
        name = domain.default if written.via is None else resolve_transform(domain, written.via.name, problems)
        return None if name is None else (name, "")
    example = f"for example `via staged(train={domain.default}, eval={[*domain.transforms][-1]})`"
    given = named_arguments("`staged`", ("train", "eval"), written.via.arguments or (), example, problems)
    if given is None:
        return None
    if len(given) < 2 or not all(isinstance(one, ast.Name) for one in given.values()):
        message = "`staged` takes two names of transforms, `train` and `eval`"
        problems.append(wrong_arguments(message, written.via.span, example))
        return None
    words = (one for one in (given["train"], given["eval"]) if isinstance(one, ast.Name))
    train, other = (resolve_transform(domain, word, problems) for word in words)
    if train is None or other is None:
        return None
    if written.frozen:
        message = "a frozen parameter is constant, and `staged` has two values for one raw"
        problems.append(Diagnostic(code="E301", message=message, span=written.via.span))
        return None
    sizes = (5, 4, 3)[: len(domain.sizes)]
    if domain.transforms[train].raw_event(sizes) != domain.transforms[other].raw_event(sizes):
        message = f"`{train}` and `{other}` have raw values of different shapes"
        problems.append(wrong_arguments(message, written.via.span, "the stages share one raw value"))
        return None
    return train, "" if train == other else other


def resolve_transform(domain: Domain, written: ast.Name, problems: Problems) -> str | None:
    """A transform's canonical name."""
    word = written.text
    name = domain.aliases.get(word, word)
    if name not in domain.transforms:
        there_are = f"`{domain.name}` has {', '.join(domain.transforms)}"
        close = closest(word, [*domain.transforms, *domain.aliases])
        hint = f"did you mean `{close}`?" if close else transform_elsewhere(word)
        problems.append(
            Diagnostic(
                code="E202",
                message=f"`{domain.name}` has no transform `{word}`",
                span=written.span,
                label="not one of its transforms",
                help=" ".join(filter(None, (hint, there_are))),
                fix=Fix.respelling(close, written.span),
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


class Step(NamedTuple):
    """An affine step before a transform, if any."""

    given: tuple[()] | tuple[float | Expression, float | Expression] = ()
    thaws: str = ""
    """A parameter that is not frozen on which it depends, if any."""


def resolve_step(domain: Domain, written: ast.Via | None, infer: Inference, problems: Problems) -> Step | None:
    """What stands in ( ) after a transform: `loc` and `scale` of an affine step before it; nothing where that does nothing."""
    before = len(problems)
    if written is None or not written.arguments:
        return Step()
    word = written.name.text
    if not domain.elementwise or domain.arguments == STEP:
        help = f"write `via {word}`"
        if domain.arguments == STEP:
            help = f"`{domain.name}` has `loc` and `scale` of its own: write `{domain.name}(loc, scale)`"
        else:
            named = {one.name.text for one in written.arguments if one.name}
            having = [f"`{name}`" for name, one in domain.transforms.items() if named & set(one.parts)]
            takes = "transforms of single numbers take `loc` and `scale`, an affine step before them"
            help += f"; {', '.join(having)} has such a part" if having else f"; only {takes}"
        problems.append(
            Diagnostic(code="E301", message=f"the transform `{word}` takes no arguments", span=written.span, help=help)
        )
        return None
    example = f"for example `via {word}(loc=1, scale=2)`: raw ↦ {word}(1 + 2 raw)"
    by_name = named_arguments(f"the transform `{word}`", STEP, written.arguments, example, problems)
    if by_name is None:
        return None
    numbers: dict[str, float | Expression] = dict(zip(STEP, NO_STEP, strict=True))
    thaws = ""
    for name, expression in by_name.items():
        typed = resolve_number(name, expression, infer, problems, infinite=False)
        value = None if typed is None else meant_by(typed)
        if isinstance(value, tuple) or (typed is not None and typed.shape):
            problems.append(Diagnostic(code="E303", message=f"`{name}` is one number", span=expression.span))
        if typed is None or value is None or isinstance(value, tuple) or len(problems) > before:
            return None
        numbers[name], thaws = value, thaws or typed.thaws
    loc, scale = numbers["loc"], numbers["scale"]
    if isinstance(scale, float) and not scale > 0:
        message = f"`scale` must be greater than 0, got {text(scale)}"
        problems.append(Diagnostic(code="E302", message=message, span=written.span, help=example))
        return None
    return Step() if (loc, scale) == NO_STEP else Step((loc, scale), thaws)


def resolve_parts(
    domain: Domain, transform: str, written: ast.Via, problems: Problems
) -> tuple[tuple[str, str], ...] | None:
    """What stands in ( ) after a transform that has parts: each by keyword, a transform of its domain; its own one goes."""
    before, has, word = len(problems), domain.transforms[transform].parts, written.name.text
    if not has:
        if written.arguments:
            message = f"the transform `{word}` has no parts"
            problems.append(wrong_arguments(message, written.span, f"write `via {word}`"))
        return None if written.arguments else ()
    of = {name: domains()[one] for name, (one, _) in has.items()}
    part, takes = next(iter(of.items()))
    example = f"for example `via {word}({part}={[*takes.transforms][1]})`"
    given = written.arguments or ()
    if given and given[0].name is None:
        message = f"the transform `{word}` takes its parts by keyword: {', '.join(has)}"
        problems.append(wrong_arguments(message, given[0].span, example))
        return None
    by_name = named_arguments(f"the transform `{word}`", tuple(has), given, example, problems)
    if by_name is None:
        return None
    found: dict[str, str | None] = {}
    for name, one in by_name.items():
        if isinstance(one, ast.Name):
            found[name] = resolve_transform(of[name], one, problems)
        else:
            message = f"`{name}` is the name of a transform of `{of[name].name}`"
            problems.append(wrong_arguments(message, one.span, example))
    if len(problems) > before:
        return None
    return tuple((name, found[name] or own) for name, (_, own) in has.items() if found.get(name, own) != own)


def count(number: int, noun: str) -> str:
    """`1 argument`, `2 arguments`, `no arguments`"""
    return f"{number or 'no'} {noun}{'s' * (number != 1)}"
