"""The base class of a generated module that is open to its caller: with dims and data, and values that follow from them."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import chain
from typing import Any, ClassVar, TypeAlias

import torch
from torch import Tensor, nn

from cdsl.runtime.checkpoint import SavedModel, is_real, refuse_more
from cdsl.runtime.declared import Declared
from cdsl.runtime.errors import CheckpointError, DomainError
from cdsl.runtime.inputs import Data, Dim, infer, refuse_sizes, size_of
from cdsl.runtime.maps import Map
from cdsl.runtime.module import (
    START,
    ConstrainedModule,
    Device,
    Known,
    Leaf,
    LogDets,
    Own,
    Raw,
    Settable,
    Values,
    by_name,
    flat,
)
from cdsl.runtime.sharded import piece_of, whole_raw

Bindings: TypeAlias = "tuple[tuple[str, int | None, dict[str, Any]], ...]"
"""Of each nested model its name, how many there are where it is a list, and what it takes."""


class OpenModule(ConstrainedModule[Values]):
    """A constrained module whose sizes, bounds and values may depend on what the caller passes in."""

    _closed = False
    _in_pieces = False
    _inputs: ClassVar[tuple[Dim | Data, ...]] = ()
    """Dims and data as they were declared."""
    _sized: Mapping[str, int] = {}
    """The dims that the caller gave by keyword."""
    _passed: frozenset[str] = frozenset()
    """The data that the caller passed."""
    _bound: frozenset[str] = frozenset()
    """What a model around this one binds."""
    _unwritten = False
    """Whether data are still to be written, after `to_empty`."""
    _declared: tuple[Declared, ...] = ()
    _spec: ClassVar[str]
    """The checked model as JSON."""
    _fixed: ClassVar[tuple[str, ...]] = ()
    """Derived values that depend on no parameter."""
    _order: ClassVar[tuple[str, ...]] = ()
    """Parameters and nested models as they were declared, where there are any of these."""

    _dims: ClassVar[tuple[Dim, ...]] = ()
    _data: ClassVar[tuple[Data, ...]] = ()
    _input_names: ClassVar[frozenset[str]] = frozenset()
    _places: Mapping[str, int] = {}
    """Where in `_declared` each parameter stands."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._dims = tuple(one for one in cls._inputs if isinstance(one, Dim))
        cls._data = tuple(one for one in cls._inputs if isinstance(one, Data))
        cls._input_names = frozenset(one.name for one in cls._inputs)

    @abstractmethod
    def _declarations(self) -> tuple[Declared, ...]:
        """The parameters, their sizes as numbers."""

    def _bind(
        self, dims: Mapping[str, int | None], data: Mapping[str, Any], dtype: torch.dtype | None, device: Device
    ) -> None:
        """Know every dim, hold every datum, and declare the parameters.

        Raises:
            DomainError: a dim or a datum is missing, has the wrong shape, or lies outside its domain.
        """
        self.__dict__["_home"] = (dtype or torch.get_default_dtype(), device)
        for one in self._data:
            if data.get(one.name) is None and one.default is None:
                raise DomainError(f"{one.name}: expected data, for example `{type(self).__name__}({one.name}=…)`")
        given = {one.name: one.read(data[one.name]) for one in self._data if data.get(one.name) is not None}
        self._sized = {name: size for name, size in dims.items() if size is not None}
        self._hold(given, self._sized)
        self._declare()
        self._frozen = self._always_frozen()

    def _hold(self, given: Mapping[str, Tensor], dims: Mapping[str, int], *, anew: bool = False) -> None:
        """Set dims and data in the order of the spec: what is given, what was given before, defaults, where they fit.

        Anew, nothing that was held before counts.
        """
        held = {} if anew else {name: getattr(self, name) for name in self._passed}
        passed = held | dict(given)
        constant = {one.name: one.read(one.default) for one in self._data if isinstance(one.default, tuple)}
        found = infer(self._dims, self._data, dims, {name: one.shape for name, one in (constant | passed).items()})
        like = self._like()
        for one in self._inputs:
            if isinstance(one, Dim):
                self.__dict__[one.name] = found[one.name][0] if one.name in found else self._default_size(one)
                continue
            shape = tuple(size_of(size, self) for size in one.shape)
            if one.name in passed:
                value = passed[one.name]
            elif one.name in self._buffers and not anew and not callable(one.default) and fits(self, one.name, shape):
                continue  # a constant, or what a checkpoint brought; what is computed follows
            else:
                value = self._default(one, shape)
            self._keep(one, value, shape, like)
        self._passed = frozenset(passed)

    def _default_size(self, one: Dim) -> int:
        """The value of a dim that neither a keyword nor data give."""
        if one.default is None:
            raise DomainError(f"{one.name}: expected a size, `{type(self).__name__}({one.name}=…)`")
        default = one.default(self) if callable(one.default) else one.default
        if default < 0:
            raise DomainError(f"{one.name}: its default is {default}, expected a size ≥ 0")
        return default

    def _default(self, one: Data, shape: tuple[int, ...]) -> Tensor:
        """The value of data that the caller did not pass."""
        if one.default is None:
            raise DomainError(f"{one.name}: expected data, for example `{type(self).__name__}({one.name}=…)`")
        read = one.read(one.default(self) if callable(one.default) else one.default)
        if read.shape not in (shape, ()):
            raise DomainError(f"{one.name}: its default has shape {tuple(read.shape)}, expected {shape}")
        return read.to("meta" if self._device.type == "meta" else read.device).expand(shape).clone()

    def _keep(self, one: Data, value: Tensor, shape: tuple[int, ...], like: Tensor) -> None:
        """Hold a datum in its domain as a buffer, of a dtype and on a device like this; one that is bound is not copied."""
        if tuple(value.shape) != shape:
            raise DomainError(f"{one.name}: expected shape {shape}, got {tuple(value.shape)}")
        bound = one.name in self._bound
        held = value.to(dtype=one.discrete or like.dtype, device=like.device, copy=not bound)
        if not (value.is_meta or held.is_meta):
            one.check(value, self)
            if not one.discrete and not torch.equal(held.isfinite().cpu(), value.isfinite().cpu()):
                raise DomainError(f"{one.name}: a number does not fit {like.dtype}")
        self.register_buffer(one.name, held, persistent=one.default is not None and not bound)

    def _load_from_state_dict(self, state_dict: dict[str, Any], prefix: str, *rest: Any) -> None:
        """Hold the data that a checkpoint brings against their domains, before anything is written where that can be told.

        Raises:
            DomainError: a datum lies outside its domain.
        """
        brought = [one for one in self._data if isinstance(state_dict.get(prefix + one.name), Tensor)]
        follow = [one for one in brought if any(map(callable, (*one.arguments, *one.sizes)))]
        for one in brought:
            value = state_dict[prefix + one.name]
            if one not in follow and value.shape == self._buffers[one.name].shape and not value.is_meta:  # type: ignore[union-attr]  # held
                one.check(value, self)
        super()._load_from_state_dict(state_dict, prefix, *rest)
        for one in follow:
            held = self._buffers[one.name]
            if held is not None and not held.is_meta:
                one.check(held, self)

    def _empty(self, name: str, dtype: torch.dtype | None, device: Device) -> Tensor:
        """A raw that is still to be written; a scalar's has shape (1,)."""
        one = self._declared[self._places[name]]
        return torch.zeros(one.raw_shape or (1,), dtype=dtype, device=device)

    def _declare(self) -> None:
        """Declare the parameters, with the sizes that there are now."""
        try:
            declared = self._declarations()
        except ZeroDivisionError:
            raise DomainError(f"{type(self).__name__}: a size or a start value divides by 0") from None
        self.__dict__["_places"] = {one.name: place for place, one in enumerate(declared)}
        for one in declared:
            refuse_sizes(one)
        self.__dict__["_declared"] = declared
        self.__dict__["_version"] = self._version + 1

    def set_data_(self, **data: Settable) -> None:
        """Set data; all or none. Sizes that no parameter has are inferred anew, as for a batch of them or a test set.

        Raises:
            DomainError: a datum has the wrong shape or lies outside its domain, a size of a parameter would change, or a
                bound would leave no room; nothing is changed.
            TypeError: a name that is no data of this model.
        """
        by_name = {one.name: one for one in self._data}
        for name in data:
            if name not in by_name:
                there_are = f"it has {', '.join(by_name)}" if by_name else "it has none"
                raise TypeError(f"{type(self).__name__} has no data `{name}`; {there_are}")
        for name in data:
            if name in self._bound:
                raise TypeError(f"`{name}` is bound by the model around this one: set what it is bound to there")
        self._all_or_nothing({name: by_name[name].read(value) for name, value in data.items()}, anew=False)

    def _all_or_nothing(self, given: Mapping[str, Tensor], *, anew: bool) -> None:
        """Hold these data here and in nested models; on failure nothing changes."""
        inside = [module for module in self.modules() if isinstance(module, OpenModule)]
        before = [(module, dict(module.__dict__), dict(module._buffers)) for module in inside]
        try:
            self._rebind(given, {}, anew=anew)
            if not anew:  # where raw values are still to be written, there is nothing to hold bounds against
                self._check_bounds()
        except BaseException:
            for module, attributes, buffers in before:
                module.__dict__.update(attributes)
                module._buffers.update(buffers)
            raise

    def _rebind(self, data: Mapping[str, Tensor], dims: Mapping[str, int], *, anew: bool) -> None:
        """Hold other data, and pass on to nested models what is bound there; parameters keep their shapes.

        Raises:
            DomainError: they do not.
        """
        in_data = {size for one in self._data for size in one.shape if isinstance(size, str)}
        shapes = [(one, one.shape) for one in self._declared]
        self._hold(
            data, {**{name: size for name, size in self._sized.items() if name not in in_data}, **dims}, anew=anew
        )
        self._declare()
        for (old, shape), new in zip(shapes, self._declared, strict=True):
            if shape != new.shape:
                message = f"{old.name}: these data would change its shape from {shape} to {new.shape}"
                raise DomainError(f"{message}; sizes of parameters are fixed when the module is built")
        for name, size, given in self._bindings():
            children = models_in(getattr(self, name))
            if size is not None and size != len(children):
                message = f"{name}: these data would make {size} of its {len(children)} models"
                raise DomainError(f"{message}; how many there are is fixed when the module is built")
            for at, child in enumerate(children):
                with within(name if size is None else f"{name}[{at}]"):
                    child._rebind(*child._split(given), anew=anew)
        if anew:
            bound = {name for name, _, _ in self._bindings()}
            for name, part in self._parts():
                if isinstance(part, OpenModule) and name.partition("[")[0] not in bound:
                    part._rebind({}, {}, anew=True)
        self._adopt()

    def _split(self, given: Mapping[str, Any]) -> tuple[dict[str, Tensor], dict[str, int]]:
        """What a model around this one binds: data and dims."""
        data = {one.name: one.read(given[one.name]) for one in self._data if one.name in given}
        return data, {one.name: given[one.name] for one in self._dims if one.name in given}

    def _bindings(self) -> Bindings:
        """What nested models take, by their names."""
        return ()

    def _adopt(self) -> None:
        """Give nested models the very buffers that they are bound to, which are in no state of theirs."""
        own = {id(one) for one in self._buffers.values()}
        for name, _, given in self._bindings():
            for child in models_in(getattr(self, name)):
                child._bound = frozenset(given)
                for data, value in given.items():
                    if data in child._buffers:
                        child._non_persistent_buffers_set.add(data)
                        if id(value) in own and value.dtype == child._buffers[data].dtype:
                            child._buffers[data] = value

    def _check_bounds(self) -> None:
        """Hold every computed bound against its domain, at the values that there are now."""
        with torch.no_grad(), whole_raw(self):
            self._solve({})

    @property
    def spec(self) -> dict[str, Any]:
        """The checked model as plain data, of the form of `cdsl.model.Model`, without what is as it is by default."""
        spec: dict[str, Any] = json.loads(self._spec)
        return spec

    def reset_parameters(self, **data: Settable) -> None:
        """Write the start values, and these data, again, for instance after `to_empty`, which loses both.

        Raises:
            DomainError: a start value does not fit, or a datum does not, or is not there after `to_empty`.
        """
        self._adopt()
        if self._unwritten and not self._is_hollow():
            by_name = {one.name: one for one in self._data}
            self._all_or_nothing({name: by_name[name].read(value) for name, value in data.items()}, anew=True)
            for module in self.modules():
                module.__dict__.pop("_unwritten", None)
        elif data:
            self.set_data_(**data)
        super().reset_parameters()

    def _is_hollow(self) -> bool:
        """Whether there are still no numbers in it."""
        return any(one is not None and one.is_meta for one in (*self._parameters.values(), *self._buffers.values()))

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> OpenModule[Values]:
        """Move and convert; what `to_empty` takes off the meta device is still to be written."""
        hollow = self._is_hollow()
        super()._apply(fn, recurse)
        if hollow and not self._is_hollow():
            self._unwritten = True
        self._adopt()
        return self

    # -- checkpoints -----------------------------------------------------------------------------------------------------

    @classmethod
    def _again(cls: type[Own], saved: SavedModel, given: Mapping[str, Any], **options: Any) -> Own:
        inputs: tuple[Dim | Data, ...] = cls._inputs  # type: ignore[attr-defined]  # of an open module
        dims = {one.name: saved.dims[one.name] for one in inputs if isinstance(one, Dim) and one.name in saved.dims}
        held = [one for one in inputs if isinstance(one, Data)]
        data = {one.name: saved.data[one.name] for one in held if one.name in saved.given and one.name in saved.data}
        for one in held:
            if one.default is None and one.name not in data and one.name not in given:
                raise CheckpointError(f"expected data `{one.name}`, give them: `{cls.__name__}.load(…, {one.name}=…)`")
            if one.name in data and data[one.name].is_floating_point() and not is_real(data[one.name]):
                raise CheckpointError(f"expected data `{one.name}`, found them in {data[one.name].dtype}")
        model = cls(**{**dims, **data, **given}, **options)
        sized = {name: size for name, size in model._sized.items() if name in given or name in saved.given}
        model.__dict__["_sized"] = sized
        return model

    def _given(self) -> tuple[dict[str, int], list[str]]:
        names = [one.name for one in self._inputs if one.name in self._sized or one.name in self._passed]
        return {one.name: getattr(self, one.name) for one in self._dims}, names

    def _unkept(self) -> dict[str, Tensor]:
        return {one.name: getattr(self, one.name) for one in self._data if one.name in self._non_persistent_buffers_set}

    # -- nested models ---------------------------------------------------------------------------------------------------

    def _parts(self) -> list[tuple[str, Declared | ConstrainedModule[Any]]]:
        """Parameters and nested models as they were declared, each of several by itself, with its name."""
        if not self._order:
            return [(one.name, one) for one in self._staged()]
        own = {one.name: one for one in self._staged()}
        parts: list[tuple[str, Declared | ConstrainedModule[Any]]] = []
        for name in self._order:
            found: Any = own[name] if name in own else getattr(self, name)
            if isinstance(found, nn.ModuleList):
                parts += [(f"{name}[{at}]", one) for at, one in enumerate(models_in(found))]
            else:
                parts.append((name, found))
        return parts

    def _leaves(self, path: str = "") -> list[Leaf]:
        leaves: list[Leaf] = []
        for name, part in self._parts():
            leaves += [Leaf(self, part, path)] if isinstance(part, Declared) else part._leaves(f"{path}{name}.")
        return leaves

    def _fold(self, raws: Iterator[Any]) -> Raw:
        if not self._order:
            return super()._fold(raws)
        own = {one.name for one in self._declared}
        return tuple(next(raws) if name in own else self._fold_nested(name, raws) for name in self._order)

    def _fold_nested(self, name: str, raws: Iterator[Any]) -> Raw:
        nested = getattr(self, name)
        folded = tuple(one._fold(raws) for one in models_in(nested))
        return folded if isinstance(nested, nn.ModuleList) else folded[0]

    def _raw(self, log_det: bool = False) -> Raw:
        """What is stored, the frozen without graph, those of nested models too."""
        if self._is_sharded():
            return self._gathered_raw(log_det)
        leaves = self._leaves()
        if not any(leaf.frozen or leaf.owner._resharded for leaf in leaves):
            return self._stored()
        pairs = zip(leaves, flat(self._stored()), strict=True)
        kept = ((leaf, raw.clone() if leaf.owner._resharded else raw) for leaf, raw in pairs)
        return self._fold(raw.detach() if leaf.frozen else raw for leaf, raw in kept)

    def _several(
        self, model: type[ConstrainedModule[Any]], size: int, *, least: int = 0, **given: Any
    ) -> nn.ModuleList:
        """So many of a nested model, as many at least as the spec names.

        Raises:
            DomainError: fewer.
            CheckpointError: more than a file that is being loaded has.
        """
        if size < least:
            raise DomainError(f"a list of `{model.__name__}` has a size of {size}, expected one ≥ {least}")
        refuse_more(model.__name__, size)
        return nn.ModuleList(model(**given) for _ in range(size))

    def _stored_in(self, nested: nn.ModuleList) -> Raw:
        """The raws of several nested models."""
        return tuple(one._stored() for one in models_in(nested))

    def _each(self, nested: nn.ModuleList, raw: Raw) -> tuple[Any, ...]:
        """The values of several nested models."""
        return tuple(one._evaluate(own) for one, own in zip(models_in(nested), raw, strict=True))

    def _nested(self, nested: nn.Module, raw: Raw, name: str, log_dets: LogDets) -> Any:
        """The values of a nested model, or of several; their log-Jacobians join the others under their own names."""
        if isinstance(nested, nn.ModuleList):
            pairs = enumerate(zip(models_in(nested), raw, strict=True))
            return tuple(self._nested(one, own, f"{name}[{at}]", log_dets) for at, (one, own) in pairs)
        values, own_log_dets = models_in(nested)[0]._evaluate_with_log_dets(raw)
        log_dets.update({f"{name}.{inner}": one for inner, one in own_log_dets.items()})
        return values

    def _inverted(self, given: Mapping[str, Any]) -> list[Tensor]:
        known, pieces = self._parents(given), list[Tensor]()
        for name, part in self._parts():
            if isinstance(part, Declared):
                pieces += [self._inverse(part, given, known)] if part.name not in self._frozen else []
            else:
                with within(name):
                    inner = part._inverted(by_name(self._given_to(name, given), part._names()))
                pieces += inner
                if known:
                    self._know(name, part, zip(part._free(), inner, strict=True), known)
        return pieces

    def _given_to(self, name: str, given: Mapping[str, Any]) -> Any:
        """What was given for a nested model, by its name, `noise` or `noise[0]`; nothing where that is nothing.

        Raises:
            DomainError: values of a list of models, too few or too many.
        """
        of, _, at = name.rstrip("]").partition("[")
        if of not in given:
            return {}
        if not at:
            return given[of]
        count = len(getattr(self, of))
        if isinstance(given[of], Mapping) or len(given[of]) != count:
            raise DomainError(f"{of}: expected the values of {count} models, in a list")
        return given[of][int(at)]

    def _solve(self, values: Mapping[str, Any]) -> tuple[list[tuple[Leaf, Tensor]], Known]:
        self._refuse_unknown(values)
        raws: list[tuple[Leaf, Tensor]] = []
        known: dict[str, Any] = {name: () for name, one in self._modules.items() if isinstance(one, nn.ModuleList)}
        follow = any(one.computed for one in self._declared)
        stored = {leaf.name: raw for leaf, raw in zip(self._leaves(), flat(self._stored()), strict=True)}
        for name, part in self._parts():
            if isinstance(part, Declared):
                raws += self._solve_one(part, stored[name], values, known, follow)
                continue
            start = values.get(name.partition("[")[0]) is START
            with within(name):
                given = dict.fromkeys(part._names(), START) if start else self._given_to(name, values)
                inner, _ = part._solve(by_name(given, part._names()))
            raws += inner
            if follow:
                new = {leaf.place: raw for leaf, raw in inner}
                changed = ((leaf, new[leaf.place]) for leaf in part._leaves() if leaf.place in new)
                self._know(name, part, changed, known)
        return raws, known

    def _know(
        self, name: str, part: ConstrainedModule[Any], changed: Iterable[tuple[Leaf, Tensor]], known: dict[str, Any]
    ) -> None:
        """The values that a nested model has with these raws, `(…, raw_size)` each, join what is known."""
        new = {leaf.name: (leaf, raw) for leaf, raw in changed}
        raws = []
        for leaf, own in zip(part._leaves(), flat(part._stored()), strict=True):
            found = new.get(leaf.name)
            raws.append(own if found is None else shaped(found[1].to(own), leaf.one))
        of, _, at = name.partition("[")
        values = part._evaluate(part._fold(iter(raws)))
        known[of] = values if not at else (*(known[of] if int(at.rstrip("]")) else ()), values)

    def _names(self) -> list[str]:
        return list(self._order) or super()._names()

    # -- what generated code computes with ------------------------------------------------------------------------------

    def _like(self) -> Tensor:
        """A raw parameter, or what else there is, for its dtype and device; before there is any, what was asked for."""
        for one in chain(self._parameters.values(), self._buffers.values()):
            if one is not None and one.is_floating_point():
                return piece_of(one)
        dtype, device = self._home
        return torch.empty(0, dtype=dtype, device=device)

    @property
    def _dtype(self) -> torch.dtype:
        return self._like().dtype

    @property
    def _device(self) -> torch.device:
        return self._like().device

    def _map(self, name: str) -> Map:
        """Of a parameter with two stages, the map that is on."""
        return self._declared[self._places[name]].at(self.training).map

    def _led(self, values: Values, lead: tuple[int, ...]) -> Values:
        if not lead or not (self._fixed or self._order):
            return values
        fields = type(values)._fields  # type: ignore[attr-defined]  # a NamedTuple; dynamo of torch 2.6 enters no `_asdict`
        led: dict[str, Any] = {name: getattr(values, name) for name in fields}
        for name in self._fixed:
            led[name] = led[name].expand(*lead, *led[name].shape)
        for name in self._order:
            nested = self._modules.get(name)
            if isinstance(nested, nn.ModuleList):
                pairs = zip(models_in(nested), led[name], strict=True)
                led[name] = tuple(one._led(own, lead) if isinstance(one, OpenModule) else own for one, own in pairs)
            elif isinstance(nested, OpenModule):
                led[name] = nested._led(led[name], lead)
        return type(values)(**led)

    def _real(self, value: Tensor | float) -> Tensor:
        """A number or a tensor in the module's dtype."""
        if isinstance(value, Tensor):
            return value.to(self._device, self._dtype)
        return written_there(value, self._dtype, self._device)

    # values may be called as Python's functions are, so that these stand under names of their own

    _min, _max, _int = staticmethod(min), staticmethod(max), staticmethod(int)

    def _bool(self, value: bool) -> Tensor:
        """A truth value that is known when the module is built."""
        return written_there(value, torch.bool, self._device)

    def _tensor(self, value: Any) -> Tensor:
        """Constants in the module's dtype, whole ones too: they meet real numbers."""
        return written_there(value, self._dtype, self._device)

    def _indices(self, value: Any) -> Tensor:
        """Constants as indices."""
        return written_there(value, torch.int64, self._device)

    def _zeros(self, *sizes: int) -> Tensor:
        return self._like().new_zeros(sizes)

    def _ones(self, *sizes: int) -> Tensor:
        return self._like().new_ones(sizes)

    def _full(self, value: Tensor | float, *sizes: int) -> Tensor:
        """A number `(…)` in all places of `(…, *sizes)`"""
        value = self._real(value)
        return value.reshape(value.shape + (1,) * len(sizes)).expand(value.shape + sizes)

    def _eye(self, size: int) -> Tensor:
        return torch.eye(size, dtype=self._dtype, device=self._device)

    def _arange(self, size: int) -> Tensor:
        """Whole numbers from 0"""
        return torch.arange(size, device=self._device)

    def _linspace(self, a: Tensor | float, b: Tensor | float, n: int) -> Tensor:
        """n numbers from a to b, `(…)` each, to `(…, n)`"""
        if not isinstance(a, Tensor) and not isinstance(b, Tensor):
            return torch.linspace(a, b, n, dtype=self._dtype, device=self._device)
        weights = torch.linspace(0, 1, n, dtype=self._dtype, device=self._device)
        return torch.lerp(self._real(a).unsqueeze(-1), self._real(b).unsqueeze(-1), weights)

    # -- attributes and copies ------------------------------------------------------------------------------------------

    def __setattr__(self, name: str, value: Any) -> None:
        given = name in self._input_names
        if given and name in self.__dict__.get("_buffers", ()) and any(one.name == name for one in self._data):
            self.set_data_(**{name: value})
            return
        if given and any(one.name == name for one in self._dims):
            raise TypeError(f"`{name}` is a size: it is fixed when the module is built, or follows from data")
        super().__setattr__(name, value)

    def __getstate__(self) -> dict[str, Any]:
        """Without the declarations, which follow from the rest."""
        state = super().__getstate__()
        state.pop("_declared", None)
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)  # type: ignore[no-untyped-call]  # torch leaves it without annotations
        self.__dict__["_declared"] = self._declarations()


