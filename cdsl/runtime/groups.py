"""Like declarations, mapped together: one call of a map for all that have it, on one slice of a vector.

Declarations are alike where they have the same map, the same numbers for arguments, and events of the same sizes. What depends
on more than that (computed or array arguments, entries that stay, stages, a raw that is frozen) is mapped by itself.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any, NamedTuple

import torch
from torch import Tensor

from cdsl.runtime.declared import Declared
from cdsl.runtime.fused import is_watched, tracing
from cdsl.runtime.maps import Map, Ready


class Cut(NamedTuple):
    """Where a value stands: in which group, from which event on, and its dimensions before the event's."""

    group: int
    start: int
    batch: tuple[int, ...]
    rank: int
    """Of an event; -1 for a value that is all of its group, as it is."""

    def of(self, values: Tensor) -> Tensor:
        """The value, `(…, *batch, *event)`, out of those of its group, `(…, n, *event)`."""
        if self.rank < 0:
            return values
        dim = values.ndim - 1 - self.rank
        if not self.batch:
            return values.select(dim, self.start)
        count = prod(self.batch)
        piece = values if count == values.shape[dim] else values.narrow(dim, self.start, count)
        shape = (*values.shape[:dim], *self.batch, *values.shape[dim + 1 :])
        return piece if piece.shape == shape else piece.reshape(shape)


def slices(values: Tensor, cuts: Sequence[Cut]) -> Sequence[Tensor]:
    """All values of a group, at once."""
    if len(cuts) == 1:
        return [cuts[0].of(values)]
    dim = values.ndim - 1 - cuts[0].rank
    if not any(cut.batch for cut in cuts):
        return hand_out(values, dim) if is_traced() else values.unbind(dim)
    lead, event = values.shape[:dim], values.shape[dim + 1 :]
    pieces = torch.split(values, [prod(cut.batch) for cut in cuts], dim)
    return [piece.reshape((*lead, *cut.batch, *event)) for piece, cut in zip(pieces, cuts, strict=True)]


@dataclass
class Group:
    """Declarations that are alike, in the order of the vector: raw `(…, n, *raw_event)` ↦ value `(…, n, *event)`, n events."""

    at: int
    """Among the groups."""
    map: Map
    given: tuple[Any, ...]
    raw_event: tuple[int, ...]
    rank: int
    events: int = 0
    places: list[int] = field(default_factory=list)
    """Of its members, among all parameters."""
    cuts: list[Cut] = field(default_factory=list)

    def add(self, place: int, batch: tuple[int, ...]) -> None:
        """One more member."""
        self.places.append(place)
        self.cuts.append(Cut(self.at, self.events, batch, self.rank))
        self.events += prod(batch)

    @property
    def size(self) -> int:
        """How many raw values are in it."""
        return self.events * prod(self.raw_event)

    def shaped(self, raw: Tensor) -> Tensor:
        """`(…, size)` as the map takes it."""
        return raw.reshape((*raw.shape[:-1], self.events, *self.raw_event)) if self.raw_event else raw

    def value(self, raw: Tensor) -> Tensor:
        """raw `(…, size)` ↦ value `(…, n, *event)`"""
        return self.map(self.shaped(raw), *self.given)

    def with_log_det(self, raw: Tensor) -> tuple[Tensor, Tensor]:
        """The same, with the log-Jacobian of all of it."""
        return self.map.with_log_det(self.shaped(raw), *self.given, batch=1)

    def handed_out(self, values: Tensor) -> Sequence[Tensor]:
        """The value of each member, `(…, *batch, *event)`."""
        return slices(values, self.cuts)


