"""The base class of every generated module.

A generated class says what is its own (`_declared`, `_stored`, `_evaluate`, `_evaluate_with_log_dets` and the properties);
everything that follows from these stands here, once. The one state is raw; every value is rebuilt from it.
"""

from __future__ import annotations

import os
import warnings
from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import isfinite
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeAlias, TypeVar

import torch
from torch import Tensor, nn
from torch._subclasses import FakeTensor  # private, and the only name that it has

from cdsl.constraints.real import is_identity
from cdsl.runtime.checkpoint import SavedModel, load_model, save_model
from cdsl.runtime.declared import Argument, Declared, eps_of, first_index, index_text, labels, tensor_of
from cdsl.runtime.errors import DomainError, NotBijective
from cdsl.runtime.fused import is_watched
from cdsl.runtime.graph import ValueAndGrad
from cdsl.runtime.groups import Grouping
from cdsl.runtime.optimizers import groups_of
from cdsl.runtime.sharded import (
    any_sharded,
    in_pieces,
    is_managed,
    is_sharded,
    piece_of,
    reads_whole,
    whole_of,
    whole_raw,
)
from cdsl.runtime.signature import decode, encode, require_same
from cdsl.runtime.table import brief, html_table, text_table

Raw: TypeAlias = tuple[Any, ...]
"""The raw of every parameter, a tensor each, and of every nested model the same again."""
LogDets: TypeAlias = dict[str, Tensor]
Device: TypeAlias = torch.device | str | int | None

Settable: TypeAlias = Tensor | float | Sequence[Any]
"""What a parameter can be set to: a tensor, a number, nested sequences of numbers."""

Known: TypeAlias = Mapping[str, Any]
"""The values of parameters, tensors, and those of nested models, by name."""

Values = TypeVar("Values")
"""A named tuple, or what a packed module has in its place."""
Own = TypeVar("Own", bound="ConstrainedModule[Any]")

WithLogDets: TypeAlias = tuple[Values, LogDets]

KEPT = frozenset({"_flat_view", "_raw_view"})
"""Attributes that are made again where they are asked for."""

START = object()
"""In place of a value: the one that a parameter starts from."""


