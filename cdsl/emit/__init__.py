"""Model → Python source: one function a block, each named for the block that it writes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from math import prod

from cdsl.checker.constants import shape_of
from cdsl.constraints import domains, made_of
from cdsl.emit.expressions import aligned, python, size, tensor, terms
from cdsl.emit.layout import (
    WIDEST,
    Group,
    Piece,
    Wrapped,
    annotation,
    assignment,
    in_parentheses,
    kept,
    lay_out,
    statement,
    tuple_of,
)
from cdsl.emit.shape import Form, classes, form_of, inputs, is_open, returned, sequence, stored
from cdsl.emit.standalone import lifted
from cdsl.emit.text import docstring, literal, number
from cdsl.model import Child, Data, Dim, Expression, Given, Let, Model, Named, Nested, Parameter, Size
from cdsl.names import raw_name
from cdsl.source import width
from cdsl.written import size_text, spelled

MARK = "# Compiled by cdsl. To change this module, change its spec and compile that again."
"""The first line of everything that cdsl compiles; a file that begins otherwise is not ours to overwrite."""


LAYOUTS = ("separate", "packed")
"""Of raw: a parameter for each declaration, or one for all."""


def emit(model: Model, *, standalone: bool = False, inline: bool = False, layout: str = "separate") -> str:
    """The module of a model: formatted, typed, and a function of the model and its layout alone.

    Imported models are imported from the modules that their specs compile to; inline, they are written into this one.
    Standalone: so is what it needs of the runtime, and torch is its only import.

    Raises:
        ValueError: a layout that there is not.
    """
    if layout not in LAYOUTS:
        raise ValueError(f"layout: expected {' or '.join(map(repr, LAYOUTS))}, got {layout!r}")
    inline = inline or standalone
    written = [one for one in classes(model) if inline or not one.origin]
    if not written:
        return f"{MARK}\n"
    direct = {child.model for one in written for child in one.children}
    others = [] if inline else [one for one in model.models if one.origin and one.name in direct]
    forms = [form_of(one, model, layout) for one in written]
    runtime = f"{MARK}\n\n{lifted(model, forms)}" if standalone else "\n".join(imports(others, forms))
    pairs = zip(written, forms, strict=True)
    blocks = ["\n".join(block) for one in pairs for block in (values_class(*one), module_class(*one))]
    return "\n\n\n".join([runtime, *blocks]) + "\n"


def imports(others: list[Model], forms: list[Form]) -> Iterator[str]:
    """What the module needs, under names that no spec may declare, and the models of other specs."""
    yield MARK
    yield ""
    if not all(form.cut for form in forms):
        yield "from typing import NamedTuple"
        yield ""
    yield "import torch"
    yield ""
    yield "from cdsl import runtime as cdsl"
    by_module: dict[str, list[str]] = {}
    for one in others:
        module, name = one.origin or ("", "")
        for there, here in ((name, one.name), (values_class_of(name), values_name(one))):
            by_module.setdefault(module, []).append(there if there == here else f"{there} as {here}")
    if by_module:
        yield ""
    for module in sorted(by_module):
        names = sorted(by_module[module])
        line = f"from {module} import {', '.join(names)}"
        if width(line) <= WIDEST:
            yield line
        else:
            yield from (f"from {module} import (", *(f"    {name}," for name in names), ")")


def values_class(model: Model, form: Form) -> Iterator[str]:
    """What `forward` returns: a named tuple, or what is cut out of groups when it is read."""
    if form.cut:
        yield "@cdsl.packed_values"
        yield f"class {values_name(model)}(cdsl.PackedValues):"
        yield f'    """The constrained values of a `{model.name}`, each cut out of its group when it is read."""'
    else:
        yield "@cdsl.values"
        yield f"class {values_name(model)}(NamedTuple):"
        yield f'    """The constrained values of a `{model.name}`."""'
    yield ""
    for one in returned(model):
        yield from annotation(one.name, value_type(one), 4)
        yield from docstring(about(one), 4)


def value_type(one: Parameter | Let | Child) -> str:
    """What a value is: a tensor, or the values of a nested model, or a tuple of them."""
    if not isinstance(one, Child):
        return "torch.Tensor"
    return f"{one.model}Values" if one.size is None else f"tuple[{one.model}Values, ...]"


def module_class(model: Model, form: Form) -> Iterator[str]:
    """The module: raw parameters in `__init__`, values in `_evaluate`, one line a declaration."""
    bases = (("PackedModule",) if form.packed else ()) + (("OpenModule",) if is_open(model) else ())
    of = tuple(f'cdsl.{base}["{values_name(model)}"]' for base in bases or ("ConstrainedModule",))
    yield from lay_out(Group(f"class {model.name}", of, ":"), 0)
    yield from docstring(model.doc or f"The parameters of a `{model.name}`, and the values they stand for.", 4)
    yield ""
    if model.doc:
        yield from in_parentheses("_doc = ", literal(model.doc), 4)
    if form.plain:
        yield f"    _values = {values_name(model)}"
    yield from made_maps(model)
    if is_open(model):
        yield from inputs_by_name(model)
        yield from kept(several("_inputs = ", tuple(map(put_in, inputs(model))), 4))
        if model.children:
            yield from lay_out(tuple_of(tuple(literal(one.name) for one in stored(model)), "_order = "), 4)
        fixed = tuple(literal(one.name) for one in returned(model) if isinstance(one, Let) and not one.value.varies)
        yield from lay_out(tuple_of(fixed, "_fixed = "), 4) if fixed else ()
        yield from in_parentheses("_spec = ", literal(model.model_dump_json(exclude_defaults=True)), 4)
        yield ""
        yield from open_init(model, form)
        yield ""
        yield "    def _declarations(self) -> tuple[cdsl.Declared, ...]:"
        yield from kept(several("return ", tuple(declaration(one, "self.") for one in model.parameters), 8, empty="()"))
    else:
        yield from several("_declared = ", tuple(map(declaration, model.parameters)), 4)
        yield ""
        yield from init(model, form)
    methods = [forward, stored_raw, evaluate, evaluate_with_log_dets, arguments, bindings]
    for method in methods:
        if form.packed and (method is stored_raw or (form.plain and method in (evaluate, evaluate_with_log_dets))):
            continue  # a packed module makes these of its declarations
        lines = list(method(model))
        yield from ["", *lines] if lines else []
    for one in returned(model):
        if not isinstance(one, Child):
            yield ""
            yield from properties(one)


def made_maps(model: Model) -> Iterator[str]:
    """The maps that the spec puts together, made once: `_y_map = cdsl.ordered.increments.using(gap=cdsl.positive.softplus)`"""
    made = [one for one in model.parameters if one.parts]
    for one in made:
        has = domains()[one.domain].transforms[one.transform].parts
        parts = tuple(f"{name}=cdsl.{has[name][0]}.{part}" for name, part in one.parts)
        using = Group(f"cdsl.{one.domain}.{one.transform}.using", parts)
        yield from assignment((f"_{one.name}_map",), using, 4)
    if made:
        yield ""


def several(before: str, items: tuple[Piece, ...], indent: int, empty: str = "") -> Iterator[str]:
    """A tuple of declarations, one line each."""
    if len(items) == 1:
        yield from lay_out(tuple_of(items, before), indent)
    elif items:
        yield f"{' ' * indent}{before}("
        for item in items:
            yield from lay_out(item, indent + 4, ",")
        yield f"{' ' * indent})"
    elif empty:
        yield f"{' ' * indent}{before}{empty}"


def inputs_by_name(model: Model) -> Iterator[str]:
    """Dims and data as attributes, for those who read and for type checkers."""
    for one in inputs(model):
        yield from annotation(one.name, "int" if isinstance(one, Dim) else "torch.Tensor", 4)
        if one.doc:
            yield from docstring(one.doc, 4)
    if model.dims or model.data:
        yield ""


def put_in(one: Dim | Data) -> Group:
    """A dim or a datum as it is declared."""
    return dim(one) if isinstance(one, Dim) else datum(one)


def dim(one: Dim) -> Group:
    """`cdsl.Dim("K", 3)`"""
    items: list[Piece] = [literal(one.name)]
    if one.default is not None:
        default = one.default
        items.append(str(default) if isinstance(default, int) else Wrapped("lambda self: ", size(default)))
    if one.doc:
        items.append(f"doc={literal(one.doc)}")
    return Group("cdsl.Dim", tuple(items))


def datum(one: Data) -> Group:
    """`cdsl.Data("y", cdsl.real, batch=("N",))`"""
    items: list[Piece] = [literal(one.name), f"cdsl.{one.domain}"]
    if one.arguments:
        items.append(Group("arguments=", tuple(map(given_later, one.arguments)), call=False))
    if one.batch:
        items.append(Group("batch=", tuple(map(later, one.batch)), call=False))
    if one.sizes:
        items.append(Group("sizes=", tuple(map(later, one.sizes)), call=False))
    if one.default is not None:
        items.append(default_of(one.default))
    if one.doc:
        items.append(f"doc={literal(one.doc)}")
    return Group("cdsl.Data", tuple(items))


def default_of(default: Nested | Expression) -> Piece:
    """The value of data that the caller need not pass."""
    if isinstance(default, Expression):
        return Wrapped("default=lambda self: ", tensor(default))
    return nested("default=", default)


def later(written: Size) -> Piece:
    """A size that is known when the module is built: a dim by its name, anything else by what gives it."""
    if isinstance(written, Expression) and written.op == "dim":
        return literal(written.name)
    return size(written) if isinstance(written, int) else Wrapped("lambda self: ", size(written))


def given_later(argument: Given) -> Piece:
    """An argument of data's domain, likewise."""
    return Wrapped("lambda self: ", python(argument)) if isinstance(argument, Expression) else nested("", argument)


