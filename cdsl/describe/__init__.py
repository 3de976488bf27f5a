"""A checked spec for readers: every parameter with its shapes and its slice of the flat vector; and what depends on what."""

from __future__ import annotations

from collections.abc import Sequence

from cdsl.constraints import domains, made_of
from cdsl.describe.rows import (
    DataRow,
    Described,
    Description,
    DimRow,
    LetRow,
    ListOf,
    ModelRow,
    Number,
    ParameterRow,
    Start,
    Stretch,
)
from cdsl.emit import steps
from cdsl.extents import Extent, Shape, collected
from cdsl.model import Child, Data, Dim, Expression, Given, Let, Model, Nested, Parameter, Size
from cdsl.places import Declaration, Place, places, size_text, uses
from cdsl.written import array_text, given_text, spelled
from cdsl.written import size_text as written_size

MOST_TERMS = 12
"""Of an offset in the flat vector, before it is told by the parameter that ends there."""


def describe(model: Model) -> Description:
    """The description of a model whose declarations, written out, are at most `MOST_LISTED`."""
    rows: dict[type, list[Described]] = {kind: [] for kind in (Dim, Data, Parameter, Let, Child)}
    found = list(places(model))
    flat, size = stretches(found)
    for at, (place, one) in enumerate(found):
        rows[type(one)].append(row(place, one, flat.get(at)))
    return Description.model_validate(
        {
            "name": model.name,
            "doc": model.doc,
            "unconstrained_size": number(size),
            "parameters": rows[Parameter],
            "dims": rows[Dim],
            "data": rows[Data],
            "lets": rows[Let],
            "models": rows[Child],
        }
    )


Slice = tuple[Extent, Extent, tuple[Extent, ...]]
"""Where a parameter begins in the flat vector, where it ends, and its strides."""


def stretches(found: Sequence[tuple[Place, Declaration]]) -> tuple[dict[int, Slice], Extent]:
    """The slice of each parameter that is not frozen, by its position among all; and the length of the flat vector."""
    terms: dict[str, list[Extent]] = {"": []}
    totals: dict[str, Extent] = {}
    for place, one in reversed(found):  # a nested model's own come before it, so that its total is known
        if isinstance(one, Parameter) and not one.frozen:
            terms.setdefault(place.path, []).append(product(place.raw_shape(one)))
        elif isinstance(one, Child):
            path = inner_path(place, one)
            totals[path] = short(total(terms.pop(path, [])), f"size({path.removesuffix('.')})")
            many = Extent.of(1) if one.size is None else place.extent(one.size)
            terms.setdefault(place.path, []).append(totals[path] * many)
    totals[""] = total(terms[""])
    cursors = {"": Extent()}
    flat: dict[int, Slice] = {}
    for at, (place, one) in enumerate(found):
        here = cursors[place.path]
        if isinstance(one, Parameter) and not one.frozen:
            stop = short(here + product(place.raw_shape(one)), f"stop({place.path}{one.name})")
            flat[at] = (here, stop, tuple(totals[f"{path}[*]."] for path, _ in place.lists))
            cursors[place.path] = stop
        elif isinstance(one, Child):
            path = inner_path(place, one)
            many = Extent.of(1) if one.size is None else place.extent(one.size)
            cursors[path] = here
            cursors[place.path] = short(here + totals[path] * many, f"stop({place.path}{one.name})")
    return flat, totals[""]


def inner_path(place: Place, one: Child) -> str:
    """What comes before the names of a nested model."""
    return f"{place.path}{one.name}{'[*]' * (one.size is not None)}."


def product(shape: Shape) -> Extent:
    """How many entries a shape has."""
    size = Extent.of(1)
    for one in shape:
        size = size * one
    return size


def total(sizes: Sequence[Extent]) -> Extent:
    """The sum of many sizes, at once."""
    return collected([term for one in sizes for term in one.terms])


def short(size: Extent, name: str) -> Extent:
    """A sum, or where it has many terms a name for it."""
    return size if len(size.terms) <= MOST_TERMS else Extent.named(name)


def number(size: Extent) -> Number:
    """A size as JSON has it."""
    return size_text(size) if size.number is None else size.number


def numbers(shape: Shape) -> tuple[Number, ...]:
    """A shape as JSON has it."""
    return tuple(map(number, shape))


