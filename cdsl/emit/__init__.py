"""Model → Python source: one function a block, each named for the block that it writes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from cdsl.checker.constants import shape_of
from cdsl.constraints import domains
from cdsl.emit.layout import Group, Piece, annotation, assignment, in_parentheses, lay_out, statement, tuple_of
from cdsl.emit.standalone import lifted
from cdsl.emit.text import docstring, literal, number
from cdsl.model import Argument, Model, Nested, Parameter
from cdsl.names import raw_name

MARK = "# Compiled by cdsl. To change this module, change its spec and compile that again."
"""The first line of everything that cdsl compiles; a file that begins otherwise is not ours to overwrite."""


def emit(model: Model, *, standalone: bool = False) -> str:
    """The module of a model: formatted, typed, and a function of the model alone.

    Standalone: what it needs of the runtime is written into it, and torch is its only import.
    """
    runtime = f"{MARK}\n\n{lifted(model)}" if standalone else "\n".join(imports())
    blocks = ["\n".join(block) for block in (values_class(model), module_class(model))]
    return "\n\n\n".join([runtime, *blocks]) + "\n"


def imports() -> Iterator[str]:
    """What the module needs, under names that no spec may declare."""
    yield MARK
    yield ""
    yield "from typing import NamedTuple"
    yield ""
    yield "import torch"
    yield ""
    yield "from cdsl import runtime as cdsl"


def values_class(model: Model) -> Iterator[str]:
    """The named tuple that `forward` returns."""
    yield "@cdsl.values"
    yield f"class {values_name(model)}(NamedTuple):"
    yield f'    """The constrained values of a `{model.name}`."""'
    yield ""
    for one in model.parameters:
        yield from annotation(one.name, "torch.Tensor", 4)
        yield from docstring(f"`{written_type(one)}`" + (f": {one.doc}" if one.doc else ""), 4)


def module_class(model: Model) -> Iterator[str]:
    """The module: raw parameters in `__init__`, values in `_evaluate`, one line a declaration."""
    yield from lay_out(Group(f"class {model.name}", (f'cdsl.ConstrainedModule["{values_name(model)}"]',), ":"), 0)
    yield from docstring(model.doc or f"The parameters of a `{model.name}`, and the values they stand for.", 4)
    yield ""
    if model.doc:
        yield from in_parentheses("_doc = ", literal(model.doc), 4)
    yield from declared(model)
    for method in (init, forward, stored, evaluate, evaluate_with_log_dets):
        yield ""
        yield from method(model)
    for one in model.parameters:
        yield ""
        yield from properties(one)


def declared(model: Model) -> Iterator[str]:
    """The declarations as data, one line each."""
    if len(model.parameters) == 1:
        yield from lay_out(tuple_of((declaration(model.parameters[0]),), "_declared = "), 4)
        return
    yield "    _declared = ("
    for one in model.parameters:
        yield from lay_out(declaration(one), 8, ",")
    yield "    )"


def declaration(one: Parameter) -> Group:
    """`cdsl.Declared("p", cdsl.prob.logistic, …)`, with what differs from the defaults."""
    items: list[Piece] = [literal(one.name), map_of(one)]
    if one.arguments:
        items.append(Group("arguments=", tuple(nested("", argument) for argument in one.arguments), call=False))
    if one.batch:
        items.append(Group("batch=", tuple(map(repr, one.batch)), call=False))
    if one.sizes:
        items.append(Group("sizes=", tuple(map(repr, one.sizes)), call=False))
    if one.start is not None:
        items.append(nested("start=", one.start))
    if one.frozen:
        items.append("frozen=True")
    if one.doc:
        items.append(f"doc={literal(one.doc)}")
    items += step(one)
    return Group("cdsl.Declared", tuple(items))


def init(model: Model) -> Iterator[str]:
    """Raw parameters, leaves, and the arguments that are arrays."""
    signature = ("self", "*", "dtype: torch.dtype | None = None", "device: cdsl.Device = None")
    yield from lay_out(Group("def __init__", signature, " -> None:"), 4)
    yield "        super().__init__()"
    for one in model.parameters:
        empty = empty_of(raw_shape(one))
        items: tuple[Piece, ...] = (empty, "requires_grad=False") if one.frozen else (empty,)
        yield from assignment((f"self.{raw_name(one.name)}",), Group("torch.nn.Parameter", items), 8)
        for name, argument in zip(domains()[one.domain].arguments, one.arguments, strict=False):
            if isinstance(argument, tuple):
                buffer = Group("torch.nn.Buffer", (empty_of(shape_of(argument) or ()), "persistent=False"))
                yield from assignment((f"self.{buffer_name(one, name)}",), buffer, 8)
    yield "        self.reset_parameters()"


def empty_of(shape: tuple[int, ...]) -> Group:
    """A tensor that is still to be written; a scalar's has shape (1,)."""
    size: Piece = tuple_of(tuple(map(repr, shape))) if len(shape) > 1 else repr(*shape) if shape else "1"
    return Group("torch.empty", (size, "dtype=dtype", "device=device"))


def forward(model: Model) -> Iterator[str]:
    """The values of the module's own raw."""
    yield f"    def forward(self) -> {values_name(model)}:"
    yield "        return self._evaluate(self._raw())"


def stored(model: Model) -> Iterator[str]:
    """Every raw in its own shape."""
    yield "    def _stored(self) -> cdsl.Raw:"
    items = tuple(raw_of(one) for one in model.parameters)
    yield from lay_out(tuple_of(items, "return ", bare=True), 8)


