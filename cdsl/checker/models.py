"""Nested models: what a use of one binds, and which of its values its parent may name."""

from __future__ import annotations

from dataclasses import dataclass

from cdsl.checker.data import judged
from cdsl.checker.expressions import Inference, Typed, inlined, size_of
from cdsl.checker.scope import Known, Scope
from cdsl.diagnostics import Diagnostic, Fix
from cdsl.extents import Extent, Shape
from cdsl.functions.base import described
from cdsl.model import Child, Data, Dim, Model, Size
from cdsl.names import closest, normal
from cdsl.source import Span
from cdsl.syntax import ast

Problems = list[Diagnostic]


@dataclass(frozen=True)
class Interface:
    """A model as others see it: what it is, and what is known of its dims, data and values."""

    model: Model
    known: dict[str, Known]


Interfaces = dict[str, Interface]


def check_child(
    written: ast.Parameter, interface: Interface, scope: Scope, problems: Problems
) -> tuple[Child, Known] | None:
    """`noise: Noise(K=K, x=y)[4]`: every dim and datum of the model that has no default gets what it is here."""
    before = len(problems)
    name, model = normal(written.name.text), interface.model
    for part, text in ((written.via, "a transform"), (written.start, "a start value"), (written.prior, "a prior")):
        if part is not None:
            message = f"`{model.name}` is a model: it takes no {text.removeprefix('a ')}"
            problems.append(Diagnostic(code="E212", message=message, span=part.span))
    if written.frozen:
        message, help = (
            f"`{model.name}` is a model: it is not frozen as a whole",
            "freeze its parameters where they are",
        )
        problems.append(Diagnostic(code="E212", message=message, span=written.name.span, help=help))
    infer = Inference(scope, name)
    given = bound(written.type, interface, infer, problems)
    many = how_many(written.type, infer, problems)
    if given is None or many is None or len(problems) > before:
        return None
    size, extent = many
    extents = extents_of(interface, given, written.type.span, problems)
    if extents is None:
        return None
    dims = tuple(
        (one.name, meant)
        for one in model.dims
        if one.name in given and (meant := size_of(given[one.name], scope)) is not None
    )
    data = tuple((one.name, inlined(given[one.name].meant, scope)) for one in model.data if one.name in given)
    child = Child(name=name, model=model.name, size=size, dims=dims, data=data, doc=written.doc)
    members = {
        one: known
        for one, known in interface.known.items()
        if known.sort in ("parameter", "let", "child") and not one.startswith("_")
    }
    return child, Known("child", varies=True, members=members, extents=extents, many=extent)


def bound(written: ast.Type, interface: Interface, infer: Inference, problems: Problems) -> dict[str, Typed] | None:
    """What each dim and datum of the model is bound to."""
    model = interface.model
    inputs: tuple[Dim | Data, ...] = (*model.dims, *model.data)
    takes = [one.name for one in inputs]
    listed = f"it takes {', '.join(f'`{one}`' for one in takes)}" if takes else "it takes nothing"
    example = f"`{model.name}({', '.join(f'{one}=…' for one in takes)})`" if takes else f"`{model.name}`"
    given: dict[str, Typed] = {}
    before = len(problems)
    for argument in written.arguments or ():
        name = normal(argument.name.text) if argument.name else ""
        if not argument.name:
            message = f"what `{model.name}` takes is given by name"
            problems.append(Diagnostic(code="E301", message=message, span=argument.span, help=f"write {example}"))
        elif name not in takes or name in given:
            message = f"`{model.name}` has no dim or data `{name}`" if name not in takes else f"`{name}` is given twice"
            close = closest(name, takes) if name not in takes else ""
            help, fix = f"did you mean `{close}`?" if close else listed, Fix.respelling(close, argument.name.span)
            problems.append(Diagnostic(code="E301", message=message, span=argument.span, help=help, fix=fix))
        elif typed := judged(argument.value, infer, problems):
            given[name] = typed
            refuse_binding(name, typed, name in {one.name for one in model.dims}, problems)
        else:
            return None  # which has been told
    if len(problems) > before:
        return None
    inferred = {
        size.name for name in given if name in interface.known for size in interface.known[name].shape if size.name
    }
    for one in inputs:
        if one.default is None and one.name not in given and one.name not in inferred:
            message = f"`{model.name}` needs `{one.name}`"
            problems.append(Diagnostic(code="E213", message=message, span=written.span, help=f"write {example}"))
    return given if len(problems) == before else None


def refuse_binding(name: str, typed: Typed, is_dim: bool, problems: Problems) -> None:
    """A dim is bound to a size, data to what does not depend on parameters."""
    if is_dim and typed.extent is None:
        message = f"`{name}` is a size: an integer of numbers, dims and data"
        problems.append(Diagnostic(code="E402", message=message, span=typed.span))
    elif typed.varies:
        message = f"`{name}` is data, and this depends on `{typed.thaws or 'a parameter'}`"
        problems.append(
            Diagnostic(code="E503", message=message, span=typed.span, help="data depend on dims and data alone")
        )


def how_many(written: ast.Type, infer: Inference, problems: Problems) -> tuple[Size | None, Extent | None] | None:
    """One size makes a list of models, none a single one."""
    if not written.sizes:
        return None, None
    if len(written.sizes) > 1:
        where = Span(written.sizes[0].span.start, written.sizes[-1].span.end)
        message = f"a list of models has one size, got {len(written.sizes)}"
        problems.append(Diagnostic(code="E402", message=message, span=where))
        return None
    typed = judged(written.sizes[0], infer, problems)
    size = None if typed is None else size_of(typed, infer.scope)
    if typed is not None and (size is None or (isinstance(size, int) and size < 0)):
        message = "expected a size, an integer ≥ 0"
        problems.append(Diagnostic(code="E402", message=message, span=typed.span))
    return None if typed is None or size is None else (size, typed.extent)


def extents_of(
    interface: Interface, given: dict[str, Typed], span: Span, problems: Problems
) -> dict[str, Extent] | None:
    """The model's dims as sizes of its parent: bound, or the shape of bound data; data of another shape do not fit."""
    extents = {
        one.name: extent for one in interface.model.dims if one.name in given and (extent := given[one.name].extent)
    }
    bound_data = [one.name for one in interface.model.data if one.name in given]
    for name in bound_data:
        wanted, got = interface.known[name].shape, given[name].shape
        if len(wanted) != len(got):
            message = f"`{name}` of `{interface.model.name}` is {described(wanted)}, got {described(got)}"
            problems.append(Diagnostic(code="E403", message=message, span=given[name].span))
            return None
        for size, actual in zip(wanted, got, strict=True):
            if size.name is not None:
                extents.setdefault(size.name, actual)
    for name in bound_data:
        here: Shape = tuple(one.renamed(extents, interface.model.name) for one in interface.known[name].shape)
        if here != given[name].shape:
            message = (
                f"`{name}` of `{interface.model.name}` is {described(here)} here, got {described(given[name].shape)}"
            )
            problems.append(Diagnostic(code="E403", message=message, span=given[name].span))
            return None
    return extents