def declaration(one: Parameter, own: str = "") -> Group:
    """`cdsl.Declared("p", cdsl.prob.logistic, …)`, with what differs from the defaults; `own` is what the class is reached by."""
    items: list[Piece] = [
        literal(one.name),
        f"{own}_{one.name}_map" if one.parts else f"cdsl.{one.domain}.{one.transform}",
    ]
    if one.eval:
        items.append(f"eval=cdsl.{one.domain}.{one.eval}")
    if one.arguments:
        items.append(Group("arguments=", tuple(map(argument_of, one.arguments)), call=False))
    if one.batch:
        items.append(Group("batch=", tuple(map(size, one.batch)), call=False))
    if one.sizes:
        items.append(Group("sizes=", tuple(map(size, one.sizes)), call=False))
    if isinstance(one.start, Expression):
        items.append(f"start={python(one.start)}")
    elif one.start is not None:
        items.append(nested("start=", one.start))
    if one.frozen:
        items.append("frozen=True")
    if one.held:
        items.append(Group("held=", tuple(map(str, one.held)), call=False))
    if one.doc:
        items.append(f"doc={literal(one.doc)}")
    items += [
        f"{name}={literal(spelled(value)) if isinstance(value, Expression) else number(value)}"
        for name, value in steps(one)
    ]
    return Group("cdsl.Declared", tuple(items))