def evaluate(model: Model) -> Iterator[str]:
    """raw ↦ values, one line a declaration."""
    yield f"    def _evaluate(self, raw: cdsl.Raw) -> {values_name(model)}:"
    yield from unpack(model)
    for one in model.parameters:
        yield from assignment((one.name,), Group(map_of(one), map_arguments(one)), 8)
    yield from lay_out(Group(f"return {values_name(model)}", tuple(one.name for one in model.parameters)), 8)


def evaluate_with_log_dets(model: Model) -> Iterator[str]:
    """The same, with the log-Jacobian of every bijective parameter."""
    taken = {name for one in model.parameters for name in (one.name, raw_name(one.name))}
    log_dets = next(name for length in count() if (name := "log_dets" + "_" * length) not in taken)
    returns = f" -> cdsl.WithLogDets[{values_name(model)}]:"
    yield from lay_out(Group("def _evaluate_with_log_dets", ("self", "raw: cdsl.Raw"), returns), 4)
    yield from unpack(model)
    yield f"        {log_dets}: cdsl.LogDets = {{}}"
    for one in model.parameters:
        if domains()[one.domain].transforms[one.transform].bijective:
            batch = (f"batch={len(one.batch)}",) if one.batch else ()
            call = Group(f"{map_of(one)}.with_log_det", (*map_arguments(one), *batch))
            yield from assignment((one.name, f'{log_dets}["{one.name}"]'), call, 8)
        else:
            yield from assignment((one.name,), Group(map_of(one), map_arguments(one)), 8)
    values = Group(values_name(model), tuple(one.name for one in model.parameters))
    yield from lay_out(tuple_of((values, log_dets), "return ", bare=True), 8)


def unpack(model: Model) -> Iterator[str]:
    """`p_raw, s_raw = raw`"""
    names = tuple(raw_name(one.name) for one in model.parameters)
    yield from lay_out(tuple_of(names, after=" = raw", bare=True), 8)


def properties(one: Parameter) -> Iterator[str]:
    """The value as an attribute, read and set on the constrained side."""
    yield "    @property"
    yield from lay_out(Group(f"def {one.name}", ("self",), " -> torch.Tensor:"), 4)
    yield from docstring(f"`{written_type(one)}`" + (f": {one.doc}" if one.doc else ""), 8)
    _, *rest = map_arguments(one)
    yield from statement("return ", Group(map_of(one), (raw_of(one), *rest)), 8)
    yield ""
    yield f"    @{one.name}.setter"
    yield from lay_out(Group(f"def {one.name}", ("self", "value: cdsl.Settable"), " -> None:"), 4)
    yield f"        self.assign_({one.name}=value)"


def map_of(one: Parameter) -> str:
    """`cdsl.positive.exp`"""
    return f"cdsl.{one.domain}.{one.transform}"


def map_arguments(one: Parameter) -> tuple[str, ...]:
    """The raw, then the domain's arguments, then the sizes where it takes them, then the step before it."""
    domain = domains()[one.domain]
    sizes = one.sizes if domain.sized else ()
    arguments = (
        f"self.{buffer_name(one, name)}" if isinstance(argument, tuple) else number(argument)
        for name, argument in zip(domain.arguments, one.arguments, strict=False)
    )
    return (raw_name(one.name), *arguments, *map(repr, sizes), *step(one))


def buffer_name(one: Parameter, argument: str) -> str:
    """The attribute that holds an argument that is an array."""
    return f"_{one.name}_{argument}"


def step(one: Parameter) -> tuple[str, ...]:
    """The affine step before the transform, `loc=1.0, scale=2.0`, without what would change nothing."""
    named = zip(("loc", "scale"), one.step, (0, 1), strict=False)
    return tuple(f"{name}={number(value)}" for name, value, default in named if value != default)


def raw_of(one: Parameter) -> str:
    """The raw as its map takes it: a scalar's is stored with shape (1,), because sharding refuses scalars."""
    return f"self.{raw_name(one.name)}" + ("" if raw_shape(one) else ".squeeze(0)")


def raw_shape(one: Parameter) -> tuple[int, ...]:
    """The shape of the raw, as its map takes it."""
    return one.batch + domains()[one.domain].transforms[one.transform].raw_event(one.sizes)


def written_type(one: Parameter) -> str:
    """The parameter's type as a spec writes it, with its transform: `positive[3] via softplus`."""
    arguments = f"({', '.join(map(brief, one.arguments))})" if one.arguments else ""
    written = one.batch + one.sizes
    sizes = f"[{', '.join(map(str, written))}]" if written else ""
    before = f"({', '.join(step(one))})" if one.step else ""
    return f"{one.domain}{arguments}{sizes} via {one.transform}{before}"


def brief(argument: Argument, most: int = 4) -> str:
    """A number, or an array as a spec writes it, of whose rows no more than `most` entries are shown."""
    if not isinstance(argument, tuple):
        return repr(argument)
    more = [f"… {len(argument) - most} more"] * (len(argument) > most)
    return f"[{', '.join([*(brief(entry, most) for entry in argument[:most]), *more])}]"


def values_name(model: Model) -> str:
    """The class of the values."""
    return f"{model.name}Values"


def nested(before: str, value: Nested) -> Piece:
    """Numbers, as nested tuples."""
    if not isinstance(value, tuple):
        return f"{before}{number(value)}"
    return Group(before, tuple(nested("", entry) for entry in value), call=False)
