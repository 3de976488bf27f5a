"""Start values: constants of the right shape, inside the domain."""

from __future__ import annotations

from collections.abc import Iterator

from cdsl.checker.constants import NotConstant, fold, shape_of
from cdsl.constraints.base import Domain
from cdsl.diagnostics import Diagnostic
from cdsl.model import Nested
from cdsl.syntax import ast


def check_start(
    domain: Domain,
    arguments: tuple[float, ...],
    batch: tuple[int, ...],
    sizes: tuple[int, ...],
    written: ast.Expr,
    problems: list[Diagnostic],
) -> Nested | None:
    """The start value, or None where it has an error.

    It has the parameter's shape, or that of one event, for the whole batch; or it is one number, for every entry of an
    elementwise domain.
    """
    try:
        start = fold(written)
    except NotConstant as refused:
        problems.append(Diagnostic(code="E503", message=refused.message, span=refused.span, help=refused.help))
        return None
    shape, event = shape_of(start), domain.event(sizes)
    if shape not in (batch + event, event):
        wanted = " or ".join(dict.fromkeys((shape_text(batch + event), shape_text(event))))
        got = "an array whose rows differ in length" if shape is None else shape_text(shape)
        problems.append(
            Diagnostic(code="E502", message=f"expected a start value of {wanted}, got {got}", span=written.span)
        )
        return None
    for index, value in events(start, len(shape) - len(event)):
        violation = domain.violation(value, *arguments, *(sizes if domain.sized else ()))
        if violation is not None:
            at = index + violation.index
            problems.append(
                Diagnostic(
                    code="E501",
                    message=f"the start value is outside `{domain.name}`: {entry_text(at)}{violation}",
                    span=entry(written, at).span,
                    label=f"must {violation.must}",
                    help=mend(domain, written, value),
                )
            )
            return None
    return start


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


def mend(domain: Domain, written: ast.Expr, value: Nested) -> str:
    """For a simplex that was rounded by hand: the same, divided by its sum."""
    if domain.name == "simplex" and isinstance(value, tuple) and isinstance(written, ast.Array):
        numbers = [one for one in value if isinstance(one, float)]
        total = sum(numbers)
        if min(numbers, default=0) > 0 and abs(total - 1) < 1e-3:
            entries = ", ".join(f"{one:g}" for one in numbers)
            return f"write `[{entries}] / {total:.12g}`"
    return f"without `= …` it starts at {domain.starts_at}"


def shape_text(shape: tuple[int, ...]) -> str:
    """A shape in words."""
    return f"shape {list(shape)}" if shape else "one number"


def entry_text(index: tuple[int, ...]) -> str:
    """`entry [1, 2] is `, or nothing for the whole."""
    return f"entry {list(index)} is " if index else ""