class Grouping:
    """The groups of some parameters, whose raws stand in a vector `(…, D)` one after the other, in any order."""

    def __init__(
        self, declared: Sequence[Declared | None], starts: Sequence[int], apart: Container[int] = frozenset()
    ) -> None:
        """Each parameter, None for one that has no part in the vector; where its raw begins; and who joins no group."""
        by_kind: dict[Any, Group] = {}
        self.alone: list[int] = []
        """The places of those that are mapped by themselves."""
        for place, one in enumerate(declared):
            if one is None:
                continue
            if place in apart or not is_grouped(one):
                self.alone.append(place)
                continue
            kind = kind_of(one)
            if kind not in by_kind:
                by_kind[kind] = group_of(one, len(by_kind))
            by_kind[kind].add(place, one.batch)
        self.absent = [place for place, one in enumerate(declared) if one is None]
        """The places of those that have no part in the vector."""
        self.groups = list(by_kind.values())
        self.order = [place for group in self.groups for place in group.places] + self.alone
        """Every place, as grouped raws follow one another."""
        self.shapes = [one.raw_shape for place in self.alone if (one := declared[place]) is not None]
        self.sizes = [group.size for group in self.groups] + list(map(prod, self.shapes))
        self.cuts: Any = None
        """Where all values stand, for those who keep them by group."""
        self.pieces = [(starts[place], one.raw_size) for place in self.order if (one := declared[place])]
        """Where each grouped raw begins in the vector, and its length."""
        self.entries = entries_of(self.pieces)
        """Where each grouped raw value stands in the vector; None where it is grouped as it is."""
        self.back = None if self.entries is None else torch.argsort(self.entries)
        """Where each raw value of the vector stands among the grouped ones."""

    def split(self, theta: Tensor) -> tuple[Sequence[Tensor], Iterator[tuple[int, Tensor]]]:
        """theta `(…, D)` ↦ the raw of each group, and of those that are mapped by themselves each with its place."""
        if self.entries is not None and self.back is not None:
            if theta.device != self.entries.device and may_keep():
                with torch.inference_mode(False):
                    self.entries, self.back = self.entries.to(theta.device), self.back.to(theta.device)
            if theta.device != self.entries.device:  # a copy at every call waits, and no CUDA graph takes it
                order = sorted(range(len(self.pieces)), key=lambda piece: self.pieces[piece])
                parts = torch.split(theta, [self.pieces[piece][1] for piece in order], -1)
                cut = dict(zip(order, parts, strict=True))
                theta = torch.cat([cut[piece] for piece in range(len(order))], -1)
            elif is_traced():
                theta = reordered(theta, self.entries, self.back)
            else:
                theta = theta.index_select(-1, self.entries)
        pieces = torch.split(theta, self.sizes, -1) if len(self.sizes) > 1 else (theta,) * len(self.sizes)
        count = len(self.groups)
        alone = zip(self.alone, self.shapes, pieces[count:], strict=True)
        return pieces[:count], ((place, piece.reshape((*theta.shape[:-1], *shape))) for place, shape, piece in alone)

    def mapped(self, raws: Sequence[Tensor], log_dets: list[Tensor] | None) -> list[Tensor]:
        """The value of each group; its log-Jacobian goes into the list where there is one."""
        pairs = zip(self.groups, raws, strict=True)
        if log_dets is None:
            return [group.value(raw) for group, raw in pairs]
        values = []
        for group, raw in pairs:
            value, log_det = group.with_log_det(raw)
            values.append(value)
            log_dets.append(log_det)
        return values

    def ready(self, theta: Tensor, log_det: bool) -> Iterator[tuple[int, Tensor | Ready]]:
        """Each place with what stands for its raw: a value where it is in a group, and raw where it is not."""
        raws, alone = self.split(theta)
        for group, raw in zip(self.groups, raws, strict=True):
            value, part = group.with_log_det(raw) if log_det else (group.value(raw), None)
            for at, (place, one) in enumerate(zip(group.places, group.handed_out(value), strict=True)):
                yield place, Ready(one, None if at else part)
        yield from alone


def entries_of(pieces: list[tuple[int, int]]) -> Tensor | None:
    """The indices in pieces, each its start and its length, one after the other; None for 0, 1, 2, …"""
    before = 0
    for start, length in pieces:
        if length and start != before:
            indices = [index for start, length in pieces for index in range(start, start + length)]
            return torch.tensor(indices, device="cpu")
        before += length
    return None