def row(place: Place, one: Declaration, flat: Slice | None) -> Described:
    """One declaration where it stands."""
    depends_on = tuple(place.path + name for name in uses(one))
    path = place.path + one.name
    match one:
        case Parameter():
            return parameter_row(place, one, flat, depends_on)
        case Dim():
            default = None if one.default is None else written_size(one.default)
            return DimRow(
                path=path,
                shape_of=tuple(place.path + data.name for data in place.model.data if gives(data, one)),
                bound=bound_to(place, one),
                default=default,
                depends_on=depends_on,
                doc=one.doc,
            )
        case Data():
            return DataRow(
                path=path,
                type=type_text(one),
                shape=numbers(place.shape(one)),
                bound=bound_to(place, one),
                default=None if one.default is None else value_text(one.default),
                depends_on=depends_on,
                doc=one.doc,
            )
        case Let():
            return LetRow(
                path=path,
                value=spelled(one.value),
                shape=one.shape,
                returned=not one.name.startswith("_"),
                depends_on=depends_on,
                doc=one.doc,
            )
        case Child():
            count = None if one.size is None else number(place.extent(one.size))
            return ModelRow(path=path, model=one.model, count=count, depends_on=depends_on, doc=one.doc)


def parameter_row(
    place: Place,
    one: Parameter,
    flat: Slice | None,
    depends_on: tuple[str, ...],
) -> ParameterRow:
    """A parameter where it stands."""
    domain = domains()[one.domain]
    return ParameterRow(
        path=place.path + one.name,
        domain=one.domain,
        arguments=dict(zip(domain.arguments, map(given_text, one.arguments), strict=False)),
        type=type_text(one),
        transform=one.transform,
        eval=one.eval,
        step={name: value_text(value) for name, value in steps(one)},
        parts=dict(one.parts),
        bijective=made_of(domain, one.transform, one.parts).bijective,
        shape=numbers(place.shape(one)),
        raw_shape=numbers(place.raw_shape(one)),
        flat=None if flat is None else Stretch(start=number(flat[0]), stop=number(flat[1]), strides=numbers(flat[2])),
        lists=tuple(ListOf(path=path, count=number(count)) for path, count in place.lists),
        start=start_of(one),
        frozen=one.frozen,
        held=one.held,
        depends_on=depends_on,
        doc=one.doc,
    )


def value_text(value: Nested | Expression) -> str:
    """A number, an array, or what computes one."""
    return spelled(value) if isinstance(value, Expression) else array_text(value)


def type_text(one: Parameter | Data) -> str:
    """The type as a spec writes it, of an array the first entries."""
    arguments = f"({', '.join(map(argument_text, one.arguments))})" if one.arguments else ""
    sizes = ", ".join(map(written_size, one.batch + one.sizes))
    return f"{one.domain}{arguments}" + (f"[{sizes}]" if sizes else "")


def argument_text(argument: Given, most: int = 4) -> str:
    """An argument of a domain, of an array's rows so many entries."""
    if not isinstance(argument, tuple):
        return given_text(argument)
    more = [f"… {len(argument) - most} more"] * (len(argument) > most)
    return f"[{', '.join([*map(argument_text, argument[:most]), *more])}]"


def start_of(one: Parameter) -> Start:
    """Where a parameter starts; a neutral number of a domain of numbers is told as such."""
    if one.start is not None:
        return Start(given=True, text=value_text(one.start))
    domain = domains()[one.domain]
    numbers = [argument for argument in one.arguments if isinstance(argument, float)]
    if domain.elementwise and len(numbers) == len(one.arguments):
        return Start(given=False, text=array_text(domain.start((), *numbers)))
    return Start(given=False, text=domain.starts_at)


def gives(data: Data, dim: Dim) -> bool:
    """Whether the shape of data gives a dim: one of its sizes is exactly that."""
    return any(is_dim(size, dim.name) for size in data.batch + data.sizes)


def is_dim(size: Size, name: str) -> bool:
    """Whether a size is exactly a dim."""
    return isinstance(size, Expression) and size.op == "dim" and size.name == name


def bound_to(place: Place, one: Dim | Data) -> str | None:
    """What the model around it binds it to."""
    if place.child is None:
        return None
    sizes = {name: written_size(size) for name, size in place.child.dims}
    return sizes.get(one.name) or {name: spelled(given) for name, given in place.child.data}.get(one.name)