class ConstrainedModule(nn.Module, Generic[Values]):
    """Unconstrained raw parameters, and the constrained values that they stand for."""

    _declared: tuple[Declared, ...]
    _doc: ClassVar[str] = ""
    _values: ClassVar[Callable[..., Any] | None] = None
    """What makes the values of a generated class that has one of each declaration and nothing else."""
    _closed: ClassVar[bool] = True
    """Whether each value follows from its own raw alone."""
    _bijective: ClassVar[bool] = False
    """Whether all maps of its own parameters are, in training and in evaluation."""
    _in_pieces: ClassVar[bool] = True
    """Whether its values may be made of DTensors: each follows from its own raw, which is a parameter of its own."""
    _version = 0
    """Counts the changes that views of raw depend on: which declarations there are, and what is frozen."""
    _resharded = False
    """Whether raw has been sharded: then its memory may be given back after a forward pass, and no value may share it."""
    _flat_view: FlatView | None = None
    """The flat vector, as it was laid out when it was last asked for."""

    def __init__(self) -> None:
        super().__init__()
        self._frozen = self._always_frozen()

    def __init_subclass__(cls, **options: Any) -> None:
        """Let the properties of a generated class, which read values, gather raw that is sharded."""
        super().__init_subclass__(**options)
        own = getattr(cls, "_declared", ())
        cls._bijective = all(one.at(training).map.bijective for one in own for training in (True, False))
        for name, member in list(vars(cls).items()):
            generated = not name.startswith("_") and not hasattr(ConstrainedModule, name)
            if generated and type(member) is property and member.fget is not None:
                setattr(cls, name, property(reads_whole(member.fget), member.fset, member.fdel, member.__doc__))

    if TYPE_CHECKING:

        def __call__(self) -> Values: ...

    # -- what a generated class defines -------------------------------------------------------------------------------

    @abstractmethod
    def forward(self) -> Values:
        """Every parameter, constrained; differentiable, each computed once."""

    @abstractmethod
    def _stored(self) -> Raw:
        """Every parameter's raw in the shape its map takes, in declaration order."""

    @abstractmethod
    def _evaluate(self, raw: Raw) -> Values:
        """raw ↦ values; batched over leading dimensions, reading nothing but its argument and bounds that are arrays."""

    @abstractmethod
    def _evaluate_with_log_dets(self, raw: Raw) -> WithLogDets[Values]:
        """raw ↦ (values, log-Jacobian of each bijective parameter by name); shape of the leading dimensions."""

    def _arguments(self, name: str, values: Known) -> tuple[Argument, ...]:
        """The arguments of a parameter's domain where some are computed, from the values of parameters above it."""
        raise AssertionError(f"no argument of {name} is computed")

    def _raw(self, log_det: bool = False) -> Raw:
        """What is stored, the frozen without graph: a parent's `requires_grad_` does not thaw them.

        (A packed module maps like raws together here, with their log-Jacobians where these are asked for.)
        """
        if self._is_sharded():
            return self._gathered_raw(log_det)
        stored = tuple(raw.clone() for raw in self._stored()) if self._resharded else self._stored()
        if not self._frozen:
            return stored
        pairs = zip(self._own(), stored, strict=True)
        return tuple(raw.detach() if one.name in self._frozen else raw for one, raw in pairs)

    def _is_sharded(self) -> bool:
        """Whether the raw of a parameter is a piece of it now, as between two passes of `fully_shard`."""
        return any_sharded(self.parameters() if self._modules else self._parameters.values())

    def _gathered_raw(self, log_det: bool) -> Raw:
        """`_raw` where it is sharded: a whole copy without gradient; values, where somebody made DTensors of raws by hand.

        Raises:
            RuntimeError: it is a copy, and somebody may want the gradient.
        """
        managed = is_managed(self)
        if self._in_pieces and not managed:
            raws = [(one, getattr(self, one.raw_name)) for one in self._declared]
            return tuple(
                in_pieces([(one, raw.detach() if one.name in self._frozen else raw) for one, raw in raws], log_det)
            )
        if torch.is_grad_enabled() and any(one.requires_grad for one in self.parameters()):
            wanted = (
                "a call of `model()`, or of a method that was given to `torch.distributed.fsdp.register_fsdp_forward_method`, "
                "or inside of the forward of what `fully_shard` took"
                if managed
                else "`torch.distributed.fsdp.fully_shard(model)`, which takes every model; raw that was made a DTensor by hand is "
                'trained where `layout="separate"` and the spec has no dims, data, `let`, nested model, computed bounds or stages'
            )
            raise RuntimeError(
                f"{type(self).__name__}: its raw values are sharded now, and values that are made of them here would carry no "
                f"gradient. Expected {wanted}; to read values, `with torch.no_grad():`"
            )
        with whole_raw(self):
            return self._raw(log_det)

    @property
    def _whole(self) -> bool:
        """Whether `_raw` is one vector, of which all its values are made at once."""
        return False

    def _leaves(self, path: str = "") -> list[Leaf]:
        """Every parameter, in the order of the flat vector; those of nested models in their places."""
        return [Leaf(self, one, path) for one in self._staged()]

    def _staged(self) -> tuple[Declared, ...]:
        """The parameters, with the maps that are on."""
        return tuple(one.at(self.training) for one in self._own())

    def _own(self) -> tuple[Declared, ...]:
        """`_declared`. The class is asked for what is the class's: in a strict export dynamo of torch 2.6 reads that of no module."""
        return type(self)._declared if self._closed else self._declared

    def _fold(self, raws: Iterator[Any]) -> Raw:
        """The raws of all leaves, as `_evaluate` takes them."""
        return tuple(next(raws) for _ in self._declared)

    # -- values and log-Jacobian ----------------------------------------------------------------------------------------

    def log_abs_det_jacobian(self) -> Tensor:
        """Σ over the parameters that are not frozen of log |det ∂ value / ∂ raw|; a scalar.

        Raises:
            NotBijective: one of them is declared with a surjective transform.
        """
        return self.forward_and_log_det()[1]

    def forward_and_log_det(self) -> tuple[Values, Tensor]:
        """`(model(), model.log_abs_det_jacobian())`, sharing work."""
        if torch.compiler.is_dynamo_compiling() and self._values is not None and self._bijective:
            # Dynamo asks at every call about all that it looked at: not about a view that would say the same
            values, log_dets = self._evaluate_with_log_dets(self._raw(log_det=True))
            return values, self._sum([part for name, part in log_dets.items() if name not in self._frozen], ())
        view = self._view_now()
        view.require_log_det()
        values, log_dets = self._evaluate_with_log_dets(self._raw(log_det=True))
        return values, self._sum([log_dets[name] for name in view.free], ())

    def _sum(self, parts: Iterable[Tensor | None], lead: tuple[int, ...]) -> Tensor:
        """The sum of log-Jacobians `(…)`; of like declarations that were mapped together, the first has that of all."""
        total = None
        for part in parts:
            if part is not None:
                total = part if total is None else total + part
        return self._like().new_zeros(lead) if total is None else total

    # -- the flat view --------------------------------------------------------------------------------------------------

    @property
    def unconstrained_size(self) -> int:
        """D, the length of the flat vector: every raw entry of the parameters that are not frozen."""
        return sum(leaf.one.raw_size for leaf in self._free())

    def raw_names(self) -> list[str]:
        """A label for each entry of the flat vector: declaration order, row-major, `w_raw[2]`."""
        return [leaf.path + label for leaf in self._free() for label in leaf.one.labels()]

    def to_flat(self) -> Tensor:
        """The raw values as one vector `(D,)`; a copy, without graph."""
        with whole_raw(self):
            raw = [leaf.parameter.detach().reshape(-1) for leaf in self._free()]
            return torch.cat(raw) if raw else self._like().new_empty(0)

    def load_flat_(self, theta: Tensor) -> None:
        """Set raw from a flat vector `(D,)`.

        Raises:
            ValueError: a wrong length, or an entry that is not finite.
        """
        if theta.shape != (self.unconstrained_size,):
            raise ValueError(f"theta: expected shape ({self.unconstrained_size},), got {tuple(theta.shape)}")
        fits = theta.detach().to(self._like().dtype).isfinite()
        if not fits.all():
            at = int((~fits).nonzero()[0])
            raise ValueError(
                f"theta: {self.raw_names()[at]} is {theta[at].item()}, which is no finite {self._like().dtype}"
            )
        with torch.no_grad(), whole_raw(self, write=True):
            for leaf, piece in self._pieces(theta):
                leaf.parameter.copy_(piece.reshape(leaf.parameter.shape))

    def constrain(self, theta: Tensor) -> Values:
        """theta `(…, D)` ↦ values, each with the leading dimensions of theta; frozen parameters keep their values.

        Raises:
            TypeError: theta is no tensor of a floating dtype.
            ValueError: the last size of theta is not D.
        """
        return self._constrained(theta, self._view_for(theta), None)

    def constrain_and_log_det(self, theta: Tensor) -> tuple[Values, Tensor]:
        """theta `(…, D)` ↦ (values, log |det ∂ values / ∂ theta|), the latter `(…)`.

        Raises:
            TypeError: theta is no tensor of a floating dtype.
            ValueError: the last size of theta is not D.
            NotBijective: a parameter is declared with a surjective transform.
        """
        view = self._view_for(theta)
        view.require_log_det()
        log_dets: list[Tensor] = []
        values = self._constrained(theta, view, log_dets)
        return values, self._sum(log_dets, theta.shape[:-1])

    def value_and_grad(
        self, fn: Callable[..., Tensor], *, compile: bool = True, aot: bool | str | os.PathLike[str] = False
    ) -> ValueAndGrad:
        """theta `(D,)` ↦ (`fn(values, log_det)`, its gradient `(D,)`), neither with a graph; compiled at the first call.

        `fn` takes values as `model()` returns them and log |det ∂ values / ∂ theta|, or values alone, and returns a
        scalar. It is traced: what it does to tensors is repeated with the tensors that there are at each call, data,
        frozen parameters and tensors that it closes over among them; numbers and branches of Python stay as they were.

        With `aot=True` it is compiled by AOTInductor: longer, for calls of some microseconds less. With the path of a
        directory it is kept there as a package, and taken from there by the next process that traces the same graph, with
        the same torch, processor and number of threads. A package is code, and loading one runs it: name no directory that
        others may write into.

        Raises:
            NotBijective: `fn` takes a log-det, and a parameter is declared with a surjective transform.
            ValueError: `aot` names a file, or comes with `compile=False`.
        """
        return ValueAndGrad(self, fn, compile, aot)

    def _view_now(self) -> FlatView:
        """The flat vector as things are. (Dynamo, and the modes of export and `make_fx`, neither see nor keep what is kept.)"""
        if torch.compiler.is_dynamo_compiling() or is_watched():
            return FlatView(self)
        view = self._flat_view
        if view is None or not view.holds():
            with torch.inference_mode(False):  # gradients need its tensors, later
                view = self.__dict__["_flat_view"] = FlatView(self)
                view.group()
        return view

    def _view_for(self, theta: Tensor) -> FlatView:
        """The same, which theta `(…, D)` is held against."""
        if not isinstance(theta, Tensor) or not theta.is_floating_point():
            got = theta.dtype if isinstance(theta, Tensor) else type(theta).__name__
            raise TypeError(f"theta: expected a tensor of a floating dtype, got {got}")
        view = self._view_now()
        if theta.ndim == 0 or theta.shape[-1] != view.size:
            raise ValueError(f"theta: expected shape (…, {view.size}), got {tuple(theta.shape)}")
        return view

    def _constrained(self, theta: Tensor, view: FlatView, log_dets: list[Tensor] | None) -> Values:
        """theta `(…, D)` ↦ values; their log-Jacobians, each `(…)`, go into the list where there is one."""
        lead = theta.shape[:-1]
        if self._values is not None:
            return self._mapped(theta, view.group(), log_dets)
        found = dict(view.group().ready(theta, log_dets is not None))
        for place, leaf in view.frozen.items():
            held = whole_of(leaf.parameter).reshape(leaf.one.raw_shape)
            found[place] = (held.clone() if leaf.owner._resharded else held).expand((*lead, *leaf.one.raw_shape))
        raw = self._fold(found[place] for place in range(len(found)))
        if log_dets is None:
            return self._led(self._evaluate(raw), lead)
        values, by_name = self._evaluate_with_log_dets(raw)
        log_dets += [part for name in view.free if (part := by_name[name]) is not None]
        return self._led(values, lead)

    def _mapped(self, theta: Tensor, grouping: Grouping, log_dets: list[Tensor] | None) -> Values:
        """The same where values are those of the parameters, and nothing else."""
        raws, alone = grouping.split(theta)
        values = grouping.mapped(raws, log_dets)
        others: dict[int, Tensor] = {}
        declared = self._own()
        for place, raw in alone:
            others[place] = self._mapped_alone(declared[place].at(self.training), raw, log_dets)
        for place in grouping.absent:
            value: Tensor = getattr(self, declared[place].name).detach()
            others[place] = value.expand((*theta.shape[:-1], *value.shape))
        return self._put_together(grouping, values, others)

    def _mapped_alone(self, one: Declared, raw: Tensor, log_dets: list[Tensor] | None) -> Tensor:
        """The value of a parameter that has no like, as its own line in the generated class makes it."""
        given: list[Any] = [
            getattr(self, f"_{one.name}_{name}") if isinstance(argument, tuple) else argument
            for name, argument in zip(one.map.domain.arguments, one.arguments, strict=False)
        ]
        given += one.sizes if one.map.domain.sized else ()
        held = {"held": getattr(self, f"_{one.name}_held")} if one.held else {}
        if log_dets is None:
            return one.map(raw, *given, **held)
        value, log_det = one.map.with_log_det(raw, *given, batch=len(one.batch), **held)
        log_dets.append(log_det)
        return value

    def _put_together(self, grouping: Grouping, values: list[Tensor], others: Mapping[int, Tensor]) -> Values:
        """The values of all parameters, from those of each group and of those that are in none, by place."""
        found = dict(others)
        for group, value in zip(grouping.groups, values, strict=True):
            found.update(zip(group.places, group.handed_out(value), strict=True))
        made: Values = self._values(*map(found.__getitem__, range(len(found))))  # type: ignore[misc]  # there is one
        return made

    def _led(self, values: Values, lead: tuple[int, ...]) -> Values:
        """The values, those too that depend on no parameter, with these leading dimensions."""
        return values

    def _pieces(self, theta: Tensor) -> Iterator[tuple[Leaf, Tensor]]:
        """Each parameter that is not frozen, with its part of theta."""
        free = self._free()
        yield from zip(free, torch.split(theta, [leaf.one.raw_size for leaf in free], -1), strict=True)

    def unconstrain(self, values: Values | Mapping[str, Settable]) -> Tensor:
        """Values, as `model()` returns them or by name, ↦ flat raw `(…, D)`; each may have the same leading dimensions.

        Raises:
            DomainError: a value is missing, outside its domain, or of a wrong shape.
        """
        with whole_raw(self):
            like, pieces = self._like(), self._inverted(by_name(values, self._names()))
        leads = {piece.shape[:-1] for piece in pieces if piece.ndim > 1}
        if len(leads) > 1:
            raise DomainError(f"values: expected the same leading dimensions, got {sorted(map(tuple, leads))}")
        lead = next(iter(leads), torch.Size())
        return torch.cat([piece.expand(*lead, piece.shape[-1]) for piece in pieces] or [like.new_empty(0)], -1)

    def _inverted(self, given: Mapping[str, Any]) -> list[Tensor]:
        """The raws of values by name, flat, of the parameters that are not frozen."""
        known = self._parents(given)
        return [self._inverse(one, given, known) for one in self._staged() if one.name not in self._frozen]

    def _inverse(self, one: Declared, given: Mapping[str, Any], known: Mapping[str, Any]) -> Tensor:
        """The raw of one value `(…, *shape)`, as `(…, raw_size)`."""
        if one.name not in given:
            raise DomainError(f"{one.name}: no value was given")
        value = given[one.name]
        if not (isinstance(value, Tensor) and value.is_floating_point()):
            value = one.read(value).to(torch.float64)
        cut = value.ndim - len(one.shape)
        if cut < 0 or value.shape[cut:] != one.shape:
            raise DomainError(f"{one.name}: expected shape (…, {one.shape}), got {tuple(value.shape)}")
        under = one.under(self._arguments(one.name, known)) if one.computed else one
        with torch.no_grad():
            under.inside(value.to(device="cpu", dtype=torch.float64), eps_of(value))
        wide = value if value.device.type == "mps" else value.to(torch.float64)
        like = getattr(self, one.raw_name)
        raw = under.raws_of(wide).to(dtype=like.dtype, device=like.device)
        return raw.reshape((*raw.shape[: raw.ndim - len(one.raw_shape)], one.raw_size))

    # -- setting --------------------------------------------------------------------------------------------------------

    def assign_(self, **values: Settable) -> None:
        """Set parameters by their constrained values; all or none.

        Raises:
            DomainError: names the parameter, the entry, its value and the domain; nothing is written.
            TypeError: a name that this model does not declare.
        """
        self._write(values)

    def _write(self, values: Mapping[str, Any]) -> None:
        """Set raw by constrained values, or by `START`; all or none."""
        with torch.no_grad(), whole_raw(self, write=True):
            for leaf, raw in self._solve(values)[0]:
                leaf.parameter.copy_(raw.reshape(leaf.parameter.shape))

    def _solve(self, values: Mapping[str, Any]) -> tuple[list[tuple[Leaf, Tensor]], Known]:
        """Parameters with the raw that these values make of them: in declaration order, each under what its parents have become.

        Beside them the values that follow, where a bound asks for them.

        Raises:
            TypeError: a name that this model does not declare.
        """
        self._refuse_unknown(values)
        raws: list[tuple[Leaf, Tensor]] = []
        known: dict[str, Any] = {}
        follow = any(one.computed for one in self._declared)
        for one, stored in zip(self._staged(), self._stored(), strict=True):
            raws += self._solve_one(one, stored, values, known, follow)
        return raws, known

    def _solve_one(
        self, one: Declared, stored: Tensor, values: Mapping[str, Any], known: dict[str, Any], follow: bool
    ) -> list[tuple[Leaf, Tensor]]:
        """The same for one parameter: what it becomes joins what is known."""
        under = one.under(self._arguments(one.name, known)) if one.computed else one
        if one.name in values:
            value = under.start_value() if values[one.name] is START else values[one.name]
            raw = under.raw_of(value, stored.dtype)
            stored = raw.to(stored.device)
        if follow:
            known[one.name] = under.value_of(stored)
        return [(Leaf(self, one, ""), raw)] if one.name in values else []

    def _refuse_unknown(self, names: Iterable[str]) -> None:
        """Hold names against those that are declared.

        Raises:
            TypeError: one is not.
        """
        declared = set(self._names())
        unknown = [name for name in names if name not in declared]
        if unknown:
            raise TypeError(f"{type(self).__name__} declares no `{unknown[0]}`; it declares {', '.join(self._names())}")

    def _parents(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The values that computed bounds may ask for: those that are given, and of the frozen their own."""
        if not any(one.computed for one in self._declared):
            return {}
        like = self._like()
        known = dict(self._evaluate(self._raw())._asdict())  # type: ignore[attr-defined]  # a NamedTuple
        declared = {one.name for one in self._declared}
        return known | {name: torch.as_tensor(value).to(like) for name, value in given.items() if name in declared}

    def reset_parameters(self) -> None:
        """Write the start values again, for instance after `to_empty`; where there are no data there is nothing to write.

        Bounds that are arrays are written as well.

        Raises:
            DomainError: a start value, or an entry of an array of bounds, does not fit the dtype.
        """
        own = [parameters[name] for parameters, name in (leaf.slot for leaf in self._leaves())]
        if any(parameter.is_complex() for parameter in own):
            raise TypeError("dtype: expected a real floating dtype, got a complex one")
        if not any(map(hollow, own)):
            self._write_arrays()
            self._write(dict.fromkeys(self._names(), START))

    def _write_arrays(self) -> None:
        """Write arguments that are arrays as they are declared, beside raw; in float32 for narrower raw, as maps compute."""
        for one in (one for one in self._declared if any(True for _ in one.buffers())):
            raw = getattr(self, one.raw_name)
            if one.held and not hollow(raw):
                one.refuse_rounded(raw.dtype)
            for name, argument in one.buffers() if not hollow(raw) else ():
                exact, held = tensor_of(argument), getattr(self, name)
                dtype = torch.float64 if raw.dtype == torch.float64 else torch.float32
                written = exact.to(dtype=dtype, device=raw.device)
                lost = exact.isfinite() & ~written.cpu().isfinite()
                if lost.any():
                    where = index_text(name.removeprefix(f"_{one.name}_"), first_index(lost, lost.ndim))
                    raise DomainError(f"{one.name}: the bound {where} does not fit {dtype}")
                if (held.dtype, held.device) != (dtype, raw.device):
                    setattr(self, name, written)
                elif not torch.equal(held, written):  # where nothing changes, a graph may still need it
                    with torch.no_grad():
                        held.copy_(written)

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> ConstrainedModule[Values]:
        """Move and convert, as `to` and `to_empty` do, and write arrays again: rounding them twice would move bounds."""
        super()._apply(fn, recurse)  # type: ignore[no-untyped-call]  # torch leaves it without annotations
        self._write_arrays()
        return self

    def randomize_(self, radius: float = 2.0, generator: torch.Generator | None = None) -> None:
        """Draw every raw that is not frozen from the uniform distribution on (-radius, radius): Stan's start."""
        with torch.no_grad(), whole_raw(self, write=True):
            for leaf in self._free():
                leaf.parameter.uniform_(-radius, radius, generator=generator)

    # -- freezing -------------------------------------------------------------------------------------------------------

    def freeze_(self, *names: str) -> None:
        """Hold parameters constant, by their declared names: no gradient, no part in the flat vector or log-Jacobian.

        Of a nested model by `noise.df`, all of them by `noise`.
        """
        self._set_frozen(names, True)

    def unfreeze_(self, *names: str) -> None:
        """Undo `freeze_`.

        Raises:
            TypeError: a parameter that the spec itself declares frozen.
        """
        for leaf in self._leaves():
            if leaf.one.frozen and leaf.name in names:
                raise TypeError(f"`{leaf.name}` is declared `frozen`: a constant, by its spec")
        self._set_frozen(names, False)

    def frozen_names(self) -> list[str]:
        """The parameters that are frozen now, in declaration order."""
        return [leaf.name for leaf in self._leaves() if leaf.frozen]

    def _set_frozen(self, names: Iterable[str], frozen: bool) -> None:
        leaves = self._leaves()
        self._refuse_foreign(names, leaves)
        called: dict[str, list[Leaf]] = {}
        for leaf in leaves:
            for name in leaf.names:
                called.setdefault(name, []).append(leaf)
        chosen = [leaf for name in names for leaf in called[name]]
        for leaf in chosen:
            if not leaf.one.frozen:
                leaf.owner._refuse_apart(leaf.name)
        for leaf in chosen:
            leaf.owner._version += 1
            if frozen:
                leaf.owner._frozen |= {leaf.one.name}
            elif not leaf.one.frozen:
                leaf.owner._frozen -= {leaf.one.name}
        for leaf in leaves:
            parameters, name = leaf.slot
            parameters[name].requires_grad_(not leaf.frozen)
            if leaf.frozen:
                parameters[name].grad = None  # an optimizer would still take a step along it

    def _grad_of(self, one: Declared) -> Tensor | None:
        """The gradient of a raw, where there is one."""
        raw: Tensor = getattr(self, one.raw_name)
        return raw.grad

    def _refuse_apart(self, name: str) -> None:
        """Refuse to treat a parameter by itself, where it is none."""

    def _refuse_foreign(self, names: Iterable[str], leaves: Sequence[Leaf]) -> None:
        """Hold names against those of parameters, and of nested models.

        Raises:
            TypeError: one is neither.
        """
        known = {name for leaf in leaves for name in leaf.names}
        for name in names:
            if name not in known:
                declares = ", ".join(leaf.name for leaf in leaves)
                raise TypeError(f"{type(self).__name__} declares no `{name}`; it declares {declares}")

    def param_groups(self, *, no_decay: str | Iterable[str] | bool = (), **options: Any) -> list[dict[str, Any]]:
        """The raw parameters that are not frozen as groups for an optimizer: `torch.optim.AdamW(model.param_groups(no_decay=["s"]))`.

        `no_decay` names those without weight decay; True is all but `real`, whose neutral value is meant to be 0. An option is one for all, or by name: `lr={"w": 1e-3, "noise": 1e-2}`;
        `noise.df` counts before `noise`. Names are the declared ones, of a nested model all that it has. Where nothing is
        said of an option the optimizer's own holds, and where nothing differs there is one group.

        Raises:
            TypeError: a name that this model does not declare, or two words about the weight decay of one.
        """
        if not isinstance(no_decay, bool):
            no_decay = [no_decay] if isinstance(no_decay, str) else [*no_decay]
        return groups_of(self, no_decay, options)

    def _like(self) -> Tensor:
        """A raw parameter, for its dtype and device."""
        return piece_of(getattr(self, self._declared[0].raw_name))

    def _free(self) -> list[Leaf]:
        return [leaf for leaf in self._leaves() if not leaf.frozen]

    def _always_frozen(self) -> frozenset[str]:
        return frozenset(one.name for one in self._declared if one.frozen)

    def _names(self) -> list[str]:
        return [one.name for one in self._declared]

    # -- looking --------------------------------------------------------------------------------------------------------

    @property
    def spec(self) -> dict[str, Any]:
        """The checked model as plain data, of the form of `cdsl.model.Model`."""
        parameters = [
            {
                "name": one.name,
                "domain": one.map.domain.name,
                "arguments": [as_json(argument) for argument in one.arguments],
                "batch": list(one.batch),
                "sizes": list(one.sizes),
                "transform": one.map.name,
                "parts": [[name, part.name] for name, part in one.map.parts.items()],
                "step": [] if is_identity(one.loc, one.scale) else [one.loc, one.scale],
                "start": as_lists(one.start),
                "frozen": one.frozen,
                "held": list(one.held),
                "doc": one.doc,
            }
            for one in self._declared
        ]
        return {"version": 1, "name": type(self).__name__, "doc": self._doc, "parameters": parameters}

    def scalar_dict(self, prefix: str = "") -> dict[str, float]:
        """Every entry of every constrained value as `{prefix + "w[2]": number}`, for any logger."""
        with torch.no_grad(), whole_raw(self):
            values = self._evaluate(self._raw())
        return {
            prefix + label: entry
            for name, value in named(values, "")
            for label, entry in zip(labels(name, tuple(value.shape)), value.reshape(-1).tolist(), strict=True)
        }

    def summary(self) -> str:
        """The parameters as a table: name, domain, transform, shape, value, trainable."""
        return text_table(self._rows())

    def __repr__(self) -> str:
        return f"{type(self).__name__}\n{self.summary()}"

    def _repr_html_(self) -> str:
        return html_table(self._rows())

    def _rows(self) -> list[tuple[str, ...]]:
        with torch.no_grad(), whole_raw(self):
            values = dict(named(self._evaluate(self._raw()), ""))
        return [
            (
                leaf.name,
                leaf.one.brief,
                leaf.one.map.written,
                str(leaf.one.shape),
                brief(values[leaf.name]),
                "no" if leaf.frozen else leaf.one.trains,
            )
            for leaf in self._leaves()
        ]

    # -- checkpoints ----------------------------------------------------------------------------------------------------

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the model to a safetensors file, whole or not at all: its state, data and dims, what is frozen, its spec.

        Raises:
            CheckpointError: it has no data, or is sharded.
            OSError: the file cannot be written; the one that was there is as it was.
        """
        save_model(self, path)

    @classmethod
    def load(
        cls: type[Own],
        path: str | os.PathLike[str],
        /,
        *,
        dtype: torch.dtype | None = None,
        device: Device = None,
        **given: Any,
    ) -> Own:
        """The model that `save` wrote, in the dtype that it had; dims and data that are given replace those of the file.

        A state dict in a safetensors file is taken too, with what it does not have given.

        Raises:
            CheckpointError: the file is no checkpoint of this model, not all of one, or damaged.
            SignatureMismatch: it was saved under other constraints.
            DomainError: data do not fit.
            OSError: the file cannot be read.
        """
        model: Own = load_model(cls, path, given, dtype, device)
        return model

    @classmethod
    def _again(cls: type[Own], saved: SavedModel, given: Mapping[str, Any], **options: Any) -> Own:
        """A model built as the one that was saved, with what else is given."""
        return cls(**given, **options)

    def _given(self) -> tuple[dict[str, int], list[str]]:
        """The dims, and the names of those and of data that the caller gave."""
        return {}, []

    def _unkept(self) -> dict[str, Tensor]:
        """The data that are in no state."""
        return {}

    def get_extra_state(self) -> Tensor:
        """The constraints' signature, see `cdsl.runtime.signature`."""
        return encode(self._declared)

    def set_extra_state(self, state: Any) -> None:
        """Nothing to set: the signature was compared before anything was copied."""

    def _load_from_state_dict(
        self,
        state_dict: dict[str, Any],
        prefix: str,
        local_metadata: dict[str, Any],
        strict: bool,
        missing_keys: list[str],
        unexpected_keys: list[str],
        error_msgs: list[str],
    ) -> None:
        owner, key = type(self).__name__, f"{prefix}_extra_state"
        if key in state_dict:
            require_same(decode(state_dict[key]), self._declared, owner)
        elif any(f"{prefix}{one.raw_name}" in state_dict for one in self._declared):
            warnings.warn(f"{owner}: the checkpoint does not say under which constraints it was saved", stacklevel=2)
        super()._load_from_state_dict(
            state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs
        )
        if key in missing_keys:
            missing_keys.remove(key)
        self._write_arrays()  # `assign=True` may have brought raw from the meta device

    # -- attributes and copies ------------------------------------------------------------------------------------------

    def __getstate__(self) -> dict[str, Any]:
        """Without what follows from the rest."""
        return {name: value for name, value in self.__dict__.items() if name not in KEPT}

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, nn.Parameter) and isinstance(getattr(type(self), name, None), property):
            raise TypeError(f"`{name}` is computed from `{name}_raw`: assign a value, or set `{name}_raw`")
        if is_sharded(value):  # as `fully_shard` sets it
            self.__dict__["_resharded"] = True
        super().__setattr__(name, value)

    def __getattr__(self, name: str) -> Any:
        parameter = self.__dict__.get("_parameters", {}).get(name)
        if parameter is not None:  # what is asked for most
            return parameter
        # nn.Module comes here when a property raised AttributeError, and would blame the property: raise the real one.
        computed = getattr(type(self), name, None)
        if isinstance(computed, property) and computed.fget is not None:
            return computed.fget(self)
        return super().__getattr__(name)


