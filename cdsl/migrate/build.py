"""Modules for a checkpoint: a model without what its raw values do not depend on, built with the sizes that the checkpoint has."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from torch import Tensor

from cdsl.constraints import domains
from cdsl.describe import gives
from cdsl.diff import Told, pattern
from cdsl.emit import emit
from cdsl.extents import Extent
from cdsl.loader import module_of
from cdsl.migrate.state import MigrationError, Module
from cdsl.model import Child, Data, Dim, Expression, Let, Model, Parameter
from cdsl.places import Declaration, declarations, places, uses
from cdsl.runtime.errors import DomainError, SignatureMismatch
from cdsl.runtime.module import Leaf
from cdsl.runtime.signature import Signature, decode

Equation = tuple[Extent, int]
"""A size in the spec's own names, and what it is."""


def modules(
    old: Model,
    new: Model,
    state: Mapping[str, Tensor],
    told: Told,
    sizes: Mapping[str, int],
    data: Mapping[str, Tensor],
) -> tuple[Module, Module]:
    """A module of each spec, as this checkpoint of the old one needs it; with sizes and data that the caller knows.

    Raises:
        MigrationError: something is missing, or does not fit.
    """
    then = sizes_of(old, state, {one.name: sizes[one.name] for one in old.dims if one.name in sizes})
    refuse_shapes(old, state, then)
    kept = {one.name: state[one.name] for one in old.data if one.default is not None and one.name in state}
    was = built(reduced(old, lambda path: False, then), then, {**data, **kept}, "old", "E803")
    carried = {
        told(name): value for name, value in kept.items() if not told.drops(name) and not told.starts(told(name))
    }
    known = {one.name: size for one in new.dims if (size := sizes.get(one.name, then.get(one.name))) is not None}
    now = solved(asked_by(new, was, told), {one.name for one in new.dims}, known)
    paths = {pattern(told(path)) for path in parameters(old) if not told.drops(path)}
    small = reduced(new, lambda path: told.starts(path) or path not in paths, now)
    return was, built(small, now, {**data, **carried}, "new", "E804")


def parameters(model: Model) -> Iterator[str]:
    """The paths of all parameters."""
    return (place.path + one.name for place, one in places(model) if isinstance(one, Parameter))


def reduced(model: Model, begins: Callable[[str], bool], sizes: Mapping[str, int]) -> Model:
    """The model without derived values and data that no raw value depends on: what a checkpoint is read and written with.

    Starts that are computed are kept where a parameter begins at them, defaults of sizes where these are not known.
    """
    fresh = {
        (place.model.name, one.name)
        for place, one in places(model)
        if isinstance(one, Parameter) and begins(place.path + one.name)
    }
    asked = members((*model.models, model))
    inner: dict[str, Model] = {}
    for one in model.models:  # each after those that it nests
        own = {each.name: trimmed(each, one, inner, fresh) for each in declarations(one)}
        inner[one.name] = stripped(one, own, asked, nested=True)
    own = {one.name: trimmed(one, model, inner, fresh) for one in declarations(model)}
    own |= {one.name: one.model_copy(update={"default": None}) for one in model.dims if one.name in sizes}
    return stripped(model, own, set(), nested=False).model_copy(update={"models": tuple(inner.values())})


def members(models: Sequence[Model]) -> set[str]:
    """The names by which what raw values depend on asks for values of nested models."""
    found: set[str] = set()
    while True:
        before = len(found)
        for model in models:
            own = {one.name: one for one in declarations(model)}
            names = [one.name for one in model.lets if one.name in found] + [one.name for one in model.parameters]
            done: set[str] = set()
            while names:
                one = own[names.pop()]
                if one.name in done or not isinstance(one, Parameter | Let):
                    continue
                done.add(one.name)
                found |= asked_for(one)
                names += uses(one)
        if len(found) == before:
            return found


def asked_for(one: Parameter | Let) -> set[str]:
    """The values of nested models that a declaration uses."""
    parts = (*one.arguments, *one.step) if isinstance(one, Parameter) else (one.value,)
    found, waiting = set(), [part for part in parts if isinstance(part, Expression)]
    while waiting:
        step = waiting.pop()
        waiting += step.operands
        if step.op == "member":
            found.add(step.name)
    return found