def argument_of(argument: Given) -> Piece:
    """An argument as it is declared: a number, an array, or the text of what computes it."""
    return literal(spelled(argument)) if isinstance(argument, Expression) else nested("", argument)


def open_init(model: Model, form: Form) -> Iterator[str]:
    """Dims and data by keyword, then raw parameters, whose sizes these give."""
    dims = tuple(f"{one.name}: int | None = None" for one in model.dims)
    required = tuple(f"{one.name}: cdsl.Settable" for one in model.data if one.default is None)
    optional = tuple(f"{one.name}: cdsl.Settable | None = None" for one in model.data if one.default is not None)
    own = ("dtype: torch.dtype | None = None", "device: cdsl.Device = None")
    yield from lay_out(Group("def __init__", ("self", "*", *required, *dims, *optional, *own), " -> None:"), 4)
    yield "        super().__init__()"
    sizes, data = (
        Group("", tuple(f"{literal(one.name)}: {one.name}" for one in of), brackets=("{", "}"), call=False)
        for of in (model.dims, model.data)
    )
    yield from lay_out(Group("self._bind", (sizes, data, "dtype", "device")), 8)
    if form.packed:
        yield "        self.raw = torch.nn.Parameter(self._empty_raw(dtype, device))"
    for one in stored(model):
        if isinstance(one, Child):
            yield from assignment((f"self.{one.name}",), nested_module(one, model), 8)
        else:
            empty = Group("self._empty", (literal(one.name), "dtype", "device"))
            yield from raw_parameter(one, empty, form)
            yield from buffers(one)
    yield "        self.reset_parameters()"


