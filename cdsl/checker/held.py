"""Entries of a parameter that stay at their start: `beta: real[3] = [1, 0, 0] frozen [true, false, false]`."""

from __future__ import annotations

from collections.abc import Iterator

from cdsl.constraints.base import Domain
from cdsl.diagnostics import Diagnostic
from cdsl.source import Span
from cdsl.syntax import ast

EXAMPLE = "for example `beta: real[3] = [1, 0, 0] frozen [true, false, false]`"


def check_held(
    domain: Domain, shape: tuple[int, ...] | None, written: ast.Parameter, problems: list[Diagnostic]
) -> tuple[bool, ...]:
    """Of each entry of a value of this shape, row-major, whether it stays; nothing where none does or that is wrong.

    The shape is None where sizes or bounds are known when the module is built alone.
    """
    if written.held is None:
        return ()
    problem = refuse_held(domain, shape, written)
    truths = [] if problem or shape is None else list(entries(written.held, shape))
    wrong = next((one for one in truths if isinstance(one, Diagnostic)), None)
    held = tuple(one for one in truths if isinstance(one, bool))
    if held and not wrong and all(held):
        help = f"declare it `frozen {written.name.text}: …`"
        wrong = Diagnostic(code="E304", message="every entry is frozen", span=written.held.span, help=help)
    if problem or wrong:
        problems += [one for one in (problem, wrong) if one]
        return ()
    return held if any(held) else ()


def refuse_held(domain: Domain, shape: tuple[int, ...] | None, written: ast.Parameter) -> Diagnostic | None:
    """Why no entry of this parameter can stay behind the others."""
    span = written.held.span if written.held else written.span
    if written.frozen:
        return Diagnostic(
            code="E304", message="the whole parameter is frozen already", span=span, help="leave out one of the two"
        )
    if not domain.elementwise:
        message = f"the entries of `{domain.name}` depend on each other: one of them cannot stay alone"
        return Diagnostic(code="E304", message=message, span=written.type.span, label="not a domain of numbers")
    if written.start is None:
        return Diagnostic(code="E304", message="what stays needs a value to stay at", span=span, help=EXAMPLE)
    if shape is None:
        return not_known(written.type.span)
    if not shape:
        return Diagnostic(
            code="E304",
            message=f"`{written.name.text}` is one number",
            span=span,
            help=f"declare it `frozen {written.name.text}: …`",
        )
    return None


def computed_start(written: ast.Parameter) -> Diagnostic:
    """What stays is known when the spec is read."""
    return not_known(written.start.span if written.start else written.span)


def not_known(span: Span) -> Diagnostic:
    """Sizes, bounds or a start of entries that stay are computed."""
    message = "entries can stay where sizes, bounds and start are numbers"
    help = "declare the entries that stay and the others apart, and put them together with `let`"
    return Diagnostic(code="E304", message=message, span=span, help=help)


def entries(written: ast.Expr, shape: tuple[int, ...]) -> Iterator[bool | Diagnostic]:
    """Every entry of a mask of this shape, or what is wrong with it."""
    if not shape:
        match written:
            case ast.Name(text="true" | "false" as text):
                yield text == "true"
            case _:
                yield not_a_mask("`true` or `false`", written.span)
    elif not isinstance(written, ast.Array):
        yield not_a_mask(f"a list of {shape[0]}", written.span)
    elif len(written.entries) != shape[0]:
        yield not_a_mask(f"{shape[0]} entries, got {len(written.entries)}", written.span)
    else:
        for one in written.entries:
            yield from entries(one, shape[1:])


def not_a_mask(expected: str, span: Span) -> Diagnostic:
    """What stands after `frozen` is of another form."""
    message = f"which entries are frozen: expected {expected}"
    return Diagnostic(code="E304", message=message, span=span, help=EXAMPLE)