def stripped(model: Model, own: Mapping[str, Declaration], asked: set[str], *, nested: bool) -> Model:
    """One model with those of its declarations that are needed, by others or from outside."""
    waiting = [
        name
        for name, one in own.items()
        if isinstance(one, Parameter | Child)
        or (isinstance(one, Data) and one.default is not None)
        or (isinstance(one, Let) and name in asked)
    ]
    needed: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in needed:
            continue
        needed.add(name)
        waiting += uses(own[name])
        if nested and isinstance(dim := own[name], Dim):  # it may be known by the shape of data alone
            waiting += [one.name for one in model.data if gives(one, dim)]
    kept = [one for name, one in own.items() if name in needed]
    return model.model_copy(
        update={
            "dims": tuple(one for one in kept if isinstance(one, Dim)),
            "data": tuple(one for one in kept if isinstance(one, Data)),
            "parameters": tuple(one for one in kept if isinstance(one, Parameter)),
            "lets": tuple(one for one in kept if isinstance(one, Let)),
            "children": tuple(one for one in kept if isinstance(one, Child)),
            "order": tuple(name for name in model.order if name in needed),
        }
    )


def trimmed(one: Any, model: Model, inner: Mapping[str, Model], fresh: set[tuple[str, str]]) -> Any:
    """A declaration without a start that is not taken, or without bindings of what has gone."""
    if isinstance(one, Parameter) and isinstance(one.start, Expression) and (model.name, one.name) not in fresh:
        return one.model_copy(update={"start": None})
    if isinstance(one, Child):
        names = {each.name for each in (*inner[one.model].dims, *inner[one.model].data)}
        kept = {field: tuple(pair for pair in getattr(one, field) if pair[0] in names) for field in ("dims", "data")}
        return one.model_copy(update=kept)
    return one


def built(model: Model, sizes: Mapping[str, int], data: Mapping[str, Tensor], what: str, code: str) -> Module:
    """A module of a model, with these sizes and data.

    Raises:
        MigrationError: a size or data are missing, or do not fit.
    """
    if not (model.parameters or model.children or model.data):
        raise MigrationError("E803", [f"the {what} spec declares nothing that a checkpoint holds"])
    missing = [one for one in model.data if one.default is None and one.name not in data]
    if missing:
        names = ", ".join(f"`{one.name}`" for one in missing)
        raise MigrationError(
            "E805",
            [f"sizes, bounds or starts of the {what} spec depend on data: {names}"],
            "pass them with `--data FILE`",
        )
    inferred = {dim.name for dim in model.dims for one in model.data if one.name in data and gives(one, dim)}
    for dim in model.dims:
        if dim.default is None and dim.name not in sizes and dim.name not in inferred:
            raise MigrationError(
                "E805",
                [f"the checkpoint does not tell the size `{dim.name}` of the {what} spec"],
                f"give it with `--dim {dim.name}=…`",
            )
    given: dict[str, Any] = {one.name: sizes[one.name] for one in model.dims if one.name in sizes}
    given |= {one.name: data[one.name] for one in model.data if one.name in data}
    cls = getattr(module_of(emit(model, inline=True)), model.name)
    try:
        module: Module = cls(**given)
    except DomainError as error:
        raise MigrationError(code, [f"the {what} spec cannot be built with these sizes and data: {error}"]) from None
    except RuntimeError as error:  # of torch: no memory for it
        raise MigrationError("E805", [f"the {what} spec cannot be built: {str(error).splitlines()[0]}"]) from None
    return module


def sizes_of(model: Model, state: Mapping[str, Tensor], known: Mapping[str, int]) -> dict[str, int]:
    """The dims of a model, as far as a checkpoint of it tells them: by its signature, shapes of data, and how many models there are."""
    return solved(told_by(model, state), {one.name for one in model.dims}, known)