def nested_module(one: Child, model: Model) -> Group:
    """`Noise(K=self.K, x=self.x, dtype=dtype, device=device)`, or a list of as many"""
    items = (*bound(one), "dtype=dtype", "device=device")
    if one.size is None:
        return Group(one.model, items)
    named = (f"least={least}",) if (least := least_of(one, model)) else ()
    return Group("self._several", (one.model, size(one.size), *named, *items))


def least_of(child: Child, model: Model) -> int:
    """How many of a list of models there must be, for those that the spec names by number."""
    waiting = [one.value for one in model.lets]
    waiting += [one for parameter in model.parameters for one in parameter.arguments if isinstance(one, Expression)]
    least = 0
    while waiting:
        one = waiting.pop()
        waiting += one.operands
        if one.op == "item" and one.operands[0].name == child.name and isinstance(at := one.operands[1].value, int):
            least = max(least, at + 1 if at >= 0 else -at)
    return least


def bound(one: Child) -> tuple[str, ...]:
    """What a nested model takes, by keyword."""
    dims = (f"{name}={size(given)}" for name, given in one.dims)
    return (*dims, *(f"{name}={python(given)}" for name, given in one.data))


def bound_by_name(one: Child) -> Group:
    """The same as a dictionary."""
    named = (item.partition("=") for item in bound(one))
    return Group("", tuple(f"{literal(name)}: {given}" for name, _, given in named), call=False, brackets=("{", "}"))


def bindings(model: Model) -> Iterator[str]:
    """What nested models take, for passing it on when data are set."""
    binding = [one for one in model.children if one.dims or one.data or isinstance(one.size, Expression)]
    if not binding:
        return
    yield "    def _bindings(self) -> cdsl.Bindings:"
    items = tuple(
        Group("", (literal(one.name), "None" if one.size is None else size(one.size), bound_by_name(one)), call=False)
        for one in binding
    )
    yield from kept(lay_out(tuple_of(items, "return "), 8))


def buffers(one: Parameter) -> Iterator[str]:
    """The arguments that are arrays, and the entries that stay."""
    named = zip(domains()[one.domain].arguments, one.arguments, strict=False)
    shapes = {name: shape_of(argument) or () for name, argument in named if isinstance(argument, tuple)}
    shapes |= {"held": numbers_of(one.batch)} if one.held else {}
    for name, shape in shapes.items():
        buffer = Group("torch.nn.Buffer", (empty_of(shape), "persistent=False"))
        yield from assignment((f"self.{buffer_name(one, name)}",), buffer, 8)


def init(model: Model, form: Form) -> Iterator[str]:
    """Raw parameters, leaves, and the arguments that are arrays."""
    signature = ("self", "*", "dtype: torch.dtype | None = None", "device: cdsl.Device = None")
    yield from lay_out(Group("def __init__", signature, " -> None:"), 4)
    yield "        super().__init__()"
    if form.packed:
        total = sum(prod(raw_shape(one)) for one in model.parameters if not one.frozen)
        yield from assignment(("self.raw",), Group("torch.nn.Parameter", (empty_of((total,)),)), 8)
    for one in model.parameters:
        yield from raw_parameter(one, empty_of(raw_shape(one)), form)
        yield from buffers(one)
    yield "        self.reset_parameters()"


def raw_parameter(one: Parameter, empty: Group, form: Form) -> Iterator[str]:
    """A raw parameter of its own: of every declaration, and in the packed layout of those that are frozen."""
    if one.frozen or not form.packed:
        items: tuple[Piece, ...] = (empty, "requires_grad=False") if one.frozen else (empty,)
        yield from assignment((f"self.{raw_name(one.name)}",), Group("torch.nn.Parameter", items), 8)


