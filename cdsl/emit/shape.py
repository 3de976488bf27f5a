"""What every block asks of a model: whether it is open to its caller, and what comes in which order."""

from __future__ import annotations

from collections.abc import Iterator

from cdsl.model import Expression, Let, Model, Parameter


def is_open(model: Model) -> bool:
    """Whether the module depends on what its caller passes in, or has values that follow from others."""
    computed = (*(one.arguments + one.batch + one.sizes + (one.start,) for one in model.parameters),)
    return bool(model.dims or model.data or model.lets) or any(
        isinstance(one, Expression) for parts in computed for one in parts
    )


def sequence(model: Model) -> Iterator[Parameter | Let]:
    """Parameters and lets as they were declared."""
    if not model.order:
        yield from model.parameters
        return
    by_name = {one.name: one for one in (*model.parameters, *model.lets)}
    yield from (by_name[name] for name in model.order if name in by_name)


def returned(model: Model) -> list[Parameter | Let]:
    """What `forward` returns: all but the lets whose names begin with `_`."""
    return [one for one in sequence(model) if not one.name.startswith("_")]
