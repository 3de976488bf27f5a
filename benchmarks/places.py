"""What a module costs in the places that torch has for one, beside bare parameters and `parametrize`: `python -m benchmarks.places --write`.

Forty declarations, as many probabilities, scales, intervals and simplexes of four, float64, one thread. Sides take turns, and the figure is
the least of all turns. `--write` renews the table of docs/training.md.
"""

from __future__ import annotations

import argparse
import copy
import io
import os
import pickle
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

import cdsl
from benchmarks.speed.__main__ import machine, timed
from benchmarks.speed.cases import many
from benchmarks.speed.page import aligned, shown
from cdsl.emit import LAYOUTS

PAGE = Path(__file__).parents[1] / "docs" / "training.md"
BEGIN, END = "<!-- costs: python -m benchmarks.places --write -->\n", "<!-- end of costs -->"
EACH = 10
CASE = many(EACH, None)
SIDES = (*LAYOUTS, "bare", "parametrize")


class Bare(nn.Module):
    """Parameters of the same shapes, and nothing else."""

    def __init__(self) -> None:
        super().__init__()
        for name, (_, shape) in zip(names(), CASE.torch or [], strict=True):
            setattr(self, name, nn.Parameter(torch.zeros(shape, dtype=torch.float64)))

    def forward(self) -> tuple[Tensor, ...]:
        return tuple(getattr(self, name) for name in names())


class Constrained(nn.Module):
    """A transform of torch as a parametrization."""

    def __init__(self, constraint: Any) -> None:
        super().__init__()
        self.constraint = constraint

    def forward(self, raw: Tensor) -> Tensor:
        value: Tensor = torch.distributions.biject_to(self.constraint)(raw)
        return value


def parametrized() -> nn.Module:
    """The same, each with its constraint of torch."""
    module = Bare()
    for name, (constraint, _) in zip(names(), CASE.torch or [], strict=True):
        parametrize.register_parametrization(module, name, Constrained(constraint), unsafe=True)
    return module


def names() -> list[str]:
    """Of all declarations."""
    return [line.partition(":")[0] for line in CASE.spec.splitlines()]


def makers() -> dict[str, Callable[[], Any]]:
    """How each side makes its module."""
    ours = {one: cdsl.loads(CASE.spec, layout=one).Model for one in LAYOUTS}
    return {name: lambda model=model: model(dtype=torch.float64) for name, model in ours.items()} | {
        "bare": Bare,
        "parametrize": parametrized,
    }


def places(make: Callable[[], Any], folder: Path) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Each place, and the call."""
    model = make()
    state, optimizer = model.state_dict(), torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.0)

    def loss() -> Tensor:
        total = torch.zeros((), dtype=torch.float64)
        for value in model():
            total = total + (value * value).sum()
        return total

    def step() -> None:
        optimizer.zero_grad()
        loss().backward()
        optimizer.step()

    yield "made", make
    yield "`model()`", model
    yield "a step of AdamW", step
    yield "`clip_grad_norm_`", lambda: nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    yield "`state_dict`", model.state_dict
    yield "`load_state_dict`", lambda: model.load_state_dict(state)
    yield "`torch.save` of it", lambda: torch.save(model.state_dict(), io.BytesIO())
    if isinstance(model, cdsl.runtime.ConstrainedModule):
        yield "`save`", lambda: model.save(folder / "model.safetensors")
        yield "`load`", lambda: type(model).load(folder / "model.safetensors")
    yield "`copy.deepcopy`", lambda: copy.deepcopy(model)
    if not any(parametrize.is_parametrized(one) for one in model.modules()):  # whose classes pickle refuses
        yield "pickle, and back", lambda: pickle.loads(pickle.dumps(model))


def table() -> str:
    """One line a place: µs of each side, and how many times as long as bare parameters take."""
    with tempfile.TemporaryDirectory() as folder:
        calls: dict[str, dict[str, Callable[[], Any]]] = {}
        for side, make in makers().items():
            for place, call in places(make, Path(folder)):
                calls.setdefault(place, {})[side] = call
        rows = []
        for place, sides in calls.items():
            us = timed(sides)
            shares = [us[one] / us["bare"] if "bare" in us else None for one in LAYOUTS]
            rows.append([place, *(shown(us.get(side)) for side in SIDES), *map(shown, shares)])
    head = ["µs", *SIDES, *(f"{one}/bare" for one in LAYOUTS)]
    return f"{machine()}\n\n" + "\n".join(aligned(head, rows)) + "\n"


def main() -> None:
    """Print the table, or write it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="renew the table of docs/training.md")
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    found = table()
    print(found)
    if chosen.write:
        before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
        PAGE.write_text(before + BEGIN + found + END + rest.partition(END)[2], encoding="utf-8")


if __name__ == "__main__":
    main()
