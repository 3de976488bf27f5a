"""One declaration of a generated module: what it says, and how a value given by a user becomes its raw."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any

import torch
from torch import Tensor

from cdsl.runtime.errors import DomainError
from cdsl.runtime.maps import Map


@dataclass(frozen=True)
class Declared:
    """A parameter as its spec declares it."""

    name: str
    map: Map
    arguments: tuple[float, ...] = ()
    batch: tuple[int, ...] = ()
    sizes: tuple[int, ...] = ()
    """Of one event, as the spec writes them."""
    start: Any = None
    """A number or nested tuples of numbers on the constrained side; None: the domain's neutral value."""
    frozen: bool = False
    doc: str = ""

    @property
    def raw_name(self) -> str:
        """The attribute that holds the raw `nn.Parameter`."""
        return f"{self.name}_raw"

    @property
    def event(self) -> tuple[int, ...]:
        """The shape of one event of the value."""
        return self.map.domain.event(self.sizes)

    @property
    def given(self) -> tuple[Any, ...]:
        """What maps and tests of membership take beside a tensor: the arguments, then the sizes where the domain asks."""
        return self.arguments + (self.sizes if self.map.domain.sized else ())

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the value."""
        return self.batch + self.event

    @property
    def raw_shape(self) -> tuple[int, ...]:
        """The shape of the raw, as maps see it; a scalar's is stored as `(1,)`, see the generated module."""
        return self.batch + self.map.transform.raw_event(self.sizes)

    @property
    def raw_size(self) -> int:
        """How many entries of the flat vector are this parameter's."""
        return prod(self.raw_shape)

    @property
    def domain(self) -> str:
        """The domain as a spec writes it: `interval(0.1, 10.0)[3]`."""
        arguments = f"({', '.join(map(str, self.arguments))})" if self.arguments else ""
        written = self.batch + self.sizes
        sizes = f"[{', '.join(map(str, written))}]" if written else ""
        return f"{self.map.domain.name}{arguments}{sizes}"

    def labels(self) -> Iterator[str]:
        """A label for each entry of the raw, row-major: `w_raw[2]`; a scalar's has no index."""
        return labels(self.raw_name, self.raw_shape)

    def signature(self) -> dict[str, str]:
        """What a checkpoint's raw means nothing without."""
        return {"domain": self.domain, "transform": self.map.name}

    def start_value(self) -> Tensor:
        """The start value in float64, of the value's shape."""
        start = self.map.domain.start(self.sizes, *self.arguments) if self.start is None else self.start
        return torch.as_tensor(start, dtype=torch.float64).expand(self.shape)

    def raw_of(self, value: Any, dtype: torch.dtype) -> Tensor:
        """The raw of a user's value, on CPU, of the raw's shape; inverted in float64 and rounded to dtype.

        A value of the event's shape is broadcast over the batch, a single number over an elementwise domain.

        Raises:
            DomainError: a wrong shape or type, a value outside the domain, one whose raw does not fit the dtype, or a
                tensor that requires grad.
        """
        given = self.read(value)
        value64 = self.broadcast(given.to(device="cpu", dtype=torch.float64))
        raw = self.map.transform.inverse(self.inside(value64, eps_of(given)), *self.given).to(dtype)
        if not torch.isfinite(raw).all():
            where = index_text(self.name, first_index(~torch.isfinite(raw), len(self.batch)))
            raise DomainError(f"{where}: the raw value of what was given does not fit {dtype}")
        return raw

    def read(self, value: Any) -> Tensor:
        """What a user gave, as a tensor of real numbers: a tensor or an array in its own dtype, numbers in float64.

        Raises:
            DomainError: it is not that, or it has a graph.
        """
        if has_graph(value):
            raise DomainError(
                f"{self.name}: the value requires grad, and setting keeps no graph: detach it, `{self.name}.detach()`"
            )
        try:
            given = torch.as_tensor(value)
            if not given.is_complex() and not hasattr(value, "dtype"):
                given = torch.as_tensor(value, dtype=torch.float64)
        except (TypeError, ValueError, RuntimeError, OverflowError) as error:
            message = f"{self.name}: expected numbers of shape {self.shape}, got {short(value)} ({error})"
            raise DomainError(message) from None
        if given.is_complex() or given.is_meta or given.layout is not torch.strided:
            kind = "meta" if given.is_meta else given.dtype if given.is_complex() else given.layout
            raise DomainError(f"{self.name}: expected a dense tensor of real numbers, got a {kind} one")
        return given

    def broadcast(self, given: Tensor) -> Tensor:
        """The tensor in this declaration's shape: one event for the whole batch, one number for every entry.

        Raises:
            DomainError: its shape is another one.
        """
        if given.shape not in (self.shape, self.event, ()) or (given.shape == () and self.event):
            also = f" (or {self.event}, for all alike)" if self.batch else ""
            raise DomainError(f"{self.name}: expected shape {self.shape}{also}, got {tuple(given.shape)}")
        return given.expand(self.shape)

    def inside(self, value: Tensor, eps: float) -> Tensor:
        """The value, checked to lie in the domain; shape `(…, *event)`.

        An equation, such as a sum of 1, may be missed by max(1e-6, 8 eps √K): eps of the dtype the value came in.

        Raises:
            DomainError: names the first entry that does not, and by how much.
        """
        domain, given = self.map.domain, self.given
        inside, residual = domain.contains(value, *given), domain.residual(value, *given)
        if residual is not None:
            inside = inside & (residual <= max(1e-6, 8 * eps * prod(self.event) ** 0.5))
        if not inside.all():
            at = first_index(~inside, inside.ndim)
            violation = domain.violation(value[at].tolist(), *given)
            if violation is None:
                raise AssertionError(f"{domain.name}.contains and .violation disagree about {value[at].tolist()}")
            raise DomainError(f"{index_text(self.name, at + violation.index)} is outside {self.domain}: {violation}")
        return value


def labels(name: str, shape: tuple[int, ...]) -> Iterator[str]:
    """`name[i, j]` for every index of the shape, row-major; `name` alone for a scalar."""
    return (index_text(name, index) for index in product(*map(range, shape)))


def index_text(name: str, index: tuple[int, ...]) -> str:
    """`name[i, j]`, or `name` where the index is empty."""
    return f"{name}[{', '.join(map(str, index))}]" if index else name


def first_index(mask: Tensor, dims: int) -> tuple[int, ...]:
    """The leading `dims` coordinates of the first true entry."""
    return tuple(mask.nonzero()[0].tolist())[:dims]


def has_graph(value: Any) -> bool:
    """Whether there is a tensor that requires grad, in nested sequences too."""
    if isinstance(value, list | tuple):
        return any(map(has_graph, value))
    return isinstance(value, Tensor) and value.requires_grad


def eps_of(given: Tensor) -> float:
    """The resolution of the numbers in a tensor; integers have all of theirs."""
    return torch.finfo(given.dtype).eps if given.is_floating_point() else 0.0


def short(value: Any) -> str:
    """The value in at most 40 characters."""
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