def empty_of(shape: tuple[int, ...]) -> Group:
    """A tensor that is still to be written; a scalar's has shape (1,)."""
    size: Piece = tuple_of(tuple(map(repr, shape))) if len(shape) > 1 else repr(*shape) if shape else "1"
    return Group("torch.empty", (size, "dtype=dtype", "device=device"))


def forward(model: Model) -> Iterator[str]:
    """The values of the module's own raw."""
    yield f"    def forward(self) -> {values_name(model)}:"
    yield "        return self._evaluate(self._raw())"


def stored_raw(model: Model) -> Iterator[str]:
    """Every raw in its own shape."""
    yield "    def _stored(self) -> cdsl.Raw:"
    items = tuple(raw_in(one) for one in stored(model))
    yield from lay_out(tuple_of(items, "return ", bare=True), 8)


def raw_in(one: Parameter | Child) -> str:
    """What is stored of it."""
    if isinstance(one, Parameter):
        return raw_of(one)
    return f"self.{one.name}._stored()" if one.size is None else f"self._stored_in(self.{one.name})"


def evaluate(model: Model) -> Iterator[str]:
    """raw ↦ values, one line a declaration."""
    yield f"    def _evaluate(self, raw: cdsl.Raw) -> {values_name(model)}:"
    yield from unpack(model)
    for one in sequence(model):
        if isinstance(one, Let):
            yield from let(one)
        elif isinstance(one, Child):
            call = f"self.{one.name}._evaluate" if one.size is None else "self._each"
            items = (raw_name(one.name),) if one.size is None else (f"self.{one.name}", raw_name(one.name))
            yield from assignment((one.name,), Group(call, items), 8)
        else:
            yield from assignment((one.name,), Group(map_of(one), map_arguments(one)), 8)
    yield from lay_out(Group(f"return {values_name(model)}", tuple(one.name for one in returned(model))), 8)


def let(one: Let) -> Iterator[str]:
    """A derived value; a line that is too long keeps its own form."""
    line = f"        {one.name} = {tensor(one.value)}"
    if width(line) <= WIDEST:
        yield line
        return
    lines = terms(one.value)
    if len(lines) > 1:
        yield f"        {one.name} = ("
        yield from (f"            {text}" for text in lines)
        yield "        )  # fmt: skip"
    else:
        yield f"{line}  # fmt: skip"


def evaluate_with_log_dets(model: Model) -> Iterator[str]:
    """The same, with the log-Jacobian of every bijective parameter."""
    log_dets = fresh("log_dets", model)
    returns = f" -> cdsl.WithLogDets[{values_name(model)}]:"
    yield from lay_out(Group("def _evaluate_with_log_dets", ("self", "raw: cdsl.Raw"), returns), 4)
    yield from unpack(model)
    yield f"        {log_dets}: cdsl.LogDets = {{}}"
    for one in sequence(model):
        if isinstance(one, Let):
            yield from let(one)
        elif isinstance(one, Child):
            items = (f"self.{one.name}", raw_name(one.name), literal(one.name), log_dets)
            yield from assignment((one.name,), Group("self._nested", items), 8)
        elif has_log_det(one):
            batch = (f"batch={len(one.batch)}",) if one.batch else ()
            call = Group(f"{map_of(one)}.with_log_det", (*map_arguments(one), *batch))
            yield from assignment((one.name, f'{log_dets}["{one.name}"]'), call, 8)
        else:
            yield from assignment((one.name,), Group(map_of(one), map_arguments(one)), 8)
    values = Group(values_name(model), tuple(one.name for one in returned(model)))
    yield from lay_out(tuple_of((values, log_dets), "return ", bare=True), 8)


