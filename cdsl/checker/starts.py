"""Start values: constants of the right shape, inside the domain."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import product

from cdsl.checker.constants import shape_of
from cdsl.checker.expressions import Inference, Typed, Wrong, inlined
from cdsl.constraints.base import Domain, text
from cdsl.diagnostics import Diagnostic, Fix
from cdsl.extents import Extent, Shape, may_be
from cdsl.model import Argument, Expression, Nested
from cdsl.syntax import ast


def check_start(
    domain: Domain,
    transform: str,
    bijective: bool,
    arguments: tuple[Argument, ...],
    batch: tuple[int, ...],
    sizes: tuple[int, ...],
    written: ast.Expr,
    held: tuple[bool, ...],
    infer: Inference,
    problems: list[Diagnostic],
) -> Nested | Expression | None:
    """The start value, or None where it has an error.

    It has the parameter's shape, or that of one event, for the whole batch; or it is one number, for every entry of an
    elementwise domain. A constant is held against the domain; what is computed when the module is built, then.
    """
    typed = typed_start(written, infer, problems)
    if typed is None:
        return None
    if typed.exact is None:
        shape_ = tuple(map(Extent.of, batch + sizes))
        return start_by_shape(domain, shape_, len(batch), written, infer, problems)
    start = typed.value
    shape, event = shape_of(start) or (), domain.event(sizes)
    if shape not in (batch + event, event):
        wanted = " or ".join(dict.fromkeys((shape_text(batch + event), shape_text(event))))
        got = shape_text(shape)
        problems.append(
            Diagnostic(code="E502", message=f"expected a start value of {wanted}, got {got}", span=written.span)
        )
        return None
    for index, value, numbers in cases(domain, start, len(shape) - len(event), arguments):
        given = (*numbers, *(sizes if domain.sized else ()))
        outside = domain.violation(value, *given)
        needs_raw = bijective and not stays(held, index, batch)
        violation = domain.unreached(value, *given) if outside is None and needs_raw else outside
        if violation is not None:
            event_of = entry(written, index)
            message = f"the start value is outside `{domain.name}`"
            help, fix = f"without `= …` it starts at {domain.starts_at}", None
            if of_event := by_its_sum(domain, event_of, value):
                help, fix = f"write `{of_event}`", Fix.writing(of_event, event_of.span, safe=True)
            if outside is None:
                message = f"no raw value gives this start by `{transform}`"
                surjective = [f"`via {name}`" for name, one in domain.transforms.items() if not one.bijective]
                help = f"a surjective transform reaches the boundary: {', '.join(surjective)}"
            at = index + violation.index
            problems.append(
                Diagnostic(
                    code="E501",
                    message=f"{message}: {entry_text(at)}{violation}",
                    span=entry(written, at).span,
                    label=f"must {violation.must}",
                    help=help,
                    fix=fix,
                )
            )
            return None
    return start


def stays(held: tuple[bool, ...], index: tuple[int, ...], batch: tuple[int, ...]) -> bool:
    """Whether the entry of this index is one that stays where it is, and so has no raw."""
    place = 0
    for at, size in zip(index, batch, strict=False):
        place = place * size + at
    return bool(held) and len(index) == len(batch) and held[place]


def typed_start(written: ast.Expr, infer: Inference, problems: list[Diagnostic]) -> Typed | None:
    """What a start value means, or None where it has an error."""
    try:
        typed = infer.settled(written)
    except Wrong as problem:
        if problem.diagnostic is not None:
            changed = {"code": "E503"} if problem.diagnostic.code == "E303" else {}
            problems.append(problem.diagnostic.model_copy(update=changed))
        return None
    if typed.varies or typed.kind == "bool":
        message = "a start value is made of numbers, dims and data"
        found = (
            "truth values"
            if typed.kind == "bool"
            else f"`{typed.thaws}`, a parameter"
            if typed.thaws
            else "a parameter"
        )
        problems.append(Diagnostic(code="E503", message=f"{message}, got {found}", span=written.span))
        return None
    return typed


def start_by_shape(
    domain: Domain, shape: Shape, batch: int, written: ast.Expr, infer: Inference, problems: list[Diagnostic]
) -> Nested | Expression | None:
    """A start value whose shape alone is known, or which is to be held against bounds that are not."""
    typed = typed_start(written, infer, problems)
    if typed is None:
        return None
    event: Shape = domain.event(shape[batch:])  # type: ignore[assignment,arg-type]  # of extents
    if not (may_be(typed.shape, shape[:batch] + event) or may_be(typed.shape, event)):
        wanted = " or ".join(dict.fromkeys(map(shape_text, (shape[:batch] + event, event))))
        message = f"expected a start value of {wanted}, got {shape_text(typed.shape)}"
        problems.append(Diagnostic(code="E502", message=message, span=written.span))
        return None
    if typed.exact is None:
        return inlined(typed.meant, infer.scope)
    if problem := infinite(f"the start value is outside `{domain.name}`", typed.value, written):
        problems.append(problem)
        return None
    return typed.value


def infinite(what: str, value: Nested, written: ast.Expr) -> Diagnostic | None:
    """That no domain holds a number that is infinite, of the first such entry of a constant."""
    for index, (number,) in entries(value):
        if not math.isfinite(number):
            message = f"{what}: {entry_text(index)}{text(number)}, must be finite"
            return Diagnostic(code="E501", message=message, span=entry(written, index).span)
    return None


def cases(
    domain: Domain, start: Nested, batch_dims: int, arguments: tuple[Argument, ...]
) -> Iterator[tuple[tuple[int, ...], Nested, tuple[Argument, ...]]]:
    """Every event of a start value with its index in the batch, and the arguments that it has there."""
    arrays = any(isinstance(one, tuple) for one in arguments)
    if arrays and domain.elementwise:
        yield from ((index, one[0], one[1:]) for index, one in entries(start, *arguments))
    elif arrays and batch_dims == 0:  # one event for the whole batch
        yield from (((), start, numbers) for _, numbers in entries(*arguments))
    else:
        for index, value in events(start, batch_dims):
            yield index, value, tuple(number_at(one, index) for one in arguments)


def number_at(argument: Argument, index: tuple[int, ...]) -> Argument:
    """The entry of an argument that an event has, of arguments broadcast to the batch."""
    for at in local(shape_of(argument) or (), index):
        argument = argument[at] if isinstance(argument, tuple) else argument
    return argument


def entries(*arrays: Nested) -> Iterator[tuple[tuple[int, ...], tuple[float, ...]]]:
    """Every index of the shape that arrays have together, broadcast, with the number that each has there."""
    alone = tuple(one for one in arrays if not isinstance(one, tuple))
    if len(alone) == len(arrays):
        yield (), alone
        return
    shapes = [shape_of(one) or () for one in arrays]
    rank = max(map(len, shapes), default=0)
    sizes = zip(*((1,) * (rank - len(shape)) + shape for shape in shapes), strict=True)
    together = tuple(next((size for size in one if size != 1), 1) for one in sizes)
    numbers = [spread(one, len(shape), together) for one, shape in zip(arrays, shapes, strict=True)]
    yield from zip(product(*map(range, together)), zip(*numbers, strict=True), strict=True)


def local(shape: tuple[int, ...], index: tuple[int, ...]) -> tuple[int, ...]:
    """The index in an array of this shape, of what it is broadcast to."""
    return tuple(at if size > 1 else 0 for at, size in zip(index[len(index) - len(shape) :], shape, strict=True))


def spread(array: Nested, rank: int, shape: tuple[int, ...]) -> list[float]:
    """The numbers of an array of this rank, broadcast to a shape, row-major."""
    if not isinstance(array, tuple):
        return [array] * math.prod(shape)
    size, *inner = shape
    if rank < len(shape):
        return spread(array, rank, tuple(inner)) * size
    rows = array if len(array) == size else array * size
    return [number for row in rows for number in spread(row, rank - 1, tuple(inner))]


def events(start: Nested, batch_dims: int) -> Iterator[tuple[tuple[int, ...], Nested]]:
    """Every event of a start value with its index in the batch."""
    if batch_dims == 0 or not isinstance(start, tuple):
        yield (), start
        return
    for position, inner in enumerate(start):
        for index, event in events(inner, batch_dims - 1):
            yield (position, *index), event


def entry(written: ast.Expr, index: tuple[int, ...]) -> ast.Expr:
    """The expression of one entry, as far as the start is written as an array."""
    for position in index:
        if not isinstance(written, ast.Array):
            break
        written = written.entries[position]
    return written


def by_its_sum(domain: Domain, written: ast.Expr, value: Nested) -> str:
    """For a simplex that was rounded by hand, the same divided by its sum; otherwise nothing."""
    if domain.name == "simplex" and isinstance(value, tuple) and isinstance(written, ast.Array):
        numbers = [one for one in value if isinstance(one, float)]
        total = sum(numbers)
        if min(numbers) > 0 and abs(total - 1) < 1e-3:
            entries = ", ".join(f"{one:g}" for one in numbers)
            return f"[{entries}] / {total:.12g}"
    return ""


def shape_text(shape: Sequence[object]) -> str:
    """A shape in words, of numbers or of sizes by name."""
    return f"shape [{', '.join(map(str, shape))}]" if shape else "one number"


def entry_text(index: tuple[int, ...]) -> str:
    """`entry [1, 2] is `, or nothing for the whole."""
    return f"entry {list(index)} is " if index else ""