def is_grouped(one: Declared) -> bool:
    """Whether a parameter may have like ones: its map takes nothing but numbers."""
    numbers = all(isinstance(argument, (int, float)) for argument in (*one.arguments, one.map.loc, one.map.scale))
    return numbers and not one.held and one.eval is None


def kind_of(one: Declared) -> Any:
    """What is equal where two parameters are alike."""
    sizes = () if one.map.domain.elementwise else one.sizes
    return id(one.map.domain), one.map.kind, one.arguments, sizes


def group_of(one: Declared, at: int) -> Group:
    """A group for this parameter and its like, still without any."""
    if one.map.domain.elementwise:
        return Group(at, one.map, one.given, (), 0)
    return Group(at, one.map, one.given, one.map.transform.raw_event(one.sizes), len(one.event))


def hand_out(value: Tensor, dim: int) -> tuple[Tensor, ...]:
    """The slices along a dimension."""
    found: tuple[Tensor, ...] = HandOut.apply(value, dim)  # type: ignore[no-untyped-call]  # torch leaves it without
    return found


def reordered(theta: Tensor, entries: Tensor, back: Tensor) -> Tensor:
    """theta `(…, D)` ↦ theta[…, entries], a permutation; `back` is its inverse."""
    found: Tensor = Reorder.apply(theta, entries, back)  # type: ignore[no-untyped-call]  # torch leaves it without
    return found


def may_keep() -> bool:
    """Whether indices that are moved to a device now are there at the next call too."""
    return not (torch.compiler.is_compiling() or is_watched())


def is_traced() -> bool:
    """Whether a function is traced together with its gradient: then what nobody reads is to leave nothing in it."""
    return not torch.compiler.is_dynamo_compiling() and tracing.on


class HandOut(torch.autograd.Function):
    """`unbind`, whose gradient has nothing of the outputs that nobody reads: torch's own fills each of them with zeros."""

    generate_vmap_rule = True

    @staticmethod
    def forward(value: Tensor, dim: int) -> tuple[Tensor, ...]:
        """value ↦ its slices along a dimension."""
        return tuple(value.select(dim, at) for at in range(value.shape[dim]))

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        """Remember where the slices belong."""
        value, ctx.dim = inputs
        ctx.save_for_backward(value)
        ctx.set_materialize_grads(False)

    @staticmethod
    def backward(ctx: Any, *slopes: Tensor | None) -> tuple[Tensor | None, None]:
        """The slopes in their places; few of them one after the other, many at once."""
        (value,) = ctx.saved_tensors
        given = [(at, slope) for at, slope in enumerate(slopes) if slope is not None]
        if not given:
            return None, None
        if len(given) > len(slopes) // 8:
            zero = torch.zeros_like(given[0][1])
            return torch.stack([zero if slope is None else slope for slope in slopes], ctx.dim), None
        whole = torch.zeros_like(value)
        for at, slope in given:
            whole = torch.select_scatter(whole, slope, ctx.dim, at)
        return whole, None


class Reorder(torch.autograd.Function):
    """`index_select` by a permutation, whose gradient is by the inverse one: torch's own adds entry by entry."""

    generate_vmap_rule = True

    @staticmethod
    def forward(theta: Tensor, entries: Tensor, back: Tensor) -> Tensor:
        """theta in the order of the entries.

        A view by its strides is of something that is there: inductor takes each entry from its place once, and not
        wherever it is read.
        """
        found = theta.index_select(-1, entries)
        return found.as_strided(found.shape, found.stride())

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        """Remember the way back."""
        ctx.save_for_backward(inputs[2])

    @staticmethod
    def backward(ctx: Any, slope: Tensor) -> tuple[Tensor, None, None]:
        """By the inverse permutation."""
        (back,) = ctx.saved_tensors
        return slope.index_select(-1, back), None, None
