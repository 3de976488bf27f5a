"""Raw values that several processes share out among them: a piece on each, as `fully_shard` leaves them between two passes.

Maps are for whole events, and DTensor gets some of their operations wrong on pieces. So what reads or sets values gathers
raw first, which every process has to do at the same time, and carries no gradient: that of a gathered copy would be each
process's own. Gradients flow where torch gathers by itself, in the forward pass, and where somebody made DTensors of raw by
hand: maps are given what is on this process, and values are DTensors again.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from typing import Any

import torch
from torch import Tensor, nn

from cdsl.runtime.declared import Declared
from cdsl.runtime.maps import Ready

PLAIN_TYPES = (nn.Parameter, Tensor)


def is_sharded(tensor: Any) -> bool:
    """Whether it is a DTensor, by what that can do: importing the class takes as long as half of torch."""
    return type(tensor) not in PLAIN_TYPES and hasattr(tensor, "full_tensor")


def any_sharded(parameters: Iterable[Tensor | None]) -> bool:
    """Whether one of them is, and has data."""
    for one in parameters:  # noqa: SIM110  # before every read: a generator would take longer than what it asks
        if type(one) not in PLAIN_TYPES and is_sharded(one) and not one.is_meta:  # type: ignore[union-attr]  # None is not
            return True
    return False


def whole_of(tensor: Any) -> Tensor:
    """The whole of it on each process, without graph; a collective where it is sharded."""
    whole: Tensor = tensor.detach().full_tensor() if is_sharded(tensor) else tensor.detach()
    return whole


def piece_of(tensor: Any) -> Tensor:
    """Of what is sharded the piece of this process, without graph; anything else as it is."""
    piece: Tensor = tensor.detach().to_local() if is_sharded(tensor) else tensor
    return piece


@contextmanager
def whole_raw(module: nn.Module, *, write: bool = False, only: str = "") -> Iterator[None]:
    """Within it, whole copies without gradient in the places of sharded parameters; written back, if that is asked for.

    Of all parameters, or of those with one name. Where nothing is sharded nothing is done.
    """
    if write and "torch.distributed.fsdp" in sys.modules:
        module.state_dict()  # which FSDP hears of, and drops copies for a pass that was: what is written there is lost
    places = [
        (one._parameters, name, held)
        for one in module.modules()
        for name, held in one._parameters.items()
        if held is not None and is_sharded(held) and not held.is_meta and only in ("", name)
    ]
    if not places:
        yield
        return
    copies = [whole_of(held) for _, _, held in places]
    try:
        for (parameters, name, _), copy in zip(places, copies, strict=True):
            parameters[name] = copy  # type: ignore[assignment]  # not a parameter, on purpose
        with torch.no_grad():
            yield
    finally:
        for parameters, name, held in places:
            parameters[name] = held
    if write:
        for (_, _, held), copy in zip(places, copies, strict=True):
            write_pieces(held, copy)


def write_pieces(held: Any, whole: Tensor) -> None:
    """Set a sharded parameter to what every process has the whole of; none asks another."""
    from torch.distributed.tensor import DTensor, Replicate  # noqa: PLC0415  # imported already, where there is a DTensor

    everywhere = [Replicate()] * held.device_mesh.ndim
    with torch.no_grad():
        copies = DTensor.from_local(whole, held.device_mesh, everywhere, run_check=False)
        held.copy_(copies.redistribute(placements=held.placements))


def is_managed(module: nn.Module) -> bool:
    """Whether FSDP2 shares out what the module has, or a module around it: then a gradient outside of the forward pass is not
    reduced over processes."""
    return hasattr(module, "_is_fsdp_managed_module") or hasattr(type(module), "set_requires_gradient_sync")


def in_pieces(pairs: Sequence[tuple[Declared, Any]], log_det: bool) -> Iterator[Any]:
    """What stands for each raw where somebody made DTensors of some, by hand: of such a one its value, a DTensor too.

    A log-Jacobian is the same on each process, also that of a raw that is an ordinary tensor.
    """
    from torch.distributed.tensor import DTensor, Replicate  # noqa: PLC0415  # imported already, where there is a DTensor

    mesh = next(raw.device_mesh for _, raw in pairs if is_sharded(raw))
    everywhere = [Replicate()] * mesh.ndim
    for one, raw in pairs:
        if is_sharded(raw):
            yield mapped_in_pieces(one, raw, log_det)
        elif log_det and one.map.bijective:
            value, part = with_log_det_of(one, shaped_as(one, raw), one.given_as(raw))
            yield Ready(value, DTensor.from_local(part, mesh, everywhere, run_check=False))
        else:
            yield shaped_as(one, raw)


def mapped_in_pieces(one: Declared, raw: Any, log_det: bool) -> Ready:
    """The value of a DTensor and its log-Jacobian, each computed of what is on this process.

    What is shared out along dimensions before the event stays so. Anything else is gathered first, and its value is whole on
    every process; gradients go the same way back.
    """
    from torch.distributed.tensor import DTensor, Partial, Replicate  # noqa: PLC0415  # as above

    mesh, lead = raw.device_mesh, 0 if one.held else len(one.batch)
    everywhere = [Replicate()] * mesh.ndim
    placements = [place if place.is_shard() and place.dim < lead else Replicate() for place in raw.placements]
    local = shaped_as(one, raw.redistribute(placements=placements).to_local())

    def piece(argument: Any) -> Any:
        if not isinstance(argument, Tensor):
            return argument
        whole = DTensor.from_local(argument.expand(one.batch), mesh, everywhere, run_check=False)
        return whole.redistribute(placements=placements).to_local()

    given, part = tuple(map(piece, one.given_as(local))), None
    if log_det and one.map.bijective:
        value, own = with_log_det_of(one, local, given)
        parts = [Partial() if place.is_shard() else place for place in placements]
        part = DTensor.from_local(own, mesh, parts, run_check=False).redistribute(placements=everywhere)
    else:
        value = one.map(local, *given, **held_of(one, local))
    strides = torch.empty(one.shape, device="meta").stride()
    shape = torch.Size(one.shape)
    value = DTensor.from_local(value.contiguous(), mesh, placements, run_check=False, shape=shape, stride=strides)
    return Ready(value, part)


def shaped_as(one: Declared, raw: Tensor) -> Tensor:
    """A raw as its map takes it: that of a scalar is stored as `(1,)`."""
    return raw if one.raw_shape else raw.squeeze(0)


def held_of(one: Declared, raw: Tensor) -> dict[str, Tensor]:
    """The entries that stay, as maps take them."""
    return {"held": one.standing().to(raw.device)} if one.held else {}


def with_log_det_of(one: Declared, raw: Tensor, given: tuple[Any, ...]) -> tuple[Tensor, Tensor]:
    """The value, and its log-Jacobian summed over everything."""
    return one.map.with_log_det(raw, *given, batch=len(one.batch), **held_of(one, raw))


def reads_whole(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A property of a module that reads values: of raw that is sharded, whole and without gradient."""
    own = f"{read.__name__}_raw"

    @wraps(read)
    def value(self: Any) -> Any:
        alone = self._closed and own in self._parameters  # nothing else is read
        if type(self._parameters[own]) is nn.Parameter if alone else not self._is_sharded():
            found = read(self)
            return found.clone() if self._resharded else found
        with whole_raw(self, only=own if alone else ""):
            return read(self)

    return value
