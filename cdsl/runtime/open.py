"""The base class of a generated module that is open to its caller: with dims and data, and values that follow from them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

import torch
from torch import Tensor

from cdsl.runtime.declared import Declared
from cdsl.runtime.errors import DomainError
from cdsl.runtime.inputs import Data, Dim, infer, refuse_sizes, size_of
from cdsl.runtime.module import ConstrainedModule, Device, Settable, Values


class OpenModule(ConstrainedModule[Values]):
    """A constrained module whose sizes, bounds and values may depend on what the caller passes in."""

    _dims: ClassVar[tuple[Dim, ...]] = ()
    _data: ClassVar[tuple[Data, ...]] = ()
    _declared: tuple[Declared, ...] = ()

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
        self._hold(given, dims)
        self._declare()
        self._frozen = self._always_frozen()

    def _hold(self, given: Mapping[str, Tensor], dims: Mapping[str, int | None]) -> None:
        """Set the dims, then the data, in the order of the spec."""
        found = infer(self._dims, self._data, dims, {name: one.shape for name, one in given.items()})
        for dim in self._dims:
            if dim.name not in found:
                if dim.default is None:
                    raise DomainError(f"{dim.name}: expected a size, `{type(self).__name__}({dim.name}=…)`")
                default = dim.default(self) if callable(dim.default) else dim.default
                if default < 0:
                    raise DomainError(f"{dim.name}: its default is {default}, expected a size ≥ 0")
                found[dim.name] = (default, "its default")
            self.__dict__[dim.name] = found[dim.name][0]
        for one in self._data:
            self._keep(one, given[one.name] if one.name in given else self._default(one))

    def _default(self, one: Data) -> Tensor:
        """The value of data that the caller did not pass."""
        value = one.default(self) if callable(one.default) else one.default
        shape = tuple(size_of(size, self) for size in one.shape)
        return one.read(value).expand(shape).clone()

    def _keep(self, one: Data, value: Tensor) -> None:
        """Hold a datum of the right shape and in its domain as a buffer, in the module's dtype and on its device."""
        shape = tuple(size_of(size, self) for size in one.shape)
        if tuple(value.shape) != shape:
            raise DomainError(f"{one.name}: expected shape {shape}, got {tuple(value.shape)}")
        held = value.to(dtype=one.discrete or self._dtype, device=self._device, copy=True)
        if not (value.is_meta or held.is_meta):
            one.check(value, self)
            if not one.discrete and not torch.equal(held.isfinite().cpu(), value.isfinite().cpu()):
                raise DomainError(f"{one.name}: a number does not fit {self._dtype}")
        self.register_buffer(one.name, held, persistent=one.default is not None)

    def _empty(self, name: str, dtype: torch.dtype | None, device: Device) -> Tensor:
        """A raw that is still to be written; a scalar's has shape (1,)."""
        one = next(one for one in self._declared if one.name == name)
        return torch.zeros(one.raw_shape or (1,), dtype=dtype, device=device)

    def _declare(self) -> None:
        """Declare the parameters, with the sizes that there are now."""
        declared = self._declarations()
        for one in declared:
            refuse_sizes(one)
        self.__dict__["_declared"] = declared

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
        given = {name: by_name[name].read(value) for name, value in data.items()}
        before = {name: self.__dict__[name] for name in ("_declared", *(dim.name for dim in self._dims))}
        buffers = dict(self._buffers)
        everything = {**{one.name: getattr(self, one.name) for one in self._data}, **given}
        in_data = {size for one in self._data for size in one.shape if isinstance(size, str)}
        try:
            self._hold(everything, {name: size for name, size in before.items() if name not in (*in_data, "_declared")})
            self._declare()
            for old, new in zip(before["_declared"], self._declared, strict=True):
                if old.shape != new.shape:
                    message = f"{old.name}: these data would change its shape from {old.shape} to {new.shape}"
                    raise DomainError(f"{message}; sizes of parameters are fixed when the module is built")
            self._check_bounds()
        except BaseException:
            self.__dict__.update(before)
            self._buffers.update(buffers)
            raise

    def _check_bounds(self) -> None:
        """Hold every computed bound against its domain, at the values that there are now."""
        with torch.no_grad():
            self._solve({})

    def reset_parameters(self, **data: Settable) -> None:
        """Write the start values, and these data, again, for instance after `to_empty`.

        Raises:
            DomainError: a start value does not fit, or a datum does not.
        """
        if data:
            self.set_data_(**data)
        super().reset_parameters()

    # -- what generated code computes with ------------------------------------------------------------------------------

    def _like(self) -> Tensor:
        """A raw parameter, or what else there is, for its dtype and device; before there is any, what was asked for."""
        held = (*self._parameters.values(), *self._buffers.values())
        found = (one for one in held if one is not None and one.is_floating_point())
        dtype, device = self._home
        like = next(found, None)
        return torch.empty(0, dtype=dtype, device=device) if like is None else like

    @property
    def _dtype(self) -> torch.dtype:
        return self._like().dtype

    @property
    def _device(self) -> torch.device:
        return self._like().device

    def _real(self, value: Tensor | float) -> Tensor:
        """A number or a tensor in the module's dtype."""
        return torch.as_tensor(value, dtype=self._dtype, device=self._device)

    def _tensor(self, value: Any) -> Tensor:
        """Constants in the module's dtype, whole ones too: they meet real numbers."""
        return torch.tensor(value, dtype=self._dtype, device=self._device)

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
        if name in self.__dict__.get("_buffers", ()) and any(one.name == name for one in self._data):
            self.set_data_(**{name: value})
            return
        if any(one.name == name for one in self._dims):
            raise TypeError(f"`{name}` is a size: it is fixed when the module is built, or follows from data")
        super().__setattr__(name, value)

    def __getstate__(self) -> dict[str, Any]:
        """Without the declarations, which follow from the rest."""
        return {name: value for name, value in self.__dict__.items() if name != "_declared"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)  # type: ignore[no-untyped-call]  # torch leaves it without annotations
        self.__dict__["_declared"] = self._declarations()