class FlatView:
    """The flat vector of a module as things are: who has a part in it, where, and which of them are alike."""

    def __init__(self, module: ConstrainedModule[Any]) -> None:
        leaves = module._leaves()
        self.size = sum(leaf.one.raw_size for leaf in leaves if not leaf.frozen)
        self.free = [leaf.name for leaf in leaves if not leaf.frozen]
        self.frozen = {place: leaf for place, leaf in enumerate(leaves) if leaf.frozen}
        self.surjective = [leaf for leaf in leaves if not (leaf.frozen or leaf.one.map.bijective)]
        owners = dict.fromkeys((module, *(leaf.owner for leaf in leaves)))
        self.seen = [(owner, owner._version, owner.training) for owner in owners]
        self._module, self._leaves = module, leaves
        self._grouping: Grouping | None = None

    def group(self) -> Grouping:
        """Which of them are alike: found when it is first asked, as Dynamo guards all that it looks at on the way.

        (What is kept is asked at once.)
        """
        if self._grouping is None:
            starts = accumulate((0 if leaf.frozen else leaf.one.raw_size for leaf in self._leaves), initial=0)
            apart = {
                place for place, leaf in enumerate(self._leaves) if leaf.owner is not self._module and leaf.owner._whole
            }
            grouped = [None if leaf.frozen else leaf.one for leaf in self._leaves]
            self._grouping = Grouping(grouped, list(starts)[:-1], apart)
        return self._grouping

    def require_log_det(self) -> None:
        """Hold the transforms of what is not frozen against what a log-Jacobian asks.

        Raises:
            NotBijective: one of them is surjective.
        """
        if self.surjective:
            raise NotBijective(no_log_det(self.surjective[0]))

    def holds(self) -> bool:
        """Whether nothing changed that it depends on."""
        for owner, version, training in self.seen:  # at every call: a generator would take longer than what it asks
            if owner._version != version or owner.training != training:
                return False
        return True