def told_by(model: Model, state: Mapping[str, Tensor]) -> Iterator[Equation]:
    """Every size that a checkpoint has a number for."""
    signatures: dict[str, Signature] = {}
    for place, one in places(model):
        key = place.key.replace(".*.", ".0.")
        match one:
            case Parameter():
                if key not in signatures:
                    signatures[key] = signature(state.get(f"{key}_extra_state"))
                wanted = (*place.batch(one), *place.event(one))
                yield from zip(wanted, signed(signatures[key], one.name, len(wanted)), strict=False)
                shape = state[f"{key}{one.name}_raw"].shape if f"{key}{one.name}_raw" in state else ()
                yield from zip(place.batch(one), shape, strict=False)
                if (
                    domains()[one.domain].transforms[one.transform].raw_event((5, 4, 3)[: len(one.sizes)])
                    == (5, 4, 3)[: len(one.sizes)]
                ):
                    yield from zip(wanted, shape, strict=False)
            case Data() if f"{key}{one.name}" in state:
                yield from zip(place.shape(one), state[f"{key}{one.name}"].shape, strict=False)
            case Child() if one.size is not None:
                found = re.compile(re.escape(f"{key}{one.name}.") + r"(\d{1,9})\.")
                yield place.extent(one.size), len({match[1] for name in state if (match := found.match(name))})


def refuse_shapes(model: Model, state: Mapping[str, Tensor], sizes: Mapping[str, int]) -> None:
    """Hold raw values against these sizes, before anything of such sizes is made.

    Raises:
        MigrationError: one has another shape.
    """
    problems = []
    for place, one in places(model, sizes):
        key = f"{place.key}{one.name}_raw".replace(".*.", ".0.")
        if isinstance(one, Parameter) and key in state:
            shape = tuple(size.number for size in place.raw_shape(one))
            if None not in shape and shape != tuple(state[key].shape):
                problems.append(f"`{key}` has shape {tuple(state[key].shape)}, the old spec gives it {shape}")
    if problems:
        raise MigrationError("E803", problems, "`--dim K=…` says what a size is")


def signature(state: Tensor | None) -> Signature:
    """The constraints that a checkpoint has for one module; nothing where it has none."""
    try:
        return {} if state is None else decode(state)
    except SignatureMismatch:  # which is told where the checkpoint is loaded
        return {}


def signed(found: Signature, name: str, count: int) -> tuple[int, ...]:
    """The sizes that a signature has for a parameter: the brackets at the end of its domain."""
    match = re.search(r"\[(\d{1,18}(?:, \d{1,18})*)\]$", str(found.get(name, {}).get("domain")))
    sizes = tuple(map(int, match[1].split(", "))) if match else ()
    return sizes if len(sizes) == count else ()


def solved(equations: Iterable[Equation], names: set[str], known: Mapping[str, int]) -> dict[str, int]:
    """The names that equations give: one unknown to the first power at a time, for as long as that gives any."""
    found = dict(known)
    waiting = list(equations)
    while True:
        before = len(found)
        for size, number in waiting:
            rest, unknown = Extent.of(-number), []
            for factors, times in size.terms:
                here = [name for name in factors if name not in found]
                product = times
                for name in factors:
                    product *= found.get(name, 1)
                if here:
                    unknown.append((here, product))
                else:
                    rest = rest + Extent.of(product)
            if len(unknown) == 1 and len(unknown[0][0]) == 1 and unknown[0][1]:
                name, factor = unknown[0][0][0], unknown[0][1]
                value = -(rest.number or 0)
                if name in names and value % factor == 0 and value // factor >= 0:
                    found.setdefault(name, value // factor)
        if len(found) == before:
            return found


def asked_by(model: Model, old: Module, told: Told) -> Iterator[Equation]:
    """The sizes of a model that values of the old module are to fill."""
    source: dict[str, Leaf] = {}
    counts: dict[str, int] = {}
    for leaf in old._leaves():
        if told.drops(leaf.name):
            continue
        name = told(leaf.name)
        source[pattern(name)] = leaf
        for found in re.finditer(r"\[(\d+)\]", name):
            path = pattern(name[: found.start()])
            counts[path] = max(counts.get(path, 0), int(found[1]) + 1)
    for place, one in places(model):
        path = place.path + one.name
        if isinstance(one, Parameter) and path in source:
            leaf = source[path]
            wanted = place.shape(one)
            yield from zip(wanted[len(wanted) - len(leaf.one.shape) :], leaf.one.shape, strict=False)
        elif isinstance(one, Child) and one.size is not None and path in counts:
            yield place.extent(one.size), counts[path]
