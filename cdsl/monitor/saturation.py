"""Where a raw value has gone so far that it no longer moves its value, and where a value has come to lie on a boundary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from cdsl.constraints.base import Transform
from cdsl.runtime.declared import Declared
from cdsl.runtime.module import Known, Leaf

MOST_AT_ONCE = 100_000
"""Numbers that are computed to move the raw entries of each event one by one; where there are more they move together."""

Asked = tuple[Declared, Tensor, Tensor]
"""A declaration, its raw and its value."""


def settled(leaf: Leaf, values: Known) -> Declared:
    """A declaration with its arguments as they are now: unchecked, so nothing waits for the device."""
    one = leaf.one
    if not one.computed:
        return one
    found = leaf.owner._arguments(one.name, values)
    arguments, step = found[: len(one.arguments)], found[len(one.arguments) :]
    loc, scale = step or (one.loc, one.scale)
    return replace(one, arguments=arguments, loc=loc, scale=scale)  # type: ignore[arg-type]  # a step is no array


def outward(raw: Tensor) -> Tensor:
    """A step away from 0 for every entry: 1, or where raw is so large that this is nothing, a few units of the last place."""
    size = 1 + 4 * torch.finfo(raw.dtype).eps * raw.abs()
    return torch.where(raw >= 0, size, -size)


def stuck(one: Declared, raw: Tensor, value: Tensor) -> Tensor:
    """Which entries of raw leave the value as it is, to the last bit, when they go farther out; of raw's shape.

    Of large events there is one answer for each, shape `batch`: whether all that it has can. None is stuck where raw holds
    more than the value does: along what is spare the value never moves.
    """
    step = outward(raw)
    if one.map.domain.elementwise and not one.held:
        return one.value_of(raw + step) == value
    if not moves_everywhere(one.map.transform):
        return torch.zeros_like(raw, dtype=torch.bool)
    lead = 0 if one.held else len(one.batch)
    event = raw.shape[lead:]
    many = event.numel()
    if many * value.numel() > MOST_AT_ONCE:
        return (one.value_of(raw + step) == value).flatten(lead).all(-1)
    each = torch.eye(many, dtype=raw.dtype, device=raw.device).reshape(many, *[1] * lead, *event)
    same = (one.value_of(raw + each * step) == value).flatten(1 + lead).all(-1)
    return same.movedim(0, -1).reshape(raw.shape)


def moves_everywhere(transform: Transform) -> bool:
    """Whether no direction of raw leaves the value as it is by what the transform means."""
    steps = (transform, *transform.built_on.values())
    return transform.bijective and all(type(step).spare is Transform.spare for step in steps)


def on_boundary(one: Declared, value: Tensor) -> Tensor:
    """Which events do not lie inside their domain: rounding has put them on its boundary. A number is one event."""
    outside: Tensor = ~one.map.domain.contains(value, *one.given_as(value))
    finite = value.isfinite()  # nan lies nowhere
    if value.ndim > outside.ndim:
        finite = finite.flatten(outside.ndim).all(-1)
    outside = outside & finite
    return outside & one.standing().isinf().to(value.device) if one.held else outside


def counted(asked: Sequence[Asked]) -> list[Tensor]:
    """For each how many entries of raw are stuck, and how many events lie on a boundary: a vector of two.

    Parameters of single numbers that have one map are looked at together.
    """
    groups: dict[tuple[object, ...], list[int]] = {}
    for at, (one, raw, _) in enumerate(asked):
        numbers = all(isinstance(argument, int | float) for argument in one.arguments)
        alike = one.map.domain.elementwise and not one.held and numbers
        groups.setdefault((one.map, one.arguments, raw.dtype, raw.device) if alike else (at,), []).append(at)
    found: dict[int, Tensor] = {}
    for those in groups.values():
        one, raw, value = asked[those[0]]
        if len(those) == 1:
            flat, outside = stuck(one, raw, value), on_boundary(one, value)
            sums = [flags.sum(dtype=torch.float32) for flags in (flat, outside)]
            found[those[0]] = torch.stack([sums[0] * (raw.numel() / max(flat.numel(), 1)), sums[1]])
            continue
        raw, value = (
            torch.cat([part.reshape(-1) for part in parts])
            for parts in zip(*(asked[at][1:] for at in those), strict=True)
        )
        flags = torch.stack([stuck(one, raw, value), on_boundary(one, value)])
        pieces = flags.split([asked[at][1].numel() for at in those], dim=1)
        found.update({at: piece.sum(1, dtype=torch.float32) for at, piece in zip(those, pieces, strict=True)})
    return [found[at] for at in range(len(asked))]