@dataclass(frozen=True)
class Leaf:
    """A parameter where it stands: in a module, or in one that this nests."""

    owner: ConstrainedModule[Any]
    one: Declared
    path: str
    """What comes before its name: `noise.`, `noise[0].`; nothing where it is the module's own."""

    @property
    def name(self) -> str:
        """As the outermost module calls it."""
        return self.path + self.one.name

    @property
    def place(self) -> tuple[int, str]:
        """What is equal where two are the same parameter."""
        return id(self.owner), self.one.name

    @property
    def parameter(self) -> Tensor:
        """Where its raw is kept: a parameter, or a view of the one in which all are."""
        found: Tensor = getattr(self.owner, self.one.raw_name)
        return found

    @property
    def grad(self) -> Tensor | None:
        """The gradient of its raw, where there is one."""
        return self.owner._grad_of(self.one)

    @property
    def slot(self) -> tuple[dict[str, Any], str]:
        """The dict in which its module keeps the parameter that its raw is, or is a part of, and the name there."""
        parameters: dict[str, Any] = self.owner._parameters
        return parameters, self.one.raw_name if self.one.raw_name in parameters else "raw"

    @property
    def frozen(self) -> bool:
        """Whether it is, now."""
        return self.one.name in self.owner._frozen

    @property
    def names(self) -> set[str]:
        """Its own, and those of the nested models in which it stands: of `noise[0].df` also `noise[0]` and `noise`."""
        return {self.name, *(self.path[:at] for at, sign in enumerate(self.path) if sign in ".[")}

    def is_in(self, name: str) -> bool:
        """Whether a name is its own, or that of a nested model in which it stands."""
        return name in self.names