def fits(module: nn.Module, name: str, shape: tuple[int, ...]) -> bool:
    """Whether a buffer has this shape."""
    return tuple(getattr(module, name).shape) == shape


def shaped(raw: Tensor, one: Declared) -> Tensor:
    """A raw as it is solved for or flat, `(…, raw_size)`, in the shape that its map takes."""
    if tuple(raw.shape) == one.raw_shape:
        return raw
    return raw.reshape((*raw.shape[:-1], *one.raw_shape))


@contextmanager
def within(name: str) -> Iterator[None]:
    """What is wrong in a nested model is told with where that stands."""
    try:
        yield
    except DomainError as error:
        raise DomainError(f"{name}.{error}") from None


def models_in(nested: Any) -> tuple[Any, ...]:
    """A nested model, or those of a list."""
    return tuple(nested) if isinstance(nested, nn.ModuleList) else (nested,)


def written_there(value: Any, dtype: torch.dtype, device: torch.device) -> Tensor:
    """A constant, a number or nested tuples of them. Eager code on an accelerator fills it in where it is used: a copy from the CPU
    waits for the device, and no CUDA graph takes it."""
    if device.type == "cpu" or torch.compiler.is_compiling() or value == ():
        return torch.tensor(value, dtype=dtype, device=device)
    if isinstance(value, tuple):
        return torch.stack([written_there(one, dtype, device) for one in value])
    return torch.full((), value, dtype=dtype, device=device)
