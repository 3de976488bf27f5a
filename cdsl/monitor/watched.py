"""What is recorded of a model, as one vector: every number is computed where it is, and all of them cross to Python at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from cdsl.monitor.saturation import Asked, counted, settled
from cdsl.runs import SUMMARY
from cdsl.runtime.declared import labels
from cdsl.runtime.module import ConstrainedModule, Leaf, named

Module = ConstrainedModule[Any]


@dataclass(frozen=True)
class Watched:
    """A constrained module, and where it stands in the one that is trained."""

    module: Module
    path: str = ""
    """What comes before its names: `head.`"""

    def leaves(self) -> Iterator[tuple[str, Leaf]]:
        """Every parameter by the name that it is recorded under."""
        for leaf in self.module._leaves():
            yield self.path + leaf.name, leaf


@dataclass
class Layout:
    """The columns, in order."""

    most: int
    """Entries with columns of their own; of more there is a summary."""
    names: list[str] = field(default_factory=list)
    digits: list[int] = field(default_factory=list)
    """To write each number with, so that it reads as what it was."""
    sizes: dict[str, int] = field(default_factory=dict)
    """How many entries each value and each raw has."""
    spans: dict[str, slice] = field(default_factory=dict)
    """Where the columns of each begin and end."""

    def add(self, name: str, tensor: Tensor) -> None:
        """The columns of a tensor."""
        many = self.sizes[name] = tensor.numel()
        own = list(labels(name, tuple(tensor.shape))) if many <= self.most else [name + part for part in SUMMARY]
        self.spans[name] = slice(len(self.names), len(self.names) + len(own))
        self.add_numbers(own, tensor.dtype)

    def add_numbers(self, names: list[str], dtype: torch.dtype) -> None:
        """Columns of numbers of this dtype."""
        self.names += names
        self.digits += [17 if dtype == torch.float64 else 9] * len(names)

    def piece(self, name: str, tensor: Tensor) -> Tensor:
        """What a tensor has for its columns; nan where its size has changed."""
        flat, many = tensor.reshape(-1), self.sizes[name]
        if many > self.most and flat.numel():
            return torch.stack([flat.min(), wide(flat).mean(), flat.max()])
        return flat if flat.numel() == many else wide(flat).new_full((min(many, len(SUMMARY)),), torch.nan)


def find(model: nn.Module) -> tuple[Watched, ...]:
    """The constrained modules of a model: itself, or the outermost ones in it.

    Raises:
        TypeError: there are none.
    """
    found: list[Watched] = []
    for name, module in model.named_modules():
        inside = any(name.startswith(one.path) for one in found)
        if isinstance(module, ConstrainedModule) and not inside:
            found.append(Watched(module, f"{name}." if name else ""))
    if not found:
        raise TypeError(
            f"model: expected a module that cdsl compiled, or one that holds some, got {type(model).__name__}"
        )
    return tuple(found)


def laid_out(watched: tuple[Watched, ...], most: int) -> Layout:
    """The columns for these modules: all values, then of each parameter its raw and what is counted of it."""
    layout = Layout(most)
    for one in watched:
        for name, value in named(one.module._evaluate(one.module._raw()), one.path):
            layout.add(f"value/{name}", value)
    for name, leaf in (pair for one in watched for pair in one.leaves()):
        layout.add(f"raw/{name}", leaf.parameter.reshape(leaf.one.raw_shape))
        layout.add_numbers([f"grad/{name}", f"saturated/{name}", f"bound/{name}"], leaf.parameter.dtype)
    return layout


def numbers(watched: tuple[Watched, ...], layout: Layout) -> list[float]:
    """Everything that is recorded, in the order of the columns; nan for the norm of a gradient that there is not."""
    values: list[Tensor] = []
    own: list[tuple[Tensor, Tensor]] = []
    asked: list[Asked] = []
    home = watched[0].module._like().device
    nan = torch.full((), torch.nan, device=home)
    for one in watched:
        known = {id(one.module): one.module._evaluate(one.module._raw())}
        by_name = dict(named(known[id(one.module)], one.path))
        values += [layout.piece(f"value/{name}", value) for name, value in by_name.items()]
        for name, leaf in one.leaves():
            if leaf.one.computed and id(leaf.owner) not in known:
                known[id(leaf.owner)] = leaf.owner._evaluate(leaf.owner._raw())
            under = settled(leaf, known[id(leaf.owner)]._asdict() if leaf.one.computed else {})
            raw, grad = leaf.parameter.reshape(leaf.one.raw_shape), leaf.grad
            norm = nan if grad is None else torch.linalg.vector_norm(grad, dtype=wide(grad).dtype)
            own.append((layout.piece(f"raw/{name}", raw), norm.reshape(1)))
            asked.append((under, raw, by_name[name]))
    counts = zip(own, counted(asked), strict=True)
    pieces = [*values, *(piece for (raw, norm), count in counts for piece in (raw, norm, count))]
    crossed: list[float] = wide(torch.cat([part.to(home) for part in pieces])).tolist()
    return crossed


def wide(tensor: Tensor) -> Tensor:
    """The tensor in float64, where its device has that."""
    return tensor.to(torch.float32 if tensor.device.type == "mps" else torch.float64)