def flat(raw: Raw) -> Iterator[Tensor]:
    """Every tensor of a nested raw."""
    for one in raw:
        if isinstance(one, tuple):
            yield from flat(one)
        else:  # no `yield from` a tuple: dynamo of torch 2.15 would close its iterator
            yield one


def named(values: Any, path: str) -> Iterator[tuple[str, Tensor]]:
    """Every value by its name: `p`, `noise.df`, `noise[0].df`."""
    for name, value in values._asdict().items():
        if isinstance(value, Tensor):
            yield path + name, value
        elif hasattr(value, "_asdict"):
            yield from named(value, f"{path}{name}.")
        else:
            for at, one in enumerate(value):
                yield from named(one, f"{path}{name}[{at}].")


def by_name(values: Any, names: Iterable[str]) -> Mapping[str, Any]:
    """Values by name, as they are given; of those that `model()` returns, the ones of these names."""
    if isinstance(values, Mapping):
        return values
    wanted = set(names)
    return {name: value for name, value in values._asdict().items() if name in wanted}


def no_log_det(leaf: Leaf) -> str:
    """Why a parameter has no log-Jacobian, and what to declare instead."""
    one = leaf.one
    surjective = next((part for part in one.map.parts.values() if not part.transform.bijective), one.map)
    of = surjective.domain
    bijective = [name for name, transform in of.transforms.items() if transform.bijective]
    there_are = f"Bijective transforms of `{of.name}`: {', '.join(bijective)}"
    return (
        f"{leaf.name}: `{one.brief} via {one.map.written}` has no log-Jacobian, because `{surjective.name}` is surjective: "
        f"many raw values give one value. {there_are if bijective else f'`{of.name}` has no bijective one'}"
    )


def hollow(parameter: Tensor) -> bool:
    """Whether a tensor has a shape and no data: on the meta device, or fake, as memory is planned with."""
    return parameter.is_meta or isinstance(parameter, FakeTensor)


def as_json(argument: Argument) -> Any:
    """A number, or an array as nested lists, as JSON has them, which knows no infinity."""
    if isinstance(argument, tuple):
        return [as_json(entry) for entry in argument]
    return argument if isinstance(argument, str) or isfinite(argument) else str(argument)


def as_lists(start: Any) -> Any:
    """Nested tuples as nested lists, as JSON has them."""
    return [as_lists(entry) for entry in start] if isinstance(start, tuple) else start
