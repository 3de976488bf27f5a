"""What the caller passes in: dims and data, and how a value given by a user becomes a buffer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import torch
from torch import Tensor

from cdsl.constraints.base import Domain, Violation
from cdsl.discrete import Discrete
from cdsl.runtime.declared import Declared, eps_of, first_index, index_text, residual_allowed, short
from cdsl.runtime.errors import DomainError
from cdsl.runtime.maps import Maps

Size: TypeAlias = "int | str | Callable[[Any], int]"
"""A number, the name of a dim, or what gives one of a module."""


@dataclass(frozen=True)
class Dim:
    """A size that is known when the module is built."""

    name: str
    default: int | Callable[[Any], int] | None = None
    doc: str = ""


@dataclass(frozen=True)
class Data:
    """An input, kept as a buffer, as its spec declares it."""

    name: str
    type: Maps | Discrete
    arguments: tuple[Any, ...] = ()
    """Numbers, nested tuples of them, or what gives a number or a tensor of a module."""
    batch: tuple[Size, ...] = ()
    sizes: tuple[Size, ...] = ()
    """Of one event, as the spec writes them."""
    default: Any = None
    """A number, nested tuples, or what gives a value of a module; None: the caller must pass one."""
    doc: str = ""

    @property
    def domain(self) -> Domain | Discrete:
        """Where its values lie."""
        return self.type.domain if isinstance(self.type, Maps) else self.type

    @property
    def shape(self) -> tuple[Size, ...]:
        """The shape of the value, by name where a dim gives it."""
        if isinstance(self.type, Discrete):
            return self.batch
        return (*self.batch, *self.type.domain.event(self.sizes))  # type: ignore[arg-type]  # of names

    @property
    def discrete(self) -> torch.dtype | None:
        """The dtype of whole numbers and truth values; None: that of the module."""
        if isinstance(self.type, Discrete):
            return torch.bool if self.type.kind == "bool" else torch.int64
        return None

    def read(self, value: Any) -> Tensor:
        """What a user gave, as a tensor: real numbers in their own dtype, lists in float64; whole numbers in int64.

        Raises:
            DomainError: it is not that, or it has a graph.
        """
        if isinstance(value, Tensor) and value.requires_grad:
            raise DomainError(f"{self.name}: data keep no graph: detach it, `{self.name}.detach()`")
        try:
            given = value if isinstance(value, Tensor) else torch.tensor(value)
            if not given.is_complex() and not hasattr(value, "dtype") and self.discrete is None:
                given = torch.as_tensor(value, dtype=torch.float64)
        except (TypeError, ValueError, RuntimeError, OverflowError) as error:
            raise DomainError(f"{self.name}: expected numbers, got {short(value)} ({error})") from None
        if given.is_complex() or given.layout is not torch.strided:
            raise DomainError(f"{self.name}: expected a dense tensor of real numbers")
        if self.discrete is None or given.is_meta:
            return given if self.discrete is None else given.to(self.discrete)
        whole = given.to(self.discrete)
        if not torch.equal(whole.to(given.dtype), given):
            at = first_index(whole.to(given.dtype) != given, given.ndim)
            wanted = "true or false" if self.discrete is torch.bool else "a whole number"
            raise DomainError(f"{index_text(self.name, at)} is {given[at].item()}, must be {wanted}")
        return whole

    def check(self, value: Tensor, module: Any) -> None:
        """Hold a value of the right shape against its domain, closed.

        Raises:
            DomainError: names the first entry that lies outside, and by how much.
        """
        arguments = tuple(one(module) if callable(one) else one for one in self.arguments)
        tensors = tuple(torch.tensor(one) if isinstance(one, tuple) else one for one in arguments)
        wide = value.to(device="cpu", dtype=torch.float64)
        given = tuple(one.detach().to(wide) if isinstance(one, Tensor) else one for one in tensors)
        domain, sizes = self.domain, tuple(size_of(one, module) for one in self.sizes)
        if isinstance(domain, Discrete):
            inside = domain.contains(wide, *given)
        else:
            given = (*given, *(sizes if domain.sized else ()))
            inside, residual = domain.contains(wide, *given, closed=True), domain.residual(wide, *given)
            if (
                residual is not None
                and (missed := residual > residual_allowed(eps_of(value), domain.event(sizes))).any()
            ):
                at = first_index(missed, missed.ndim)
                message = f"{index_text(self.name, at)} is outside `{domain.name}`: it misses {domain.notation}"
                raise DomainError(f"{message} by {float(residual[at]):.3g}")
        if inside.all():
            return
        at = first_index(~inside, inside.ndim)
        here = [one.expand(inside.shape)[at].item() if isinstance(one, Tensor) else one for one in given]
        violation: Violation | None = domain.violation(wide[at].tolist(), *here)  # type: ignore[arg-type]  # numbers
        index = violation.index if violation else ()
        why = closed(str(violation)) if violation else f"it is not in the closure of {domain.notation}"
        raise DomainError(f"{index_text(self.name, at + index)} is outside `{domain.name}`: {why}")


def closed(text: str) -> str:
    """What is said of an open domain, of its closure."""
    return text.replace("be greater than", "be at least").replace("be less than", "be at most").replace("strictly ", "")


def size_of(size: Size, module: Any) -> int:
    """A size of this module."""
    return size if isinstance(size, int) else int(getattr(module, size) if isinstance(size, str) else size(module))


def infer(
    dims: tuple[Dim, ...], data: tuple[Data, ...], given: Mapping[str, int | None], shapes: Mapping[str, torch.Size]
) -> dict[str, tuple[int, str]]:
    """Dims that a keyword or the shape of data gives, each with its source in words.

    Raises:
        DomainError: a number that is no size, data of another rank, or two sources that contradict each other.
    """
    found: dict[str, tuple[int, str]] = {}
    for dim in dims:
        number = given.get(dim.name)
        if number is not None:
            if isinstance(number, bool) or not isinstance(number, int) or number < 0:
                raise DomainError(f"{dim.name}: expected a whole number ≥ 0, got {short(number)}")
            found[dim.name] = (number, f"`{dim.name}={number}`")
    for one in data:
        if one.name not in shapes:
            continue
        actual, wanted = shapes[one.name], one.shape
        if len(actual) != len(wanted):
            sizes = ", ".join(
                size if isinstance(size, str) else "…" if callable(size) else str(size) for size in wanted
            )
            raise DomainError(f"{one.name}: expected {len(wanted)} sizes, [{sizes}], got shape {tuple(actual)}")
        for at, (size, is_) in enumerate(zip(wanted, actual, strict=True)):
            if isinstance(size, str):
                source = f"the shape {tuple(actual)} of `{one.name}`" + f" (size {at})" * (len(actual) > 1)
                before = found.setdefault(size, (is_, source))
                if before[0] != is_:
                    raise DomainError(f"{size}: {before[0]} by {before[1]}, {is_} by {source}")
    return found


def refuse_sizes(one: Declared) -> None:
    """Hold sizes that were computed against what the domain takes.

    Raises:
        DomainError: one is too small, or they do not go together.
    """
    domain, least = one.map.domain, (0,) * len(one.batch) + (one.map.domain.least,) * len(one.sizes)
    for size, smallest in zip(one.batch + one.sizes, least, strict=True):
        if size < smallest:
            raise DomainError(f"{one.name}: `{one.domain}` has a size of {size}, expected one ≥ {smallest}")
    if refused := domain.refuse_sizes(*one.sizes):
        raise DomainError(f"{one.name}: `{one.domain}`: {refused}")
