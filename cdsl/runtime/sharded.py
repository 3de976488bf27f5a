"""Raw values that several processes share out among them: a piece on each, as `fully_shard` leaves them between two passes.

Maps are for whole events, and DTensor gets some of their operations wrong on pieces. So what reads or sets values gathers
raw first, which every process has to do at the same time, and carries no gradient: that of a gathered copy would be each
process's own. Gradients flow where torch gathers by itself, in the forward pass.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import torch
from torch import Tensor, nn

PLAIN_TYPES = (nn.Parameter, Tensor)


def is_sharded(tensor: Any) -> bool:
    """Whether it is a DTensor, by what that can do: importing the class takes as long as half of torch."""
    return type(tensor) not in PLAIN_TYPES and hasattr(tensor, "full_tensor")


def any_sharded(parameters: Iterable[Tensor | None]) -> bool:
    """Whether one of them is, and has data."""
    return any(is_sharded(one) and not one.is_meta for one in parameters if one is not None)


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
