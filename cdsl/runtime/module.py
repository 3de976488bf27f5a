"""The base class of every generated module.

A generated class says what is its own (`_declared`, `_stored`, `_evaluate`, `_evaluate_with_log_dets` and the properties);
everything that follows from these stands here, once. The one state is raw; every value is rebuilt from it.
"""

from __future__ import annotations

import warnings
from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeAlias, TypeVar

import torch
from torch import Tensor, nn
from torch._subclasses import FakeTensor  # private, and the only name that it has

from cdsl.constraints.real import is_identity
from cdsl.runtime.declared import Argument, Declared, eps_of, first_index, index_text, labels, tensor_of
from cdsl.runtime.errors import DomainError, NotBijective
from cdsl.runtime.graph import ValueAndGrad
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

Values = TypeVar("Values", bound=tuple[Any, ...])

WithLogDets: TypeAlias = tuple[Values, LogDets]

START = object()
"""In place of a value: the one that a parameter starts from."""


class ConstrainedModule(nn.Module, Generic[Values]):
    """Unconstrained raw parameters, and the constrained values that they stand for."""

    _declared: tuple[Declared, ...]
    _doc: ClassVar[str] = ""

    def __init__(self) -> None:
        super().__init__()
        self._frozen = self._always_frozen()

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

    def _raw(self) -> Raw:
        """What is stored, the frozen without graph: a parent's `requires_grad_` does not thaw them."""
        stored = self._stored()
        if not self._frozen:
            return stored
        pairs = zip(self._declared, stored, strict=True)
        return tuple(raw.detach() if one.name in self._frozen else raw for one, raw in pairs)

    def _leaves(self, path: str = "") -> list[Leaf]:
        """Every parameter, in the order of the flat vector; those of nested models in their places."""
        return [Leaf(self, one, path) for one in self._staged()]

    def _staged(self) -> tuple[Declared, ...]:
        """The parameters, with the maps that are on."""
        return tuple(one.at(self.training) for one in self._declared)

    def _fold(self, raws: Iterator[Tensor]) -> Raw:
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
        return self._with_log_det(self._raw(), ())

    def _with_log_det(self, raw: Raw, lead: tuple[int, ...]) -> tuple[Values, Tensor]:
        free = self._require_log_det()
        values, log_dets = self._evaluate_with_log_dets(raw)
        parts = [log_dets[leaf.name] for leaf in free]
        if not parts:
            return values, self._like().new_zeros(lead)
        total = parts[0]
        for part in parts[1:]:
            total = total + part
        return values, total

    def _require_log_det(self) -> list[Leaf]:
        """What is not frozen; its transforms are held against what a log-Jacobian asks.

        Raises:
            NotBijective: one of them is surjective.
        """
        free = self._free()
        for leaf in free:
            if not leaf.one.map.bijective:
                raise NotBijective(no_log_det(leaf))
        return free

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
        with torch.no_grad():
            for leaf, piece in self._pieces(theta):
                leaf.parameter.copy_(piece.reshape(leaf.parameter.shape))

    def constrain(self, theta: Tensor) -> Values:
        """theta `(…, D)` ↦ values, each with the leading dimensions of theta; frozen parameters keep their values.

        Raises:
            ValueError: the last size of theta is not D.
        """
        return self._evaluate(self._raw_from(theta))

    def constrain_and_log_det(self, theta: Tensor) -> tuple[Values, Tensor]:
        """theta `(…, D)` ↦ (values, log |det ∂ values / ∂ theta|), the latter `(…)`.

        Raises:
            ValueError: the last size of theta is not D.
            NotBijective: a parameter is declared with a surjective transform.
        """
        return self._with_log_det(self._raw_from(theta), theta.shape[:-1])

    def value_and_grad(self, fn: Callable[..., Tensor], *, compile: bool = True) -> ValueAndGrad:
        """theta `(D,)` ↦ (`fn(values, log_det)`, its gradient `(D,)`), neither with a graph; compiled at the first call.

        `fn` takes values as `model()` returns them and log |det ∂ values / ∂ theta|, or values alone, and returns a
        scalar. It is traced: what it does to tensors is repeated with the tensors that there are at each call, data,
        frozen parameters and tensors that it closes over among them; numbers and branches of Python stay as they were.

        Raises:
            NotBijective: `fn` takes a log-det, and a parameter is declared with a surjective transform.
        """
        return ValueAndGrad(self, fn, compile)

    def _raw_from(self, theta: Tensor) -> Raw:
        """Every parameter's raw, out of theta `(…, D)` or, for a frozen one, its own."""
        if theta.ndim == 0 or theta.shape[-1] != self.unconstrained_size:
            raise ValueError(f"theta: expected shape (…, {self.unconstrained_size}), got {tuple(theta.shape)}")
        lead = theta.shape[:-1]
        pieces = {leaf.name: piece.reshape((*lead, *leaf.one.raw_shape)) for leaf, piece in self._pieces(theta)}
        owns = zip(self._leaves(), flat(self._raw()), strict=True)
        return self._fold(
            pieces[leaf.name] if leaf.name in pieces else own.expand((*lead, *own.shape)) for leaf, own in owns
        )

    def _pieces(self, theta: Tensor) -> Iterator[tuple[Leaf, Tensor]]:
        """Each parameter that is not frozen, with its part of theta."""
        free = self._free()
        yield from zip(free, torch.split(theta, [leaf.one.raw_size for leaf in free], -1), strict=True)

    def unconstrain(self, values: Values | Mapping[str, Settable]) -> Tensor:
        """Values, as `model()` returns them or by name, ↦ flat raw `(…, D)`; each may have the same leading dimensions.

        Raises:
            DomainError: a value is missing, outside its domain, or of a wrong shape.
        """
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
        with torch.no_grad():
            for parameter, raw in self._solve(values)[0]:
                parameter.copy_(raw.reshape(parameter.shape))

    def _solve(self, values: Mapping[str, Any]) -> tuple[list[tuple[nn.Parameter, Tensor]], Known]:
        """Raw parameters with what these values make of them: in declaration order, each under what its parents have become.

        Beside them the values that follow, where a bound asks for them.

        Raises:
            TypeError: a name that this model does not declare.
        """
        self._refuse_unknown(values)
        raws: list[tuple[nn.Parameter, Tensor]] = []
        known: dict[str, Any] = {}
        follow = any(one.computed for one in self._declared)
        for one, stored in zip(self._staged(), self._stored(), strict=True):
            raws += self._solve_one(one, stored, values, known, follow)
        return raws, known

    def _solve_one(
        self, one: Declared, stored: Tensor, values: Mapping[str, Any], known: dict[str, Any], follow: bool
    ) -> list[tuple[nn.Parameter, Tensor]]:
        """The same for one parameter: what it becomes joins what is known."""
        under = one.under(self._arguments(one.name, known)) if one.computed else one
        if one.name in values:
            value = under.start_value() if values[one.name] is START else values[one.name]
            raw = under.raw_of(value, stored.dtype)
            stored = raw.to(stored.device)
        if follow:
            known[one.name] = under.value_of(stored)
        return [(getattr(self, one.raw_name), raw)] if one.name in values else []

    def _refuse_unknown(self, names: Iterable[str]) -> None:
        """Hold names against those that are declared.

        Raises:
            TypeError: one is not.
        """
        unknown = [name for name in names if name not in self._names()]
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
        own = [leaf.parameter for leaf in self._leaves()]
        if any(parameter.is_complex() for parameter in own):
            raise TypeError("dtype: expected a real floating dtype, got a complex one")
        if not any(map(hollow, own)):
            self._write_arrays()
            self._write(dict.fromkeys(self._names(), START))

    def _write_arrays(self) -> None:
        """Write arguments that are arrays as they are declared, beside raw; in float32 for narrower raw, as maps compute."""
        for one in self._declared:
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
        with torch.no_grad():
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
        chosen = {name: [leaf for leaf in leaves if leaf.is_in(name)] for name in names}
        for name, found in chosen.items():
            if not found:
                declares = ", ".join(leaf.name for leaf in leaves)
                raise TypeError(f"{type(self).__name__} declares no `{name}`; it declares {declares}")
        for leaf in (leaf for found in chosen.values() for leaf in found):
            if frozen:
                leaf.owner._frozen |= {leaf.one.name}
            elif not leaf.one.frozen:
                leaf.owner._frozen -= {leaf.one.name}
        for leaf in leaves:
            leaf.parameter.requires_grad_(not leaf.frozen)
            if leaf.frozen:
                leaf.parameter.grad = None  # an optimizer would still take a step along it

    def _like(self) -> Tensor:
        """A raw parameter, for its dtype and device."""
        like: Tensor = getattr(self, self._declared[0].raw_name)
        return like

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
        with torch.no_grad():
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
        with torch.no_grad():
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

    # -- attributes -----------------------------------------------------------------------------------------------------

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, nn.Parameter) and isinstance(getattr(type(self), name, None), property):
            raise TypeError(f"`{name}` is computed from `{name}_raw`: assign a value, or set `{name}_raw`")
        super().__setattr__(name, value)

    def __getattr__(self, name: str) -> Any:
        # nn.Module comes here when a property raised AttributeError, and would blame the property: raise the real one.
        computed = getattr(type(self), name, None)
        if isinstance(computed, property) and computed.fget is not None:
            return computed.fget(self)
        return super().__getattr__(name)


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
    def parameter(self) -> nn.Parameter:
        """Where its raw is kept."""
        found: nn.Parameter = getattr(self.owner, self.one.raw_name)
        return found

    @property
    def frozen(self) -> bool:
        """Whether it is, now."""
        return self.one.name in self.owner._frozen

    def is_in(self, name: str) -> bool:
        """Whether a name is its own, or that of a nested model in which it stands."""
        return self.name == name or self.path.startswith((f"{name}.", f"{name}["))


def flat(raw: Raw) -> Iterator[Tensor]:
    """Every tensor of a nested raw."""
    for one in raw:
        yield from flat(one) if isinstance(one, tuple) else (one,)


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
    return {name: value for name, value in values._asdict().items() if name in names}


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
