"""Every declaration of a model where it stands, nested models written out: its path, and its sizes in the outermost model's names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cdsl.constraints import domains
from cdsl.discrete import DISCRETE
from cdsl.emit.shape import sequence
from cdsl.extents import Extent, Shape, in_product
from cdsl.model import Child, Data, Dim, Expression, Let, Model, Parameter, Size
from cdsl.names import raw_name
from cdsl.written import spelled

LONGEST = 200
"""Characters of a size of a nested model, before it goes by its own name there: squared at each level it would double."""

LARGEST_POWER = 8
"""Up to here a power of a size is written as the product that it is."""

Declaration = Dim | Data | Parameter | Let | Child


@dataclass(frozen=True)
class Place:
    """A model where it stands in another one."""

    model: Model
    path: str = ""
    """What comes before its names: `noise.`; of a list `many[*].`, for all of them at once."""
    key: str = ""
    """The same in a state dict: `noise.`, `many.*.`"""
    sizes: Mapping[str, Extent] = field(default_factory=dict)
    """Its dims in the names of the outermost model."""
    lists: tuple[tuple[str, Extent], ...] = ()
    """The lists in which it stands, outermost first, and how many each holds."""
    child: Child | None = None
    """Where it is used; None for the outermost."""
    around: Place | None = None
    """The model that uses it."""

    def extent(self, size: Size) -> Extent:
        """A size, in the names of the outermost model."""
        if isinstance(size, int):
            return Extent.of(size)
        parts = [self.extent(one) for one in size.operands] if size.op in ARITHMETIC else []
        match size.op, parts:
            case "number", _:
                return Extent.of(int(size.value))  # type: ignore[arg-type]  # of a size, a whole number
            case "dim", _:
                return self.sizes.get(size.name, Extent.named(self.path + size.name))
            case "+", (left, right):
                return left + right
            case "-", (left, right):
                return left - right
            case "*", (left, right):
                return left * right
            case "negate", (operand,):
                return operand * Extent.of(-1)
            case "**", (base, power) if power.number is not None and 0 <= power.number <= LARGEST_POWER:
                product = Extent.of(1)
                for _ in range(power.number):
                    product = product * base
                return product
        return Extent.named(spelled(self.moved(size)))

    def moved(self, expression: Expression) -> Expression:
        """An expression with its names as the outermost model would have to write them."""
        if not self.path:
            return expression
        changes: dict[str, Any] = {"operands": tuple(map(self.moved, expression.operands))}
        if expression.op == "dim":
            changes["name"] = in_product(str(self.extent(expression)))
        elif expression.op in ("data", "parameter", "let", "child"):
            changes["name"] = self.path + expression.name
        return expression.model_copy(update=changes)

    def batch(self, one: Parameter | Data) -> Shape:
        """The sizes before those of an event."""
        return tuple(map(self.extent, one.batch))

    def event(self, one: Parameter | Data) -> Shape:
        """The sizes of one event, as the spec writes them."""
        return tuple(map(self.extent, one.sizes))

    def shape(self, one: Parameter | Data) -> Shape:
        """The shape of the value."""
        if one.domain in DISCRETE:
            return self.batch(one)
        return (*self.batch(one), *traced(domains()[one.domain].event, self.event(one)))

    def raw_shape(self, one: Parameter) -> Shape:
        """The shape of the raw as it is kept: that of a scalar is `(1,)`."""
        if one.held:
            return (Extent.of(one.held.count(False)),)
        raw = domains()[one.domain].transforms[one.transform].raw_event
        return (*self.batch(one), *traced(raw, self.event(one))) or (Extent.of(1),)

    def given(self, name: str) -> Expression | None:
        """What the model around it binds data to."""
        return None if self.child is None else dict(self.child.data).get(name)

    def raw_key(self, one: Parameter) -> str:
        """Where a state dict has the raw."""
        return self.key + raw_name(one.name)


ARITHMETIC = ("+", "-", "*", "negate", "**")


@dataclass(frozen=True)
class Factors:
    """A size as maps compute with it, and the factors that it was made of: `K * (K - 1) // 2` is written so."""

    extent: Extent
    factors: tuple[str, ...]

    @classmethod
    def of(cls, size: Any) -> Factors:
        """A number, or a size that is known by name."""
        if isinstance(size, Factors):
            return size
        extent = Extent.of(size) if isinstance(size, int) else size
        return cls(extent, (in_product(size_text(extent)),))

    def __add__(self, other: Any) -> Factors:
        return Factors.of(self.extent + Factors.of(other).extent)

    def __sub__(self, other: Any) -> Factors:
        return Factors.of(self.extent - Factors.of(other).extent)

    def __mul__(self, other: Any) -> Factors:
        right = Factors.of(other)
        return Factors(self.extent * right.extent, (*self.factors, *right.factors))

    __radd__, __rmul__ = __add__, __mul__

    def __rsub__(self, other: Any) -> Factors:
        return Factors.of(other) - self

    def __floordiv__(self, other: int) -> Factors:
        if self.extent.number is not None:
            return Factors.of(self.extent.number // other)
        return Factors.of(Extent.named(f"{' * '.join(self.factors)} // {other}"))


def traced(shape: Any, sizes: Shape) -> Shape:
    """What a formula makes of sizes, numbers or not: `raw_event` of a transform, `event` of a domain."""
    numbers = [one.number for one in sizes]
    if None not in numbers:
        return tuple(map(Extent.of, shape(tuple(numbers))))
    try:
        return tuple(Factors.of(one).extent for one in shape(tuple(map(Factors.of, sizes))))
    except (TypeError, AttributeError):  # a domain of the user's own may ask of its sizes what only numbers have
        owner = type(shape.__self__).__name__
        return (Extent.named(f"{owner}.{shape.__name__}({', '.join(map(size_text, sizes))})"),)


def size_text(extent: Extent) -> str:
    """A size as a spec writes it."""
    return extent.name or str(extent)


def declarations(model: Model) -> list[Declaration]:
    """Every declaration of a model, in order."""
    if not model.order:
        return [*model.dims, *model.data, *sequence(model)]
    by_name: dict[str, Declaration] = {one.name: one for one in (*model.dims, *model.data, *sequence(model))}
    return [by_name[name] for name in model.order]


def written_out(model: Model) -> int:
    """How many declarations there are when nested models are written out, lists of them once."""
    counts: dict[str, int] = {}
    for one in (*model.models, model):  # each after those that it nests
        counts[one.name] = len(declarations(one)) + sum(counts[child.model] for child in one.children)
    return counts[model.name]


def places(model: Model, known: Mapping[str, int] | None = None) -> Iterator[tuple[Place, Declaration]]:
    """Every declaration, depth first, in the order of the flat vector; a nested model's after its own.

    There are at most `MOST_LISTED` where `written_out` says so. Dims that are known are numbers.
    """
    sizes = {one.name: Extent.named(one.name) for one in model.dims}
    sizes |= {name: Extent.of(size) for name, size in (known or {}).items()}
    return inside(Place(model, sizes=sizes), {one.name: one for one in model.models})


def inside(place: Place, models: Mapping[str, Model]) -> Iterator[tuple[Place, Declaration]]:
    """The declarations of a model where it stands, and of those that it nests."""
    for one in declarations(place.model):
        yield place, one
        if isinstance(one, Child):
            yield from inside(nested(place, one, models[one.model]), models)


def nested(place: Place, one: Child, model: Model) -> Place:
    """A nested model where it stands: its dims are bound, or the shape of bound data, or have their defaults."""
    path, key, lists = f"{place.path}{one.name}.", f"{place.key}{one.name}.", place.lists
    if one.size is not None:
        path, key = f"{place.path}{one.name}[*].", f"{place.key}{one.name}.*."
        lists = (*lists, (f"{place.path}{one.name}", place.extent(one.size)))
    sizes = {name: bounded(place.extent(size), path + name) for name, size in one.dims}
    given = dict(one.data)
    for data in model.data:
        shape = shape_of(given[data.name], place) if data.name in given else None
        for size, is_ in zip(data.batch + data.sizes, shape or (), strict=False):
            if isinstance(size, Expression) and size.op == "dim":
                sizes.setdefault(size.name, bounded(is_, path + size.name))
    inner = Place(model, path, key, sizes, lists, one, place)
    in_data = {
        size.name
        for data in model.data
        if data.name in given
        for size in data.batch + data.sizes
        if isinstance(size, Expression)
    }
    for dim in model.dims:
        if dim.default is not None and dim.name not in sizes and dim.name not in in_data:
            sizes[dim.name] = bounded(inner.extent(dim.default), path + dim.name)
    return inner


def bounded(extent: Extent, name: str) -> Extent:
    """A size, or where that is long a name for it."""
    return extent if len(size_text(extent)) <= LONGEST else Extent.named(name)


def shape_of(expression: Expression, place: Place) -> Shape | None:
    """The shape of what data are bound to, where that is data, or arithmetic of data and single numbers."""
    if expression.op == "data":
        found = next((one for one in place.model.data if one.name == expression.name), None)
        return None if found is None else place.shape(found)
    if expression.op in ("+", "-", "*", "/", "negate"):
        wide = [one for one in expression.operands if one.rank]
        if len(wide) == 1:
            return shape_of(wide[0], place)
    return None


def uses(one: Declaration) -> tuple[str, ...]:
    """The names that a declaration uses, in the order in which it meets them."""
    match one:
        case Dim():
            parts: tuple[Any, ...] = (one.default,)
        case Data():
            parts = (*one.arguments, *one.batch, *one.sizes, one.default)
        case Parameter():
            parts = (*one.arguments, *one.batch, *one.sizes, *one.step, one.start)
        case Let():
            parts = (one.value,)
        case Child():
            parts = (*(size for _, size in one.dims), *(given for _, given in one.data), one.size)
    found: dict[str, None] = {}
    waiting = [part for part in reversed(parts) if isinstance(part, Expression)]
    while waiting:
        step = waiting.pop()
        if step.op in ("dim", "data", "parameter", "let", "child"):
            found[step.name] = None
        waiting += reversed(step.operands)
    return tuple(found)
