"""What every block asks of a model: whether it is open to its caller, and what comes in which order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdsl.model import Child, Data, Dim, Expression, Let, Model, Parameter


def is_open(model: Model) -> bool:
    """Whether the module depends on what its caller passes in, or has values that follow from others."""
    computed = (*(one.arguments + one.batch + one.sizes + (one.start, *one.step) for one in model.parameters),)
    if any(one.eval for one in model.parameters):
        return True
    return bool(model.dims or model.data or model.lets or model.children) or any(
        isinstance(one, Expression) for parts in computed for one in parts
    )


class Form(NamedTuple):
    """How the classes of a model are written."""

    packed: bool
    """Whether one raw parameter holds all raw values."""
    plain: bool
    """Whether its values are those of its parameters, each from its own raw and nothing else."""

    @property
    def cut(self) -> bool:
        """Whether values are cut out of their groups when they are read."""
        return self.packed and self.plain


def form_of(model: Model, own: Model, layout: str) -> Form:
    """The form of a model among those of a spec, whose own model may nest it: packed, it maps its raws together with others."""
    computed = (given for one in model.parameters for given in (*one.arguments, *one.step))
    plain = not (model.lets or model.children or any(isinstance(given, Expression) for given in computed))
    packed = layout == "packed"
    nested = packed and any(child.model == model.name for one in (*own.models, own) for child in one.children)
    return Form(packed, plain and not nested)


def sequence(model: Model) -> Iterator[Parameter | Let | Child]:
    """Parameters, lets and nested models as they were declared."""
    if not model.order:
        yield from model.parameters
        return
    own: tuple[Parameter | Let | Child, ...] = (*model.parameters, *model.lets, *model.children)
    by_name = {one.name: one for one in own}
    yield from (by_name[name] for name in model.order if name in by_name)


def inputs(model: Model) -> list[Dim | Data]:
    """Dims and data as they were declared."""
    own: tuple[Dim | Data, ...] = (*model.dims, *model.data)
    by_name = {one.name: one for one in own}
    return [by_name[name] for name in model.order if name in by_name]


def stored(model: Model) -> list[Parameter | Child]:
    """What has raw values: parameters and nested models."""
    return [one for one in sequence(model) if not isinstance(one, Let)]


def returned(model: Model) -> list[Parameter | Let | Child]:
    """What `forward` returns: all but the lets whose names begin with `_`."""
    return [one for one in sequence(model) if not one.name.startswith("_")]


def classes(model: Model) -> list[Model]:
    """The models that become classes: those that are nested, and the own one where it declares a value."""
    own = [model] if model.dims or model.data or model.lets or model.parameters or model.children else []
    return [*model.models, *own]