def arguments(model: Model) -> Iterator[str]:
    """The computed arguments of domains, for setting a value under what its parents have become."""
    computed = [
        one for one in model.parameters if any(isinstance(given, Expression) for given in (*one.arguments, *one.step))
    ]
    if not computed:
        return
    name, values = fresh("name", model), fresh("values", model)
    signature = ("self", f"{name}: str", f"{values}: cdsl.Known")
    yield from lay_out(Group("def _arguments", signature, " -> tuple[cdsl.Argument, ...]:"), 4)
    by_name = {one.name: one for one in model.lets}
    places = {one.name: (place, one) for place, one in enumerate(sequence(model))}
    for one in computed:
        yield f"        if {name} == {literal(one.name)}:"
        needed = needs((*one.arguments, *one.step), by_name)
        for _, other in sorted((places[name] for name in needed if name in places), key=lambda found: found[0]):
            if isinstance(other, Let):
                yield from (f"    {line}" for line in let(other))
            else:
                yield f"            {other.name} = {values}[{literal(other.name)}]"
        items = tuple(
            aligned(argument, len(one.batch)) if isinstance(argument, Expression) else nested("", argument)
            for argument in one.arguments
        )
        if any(isinstance(given, Expression) for given in one.step):
            items += tuple(stepped(given, len(one.batch)) for given in one.step)
        yield from lay_out(tuple_of(items, "return ", bare=True), 12)
    yield f"        return super()._arguments({name}, {values})"


def needs(expressions: Iterable[object], lets: Mapping[str, Let]) -> set[str]:
    """The parameters and lets that these use, and those that these lets use."""
    found: set[str] = set()
    waiting = [one for one in expressions if isinstance(one, Expression)]
    while waiting:
        one = waiting.pop()
        waiting += one.operands
        if one.op in ("parameter", "let", "child") and one.name not in found:
            found.add(one.name)
            waiting += [lets[one.name].value] if one.op == "let" else []
    return found


def fresh(name: str, model: Model) -> str:
    """The name, with as many `_` after it as keep it apart from those of the spec."""
    named: tuple[Named, ...] = (*model.parameters, *model.lets, *model.children)
    taken = {one.name for one in named} | {raw_name(one.name) for one in named}
    return next(found for length in count() if (found := name + "_" * length) not in taken)


def has_log_det(one: Parameter) -> bool:
    """Whether there is a log-Jacobian, in one of its stages at least."""
    domain = domains()[one.domain]
    return made_of(domain, one.transform, one.parts).bijective or bool(
        one.eval and domain.transforms[one.eval].bijective
    )


def unpack(model: Model) -> Iterator[str]:
    """`p_raw, s_raw = raw`"""
    names = tuple(raw_name(one.name) for one in stored(model))
    if len(names) == 1 and model.children:  # a tuple of one: its comma says so
        yield f"        ({names[0]},) = raw"
    elif names:
        yield from lay_out(tuple_of(names, after=" = raw", bare=True), 8)


def properties(one: Parameter | Let) -> Iterator[str]:
    """The value as an attribute, read, and of a parameter set, on the constrained side."""
    yield "    @property"
    yield from lay_out(Group(f"def {one.name}", ("self",), " -> torch.Tensor:"), 4)
    yield from docstring(about(one), 8)
    if isinstance(one, Let) or names_value((*one.arguments, *one.step)):
        yield f"        return self._evaluate(self._raw()).{one.name}"
    else:
        _, *rest = map_arguments(one)
        yield from statement("return ", Group(map_of(one), (raw_of(one), *rest)), 8)
    if isinstance(one, Let):
        return
    yield ""
    yield f"    @{one.name}.setter"
    yield from lay_out(Group(f"def {one.name}", ("self", "value: cdsl.Settable"), " -> None:"), 4)
    yield f"        self.assign_({one.name}=value)"


def names_value(arguments: Iterable[object]) -> bool:
    """Whether one of them is computed from a parameter, a let or a nested model."""
    waiting = [one for one in arguments if isinstance(one, Expression)]
    while waiting:
        one = waiting.pop()
        if one.op in ("parameter", "let", "child"):
            return True
        waiting += one.operands
    return False


def about(one: Parameter | Let | Child) -> str:
    """A declaration as it is documented."""
    if isinstance(one, Child):
        given = [f"{name}={size_text(given)}" for name, given in one.dims]
        given += [f"{name}={spelled(given)}" for name, given in one.data]
        text = one.model + (f"({', '.join(given)})" if given else "")
        text += "" if one.size is None else f"[{size_text(one.size)}]"
        return f"`{text}`" + (f": {one.doc}" if one.doc else "")
    text = f"= {spelled(one.value)}" if isinstance(one, Let) else written_type(one)
    return f"`{text}`" + (f": {one.doc}" if one.doc else "")


