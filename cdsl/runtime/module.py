"""The base class of every generated module.

A generated class says what is its own (`_declared`, `_stored`, `_evaluate`, `_evaluate_with_log_dets` and the properties);
everything that follows from these stands here, once. The one state is raw; every value is rebuilt from it.
"""

from __future__ import annotations

import warnings
from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from math import isfinite
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeAlias, TypeVar

import torch
from torch import Tensor, nn
from torch._subclasses import FakeTensor  # private, and the only name that it has

from cdsl.runtime.declared import Argument, Declared, eps_of, first_index, index_text, labels, tensor_of
from cdsl.runtime.errors import DomainError, NotBijective
from cdsl.runtime.signature import decode, encode, require_same
from cdsl.runtime.table import brief, html_table, text_table

Raw: TypeAlias = tuple[Tensor, ...]
LogDets: TypeAlias = dict[str, Tensor]
Device: TypeAlias = torch.device | str | int | None

Settable: TypeAlias = Tensor | float | Sequence[Any]
"""What a parameter can be set to: a tensor, a number, nested sequences of numbers."""

Known: TypeAlias = Mapping[str, Tensor]
"""The values of parameters, by name."""

Values = TypeVar("Values", bound=tuple[Tensor, ...])

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
        for one in self._free():
            if not one.map.transform.bijective:
                raise NotBijective(no_log_det(one))
        values, log_dets = self._evaluate_with_log_dets(raw)
        parts = [log_dets[one.name] for one in self._free()]
        if not parts:
            return values, self._like().new_zeros(lead)
        total = parts[0]
        for part in parts[1:]:
            total = total + part
        return values, total

    # -- the flat view --------------------------------------------------------------------------------------------------

    @property
    def unconstrained_size(self) -> int:
        """D, the length of the flat vector: every raw entry of the parameters that are not frozen."""
        return sum(one.raw_size for one in self._free())

    def raw_names(self) -> list[str]:
        """A label for each entry of the flat vector: declaration order, row-major, `w_raw[2]`."""
        return [label for one in self._free() for label in one.labels()]

    def to_flat(self) -> Tensor:
        """The raw values as one vector `(D,)`; a copy, without graph."""
        raw = [getattr(self, one.raw_name).detach().reshape(-1) for one in self._free()]
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
            for one, piece in self._pieces(theta):
                parameter = getattr(self, one.raw_name)
                parameter.copy_(piece.reshape(parameter.shape))

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

    def _raw_from(self, theta: Tensor) -> Raw:
        """Every parameter's raw, out of theta `(…, D)` or, for a frozen one, its own."""
        if theta.ndim == 0 or theta.shape[-1] != self.unconstrained_size:
            raise ValueError(f"theta: expected shape (…, {self.unconstrained_size}), got {tuple(theta.shape)}")
        lead = theta.shape[:-1]
        pieces = {one.name: piece.reshape((*lead, *one.raw_shape)) for one, piece in self._pieces(theta)}
        owns = zip(self._declared, self._raw(), strict=True)
        return tuple(pieces[one.name] if one.name in pieces else own.expand((*lead, *own.shape)) for one, own in owns)

    def _pieces(self, theta: Tensor) -> Iterator[tuple[Declared, Tensor]]:
        """Each parameter that is not frozen, with its part of theta."""
        start = 0
        for one in self._free():
            yield one, theta[..., start : start + one.raw_size]
            start += one.raw_size

    def unconstrain(self, values: Values | Mapping[str, Settable]) -> Tensor:
        """Values, as `model()` returns them or by name, ↦ flat raw `(…, D)`; each may have the same leading dimensions.

        Raises:
            DomainError: a value is missing, outside its domain, or of a wrong shape.
        """
        given = values if isinstance(values, Mapping) else values._asdict()  # type: ignore[attr-defined]  # a NamedTuple
        like, pieces = self._like(), []
        known = self._parents(given)
        for one in self._free():
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
            raw = one.map.inverse(wide, *under.given_as(wide)).to(dtype=like.dtype, device=like.device)
            pieces.append(raw.reshape((*value.shape[:cut], one.raw_size)))
        leads = {piece.shape[:-1] for piece in pieces if piece.ndim > 1}
        if len(leads) > 1:
            raise DomainError(f"values: expected the same leading dimensions, got {sorted(map(tuple, leads))}")
        lead = next(iter(leads), torch.Size())
        return torch.cat([piece.expand(*lead, piece.shape[-1]) for piece in pieces] or [like.new_empty(0)], -1)

    # -- setting --------------------------------------------------------------------------------------------------------

    def assign_(self, **values: Settable) -> None:
        """Set parameters by their constrained values; all or none.

        Raises:
            DomainError: names the parameter, the entry, its value and the domain; nothing is written.
            TypeError: a name that this model does not declare.
        """
        unknown = [name for name in values if name not in self._names()]
        if unknown:
            raise TypeError(f"{type(self).__name__} declares no `{unknown[0]}`; it declares {', '.join(self._names())}")
        self._write(values)

    def _write(self, values: Mapping[str, Any]) -> None:
        """Set raw by constrained values, or by `START`; all or none."""
        with torch.no_grad():
            raws = self._solve(values)
            for name, raw in raws.items():
                parameter = getattr(self, f"{name}_raw")
                parameter.copy_(raw.reshape(parameter.shape))

    def _solve(self, values: Mapping[str, Any]) -> dict[str, Tensor]:
        """The raws of these values, on CPU: in declaration order, each under what its parents have become."""
        raws: dict[str, Tensor] = {}
        known: dict[str, Tensor] = {}
        follow = any(one.computed for one in self._declared)
        for one, stored in zip(self._declared, self._stored(), strict=True):
            under = one.under(self._arguments(one.name, known)) if one.computed else one
            if one.name in values:
                value = under.start_value() if values[one.name] is START else values[one.name]
                raws[one.name] = under.raw_of(value, stored.dtype)
            if follow:
                raw = raws[one.name].to(stored.device) if one.name in raws else stored
                known[one.name] = one.map(raw, *under.given_as(raw))
        return raws

    def _parents(self, given: Mapping[str, Any]) -> dict[str, Tensor]:
        """The values that computed bounds may ask for: those that are given, and of the frozen their own."""
        if not any(one.computed for one in self._declared):
            return {}
        own = self._evaluate(self._raw())
        like = self._like()
        known = {one.name: getattr(own, one.name) for one in self._declared}
        return known | {
            name: value.to(like) if isinstance(value, Tensor) else torch.as_tensor(value).to(like)
            for name, value in given.items()
            if name in known
        }

    def reset_parameters(self) -> None:
        """Write the start values again, for instance after `to_empty`; where there are no data there is nothing to write.

        Bounds that are arrays are written as well.

        Raises:
            DomainError: a start value, or an entry of an array of bounds, does not fit the dtype.
        """
        own = [getattr(self, one.raw_name) for one in self._declared]
        if any(parameter.is_complex() for parameter in own):
            raise TypeError("dtype: expected a real floating dtype, got a complex one")
        if not any(map(hollow, own)):
            self._write_arrays()
            self._write({one.name: START for one in self._declared})

    def _write_arrays(self) -> None:
        """Write arguments that are arrays as they are declared, beside raw; in float32 for narrower raw, as maps compute."""
        for one in self._declared:
            raw = getattr(self, one.raw_name)
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
            for one in self._free():
                getattr(self, one.raw_name).uniform_(-radius, radius, generator=generator)

    # -- freezing -------------------------------------------------------------------------------------------------------

    def freeze_(self, *names: str) -> None:
        """Hold parameters constant, by their declared names: no gradient, no part in the flat vector or log-Jacobian."""
        self._set_frozen(names, self._frozen | set(names))

    def unfreeze_(self, *names: str) -> None:
        """Undo `freeze_`.

        Raises:
            TypeError: a parameter that the spec itself declares frozen.
        """
        for one in self._declared:
            if one.frozen and one.name in names:
                raise TypeError(f"`{one.name}` is declared `frozen`: a constant, by its spec")
        self._set_frozen(names, self._frozen - set(names))

    def frozen_names(self) -> list[str]:
        """The parameters that are frozen now, in declaration order."""
        return [name for name in self._names() if name in self._frozen]

    def _set_frozen(self, names: Iterable[str], frozen: frozenset[str]) -> None:
        unknown = [name for name in names if name not in self._names()]
        if unknown:
            raise TypeError(f"{type(self).__name__} declares no `{unknown[0]}`; it declares {', '.join(self._names())}")
        self._frozen = frozen
        for one in self._declared:
            parameter = getattr(self, one.raw_name).requires_grad_(one.name not in frozen)
            if one.name in frozen:
                parameter.grad = None  # an optimizer would still take a step along it

    def _like(self) -> Tensor:
        """A raw parameter, for its dtype and device."""
        like: Tensor = getattr(self, self._declared[0].raw_name)
        return like

    def _free(self) -> list[Declared]:
        return [one for one in self._declared if one.name not in self._frozen]

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
                "step": [] if (one.loc, one.scale) == (0, 1) else [one.loc, one.scale],
                "start": as_lists(one.start),
                "frozen": one.frozen,
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
            for name, value in values._asdict().items()
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
            values = self._evaluate(self._raw())
        return [
            (
                one.name,
                one.brief,
                one.map.written,
                str(one.shape),
                brief(getattr(values, one.name)),
                "no" if one.name in self._frozen else "yes",
            )
            for one in self._declared
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


def no_log_det(one: Declared) -> str:
    """Why a parameter has no log-Jacobian, and what to declare instead."""
    transforms = one.map.domain.transforms
    bijective = [name for name, transform in transforms.items() if transform.bijective]
    there_are = f"Bijective transforms of `{one.map.domain.name}`: {', '.join(bijective)}"
    return (
        f"{one.name}: `{one.brief} via {one.map.name}` has no log-Jacobian, because `{one.map.name}` is surjective: "
        f"many raw values give one value. {there_are if bijective else f'`{one.map.domain.name}` has no bijective one'}"
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
