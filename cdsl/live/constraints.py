"""Constraints of `torch.distributions` → domains; and numbers of tensors as a spec writes them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

import torch
from torch import Tensor
from torch.distributions import constraints

from cdsl.errors import CdslError
from cdsl.written import array_text

Bound: TypeAlias = "float | Tensor"


class NoCounterpart(CdslError):
    """Why something has no counterpart in cdsl."""


@dataclass(frozen=True)
class Meant:
    """A domain and its transform."""

    domain: str
    arguments: tuple[Bound, ...] = ()
    event: int = 0
    """How many of the last axes are one event."""
    square: bool = False
    """The last two are equal."""
    via: str = ""
    doubt: str = ""
    """What it does not say."""


@dataclass(frozen=True)
class Found:
    """A parameter, as it is now."""

    name: str
    """With `.` between the modules that it is in."""
    meant: Meant
    shape: tuple[int, ...]
    value: Tensor | None = None
    frozen: bool = False


WITHOUT_BOUNDS = {
    type(constraints.real): Meant("real"),
    type(constraints.simplex): Meant("simplex", event=1),
    type(constraints.square): Meant("real", square=True),
    type(constraints.lower_cholesky): Meant("cholesky_cov", event=2, square=True),
    type(constraints.corr_cholesky): Meant("cholesky_corr", event=2, square=True),
    type(constraints.lower_triangular): Meant("lower_triangular", event=2, square=True),
    type(constraints.symmetric): Meant("symmetric", event=2, square=True),
    type(constraints.positive_definite): Meant("cov", event=2, square=True),
    type(constraints.positive_semidefinite): Meant("psd", event=2, square=True),
}


def found_in(given: Mapping[Any, Any]) -> Iterator[tuple[str, Found | NoCounterpart]]:
    """What a dictionary declares: a constraint by its name, alone, or with a shape, or with a value."""
    for name, what in given.items():
        yield str(name), looked(partial(entry, name, what))


def entry(name: Any, what: Any) -> Found:
    """One entry of a dictionary.

    Raises:
        NoCounterpart: it is none, or none that cdsl has.
    """
    constraint, given = what if isinstance(what, tuple) and len(what) == 2 else (what, ())
    if not isinstance(name, str) or not isinstance(constraint, constraints.Constraint):
        raise NoCounterpart("expected a name, and a constraint or (constraint, shape) or (constraint, tensor)")
    meant = meaning(constraint)
    value = real_value(given) if isinstance(given, Tensor) else None
    shape = shape_of(given) if value is None else tuple(value.shape)
    if len(shape) < constraint.event_dim:
        needs = f"{constraint.event_dim} size{'s' * (constraint.event_dim > 1)}"
        raise NoCounterpart(f"needs {needs} at least: write (constraint, shape) or (constraint, tensor)")
    if meant.square and shape[-1] != shape[-2]:
        raise NoCounterpart(f"needs as many rows as columns: its shape is {[*shape]}")
    return Found(name, meant, shape, value)


def shape_of(given: Any) -> tuple[int, ...]:
    """A shape.

    Raises:
        NoCounterpart: it is none.
    """
    shape = (given,) if isinstance(given, int) else given
    if isinstance(shape, tuple | list) and all(isinstance(size, int) and size >= 0 for size in shape):
        return tuple(shape)
    raise NoCounterpart("expected a shape or a tensor beside the constraint")


def meaning(constraint: constraints.Constraint) -> Meant:
    """The domain that a constraint is.

    Raises:
        NoCounterpart: there is none.
    """
    if isinstance(constraint, constraints.independent):
        return meaning(constraint.base_constraint)
    if type(constraint) in WITHOUT_BOUNDS:
        return WITHOUT_BOUNDS[type(constraint)]
    if isinstance(constraint, constraints.greater_than):
        return between(constraint.lower_bound, math.inf)
    if isinstance(constraint, constraints.greater_than_eq):
        return between(constraint.lower_bound, math.inf, closed=True)
    if isinstance(constraint, constraints.less_than):
        return between(-math.inf, constraint.upper_bound)
    if isinstance(constraint, constraints.interval | constraints.half_open_interval):
        return between(constraint.lower_bound, constraint.upper_bound)
    if isinstance(constraint, type(constraints.dependent)):
        raise NoCounterpart("its constraint depends on other values: write it with their names")
    if constraint.is_discrete:
        raise NoCounterpart("its constraint is discrete: a parameter has a gradient")
    raise NoCounterpart(f"its constraint `{cut(repr(constraint))}` is none of cdsl's")


def between(low: Any, high: Any, *, closed: bool = False) -> Meant:
    """The numbers between two bounds, of which an infinite one is none."""
    low, high = bound(low), bound(high)
    if equal(high, math.inf):
        if equal(low, -math.inf):
            return Meant("real")
        if equal(low, 0):
            return Meant("nonnegative" if closed else "positive")
        return Meant("greater_than", (low,))
    if equal(low, -math.inf):
        return Meant("negative") if equal(high, 0) else Meant("less_than", (high,))
    if equal(low, 0) and equal(high, 1):
        return Meant("prob")
    return Meant("interval", (low, high))


def equal(one: Bound, number: float) -> bool:
    """Whether a bound is this number for every entry."""
    return isinstance(one, float) and one == number


def bound(given: Any) -> Bound:
    """A bound: a number, where it is the same for every entry."""
    if not isinstance(given, Tensor):
        return float(given)
    bounds = real_value(given)
    if bounds.numel() and bool((bounds == bounds.flatten()[0]).all()):
        return shortest(bounds.flatten()[0])
    return bounds


# -- tensors -----------------------------------------------------------------------------------------------------------


def real_value(given: Tensor) -> Tensor:
    """A tensor's values as real numbers.

    Raises:
        NoCounterpart: they are none.
    """
    if given.is_complex():
        raise NoCounterpart("holds complex numbers")
    if given.layout is not torch.strided or given.is_meta or given.is_nested or given.is_quantized:
        raise NoCounterpart("is no tensor with all of its values: sparse, quantized, nested, or on the meta device")
    given = given.detach().cpu()
    return given if given.is_floating_point() else given.to(torch.float64)


def number_text(value: Bound) -> str:
    """A number, or an array in brackets, in the fewest digits that read back as it."""
    return array_text(numbers(value) if isinstance(value, Tensor) else value)


def numbers(value: Tensor) -> object:
    """The entries, in tuples."""
    return tuple(map(numbers, value)) if value.dim() else shortest(value)


def shortest(value: Tensor) -> float:
    """The decimal of the fewest digits that the dtype of a number reads back as it, as float64 has it."""
    exact = float(value)
    tries = () if value.dtype == torch.float64 else range(1, 10)
    short = (float(f"{exact:.{digits}g}") for digits in tries)
    return next((one for one in short if value.new_tensor(one) == value), exact)


# -- reasons -----------------------------------------------------------------------------------------------------------


def looked(look: Callable[[], Found]) -> Found | NoCounterpart:
    """What looking at something finds, or why it has no counterpart: constraints and modules are anybody's classes."""
    try:
        return look()
    except NoCounterpart as reason:
        return reason
    except Exception as error:
        return NoCounterpart(f"looking at it raised {type(error).__name__}: {cut(str(error))}")


def cut(text: str, most: int = 120) -> str:
    """A text in a message."""
    return text if len(text) <= most else f"{text[:most]}…"