def map_of(one: Parameter) -> str:
    """`cdsl.positive.exp`, or what is made of parts, or of two stages the one that is on"""
    if one.parts:
        return f"self._{one.name}_map"
    return f"self._map({literal(one.name)})" if one.eval else f"cdsl.{one.domain}.{one.transform}"


def map_arguments(one: Parameter) -> tuple[str, ...]:
    """The raw, then the domain's arguments, then the sizes where it takes them, then the step before it."""
    domain = domains()[one.domain]
    sizes = one.sizes if domain.sized else ()
    arguments = (
        f"self.{buffer_name(one, name)}"
        if isinstance(argument, tuple)
        else aligned(argument, len(one.batch))
        if isinstance(argument, Expression)
        else number(argument)
        for name, argument in zip(domain.arguments, one.arguments, strict=False)
    )
    held = (f"held=self.{buffer_name(one, 'held')}",) if one.held else ()
    return (raw_name(one.name), *arguments, *map(size, sizes), *step(one), *held)


def buffer_name(one: Parameter, argument: str) -> str:
    """The attribute that holds an argument that is an array."""
    return f"_{one.name}_{argument}"


def step(one: Parameter) -> tuple[str, ...]:
    """The affine step before the transform, `loc=1.0, scale=2.0`, without what would change nothing."""
    return tuple(f"{name}={stepped(value, len(one.batch))}" for name, value in steps(one))


def steps(one: Parameter) -> list[tuple[str, float | Expression]]:
    """What of the step changes anything."""
    named = zip(("loc", "scale"), one.step, (0, 1), strict=False)
    return [(name, value) for name, value, default in named if value != default]


def stepped(value: float | Expression, rank: int) -> str:
    """A number of the step, as an operand of raw."""
    return aligned(value, rank) if isinstance(value, Expression) else number(value)


def raw_of(one: Parameter) -> str:
    """The raw as its map takes it: a scalar's is stored with shape (1,), because sharding refuses scalars."""
    return f"self.{raw_name(one.name)}" + ("" if one.batch or one.sizes else ".squeeze(0)")


def raw_shape(one: Parameter) -> tuple[int, ...]:
    """The shape of the raw, as its map takes it, of sizes that are known to the compiler."""
    if one.held:
        return (one.held.count(False),)
    return numbers_of(one.batch) + domains()[one.domain].transforms[one.transform].raw_event(numbers_of(one.sizes))


def numbers_of(sizes: tuple[Size, ...]) -> tuple[int, ...]:
    """Sizes that are known to the compiler."""
    return tuple(size for size in sizes if isinstance(size, int))


def written_type(one: Parameter) -> str:
    """The parameter's type as a spec writes it, with its transform: `positive[3] via softplus`."""
    arguments = f"({', '.join(map(brief, one.arguments))})" if one.arguments else ""
    written = one.batch + one.sizes
    sizes = f"[{', '.join(map(size_text, written))}]" if written else ""
    given = [*(f"{name}={part}" for name, part in one.parts), *(f"{name}={brief(value)}" for name, value in steps(one))]
    before = f"({', '.join(given)})" if given else ""
    via = f"staged(train={one.transform}, eval={one.eval})" if one.eval else one.transform
    stays = f", {one.held.count(True)} of {len(one.held)} entries frozen" if one.held else ""
    return f"{one.domain}{arguments}{sizes} via {via}{before}{stays}"


def brief(argument: Given, most: int = 4) -> str:
    """A number, or an array as a spec writes it, of whose rows no more than `most` entries are shown."""
    if isinstance(argument, Expression):
        return spelled(argument)
    if not isinstance(argument, tuple):
        return repr(argument)
    more = [f"… {len(argument) - most} more"] * (len(argument) > most)
    return f"[{', '.join([*(brief(entry, most) for entry in argument[:most]), *more])}]"


def values_name(model: Model) -> str:
    """The class of the values."""
    return values_class_of(model.name)


def values_class_of(name: str) -> str:
    """The class of the values of a class of this name."""
    return f"{name}Values"


def nested(before: str, value: Nested) -> Piece:
    """Numbers, as nested tuples."""
    if not isinstance(value, tuple):
        return f"{before}{number(value)}"
    return Group(before, tuple(nested("", entry) for entry in value), call=False)
