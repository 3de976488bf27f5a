"""Where a raw value has gone so far that it no longer moves its value, and where a value has come to lie on a boundary."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from cdsl.constraints.base import Transform
from cdsl.runtime.declared import Declared
from cdsl.runtime.module import Known, Leaf

MOST_AT_ONCE = 64
"""Of raw entries that are moved one by one, where one entry of raw moves others of the value; beyond, all move together."""


def settled(leaf: Leaf, values: Known) -> Declared:
    """A declaration with its arguments as they are now: unchecked, so nothing waits for the device."""
    one = leaf.one
    if not one.computed:
        return one
    found = leaf.owner._arguments(one.name, values)
    arguments, step = found[: len(one.arguments)], found[len(one.arguments) :]
    loc, scale = step or (one.loc, one.scale)
    return replace(one, arguments=arguments, loc=loc, scale=scale)  # type: ignore[arg-type]  # a step is no array of text


def outward(raw: Tensor) -> Tensor:
    """A step away from 0 for every entry: 1, or where raw is so large that this is nothing, a few units of the last place."""
    size = 1 + 4 * torch.finfo(raw.dtype).eps * raw.abs()
    return torch.where(raw >= 0, size, -size)


def stuck(one: Declared, raw: Tensor, value: Tensor) -> Tensor:
    """Which entries of raw leave the value as it is, to the last bit, when they go farther out; of raw's shape, or `()`.

    Where many raw entries make one event they are moved together, and the answer is one for all. None is stuck where raw
    holds more than the value does: along what is spare the value never moves.
    """
    step = outward(raw)
    if one.map.domain.elementwise and not one.held:
        return one.value_of(raw + step) == value
    if not moves_everywhere(one.map.transform):
        return raw.new_zeros((), dtype=torch.bool)
    if raw.numel() <= MOST_AT_ONCE:
        each = torch.eye(raw.numel(), dtype=torch.bool, device=raw.device).reshape(-1, *raw.shape)
        return (one.value_of(raw + each * step) == value).flatten(1).all(1).reshape(raw.shape)
    return (one.value_of(raw + step) == value).all()


def moves_everywhere(transform: Transform) -> bool:
    """Whether no direction of raw leaves the value as it is by what the transform means."""
    steps = (transform, *transform.built_on.values())
    return transform.bijective and all(type(step).spare is Transform.spare for step in steps)


def on_boundary(one: Declared, value: Tensor) -> Tensor:
    """Which events do not lie inside their domain: rounding has put them on its boundary. A number is one event."""
    outside: Tensor = ~one.map.domain.contains(value, *one.given_as(value))
    outside = outside & value.isfinite().reshape(*outside.shape, -1).all(-1)  # nan lies nowhere
    return outside & one.standing().isinf().to(value.device) if one.held else outside
